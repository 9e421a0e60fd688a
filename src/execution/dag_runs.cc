// Runs of this DAG and of others: asked for, looked at, made.

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "execution/call.h"

namespace execution {

namespace {

using base::Cat;

model::RunKey RunOf(const Call& call) {
  return {model::DagId(call.args.at(0)), model::RunId(call.args.at(1))};
}

void WithRun(const SharedCall& call, std::function<void(model::RunRow)> done) {
  Read<model::RunRow>(
      call, [key = RunOf(*call)](store::Reader& rows) { return rows.Run(key); }, std::move(done));
}

void Get(const SharedCall& call) {
  WithRun(call, [call](const model::RunRow& run) { call->Send(DagRunJson(run)); });
}

void GetState(const SharedCall& call) {
  WithRun(call, [call](const model::RunRow& run) {
    call->Send(json::object{{"state", ToString(run.state)}});
  });
}

void Trigger(const SharedCall& call) {
  const model::RunKey key = RunOf(*call);
  model::TriggerRun trigger{.dag = key.dag, .run_id = key.run, .by = call->principal()};
  if (const json::object* body = call->body.if_object()) {
    if (const json::value* date = base::Find(*body, "logical_date"); date && date->is_string()) {
      const auto time = base::ParseTime(std::string_view(date->get_string()));
      if (!time)
        return call->Refuse(422, "invalid_request", "'logical_date' is a date with its zone");
      trigger.logical_date = *time;
    }
    trigger.conf = base::GetObject(*body, "conf");
    trigger.note = base::GetString(*body, "note");
    if (base::GetBool(*body, "reset_dag_run"))
      return call->Refuse(422,
                          "not_supported",
                          "a task cannot clear a run of another DAG: use TriggerDagRunOperator, "
                          "which Signalbox does itself");
  }
  call->world.commands.Trigger(std::move(trigger), [call](const runtime::Outcome& outcome) {
    if (!outcome)
      return call->Refuse(outcome.error());
    call->SendNothing();
  });
}

void WithRuns(const SharedCall& call, std::function<void(std::vector<model::RunRow>)> done) {
  store::RunQuery query{.dag = model::DagId(call->Text("dag_id").value_or("")), .limit = 1000};
  for (const std::string& text : call->All("states")) {
    if (const auto state = model::ParseRunState(text))
      query.states.push_back(*state);
  }
  if (const auto state = call->Text("state")) {
    if (const auto known = model::ParseRunState(*state))
      query.states.push_back(*known);
  }
  Read<std::vector<model::RunRow>>(
      call,
      [query](store::Reader& rows) -> base::Result<std::vector<model::RunRow>> {
        ASSIGN_OR_RETURN(auto page, rows.Runs(query));
        return std::move(page.rows);
      },
      std::move(done));
}

void Count(const SharedCall& call) {
  WithRuns(call, [call](const std::vector<model::RunRow>& runs) {
    const std::vector<std::string> ids = call->All("run_ids"), dates = call->All("logical_dates");
    const auto counts = [&](const model::RunRow& run) {
      if (!ids.empty() && std::ranges::find(ids, run.key.run.str()) == ids.end())
        return false;
      return dates.empty() || std::ranges::any_of(dates, [&](const std::string& text) {
               const auto date = base::ParseTime(text);
               return date && run.logical_date && *date == *run.logical_date;
             });
    };
    call->Send(static_cast<int64_t>(std::ranges::count_if(runs, counts)));
  });
}

// The latest before a logical date.
void Previous(const SharedCall& call) {
  const auto before = base::ParseTime(call->Text("logical_date").value_or(""));
  if (!before)
    return call->Refuse(422, "invalid_request", "'logical_date' is a date with its zone");
  WithRuns(call, [call, before = *before](const std::vector<model::RunRow>& runs) {
    const model::RunRow* latest = nullptr;
    for (const model::RunRow& run : runs) {
      if (run.logical_date && *run.logical_date < before &&
          (latest == nullptr || *latest->logical_date < *run.logical_date))
        latest = &run;
    }
    call->Send(latest == nullptr ? json::value() : json::value(DagRunJson(*latest)));
  });
}

void GetDag(const SharedCall& call) {
  const model::DagId id(call->args.at(0));
  for (const runtime::Views::KnownDag& known : call->world.views.Dags()) {
    if (known.row->dag != id)
      continue;
    json::array tags;
    for (const std::string& tag :
         known.dag == nullptr ? std::vector<std::string>() : known.dag->tags)
      tags.emplace_back(tag);
    return call->Send(json::object{{"dag_id", id.str()},
                                   {"is_paused", known.row->is_paused},
                                   {"bundle_name", "dags-folder"},
                                   {"bundle_version", nullptr},
                                   {"relative_fileloc", known.row->fileloc},
                                   {"owners", known.dag == nullptr ? "" : known.dag->owner},
                                   {"tags", std::move(tags)},
                                   {"next_dagrun", nullptr}});
  }
  call->Refuse(404, "not_found", Cat("The Dag with dag_id: `", id.str(), "` was not found"));
}

}  // namespace

std::vector<Route> DagRunRoutes() {
  return {{"GET", "dag-runs/count", &Count},
          {"GET", "dag-runs/previous", &Previous},
          {"GET", "dag-runs/{}/{}", &Get},
          {"GET", "dag-runs/{}/{}/state", &GetState},
          {"POST", "dag-runs/{}/{}", &Trigger},
          {"GET", "dags/{}", &GetDag}};
}

}  // namespace execution
