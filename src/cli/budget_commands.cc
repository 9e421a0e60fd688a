// `signalbox budget`: what EMR's call quotas allow, and what became of the calls.

#include <array>
#include <cstdio>
#include <string>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"

namespace cli {

namespace {

using base::Cat;

std::string Number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string Wait(const json::object& line) {
  const double seconds = base::GetDouble(line, "longest_wait_seconds");
  return HumanDuration(base::Duration(static_cast<int64_t>(seconds * 1e6)));
}

void AddRow(Table& table, const std::string& name, const json::object& line) {
  const double rate = base::GetDouble(line, "quota.per_second");
  const double rate_now = base::GetDouble(line, "quota.per_second_now");
  table.Add({name,
             Number(base::GetDouble(line, "quota.burst")),
             rate_now < rate ? Cat(Number(rate_now), " of ", Number(rate)) : Number(rate),
             Number(base::GetDouble(line, "quota.tokens")),
             Cell(line, "made"),
             Cell(line, "throttled"),
             Cell(line, "failed"),
             Cell(line, "waiting"),
             Wait(line)});
}

}  // namespace

void PrintHeldNotice(const json::object& answer) {
  if (const std::string held = base::GetString(answer, "launching_held"); !held.empty())
    PrintPainted(Terminal::Of(STDOUT_FILENO).Paint(held, Colour::kRed) + "\n\n");
}

Outcome<void> ShowBudget(const LiveOptions& options) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto budget = server->Get("/budget");
  if (!budget)
    return tl::unexpected(budget.error());
  if (IsData(options.format)) {
    PrintData(options.format, *budget);
    return {};
  }
  PrintHeldNotice(*budget);
  Table table({{"ACTION"},
               {"BURST"},
               {"PER SECOND"},
               {"TOKENS"},
               {"MADE"},
               {"THROTTLED"},
               {"FAILED"},
               {"WAITING"},
               {"LONGEST WAIT"}});
  for (const json::value& value : base::GetArray(*budget, "actions"))
    AddRow(table, base::GetString(value.get_object(), "action"), value.get_object());
  AddRow(table, "account", base::GetObject(*budget, "account"));
  PrintTable(options.format, table);
  return {};
}

}  // namespace cli
