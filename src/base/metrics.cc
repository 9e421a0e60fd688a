#include "base/metrics.h"

#include <array>
#include <charconv>

namespace base {

namespace {

void AppendEscaped(std::string& out, std::string_view value, bool quoted) {
  for (char c : value) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quoted)
      out += "\\\"";
    else
      out += c;
  }
}

}  // namespace

void MetricsText::Family(std::string_view name, std::string_view type, std::string_view help) {
  family_ = name;
  text_ += "# HELP " + family_ + " ";
  AppendEscaped(text_, help, false);
  text_ += "\n# TYPE " + family_ + " ";
  text_ += type;
  text_ += "\n";
}

void MetricsText::Sample(const Labels& labels, double value) {
  text_ += family_;
  char separator = '{';
  for (const auto& [name, label] : labels) {
    text_ += separator;
    separator = ',';
    text_ += name;
    text_ += "=\"";
    AppendEscaped(text_, label, true);
    text_ += '"';
  }
  if (!labels.empty())
    text_ += '}';
  std::array<char, 32> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text_ += ' ';
  text_.append(digits.data(), end);
  text_ += '\n';
}

}  // namespace base
