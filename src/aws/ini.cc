#include "aws/ini.h"

#include <vector>

#include "base/text.h"

namespace aws {
namespace {

constexpr std::string_view kSpace = " \t\r\f\v";

// Each value as its lines; joined and cut up once all are known.
using RawSection = std::map<std::string, std::vector<std::string>>;

class Parser {
 public:
  explicit Parser(std::string_view path) : path_(path) {}

  base::Status TakeLine(std::string_view line);
  base::Result<Ini> Finish();

 private:
  base::Status OpenSection(std::string_view value);
  base::Status TakeOption(std::string_view value);
  tl::unexpected<base::Error> Bad(std::string_view why) const {
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat(path_, ":", line_number_, ": ", why));
  }

  const std::string_view path_;
  int line_number_ = 0;
  size_t indent_ = 0;
  std::map<std::string, RawSection> sections_;
  RawSection* section_ = nullptr;
  std::vector<std::string>* value_ = nullptr;  // of the key read last
};

base::Status Parser::TakeLine(std::string_view line) {
  ++line_number_;
  const size_t start = line.find_first_not_of(kSpace);
  if (start == std::string_view::npos) {
    if (value_ != nullptr)
      value_->emplace_back();
    return {};
  }
  if (line[start] == '#' || line[start] == ';')
    return {};
  const std::string_view value = line.substr(start, line.find_last_not_of(kSpace) + 1 - start);
  if (value_ != nullptr && start > indent_) {
    value_->emplace_back(value);
    return {};
  }
  indent_ = start;
  if (value.front() == '[' && value.find(']', 2) != std::string_view::npos)
    return OpenSection(value.substr(1, value.rfind(']') - 1));
  if (section_ == nullptr)
    return Bad("a key before the first [section]");
  return TakeOption(value);
}

base::Status Parser::OpenSection(std::string_view name) {
  auto [found, is_new] = sections_.try_emplace(std::string(name));
  if (!is_new && name != "DEFAULT")
    return Bad(base::Cat("the section [", name, "] stands twice"));
  section_ = &found->second;
  value_ = nullptr;
  return {};
}

base::Status Parser::TakeOption(std::string_view value) {
  const size_t sign = value.find_first_of("=:");
  if (sign == std::string_view::npos)
    return Bad("this is neither a [section] nor `key = value`");
  const std::string key = base::ToLower(base::Trim(value.substr(0, sign)));
  if (key.empty())
    return Bad("the key is missing");
  auto [found, is_new] = section_->try_emplace(key);
  if (!is_new)
    return Bad(base::Cat("the key '", key, "' stands twice in its section"));
  value_ = &found->second;
  value_->emplace_back(base::Trim(value.substr(sign + 1)));
  return {};
}

base::Result<std::map<std::string, std::string>> ParseBlock(const std::string& text) {
  std::map<std::string, std::string> block;
  for (const std::string& line : base::Split(text, '\n')) {
    if (base::Trim(line).empty())
      continue;
    const size_t equals = line.find('=');
    if (equals == std::string::npos)
      return base::Fail(base::ErrorCode::kInvalidArgument, "");
    block[std::string(base::Trim(line.substr(0, equals)))] = base::Trim(line.substr(equals + 1));
  }
  return block;
}

base::Result<Ini> Parser::Finish() {
  Ini ini;
  const RawSection inherited = sections_["DEFAULT"];
  sections_.erase("DEFAULT");
  for (auto& [name, raw] : sections_) {
    raw.insert(inherited.begin(), inherited.end());
    IniSection& section = ini[name];
    for (const auto& [key, lines] : raw) {
      std::string text = base::Join(lines, "\n");
      text.erase(text.find_last_not_of(" \t\r\n\f\v") + 1);
      if (!text.starts_with('\n')) {
        section[key] = {.text = std::move(text), .block = {}};
        continue;
      }
      auto block = ParseBlock(text);
      if (!block) {
        return base::Fail(
            base::ErrorCode::kInvalidArgument,
            base::Cat(
                path_, ": the block of '", key, "' in [", name, "] needs `key = value` lines"));
      }
      section[key] = {.text = "", .block = *std::move(block)};
    }
  }
  return ini;
}

}  // namespace

base::Result<Ini> ParseIni(std::string_view text, std::string_view path) {
  Parser parser(path);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    RETURN_IF_ERROR(parser.TakeLine(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parser.Finish();
}

}  // namespace aws
