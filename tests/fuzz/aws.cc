#include "aws/ini.h"
#include "aws/words.h"
#include "aws/xml.h"
#include "base/check.h"
#include "base/text.h"
#include "targets.h"

namespace fuzz {

// Sections or a reason; an empty line more changes nothing. Words survive being quoted.
void FuzzIni(std::string_view bytes) {
  const auto ini = aws::ParseIni(bytes, "config");
  const auto longer = aws::ParseIni(base::Cat(bytes, "\n"), "config");
  CHECK(ini.has_value() == longer.has_value());
  CHECK(ini ? *ini == *longer : ini.error().message.starts_with("config:"));

  const auto words = aws::SplitWords(bytes);
  if (!words) {
    CHECK(!words.error().message.empty());
    return;
  }
  std::string quoted;
  for (const std::string& word : *words)
    quoted += base::Cat("'", base::ReplaceAll(word, "'", R"('"'"')"), "' ");
  CHECK(aws::SplitWords(quoted).value() == *words);
}

// A map with something in it, or a reason.
void FuzzXml(std::string_view bytes) {
  const auto xml = aws::ReadXml(bytes);
  CHECK(xml ? !xml->empty() && !xml->contains("") : !xml.error().message.empty());
}

}  // namespace fuzz
