#include "template/secret.h"

#include "base/percent.h"
#include "base/text.h"
#include "template/value.h"

namespace tmpl {

namespace {

using base::Cat;

constexpr std::string_view kEnd = "***";

SecretPath PathOf(std::string_view inside) {
  SecretPath path;
  for (const std::string& part : base::Split(inside, '/'))
    path.push_back(base::PercentDecode(part));
  return path;
}

base::Result<std::string> FillText(std::string_view text, const OpenSecret& open) {
  std::string out;
  for (size_t place = text.find(kSecretMark); place != std::string_view::npos;
       place = text.find(kSecretMark)) {
    out += text.substr(0, place);
    text.remove_prefix(place + kSecretMark.size());
    const size_t end = text.find(kEnd);
    if (end == std::string_view::npos)
      return base::Fail(base::ErrorCode::kInvalidArgument, "the mark of a secret has no end");
    ASSIGN_OR_RETURN(const std::string secret, open(PathOf(text.substr(0, end))));
    out += secret;
    text.remove_prefix(end + kEnd.size());
  }
  return Cat(out, text);
}

base::Result<json::value> FillAt(const json::value& value,
                                 SecretPlaces places,
                                 const OpenSecret& open,
                                 const std::string& path) {
  if (const json::string* text = value.if_string()) {
    if (View(*text).find(kSecretMark) == std::string_view::npos || !places(path))
      return value;
    ASSIGN_OR_RETURN(const std::string filled, FillText(View(*text), open));
    return json::value(filled);
  }
  if (const json::array* list = value.if_array()) {
    json::array out;
    for (size_t i = 0; i < list->size(); ++i) {
      ASSIGN_OR_RETURN(json::value item, FillAt((*list)[i], places, open, Cat(path, "[", i, "]")));
      out.push_back(std::move(item));
    }
    return out;
  }
  const json::object* object = value.if_object();
  if (object == nullptr)
    return value;
  json::object out;
  for (const auto& [key, member] : *object) {
    ASSIGN_OR_RETURN(out[key],
                     FillAt(member, places, open, Cat(path, path.empty() ? "" : ".", key)));
  }
  return out;
}

}  // namespace

std::string MarkOf(const SecretPath& path) {
  std::vector<std::string> parts;
  for (const std::string& part : path)
    parts.push_back(base::PercentEncode(part));
  return Cat(kSecretMark, base::Join(parts, "/"), kEnd);
}

base::Result<json::value> FillSecrets(const json::value& document,
                                      SecretPlaces places,
                                      const OpenSecret& open) {
  return FillAt(document, places, open, "");
}

}  // namespace tmpl
