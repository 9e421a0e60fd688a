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

base::Result<tree::ptree> Parse(std::string_view text, size_t max_size, std::ptrdiff_t max_tags) {
  const auto bad = [](std::string_view why) {
    return base::Fail(base::ErrorCode::kInvalidArgument, std::string(why));
  };
  // The parser recurses.
  if (text.size() > max_size || std::ranges::count(text, '<') > max_tags)
    return bad("the reply is too large for one of AWS's XML replies");
  std::istringstream stream{std::string(text)};
  tree::ptree root;
  try {
    tree::read_xml(stream, root, tree::xml_parser::trim_whitespace);
  } catch (const tree::xml_parser_error&) {
    return bad("the reply is not XML");
  }
  if (root.empty())
    return bad("the reply is empty");
  return root;
}

}  // namespace

base::Result<FlatXml> ReadXml(std::string_view text) {
  ASSIGN_OR_RETURN(const tree::ptree root, Parse(text, 64 << 10, 256));
  FlatXml out;
  Flatten(root, "", out);
  return out;
}

base::Result<std::vector<FlatXml>> ReadXmlItems(std::string_view text, const std::string& name) {
  ASSIGN_OR_RETURN(const tree::ptree root, Parse(text, 1 << 20, 8192));
  std::vector<FlatXml> items;
  for (const auto& [key, child] : root.front().second) {
    if (key == name)
      Flatten(child, "", items.emplace_back());
  }
  return items;
}

}  // namespace aws
