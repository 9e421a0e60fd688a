#include "aws/words.h"

#include <optional>

namespace aws {

base::Result<std::vector<std::string>> SplitWords(std::string_view line) {
  std::vector<std::string> words;
  std::optional<std::string> word;  // "" (two quotes) is a word too
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && std::string_view(" \t\r\n").find(c) != std::string_view::npos) {
      if (word)
        words.push_back(*std::move(word));
      word.reset();
      continue;
    }
    if (!word)
      word.emplace();
    if (c == '\\' && quote != '\'') {
      if (++i == line.size())
        return base::Fail(base::ErrorCode::kInvalidArgument, "a backslash ends the line");
      // Between double quotes it only escapes what would mean something there.
      if (quote == '"' && line[i] != '"' && line[i] != '\\')
        *word += c;
      *word += line[i];
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else {
      *word += c;
    }
  }
  if (quote != 0)
    return base::Fail(base::ErrorCode::kInvalidArgument, "a quote is not closed");
  if (word)
    words.push_back(*std::move(word));
  return words;
}

}  // namespace aws
