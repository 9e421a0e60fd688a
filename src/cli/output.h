#pragma once

// What people and scripts read: tables, JSON, colours, and the one way in which this program
// prints. Pure but for Print, and for Terminal, which looks at the file descriptor and the
// environment.

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"

namespace cli {

// Plain: a table's rows alone, cells parted by tabs, nothing cut. JSON and YAML have all members.
enum class Format { kTable, kPlain, kJson, kYaml };
inline bool IsData(Format format) {
  return format == Format::kJson || format == Format::kYaml;
}

enum class Colour { kNone, kDim, kRed, kGreen, kYellow, kBlue, kMagenta, kCyan, kBold };

// Where output goes. A pipe gets plain text: no colour, no cursor movement.
struct Terminal {
  bool is_tty = false;
  bool colour = false;  // also needs NO_COLOR unset and TERM other than "dumb"
  int columns = 100;
  int rows = 30;

  static Terminal Of(int descriptor);
  // The text in a colour, or as it is.
  std::string Paint(std::string_view text, Colour colour) const;
};

// Painted text as it may reach that terminal: nothing steers it (base::Printable) but Paint's
// colours, where it has colours.
std::string Shown(std::string_view painted, const Terminal& terminal);

// All that commands print passes here; the lint refuses other ways. A text of any
// origin reaches the terminal as valid UTF-8 without control characters or marks of direction.
void Print(std::string_view text);       // to stdout
void PrintError(std::string_view text);  // to stderr
// What Paint, Table or Shorten made, to stdout: colours pass. A text of others goes through Paint,
// if only with kNone, or its codes could pass for ours.
void PrintPainted(std::string_view painted);
// "signalbox: message" to stderr.
void PrintFailure(std::string_view message);
// As it is: what Screen made of lines that were shown.
void PrintFrame(std::string_view frame);

// The colour of a state's name, whether of a run, a task, a cluster or a step.
Colour ColourOf(std::string_view state);

// Left-aligned columns, two spaces apart. Cells whose column is a state's are coloured. A cell is
// one line. On a terminal a table is made to fit: columns that may go (`Fit::kDrop`) go, the last
// first, then long cells are cut, first those that may be (`Fit::kCut`).
class Table {
 public:
  enum class Fit { kKeep, kCut, kDrop };
  struct Column {
    std::string title;
    bool is_state = false;
    Fit fit = Fit::kKeep;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // REQUIRES: as many cells as columns.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  std::string Render(const Terminal& terminal) const;
  // Format::kPlain
  std::string Plain() const;

 private:
  // How wide each column is shown; 0: not at all.
  std::vector<size_t> Widths(const Terminal& terminal) const;

  size_t WidestOf(const std::vector<size_t>& widths, Fit fit) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// To stdout; `format` is one for people.
void PrintTable(Format format, const Table& table);

// Indented by two spaces, members in their order; ends with a newline.
std::string PrettyJson(const json::value& value);
// Block style; a text stands in quotes where YAML 1.1 or 1.2 could take it for something else.
std::string Yaml(const json::value& value);
// To stdout. REQUIRES: IsData(format).
void PrintData(Format format, const json::value& value);

// A member as a table's cell: texts as they are, null as "", anything else as JSON.
std::string Cell(const json::object& object, std::string_view path);

// How many columns a text takes: code points, which is right for all that we print.
size_t Width(std::string_view text);
std::string PadRight(std::string_view text, size_t width);
// On one line, cut to `width` columns, the last of them "…" where something is missing.
std::string Shorten(std::string_view text, size_t width);

// "3h05m", "12m30s", "45s": a span for people, in two units at most.
std::string HumanDuration(base::Duration duration);
// "1 cluster", "3 clusters".
std::string Count(int64_t count, std::string_view noun);

}  // namespace cli
