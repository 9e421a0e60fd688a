#include "dagfile/ids.h"

#include <algorithm>

namespace dagfile {
namespace {

bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}
bool IsLetter(char c) {
  return IsLower(c) || (c >= 'A' && c <= 'Z');
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool AllOf(std::string_view text, size_t min, size_t max, std::string_view signs) {
  return text.size() >= min && text.size() <= max &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return IsLetter(c) || IsDigit(c) || signs.find(c) != std::string_view::npos;
         });
}

}  // namespace

bool IsDagId(std::string_view text) {
  // A path with a part "." or ".." is another path.
  return AllOf(text, 1, 250, "_.-") && text != "." && text != "..";
}

bool IsJobId(std::string_view text) {
  return AllOf(text, 1, 100, "_-") && IsLetter(text[0]);
}

bool IsGroupPath(std::string_view text) {
  for (size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
    if (!IsJobId(text.substr(0, dot)))
      return false;
    text.remove_prefix(dot + 1);
  }
  return IsJobId(text);
}

bool IsLaneId(std::string_view text) {
  return AllOf(text, 1, 64, "_-");
}

bool IsDeploymentId(std::string_view text) {
  return AllOf(text, 2, 20, "") &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLower(c) || IsDigit(c); });
}

}  // namespace dagfile
