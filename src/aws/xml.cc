#include "aws/xml.h"

#include <algorithm>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <sstream>

namespace aws {
namespace {

namespace tree = boost::property_tree;

void Flatten(const tree::ptree& node, const std::string& path, FlatXml& out) {
  bool leaf = true;
  for (const auto& [name, child] : node) {
    if (name.starts_with('<'))  // <xmlattr>, <xmlcomment>
      continue;
    leaf = false;
    Flatten(child, path.empty() ? name : path + "." + name, out);
  }
  if (leaf && !path.empty())
    out.emplace(path, node.data());
}

}  // namespace

base::Result<FlatXml> ReadXml(std::string_view text) {
  constexpr size_t kMaxSize = 64 << 10;
  constexpr auto kMaxTags = 256;  // the parser recurses
  auto bad = [](std::string_view why) {
    return base::Fail(base::ErrorCode::kInvalidArgument, std::string(why));
  };
  if (text.size() > kMaxSize || std::ranges::count(text, '<') > kMaxTags)
    return bad("the reply is too large for one of AWS's XML replies");
  std::istringstream stream{std::string(text)};
  tree::ptree root;
  try {
    tree::read_xml(stream, root, tree::xml_parser::trim_whitespace);
  } catch (const tree::xml_parser_error&) {
    return bad("the reply is not XML");
  }
  FlatXml out;
  Flatten(root, "", out);
  if (out.empty())
    return bad("the reply is empty");
  return out;
}

}  // namespace aws
