// `backfill` and `holes`: past runs at once, and those that never were.

#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

namespace {

using base::Cat;

const std::vector<Field>& BackfillFields() {
  static const std::vector<Field> kFields = {
      {"ID", "id"},
      {"DAG", "dag_id"},
      {"STATE", "state", true},
      {"FROM", "from_date"},
      {"TO", "to_date"},
      {"REPROCESS", "reprocess_behavior", false, Table::Fit::kDrop},
      {"ACTIVE RUNS", "max_active_runs", false, Table::Fit::kDrop},
      {"CREATED", "created_at", false, Table::Fit::kDrop},
      {"COMPLETED", "completed_at", false, Table::Fit::kDrop}};
  return kFields;
}

const std::vector<Field>& TickFields() {
  static const std::vector<Field> kFields = {{"LOGICAL DATE", "logical_date"},
                                             {"INTERVAL", "data_interval_start"},
                                             {"UNTIL", "data_interval_end"},
                                             {"OUTCOME", "outcome"},
                                             {"RUN", "dag_run_id", false, Table::Fit::kCut}};
  return kFields;
}

Outcome<void> PutTime(json::object& body,
                      std::string_view member,
                      std::string_view flag,
                      const std::string& text) {
  if (text.empty())
    return {};
  auto time = base::ParseTime(text);
  if (!time)
    return Fail(Exit::kUsage, Cat(flag, ": ", time.error().message));
  body[member] = base::FormatRfc3339(*time);
  return {};
}

// "2026-01-04T02:00:00Z/2026-01-05T02:00:00Z"
Outcome<json::array> ReadIntervals(const std::vector<std::string>& texts) {
  json::array intervals;
  for (const std::string& text : texts) {
    const size_t slash = text.find('/');
    auto start = base::ParseTime(std::string_view(text).substr(0, slash));
    auto end = base::ParseTime(
        slash == std::string::npos ? std::string_view() : std::string_view(text).substr(slash + 1));
    if (!start || !end)
      return Fail(Exit::kUsage,
                  Cat("--data-interval: '", text, "' is no START/END with two times"));
    intervals.push_back(
        json::object{{"start", base::FormatRfc3339(*start)}, {"end", base::FormatRfc3339(*end)}});
  }
  return intervals;
}

Outcome<json::object> BodyOf(const BackfillOptions& asked) {
  json::object body;
  if (auto put = PutTime(body, "from_date", "--from-date", asked.from); !put)
    return tl::unexpected(put.error());
  if (auto put = PutTime(body, "to_date", "--to-date", asked.to); !put)
    return tl::unexpected(put.error());
  auto intervals = ReadIntervals(asked.data_intervals);
  if (!intervals)
    return tl::unexpected(intervals.error());
  if (!intervals->empty())
    body["data_intervals"] = *std::move(intervals);
  if (!asked.conf.empty()) {
    auto conf = base::ParseJson(asked.conf, "--dag-run-conf");
    if (!conf || !conf->is_object())
      return Fail(Exit::kUsage,
                  Cat("--dag-run-conf: ",
                      conf ? "a JSON object is expected, as '{\"key\": \"value\"}'"
                           : conf.error().message));
    body["dag_run_conf"] = *std::move(conf);
  }
  body["run_backwards"] = asked.run_backwards;
  body["max_active_runs"] = asked.max_active_runs;
  if (!asked.reprocess.empty())
    body["reprocess_behavior"] = asked.reprocess;
  return body;
}

// What of the range the DAG's dates have left out.
void PrintClipped(const json::object& answer) {
  if (const std::string clipped = base::GetString(answer, "clipped"); !clipped.empty())
    PrintError(Cat(clipped, "\n"));
}

void PrintPlan(Format format, json::object plan) {
  if (IsData(format))
    return PrintData(format, plan);
  json::array ticks = base::GetArray(plan, "backfills");
  for (const json::value& tick : base::GetArray(plan, "left_out"))
    ticks.push_back(tick);
  PrintList(format, ticks, TickFields());
  PrintClipped(plan);
  PrintError(Cat(Count(base::GetInt(plan, "total_entries"), "tick"),
                 " would have a run; nothing was changed\n"));
}

Outcome<void> PrintCreated(const ServerClient& server,
                           const LiveOptions& options,
                           const json::object& row) {
  if (IsData(options.format)) {
    PrintData(options.format, row);
    return {};
  }
  PrintList(options.format, json::array{row}, BackfillFields());
  PrintClipped(row);
  const std::string dag = base::GetString(row, "dag_id");
  if (auto known = server.Get(DagPath(dag)); known && base::GetBool(*known, "is_paused"))
    PrintError(
        Cat("the DAG is paused: the backfill goes on when it is unpaused, by `signalbox "
            "dags unpause ",
            dag,
            "`\n"));
  return {};
}

Outcome<void> ShowOne(const LiveOptions& options, const json::object& row) {
  PrintOne(options.format, row, BackfillFields());
  return {};
}

// Asks for it at `path`; of a dry run the plan is printed.
Outcome<void> AskFor(const BackfillOptions& asked, const std::string& path, json::object body) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  auto answer = server->Post(path, body);
  if (!answer)
    return tl::unexpected(answer.error());
  if (!asked.dry_run)
    return PrintCreated(*server, asked.live, *answer);
  PrintPlan(asked.live.format, *std::move(answer));
  return {};
}

}  // namespace

Outcome<void> CreateBackfill(const BackfillOptions& asked) {
  auto body = BodyOf(asked);
  if (!body)
    return tl::unexpected(body.error());
  (*body)["dag_id"] = asked.dag;
  if (asked.run_on_latest_version)
    (*body)["run_on_latest_version"] = true;
  return AskFor(asked, asked.dry_run ? "/backfills/dry_run" : "/backfills", *std::move(body));
}

Outcome<void> FillHoles(const BackfillOptions& asked) {
  auto body = BodyOf(asked);
  if (!body)
    return tl::unexpected(body.error());
  (*body)["dry_run"] = asked.dry_run;
  return AskFor(asked, DagPath(asked.dag) + "/holes/fill", *std::move(body));
}

Outcome<void> ListBackfills(const LiveOptions& options, const std::string& dag) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto backfills = server->List("/backfills" + Query().Add("dag_id", dag).text(), "backfills");
  if (!backfills)
    return tl::unexpected(backfills.error());
  PrintList(options.format, *backfills, BackfillFields());
  return {};
}

Outcome<void> ShowBackfill(const LiveOptions& options, int64_t id) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  const std::string path = Cat("/backfills/", id);
  auto row = server->Get(path);
  if (!row)
    return tl::unexpected(row.error());
  auto ticks = server->List(path + "/ticks", "ticks");
  if (!ticks)
    return tl::unexpected(ticks.error());
  if (IsData(options.format)) {
    (*row)["tick_list"] = *std::move(ticks);
    PrintData(options.format, *row);
    return {};
  }
  PrintList(options.format, json::array{*row}, BackfillFields());
  Print("\n");
  PrintList(options.format, *ticks, TickFields());
  return {};
}

Outcome<void> ChangeBackfill(const LiveOptions& options, int64_t id, const std::string& verb) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  auto row = server->Put(Cat("/backfills/", id, "/", verb));
  if (!row)
    return tl::unexpected(row.error());
  return ShowOne(options, *row);
}

}  // namespace cli
