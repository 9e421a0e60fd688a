// `events`: the history, a line a change, and with --follow what comes.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"

namespace cli {

namespace {

using base::Cat;

constexpr auto kPause = std::chrono::milliseconds(500);
constexpr int64_t kPageSize = 1000;

class Printer {
 public:
  explicit Printer(Format format) : format_(format), terminal_(Terminal::Of(STDOUT_FILENO)) {}

  void Show(const json::object& event) const {
    switch (format_) {
      case Format::kJson:
        return Print(base::Serialize(event) + "\n");
      case Format::kYaml:
        return Print("---\n" + Yaml(event));
      case Format::kPlain:
        return Print(PlainLine(event));
      case Format::kTable:
        return PrintPainted(Line(event) + "\n");
    }
  }

 private:
  static std::string PlainLine(const json::object& event) {
    std::vector<Table::Column> columns;
    std::vector<std::string> cells;
    for (const char* name : {"at", "entity", "from", "to", "cause", "actor"}) {
      columns.push_back({name});
      cells.push_back(base::GetString(event, name));
    }
    Table table(std::move(columns));
    table.Add(std::move(cells));
    return table.Plain();
  }

  std::string Line(const json::object& event) const {
    const auto plain = [&](std::string_view text) { return terminal_.Paint(text, Colour::kNone); };
    const auto state = [&](std::string_view name) {
      const std::string text = base::GetString(event, name);
      return terminal_.Paint(text, ColourOf(text));
    };
    const std::string from = base::GetString(event, "from"), to = base::GetString(event, "to");
    std::string line =
        Cat(terminal_.Paint(WithoutFraction(base::GetString(event, "at")), Colour::kDim),
            "  ",
            plain(base::GetString(event, "entity")),
            "  ");
    line += from.empty() || from == to ? state("to") : Cat(state("from"), " → ", state("to"));
    if (const std::string cause = base::GetString(event, "cause"); !cause.empty())
      line += Cat("  ", plain(base::PrintableLine(cause)));
    if (const std::string actor = base::GetString(event, "actor"); !actor.empty())
      line += Cat("  ", plain(Cat("by ", actor)));
    return line;
  }

  const Format format_;
  const Terminal terminal_;
};

std::string FiltersOf(const EventOptions& options) {
  return Query()
      .Add("dag_id", options.dag)
      .Add("dag_run_id", options.run)
      .Add("kind", options.kind)
      .Add("cluster_id", options.cluster)
      .Add("actor", options.actor)
      .text();
}

class Reader {
 public:
  Reader(ServerClient server, const EventOptions& options)
      : server_(std::move(server)), filters_(FiltersOf(options)), printer_(options.live.format) {}

  // Leaves behind them.
  Outcome<void> ShowLatest(int64_t limit) {
    auto page = Ask(Cat("order_by=-seq&limit=", std::min(limit, kPageSize)));
    if (!page)
      return tl::unexpected(page.error());
    const json::array& events = base::GetArray(*page, "history");
    for (auto event = events.rbegin(); event != events.rend(); ++event)
      printer_.Show(event->get_object());
    after_ = base::GetInt(*page, "last_seq");
    return {};
  }

  void Begin(int64_t after) { after_ = after; }
  // It may have begun again at another address.
  void AskAt(ServerClient server) { server_ = std::move(server); }

  // All that there are now.
  Outcome<void> ShowNext() {
    while (true) {
      auto page = Ask(Cat("after=", after_, "&limit=", kPageSize));
      if (!page)
        return tl::unexpected(page.error());
      const json::array& events = base::GetArray(*page, "history");
      for (const json::value& event : events)
        printer_.Show(event.get_object());
      after_ = base::GetInt(*page, "last_seq", after_);
      if (std::ssize(events) < kPageSize)
        return {};
    }
  }

 private:
  Outcome<json::object> Ask(const std::string& what) const {
    return server_.Get(Cat("/history", filters_, filters_.empty() ? "?" : "&", what));
  }

  ServerClient server_;
  const std::string filters_;
  const Printer printer_;
  int64_t after_ = 0;
};

}  // namespace

Outcome<void> ShowEvents(const EventOptions& options) {
  auto server = ServerClient::Find(options.live.server);
  if (!server)
    return tl::unexpected(server.error());
  Reader reader(*std::move(server), options);
  if (options.after)
    reader.Begin(*options.after);
  auto shown = options.after ? reader.ShowNext() : reader.ShowLatest(options.limit);
  bool is_told = false;
  while (options.follow) {
    // A server that restarts is waited for: nothing is missed, because events have numbers.
    if (!shown && shown.error().exit != Exit::kUnreachable)
      return shown;
    if (!shown && !std::exchange(is_told, true))
      PrintFailure(Cat(shown.error().message, " Waiting for it."));
    if (shown)
      is_told = false;
    else if (auto again = ServerClient::Find(options.live.server))
      reader.AskAt(*std::move(again));
    std::fflush(stdout);  // who reads a pipe sees each change as it comes
    std::this_thread::sleep_for(kPause);
    shown = reader.ShowNext();
  }
  return shown;
}

}  // namespace cli
