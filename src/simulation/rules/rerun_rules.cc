#include "simulation/rules/rerun_rules.h"

#include <algorithm>

#include "base/text.h"

namespace simulation {

using model::TaskState;

void RerunRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  Apply(now, batch, /*judges=*/true);
}

void RerunRules::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  runs_.clear();
  events_.clear();
  launches_.clear();
  notes_.clear();
  promised_.clear();
  for (const Stored& stored : left)
    Apply(now, stored.batch, /*judges=*/false);
}

void RerunRules::Apply(base::Time now, const std::vector<model::Change>& batch, bool judges) {
  std::set<model::RunKey> changed;
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::RunRow>(&change)) {
      OnRun(now, *row, judges);
      changed.insert(row->key);
    } else if (const auto* task = std::get_if<model::TaskRow>(&change)) {
      OnTask(now, *task, judges);
      changed.insert(task->job.run);
    } else if (const auto* asset = std::get_if<model::AssetRow>(&change)) {
      assets_[asset->id] = asset->asset.name;
    } else if (const auto* event = std::get_if<model::AssetEventRow>(&change)) {
      events_[event->id] = *event;
    } else if (const auto* launch = std::get_if<base::Boxed<model::LaunchRow>>(&change)) {
      if (launches_.insert((*launch)->token.str()).second && judges)
        OnLaunch(now, **launch);
    }
  }
  for (const model::RunKey& key : changed) {
    if (judges)
      JudgeJobs(now, runs_.at(key));
  }
}

void RerunRules::OnRun(base::Time now, const model::RunRow& row, bool judges) {
  runs_[row.key].row = row;
  if (judges && row.conf.find(kUnfit) != std::string::npos)
    checks_.Breach(now, base::Cat("I4: ", ToString(row.key), " has params that do not fit"));
  OnNote(now, {{row.key, {}, {}}, 0}, row.note, judges);
}

void RerunRules::OnTask(base::Time now, const model::TaskRow& row, bool judges) {
  if (row.job.index < 0)
    runs_[row.job.run].jobs[{row.job.job, row.job.lane}][row.task] = row.state;
  OnNote(now, {row.job, row.task}, row.note, judges);
}

// After each batch the run's jobs are those of its version.
void RerunRules::JudgeJobs(base::Time now, const Run& run) {
  const model::Dag* dag = DagOf(run.row.key);
  if (dag == nullptr)
    return;
  std::set<Lane> wanted;
  for (const model::Job& job : dag->jobs) {
    wanted.insert({job.id, job.lane});
    const auto tasks = run.jobs.find({job.id, job.lane});
    const bool is_whole =
        tasks != run.jobs.end() && tasks->second.size() == model::TaskCount(job) &&
        std::ranges::none_of(tasks->second,
                             [](const auto& task) { return task.second == TaskState::kRemoved; });
    if (!is_whole)
      checks_.Breach(now,
                     base::Cat("I15: ",
                               ToString(run.row.key),
                               " lacks ",
                               model::DisplayName(job.id, job.lane),
                               " of its version"));
  }
  for (const auto& [job, tasks] : run.jobs) {
    if (!wanted.contains(job) && std::ranges::any_of(tasks, [](const auto& task) {
          return task.second != TaskState::kRemoved;
        }))
      checks_.Breach(now,
                     base::Cat("I15: ",
                               ToString(run.row.key),
                               " has ",
                               model::DisplayName(job.first, job.second),
                               ", which its version has not"));
  }
}

// A note is one that somebody wrote there.
void RerunRules::OnNote(base::Time now, const Place& place, const std::string& note, bool judges) {
  const std::string before = std::exchange(notes_[place], note);
  if (!judges || note == before)
    return;
  const std::vector<std::string>& asked = asked_[place];
  if (std::ranges::find(asked, note) == asked.end())
    checks_.Breach(now,
                   base::Cat("I4: ",
                             ToString(place.first),
                             " has the note '",
                             note,
                             "', which nobody wrote, in place of '",
                             before,
                             "'"));
}

RerunRules::Place RerunRules::PlaceOf(const People::Granted& asked) {
  model::JobKey key{asked.run, {}, {}};
  if (asked.job.empty())
    return {key, 0};
  std::string name = asked.job;
  if (const size_t bracket = name.find('['); bracket != std::string::npos) {
    key.index = static_cast<int>(
        base::ParseInt(name.substr(bracket + 1, name.size() - bracket - 2)).value_or(-1));
    name.resize(bracket);
  }
  const size_t lane = name.find('_');  // the workload's job ids have none
  key.job = model::JobId(name.substr(0, lane));
  if (lane != std::string::npos)
    key.lane = model::LaneId(name.substr(lane + 1));
  return {key, 0};
}

void RerunRules::OnAsked(const People::Granted& asked) {
  if (asked.deed.act == Act::kNote)
    asked_[PlaceOf(asked)].push_back(People::NoteOf(asked.deed));
}

// Answers come in the order of the requests.
void RerunRules::OnAnswered(const People::Granted& asked, bool accepted) {
  if (asked.deed.act == Act::kNote && accepted)
    promised_[PlaceOf(asked)] = People::NoteOf(asked.deed);
}

void RerunRules::AtEnd(base::Time now, bool has_loss) {
  for (const auto& [place, note] : promised_) {
    // Somebody who got no answer has written there, too.
    const std::vector<std::string>& asked = asked_[place];
    const auto promised = std::ranges::find(asked, note);
    const bool is_kept = std::find(promised, asked.end(), notes_[place]) != asked.end();
    if (!is_kept && !has_loss)
      checks_.Breach(now,
                     base::Cat("I4: ", ToString(place.first), " has lost the note '", note, "'"));
  }
}

// The workload's steps name the assets' events that their run has taken: "--events=a:3,4 b:5".
void RerunRules::OnLaunch(base::Time now, const model::LaunchRow& row) {
  const auto run = runs_.find(row.attempt.job.run);
  const model::Dag* dag = DagOf(row.attempt.job.run);
  if (run == runs_.end() || dag == nullptr || !dag->assets)
    return;
  const size_t begin = row.request.find(kEventsArgument);
  if (begin == std::string::npos) {
    checks_.Breach(now, base::Cat("I3: ", ToString(row.attempt.job), " gets no events"));
    return;
  }
  std::map<int64_t, std::vector<std::string>> times;  // by asset
  for (const model::TakenEvents& taken : run->second.row.asset_events) {
    for (const auto& [id, event] : events_) {
      if (event.asset == taken.asset && id > taken.after && id <= taken.until)
        times[event.asset].push_back(base::FormatIso(event.at));
    }
  }
  std::string wanted(kEventsArgument);
  for (const std::string& name : model::AssetsOf(*dag->assets)) {
    const auto asset =
        std::ranges::find(assets_, name, [](const auto& known) { return known.second; });
    std::vector<std::string> of =
        asset == assets_.end() ? std::vector<std::string>() : times[asset->first];
    if (of.size() > model::kTriggeringEventsMax)
      of.erase(of.begin(), of.end() - static_cast<std::ptrdiff_t>(model::kTriggeringEventsMax));
    wanted +=
        base::Cat(of.empty() ? "none" : of.front(), ";", of.empty() ? "none" : of.back(), ";");
  }
  if (row.request.compare(begin, wanted.size() + 1, wanted + "\"") != 0)
    checks_.Breach(now,
                   base::Cat("I3: ",
                             ToString(row.attempt.job),
                             " gets other events than its run has taken: not ",
                             wanted));
}

const model::Dag* RerunRules::DagOf(const model::RunKey& run) const {
  const auto row = runs_.find(run);
  return row == runs_.end() ? nullptr : checks_.versions().Find(row->second.row.version);
}

}  // namespace simulation
