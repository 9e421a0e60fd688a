#include "dagfile/triggers.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"
#include "dagfile/ids.h"
#include "dagfile/sample.h"
#include "model/select.h"
#include "model/states.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr std::array<std::string_view, 10> kKeys = {"trigger_dag_id",
                                                    "trigger_run_id",
                                                    "logical_date",
                                                    "conf",
                                                    "reset_dag_run",
                                                    "skip_when_already_exists",
                                                    "wait_for_completion",
                                                    "allowed_states",
                                                    "failed_states",
                                                    "fail_when_dag_is_paused"};

bool HasTemplate(std::string_view text) {
  return text.find("{{") != std::string_view::npos;
}

// Of a list of the states in which a run ends.
std::optional<std::vector<model::RunState>> ReadStates(yaml::MapReader& reader,
                                                       std::string_view key) {
  const auto texts = reader.Optional<std::vector<std::string>>(key);
  if (!texts)
    return std::nullopt;
  std::vector<model::RunState> states;
  for (const std::string& text : *texts) {
    const auto state = model::ParseRunState(text);
    if (state && IsTerminal(*state)) {
      states.push_back(*state);
      continue;
    }
    const auto near = base::DidYouMean(text, {"success", "failed"});
    reader.Error(key,
                 Cat("'",
                     key,
                     "': expected success or failed, found '",
                     text,
                     "'",
                     near ? Cat("; did you mean '", *near, "'?") : ""));
    return std::nullopt;
  }
  return states;
}

void ReadWait(yaml::MapReader& reader, model::TriggerWork& work) {
  work.waits = reader.Optional<bool>("wait_for_completion").value_or(false);
  const auto allowed = ReadStates(reader, "allowed_states");
  const auto failed = ReadStates(reader, "failed_states");
  for (const auto& [key, is_there] : {std::pair("allowed_states", allowed.has_value()),
                                      std::pair("failed_states", failed.has_value())}) {
    if (is_there && !work.waits)
      reader.Error(key, Cat("'", key, "' is for a job that waits: 'wait_for_completion: true'"));
  }
  if (allowed && allowed->empty())
    reader.Error("allowed_states", "'allowed_states' is empty: the job could never succeed");
  if (allowed)
    work.allowed = *allowed;
  const auto is_allowed = [&](model::RunState state) {
    return std::ranges::find(work.allowed, state) != work.allowed.end();
  };
  if (!failed) {
    std::erase_if(work.failed, is_allowed);
    return;
  }
  work.failed = *failed;
  if (const auto both = std::ranges::find_if(work.failed, is_allowed); both != work.failed.end())
    reader.Error("failed_states",
                 Cat("'", ToString(*both), "' stands in 'allowed_states' and in 'failed_states'"));
}

// A DAG that jobs trigger, with the place that says so.
struct Target {
  size_t dag = 0;
  yaml::Mark mark;
};

class TriggerChecker {
 public:
  TriggerChecker(std::vector<DagDraft>& drafts, const ResolveOptions& options)
      : drafts_(drafts), options_(options), targets_(drafts.size()) {
    for (size_t i = 0; i < drafts.size(); ++i)
      places_.try_emplace(drafts[i].dag.id.str(), i);
  }

  void Run() {
    for (size_t dag = 0; dag < drafts_.size(); ++dag) {
      for (const JobDraft& job : drafts_[dag].jobs) {
        if (model::TriggerOf(job.settings) != nullptr && drafts_[dag].InstanceCount(job) > 0)
          Check(dag, job);
      }
    }
    ReportCycles();
  }

 private:
  yaml::Diagnostics& errors(size_t dag) { return drafts_[dag].report->errors; }
  static yaml::Mark MarkOf(const JobDraft& job, const std::string& key) {
    const auto found = job.trigger_marks.find(key);
    return found == job.trigger_marks.end() ? job.mark : found->second;
  }

  void Check(size_t dag, const JobDraft& job) {
    const model::TriggerWork& work = *model::TriggerOf(job.settings);
    const tmpl::Context known = SampleOf(drafts_[dag].dag, drafts_[dag].dag.jobs[job.first]);
    CheckText(dag, work.dag, MarkOf(job, "trigger_dag_id"), known);
    CheckText(dag, work.run_id, MarkOf(job, "trigger_run_id"), known);
    CheckText(dag, work.logical_date, MarkOf(job, "logical_date"), known);
    if (job.trigger_conf)
      CheckTexts(dag, *job.trigger_conf, known);
    if (!HasTemplate(work.logical_date) && !work.logical_date.empty() &&
        !base::ParseTime(work.logical_date))
      errors(dag).Add(MarkOf(job, "logical_date"),
                      Cat("'logical_date': '", work.logical_date, "' is no time"));
    const bool is_fixed = !work.run_id.empty() && !HasTemplate(work.run_id);
    if (is_fixed && !work.resets && !work.skips)
      drafts_[dag].report->warnings.Add(
          MarkOf(job, "trigger_run_id"),
          "'trigger_run_id': all runs want one run, which exists from the second time on; put "
          "{{ run_id }} into it, or say 'reset_dag_run' or 'skip_when_already_exists'");
    if (!HasTemplate(work.dag) && !work.dag.empty())
      CheckTarget(dag, job, work);
  }

  void CheckText(size_t dag, std::string_view text, yaml::Mark mark, const tmpl::Context& known) {
    for (const tmpl::Problem& problem : tmpl::Check(text, known))
      errors(dag).Add(mark, Cat("at ", Where(problem), " of this text: ", problem.message));
  }

  void CheckTexts(size_t dag, const yaml::Node& node, const tmpl::Context& known) {
    if (node.is_string())
      CheckText(dag, node.raw(), node.mark(), known);
    for (const yaml::Node& item : node.items())
      CheckTexts(dag, item, known);
    for (const yaml::Member& member : node.members())
      CheckTexts(dag, member.value, known);
  }

  void CheckTarget(size_t dag, const JobDraft& job, const model::TriggerWork& work) {
    const yaml::Mark mark = MarkOf(job, "trigger_dag_id");
    const auto found = places_.find(work.dag);
    if (found == places_.end()) {
      std::string message = NoSuchDag(drafts_, work.dag);
      if (options_.all_readable)
        errors(dag).Add(mark, std::move(message));
      else
        drafts_[dag].report->warnings.Add(mark, Cat(message, " (as far as its files can be read)"));
      return;
    }
    const model::Dag& target = drafts_[found->second].dag;
    if (job.trigger_conf)
      CheckConf(dag, *job.trigger_conf, target);
    CheckMissing(dag, job, work, target);
    if (job.settings.when.empty())
      targets_[dag].push_back({found->second, mark});
  }

  // The names alone. Values are judged when the run is made (engine/conf.h).
  void CheckConf(size_t dag, const yaml::Node& conf, const model::Dag& target) {
    if (target.params_open)
      return;
    const std::vector<std::string> params = model::ParamNames(target);
    for (const yaml::Member& member : conf.members()) {
      if (std::ranges::find(params, member.key) != params.end())
        continue;
      const auto near = base::DidYouMean(member.key, params);
      errors(dag).Add(member.key_mark,
                      Cat("the DAG '",
                          target.id.str(),
                          "' has no param '",
                          member.key,
                          "'",
                          near ? Cat("; did you mean '", *near, "'?") : ""));
    }
  }

  // Params that have no default, and that the job does not give.
  void CheckMissing(size_t dag,
                    const JobDraft& job,
                    const model::TriggerWork& work,
                    const model::Dag& target) {
    for (const auto& param : target.param_schemas) {
      if (target.params.contains(param.key()) || work.conf.contains(param.key()))
        continue;
      errors(dag).Add(MarkOf(job, job.trigger_conf ? "conf" : "trigger_dag_id"),
                      Cat("the run of '",
                          target.id.str(),
                          "' would be refused: its param '",
                          std::string_view(param.key()),
                          "' has no default, and 'conf' does not give it"));
    }
  }

  // The way from a DAG back to itself, as DAGs; empty if there is none.
  std::vector<size_t> WayBack(size_t from) const {
    std::map<size_t, size_t> before;
    std::vector<size_t> open{from};
    for (size_t at = 0; at < open.size(); ++at) {
      for (const Target& target : targets_[open[at]]) {
        if (target.dag == from) {
          std::vector<size_t> way{open[at]};
          while (way.back() != from)
            way.push_back(before.at(way.back()));
          std::ranges::reverse(way);
          return way;
        }
        if (before.try_emplace(target.dag, open[at]).second)
          open.push_back(target.dag);
      }
    }
    return {};
  }

  // Each DAG is named in one cycle at most. It may be meant: a job may fail, or be skipped.
  void ReportCycles() {
    std::set<size_t> told;
    for (size_t dag = 0; dag < drafts_.size(); ++dag) {
      if (told.contains(dag))
        continue;
      const std::vector<size_t> way = WayBack(dag);
      if (way.empty())
        continue;
      told.insert(way.begin(), way.end());
      std::string text;
      for (const size_t each : way)
        text += Cat(drafts_[each].dag.id.str(), " -> ");
      const size_t next = way.size() > 1 ? way[1] : dag;
      const auto first = std::ranges::find(targets_[dag], next, &Target::dag);
      drafts_[dag].report->warnings.Add(first->mark,
                                        Cat("these DAGs trigger each other without end: ",
                                            text,
                                            drafts_[dag].dag.id.str(),
                                            "; a 'when' on one of the jobs can end it"));
    }
  }

  std::vector<DagDraft>& drafts_;
  const ResolveOptions options_;
  std::map<std::string, size_t> places_;      // by dag_id
  std::vector<std::vector<Target>> targets_;  // by draft: of jobs without a condition
};

}  // namespace

void ReadTrigger(yaml::MapReader& reader, yaml::Diagnostics* errors, JobDraft* job) {
  model::TriggerWork& work = std::get<model::TriggerWork>(job->settings.work);
  work.dag = reader.Required<std::string>("trigger_dag_id").value_or("");
  work.run_id = reader.Optional<std::string>("trigger_run_id").value_or("");
  work.logical_date = reader.Optional<std::string>("logical_date").value_or("");
  if (const auto conf = reader.Optional<yaml::Node>("conf")) {
    if (const auto read = yaml::Read<json::object>(*conf, "'conf'", errors)) {
      work.conf = *read;
      job->trigger_conf = *conf;
    }
  }
  work.resets = reader.Optional<bool>("reset_dag_run").value_or(false);
  work.skips = reader.Optional<bool>("skip_when_already_exists").value_or(false);
  if (work.resets && work.skips)
    reader.Error("skip_when_already_exists",
                 "give 'reset_dag_run' or 'skip_when_already_exists', not both");
  work.fails_if_paused = reader.Optional<bool>("fail_when_dag_is_paused").value_or(false);
  ReadWait(reader, work);
  for (const std::string_view key : kKeys)
    job->trigger_marks.emplace(key, reader.MarkOf(key));
  if (!work.dag.empty() && !HasTemplate(work.dag) && !IsDagId(work.dag))
    reader.Error("trigger_dag_id", Cat("'", work.dag, "' is no dag_id"));
}

void RefuseTrigger(yaml::MapReader& reader) {
  for (const std::string_view key : kKeys) {
    if (reader.node().Find(key) == nullptr)
      continue;
    reader.Take(key);
    reader.Error(key, Cat("'", key, "' is for jobs of type trigger_dag_run"));
  }
}

void CheckTriggers(std::vector<DagDraft>& drafts, const ResolveOptions& options) {
  TriggerChecker(drafts, options).Run();
}

}  // namespace dagfile
