#include "base/metrics.h"

#include <algorithm>
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

std::string Number(double value) {
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

}  // namespace

void Histogram::Observe(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  ++counts_[static_cast<size_t>(bound - bounds_.begin())];
  sum_ += value;
}

void MetricsText::Family(std::string_view name, std::string_view type, std::string_view help) {
  family_ = name;
  text_ += "# HELP " + family_ + " ";
  AppendEscaped(text_, help, false);
  text_ += "\n# TYPE " + family_ + " ";
  text_ += type;
  text_ += "\n";
}

void MetricsText::Sample(const Labels& labels, double value) {
  Line("", labels, value);
}

void MetricsText::Sample(const Labels& labels, const Histogram& histogram) {
  Labels with_bound = labels;
  with_bound.emplace_back("le", "");
  int64_t total = 0;
  for (size_t i = 0; i < histogram.counts().size(); ++i) {
    total += histogram.counts()[i];
    const std::string bound =
        i < histogram.bounds().size() ? Number(histogram.bounds()[i]) : "+Inf";
    with_bound.back().second = bound;
    Line("_bucket", with_bound, static_cast<double>(total));
  }
  Line("_sum", labels, histogram.sum());
  Line("_count", labels, static_cast<double>(total));
}

void MetricsText::Line(std::string_view suffix, const Labels& labels, double value) {
  text_ += family_;
  text_ += suffix;
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
  text_ += ' ';
  text_ += Number(value);
  text_ += '\n';
}

}  // namespace base
