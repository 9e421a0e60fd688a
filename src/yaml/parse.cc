// Parse: checks the bytes, lets yaml-cpp scan, and puts its messages into words. The facts about
// yaml-cpp 0.7 (what it lets through, what its messages are) were found by running it.

#include <algorithm>
#include <sstream>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/text.h"
#include "yaml/builder.h"
#include "yaml/yaml.h"

namespace yaml {

using base::Cat;

namespace {

// The length of the UTF-8 character at `pos`; 0 if there is none or if YAML forbids it. yaml-cpp
// takes byte 4 for the end of the text and guesses UTF-16 from zero bytes, so neither may reach it.
size_t CharacterLength(std::string_view text, size_t pos) {
  auto byte = [&](size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  auto follows = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  unsigned lead = byte(pos);
  if (lead < 0x80)
    return lead >= 0x20 && lead != 0x7F ? 1 : lead == '\t' || lead == '\n' || lead == '\r';
  if (lead >= 0xC2 && lead <= 0xDF)
    return follows(pos + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    bool overlong = lead == 0xE0 && byte(pos + 1) < 0xA0;
    bool surrogate = lead == 0xED && byte(pos + 1) > 0x9F;
    return follows(pos + 1) && follows(pos + 2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    bool out_of_range =
        (lead == 0xF0 && byte(pos + 1) < 0x90) || (lead == 0xF4 && byte(pos + 1) > 0x8F);
    return follows(pos + 1) && follows(pos + 2) && follows(pos + 3) && !out_of_range ? 4 : 0;
  }
  return 0;
}

// False, with a diagnostic, where the text has a byte that YAML cannot carry.
bool CheckBytes(std::string_view text, Diagnostics* diagnostics) {
  Mark mark;
  for (size_t pos = 0; pos < text.size();) {
    size_t length = CharacterLength(text, pos);
    if (length == 0) {
      diagnostics->Add(
          mark, "this byte is not text in UTF-8; is the file binary or in another encoding?");
      return false;
    }
    if (text[pos] == '\n')
      mark = {mark.line + 1, 1};
    else
      mark.column += static_cast<int>(length);
    pos += length;
  }
  return true;
}

constexpr std::string_view kTab = "a tab stands in the indentation; use spaces";

// The most frequent cause of all: yaml-cpp stumbles over the tab only later, in other words.
bool LineIsIndentedByTabs(std::string_view text, const YAML::Mark& mark) {
  size_t begin = std::min(text.size(), static_cast<size_t>(mark.pos - mark.column));
  std::string_view indentation = text.substr(begin);
  indentation = indentation.substr(0, indentation.find_first_not_of(" \t"));
  return indentation.find('\t') != std::string_view::npos;
}

// yaml-cpp's message in words that tell what to fix.
std::string Translate(const std::string& message, const Builder& builder) {
  namespace msg = YAML::ErrorMsg;
  char bracket = 0;
  if (auto open = builder.OpenBracket(&bracket);
      open && (message == msg::END_OF_SEQ_FLOW || message == msg::END_OF_MAP_FLOW))
    return Cat("the '", bracket, "' at ", Place(*open), " is not closed before this");
  auto open = builder.OpenCollection();
  std::string where = open ? Cat(" that begins at ", Place(*open)) : "";
  if (message == msg::END_OF_MAP)
    return Cat("this does not fit the map",
               where,
               ": is the indentation right, and has each key its ':'?");
  if (message == msg::END_OF_SEQ)
    return Cat("this does not fit the list",
               where,
               ": is the indentation right, and has each item its '-'?");
  if (message == msg::TAB_IN_INDENTATION)
    return std::string(kTab);
  if (message == msg::MAP_VALUE)
    return "this ':' does not fit: check the indentation, that the line above has its own ':', and "
           "put a text that contains ': ' in quotes";
  if (message == msg::MAP_KEY)
    return "a '?' cannot stand here; put the text in quotes";
  if (message == msg::BLOCK_ENTRY)
    return "a '- ' cannot stand here; check the indentation, or put the text in quotes";
  if (message == msg::FLOW_END)
    return "this bracket closes nothing";
  if (message.starts_with(msg::UNKNOWN_ANCHOR) || message == msg::ALIAS_NOT_FOUND ||
      message == msg::CHAR_IN_ALIAS)
    return "this '*' names no anchor (&name) above; put a text that begins with '*' in quotes";
  if (message == msg::ANCHOR_NOT_FOUND || message == msg::CHAR_IN_ANCHOR)
    return "this '&' is no anchor; put a text that begins with '&' in quotes";
  if (message == msg::UNKNOWN_TOKEN)
    return "a text cannot begin with this character; put it in quotes";
  if (message.starts_with(msg::INVALID_ESCAPE))
    return "this '\\' escape is unknown; write '\\\\' for a backslash, or use single quotes";
  if (message == msg::DOC_IN_SCALAR || message == msg::EOF_IN_SCALAR)
    return "a text in quotes is not closed before this";
  return message;
}

// Sees whether anything stands behind the first document.
class SecondDocument : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { throw mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&,
                const std::string&,
                YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&,
                       const std::string&,
                       YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&,
                  const std::string&,
                  YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

void Read(std::string_view text, Builder& builder, Diagnostics* diagnostics) {
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder))
      return;
    SecondDocument second;
    parser.HandleNextDocument(second);
  } catch (const Stop&) {
  } catch (const YAML::Mark& second) {
    bool marked = text.substr(static_cast<size_t>(second.pos)).starts_with("---");
    diagnostics->Add(ToMark(second),
                     marked ? "a second document begins here; one file holds one document"
                            : "this belongs to nothing above; check the indentation");
  } catch (const YAML::Exception& e) {
    if (e.mark.is_null())
      diagnostics->Add({}, Translate(e.msg, builder));
    else if (LineIsIndentedByTabs(text, e.mark))
      diagnostics->Add({e.mark.line + 1, 1}, std::string(kTab));
    else
      diagnostics->Add(ToMark(e.mark), Translate(e.msg, builder));
  } catch (const std::exception& e) {
    diagnostics->Add({}, Cat("the file cannot be read as YAML: ", e.what()));
  }
}

}  // namespace

Parsed Parse(const std::string& file, std::string_view text) {
  Diagnostics diagnostics(file);
  Parsed parsed;
  if (text.size() > kMaxBytes) {
    diagnostics.Add({}, Cat("the file is larger than ", kMaxBytes >> 20, " MiB"));
  } else {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark))
      text.remove_prefix(kByteOrderMark.size());
    if (CheckBytes(text, &diagnostics)) {
      Builder builder(text, &diagnostics);
      Read(text, builder, &diagnostics);
      parsed.root = builder.root();
      if (!parsed.root && diagnostics.empty())
        parsed.root = Node();  // an empty file
    }
  }
  parsed.diagnostics = diagnostics.Take();
  return parsed;
}

}  // namespace yaml
