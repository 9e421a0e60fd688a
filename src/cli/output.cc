#include "cli/output.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

#include "base/check.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace cli {

namespace {

constexpr size_t kColumnMin = 8;
constexpr size_t kCutMin = 16;

std::string_view Escape(Colour colour) {
  switch (colour) {
    case Colour::kNone:
      return "";
    case Colour::kDim:
      return "\x1b[2m";
    case Colour::kRed:
      return "\x1b[31m";
    case Colour::kGreen:
      return "\x1b[32m";
    case Colour::kYellow:
      return "\x1b[33m";
    case Colour::kBlue:
      return "\x1b[34m";
    case Colour::kMagenta:
      return "\x1b[35m";
    case Colour::kCyan:
      return "\x1b[36m";
    case Colour::kBold:
      return "\x1b[1m";
  }
  return "";
}

constexpr std::string_view kNoColour = "\x1b[0m";

// The code of a colour that the text begins with, as Paint writes it; "" where there is none.
std::string_view OwnCode(std::string_view text) {
  if (text.starts_with(kNoColour))
    return kNoColour;
  for (const Colour colour : {Colour::kDim,
                              Colour::kRed,
                              Colour::kGreen,
                              Colour::kYellow,
                              Colour::kBlue,
                              Colour::kMagenta,
                              Colour::kCyan,
                              Colour::kBold}) {
    if (text.starts_with(Escape(colour)))
      return Escape(colour);
  }
  return "";
}

bool IsContinuationByte(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

void AppendPretty(std::string& out, const json::value& value, size_t indent) {
  const std::string inner(indent + 2, ' ');
  if (value.is_object() && !value.get_object().empty()) {
    out += "{\n";
    std::string_view separator = "";
    for (const auto& [key, member] : value.get_object()) {
      out += base::Cat(separator, inner, base::Serialize(json::value(key)), ": ");
      AppendPretty(out, member, indent + 2);
      separator = ",\n";
    }
    out += base::Cat("\n", std::string(indent, ' '), "}");
  } else if (value.is_array() && !value.get_array().empty()) {
    out += "[\n";
    std::string_view separator = "";
    for (const json::value& item : value.get_array()) {
      out += base::Cat(separator, inner);
      AppendPretty(out, item, indent + 2);
      separator = ",\n";
    }
    out += base::Cat("\n", std::string(indent, ' '), "]");
  } else {
    out += base::Serialize(value);
  }
}

// A text that no version of YAML takes for a number, a date, true, null or a sign of its own.
bool IsPlainYaml(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kWords = {
      "true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_plain = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
  };
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), is_plain) &&
         std::find(kWords.begin(), kWords.end(), base::ToLower(text)) == kWords.end();
}

std::string YamlScalar(const json::value& value) {
  // A JSON text in quotes is a YAML text in quotes.
  if (value.is_string() && IsPlainYaml(value.get_string()))
    return std::string(value.get_string());
  std::string text = base::Serialize(value);
  // YAML 1.1 takes 1e-05 for a text.
  if (const size_t e = text.find('e');
      value.is_double() && e != std::string::npos && text.find('.') == std::string::npos)
    text.insert(e, ".0");
  return text;
}

bool IsYamlBlock(const json::value& value) {
  return (value.is_object() && !value.get_object().empty()) ||
         (value.is_array() && !value.get_array().empty());
}

void AppendYaml(std::string& out, const json::value& value, size_t indent) {
  if (!IsYamlBlock(value)) {
    out += YamlScalar(value) + "\n";
    return;
  }
  // The first line stands where the caller is: after "- ", or at the beginning of a line.
  std::string margin;
  if (value.is_array()) {
    for (const json::value& item : value.get_array()) {
      out += std::exchange(margin, std::string(indent, ' ')) + "- ";
      AppendYaml(out, item, indent + 2);
    }
    return;
  }
  for (const auto& [key, member] : value.get_object()) {
    out += std::exchange(margin, std::string(indent, ' '));
    out += YamlScalar(json::value(key)) + ":";
    const bool is_block = IsYamlBlock(member);
    out += is_block ? "\n" + std::string(indent + 2, ' ') : " ";
    AppendYaml(out, member, indent + 2);
  }
}

}  // namespace

Terminal Terminal::Of(int descriptor) {
  Terminal terminal;
  terminal.is_tty = ::isatty(descriptor) == 1;
  if (!terminal.is_tty)
    return terminal;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool dumb = kind == nullptr || std::string_view(kind) == "dumb";
  terminal.is_tty = !dumb;
  terminal.colour = !dumb && (no_colour == nullptr || *no_colour == '\0');
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    terminal.columns = size.ws_col;
    terminal.rows = size.ws_row;
  }
  return terminal;
}

std::string Terminal::Paint(std::string_view text, Colour wanted) const {
  const std::string plain = base::Printable(text);
  if (!colour || wanted == Colour::kNone || text.empty())
    return plain;
  return base::Cat(Escape(wanted), plain, kNoColour);
}

std::string Shown(std::string_view painted, const Terminal& terminal) {
  std::string out;
  while (terminal.colour && !painted.empty()) {
    const size_t begin = std::min(painted.find('\x1b'), painted.size());
    out += base::Printable(painted.substr(0, begin));
    painted.remove_prefix(begin);
    const std::string_view code = OwnCode(painted);
    const size_t size = code.empty() ? std::min<size_t>(painted.size(), 1) : code.size();
    out += code.empty() ? base::Printable(painted.substr(0, size)) : std::string(code);
    painted.remove_prefix(size);
  }
  return out + base::Printable(painted);
}

void Print(std::string_view text) {
  PrintFrame(base::Printable(text));
}

void PrintError(std::string_view text) {
  const std::string shown = base::Printable(text);
  std::fwrite(shown.data(), 1, shown.size(), stderr);
}

void PrintPainted(std::string_view painted) {
  PrintFrame(Shown(painted, Terminal::Of(STDOUT_FILENO)));
}

void PrintFailure(std::string_view message) {
  const std::string label = Terminal::Of(STDERR_FILENO).Paint("signalbox:", Colour::kRed);
  std::fwrite(label.data(), 1, label.size(), stderr);
  PrintError(base::Cat(" ", message, "\n"));
}

void PrintFrame(std::string_view frame) {
  std::fwrite(frame.data(), 1, frame.size(), stdout);
}

Colour ColourOf(std::string_view state) {
  static const std::vector<std::pair<Colour, std::vector<std::string_view>>> kColours = {
      {Colour::kGreen, {"success", "COMPLETED", "ok", "healthy", "TERMINATED", "on_track"}},
      {Colour::kRed,
       {"failed",
        "FAILED",
        "TERMINATED_WITH_ERRORS",
        "ZERO_MASTER",
        "ZERO_CORE",
        "LOST",
        "unhealthy",
        "late",
        "missed"}},
      {Colour::kMagenta, {"upstream_failed", "skipped", "CANCELLED", "INTERRUPTED"}},
      {Colour::kYellow,
       {"up_for_retry", "restarting", "TERMINATING", "CANCEL_PENDING", "retry", "at_risk"}},
      {Colour::kCyan, {"running", "deferred", "RUNNING", "WAITING"}},
      {Colour::kBlue, {"queued", "scheduled", "STARTING", "BOOTSTRAPPING"}},
      {Colour::kDim, {"none", "PENDING", "-"}},
  };
  for (const auto& [colour, states] : kColours) {
    if (std::find(states.begin(), states.end(), state) != states.end())
      return colour;
  }
  return Colour::kNone;
}

void Table::Add(std::vector<std::string> cells) {
  CHECK(cells.size() == columns_.size());
  for (std::string& cell : cells)
    cell = base::PrintableLine(cell);
  rows_.push_back(std::move(cells));
}

std::vector<size_t> Table::Widths(const Terminal& terminal) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = Width(columns_[i].title);
    for (const auto& row : rows_)
      width = std::max(width, Width(row[i]));
    widths.push_back(width);
  }
  if (!terminal.is_tty || widths.empty())
    return widths;
  const auto columns = static_cast<size_t>(std::max(terminal.columns, 1));
  size_t taken = std::accumulate(widths.begin(), widths.end(), 2 * (widths.size() - 1));
  // What has to be cut takes its least width only after others have gone.
  size_t spare = 0;
  for (size_t i = 0; i < widths.size(); ++i)
    spare += columns_[i].fit == Fit::kCut ? widths[i] - std::min(widths[i], kCutMin) : 0;
  for (size_t i = widths.size(); i-- > 0 && taken - spare > columns;) {
    if (columns_[i].fit != Fit::kDrop)
      continue;
    taken -= widths[i] + 2;
    widths[i] = 0;
  }
  for (const Fit fit : {Fit::kCut, Fit::kKeep}) {
    for (size_t i = WidestOf(widths, fit); taken > columns && i < widths.size();
         i = WidestOf(widths, fit)) {
      --widths[i];
      --taken;
    }
  }
  return widths;
}

// The column that is the next to be cut; the count of columns where none may be cut further.
size_t Table::WidestOf(const std::vector<size_t>& widths, Fit fit) const {
  size_t widest = widths.size();
  for (size_t i = 0; i < widths.size(); ++i) {
    const size_t least = std::max(Width(columns_[i].title), kColumnMin);
    if (columns_[i].fit == fit && widths[i] > least &&
        (widest == widths.size() || widths[i] > widths[widest]))
      widest = i;
  }
  return widest;
}

std::string Table::Render(const Terminal& terminal) const {
  const std::vector<size_t> widths = Widths(terminal);
  std::string out;
  auto append_row = [&](const auto& cell_of, const auto& colour_of) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (widths[i] == 0)
        continue;
      const std::string cell = Shorten(cell_of(i), widths[i]);
      out += terminal.Paint(cell, colour_of(i));
      if (i + 1 < columns_.size())
        out += std::string(widths[i] - Width(cell) + 2, ' ');
    }
    while (out.ends_with(' '))
      out.pop_back();
    out += '\n';
  };
  append_row([&](size_t i) -> const std::string& { return columns_[i].title; },
             [](size_t) { return Colour::kBold; });
  for (const auto& row : rows_) {
    append_row([&](size_t i) -> const std::string& { return row[i]; },
               [&](size_t i) { return columns_[i].is_state ? ColourOf(row[i]) : Colour::kNone; });
  }
  return out;
}

std::string Table::Plain() const {
  std::string out;
  for (const auto& row : rows_)
    out += base::Join(row, "\t") + "\n";
  return out;
}

void PrintTable(Format format, const Table& table) {
  if (format == Format::kPlain)
    Print(table.Plain());
  else
    PrintPainted(table.Render(Terminal::Of(STDOUT_FILENO)));
}

std::string PrettyJson(const json::value& value) {
  std::string out;
  AppendPretty(out, value, 0);
  return out + "\n";
}

std::string Yaml(const json::value& value) {
  std::string out;
  AppendYaml(out, value, 0);
  return out;
}

void PrintData(Format format, const json::value& value) {
  Print(format == Format::kYaml ? Yaml(value) : PrettyJson(value));
}

std::string Cell(const json::object& object, std::string_view path) {
  const json::value* value = base::Find(object, path);
  if (value == nullptr || value->is_null())
    return "";
  if (value->is_string())
    return std::string(value->get_string());
  return base::Serialize(*value);
}

size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuationByte(c); }));
}

std::string PadRight(std::string_view text, size_t width) {
  std::string out(text);
  size_t taken = Width(text);
  if (taken < width)
    out.append(width - taken, ' ');
  return out;
}

std::string Shorten(std::string_view text, size_t width) {
  const std::string line = base::PrintableLine(text);
  if (Width(line) <= width)
    return line;
  std::string out;
  size_t columns = 0;
  for (char c : line) {
    if (!IsContinuationByte(c) && ++columns >= width)
      break;
    out += c;
  }
  return width == 0 ? "" : out + "…";
}

std::string HumanDuration(base::Duration duration) {
  int64_t seconds = std::chrono::round<base::seconds>(duration).count();
  auto two = [](int64_t n) { return base::Cat(n < 10 ? "0" : "", n); };
  if (seconds < 0)
    return "-" + HumanDuration(-duration);
  if (seconds < 60)
    return base::Cat(seconds, "s");
  if (seconds < 3600)
    return base::Cat(seconds / 60, "m", two(seconds % 60), "s");
  if (seconds < 172800)  // two days
    return base::Cat(seconds / 3600, "h", two(seconds / 60 % 60), "m");
  return base::Cat(seconds / 86400, "d", two(seconds / 3600 % 24), "h");
}

std::string Count(int64_t count, std::string_view noun) {
  return base::Cat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace cli
