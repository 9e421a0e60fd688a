#pragma once

// What the tests of this module share: happenings, a project with two notifiers, an outside that
// stores and sends nothing but notes.

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "notify/desk.h"

namespace notify {

inline const base::Time kStart = *base::ParseTime("2026-01-05T02:00:00Z");

inline Notifier NotifierOf(const std::string& name, NotifierType type = NotifierType::kWebhook) {
  Notifier notifier;
  notifier.name = name;
  notifier.type = type;
  return notifier;
}

// A DAG `reports`: train in lanes 1 and 2, publish after both; `weekly` waits for publish.
inline std::shared_ptr<const model::Dag> Reports(std::vector<model::NotificationRule> rules) {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId("reports");
  for (const char* lane : {"1", "2"}) {
    model::Job job;
    job.id = model::JobId("train");
    job.lane = model::LaneId(lane);
    dag->jobs.push_back(job);
  }
  model::Job publish;
  publish.id = model::JobId("publish");
  publish.upstream = {0, 1};
  dag->jobs.push_back(publish);
  dag->notifications = std::move(rules);
  return dag;
}

inline model::NotificationRule Rule(std::vector<model::Occasion> on, std::vector<std::string> to) {
  return {.on = std::move(on), .to = std::move(to), .emails = {}, .title = "", .text = ""};
}

inline std::shared_ptr<const Routes> RoutesOf(std::vector<model::NotificationRule> rules,
                                              std::vector<Notifier> notifiers) {
  return std::make_shared<const Routes>(Estate{.deployment = "demo",
                                               .url = "https://box",
                                               .dags = {Reports(std::move(rules))},
                                               .deadlines = {},
                                               .rules = {},
                                               .notifiers = std::move(notifiers)});
}

inline model::HistoryRow TaskRow(int64_t seq,
                                 base::Time at,
                                 const std::string& lane,
                                 const std::string& to,
                                 const std::string& cause = "its step failed") {
  const model::JobKey job{
      {model::DagId("reports"), model::RunId("r1")}, model::JobId("train"), model::LaneId(lane)};
  return {.seq = seq,
          .at = at,
          .subject = model::SubjectOf(job, base::Cat("train_", lane, ".wait_cluster_termination")),
          .from = "deferred",
          .to = to,
          .cause = cause,
          .by = {}};
}

inline Happening Failed(int64_t seq, base::Time at, const std::string& lane = "1") {
  return *HappeningOf(TaskRow(seq, at, lane, "failed"), {});
}

inline Happening Succeeded(int64_t seq, base::Time at, const std::string& lane = "1") {
  return *HappeningOf(TaskRow(seq, at, lane, "success"), {});
}

inline Happening OfRun(int64_t seq, base::Time at, const std::string& to) {
  return *HappeningOf({.seq = seq,
                       .at = at,
                       .subject = model::SubjectOf({model::DagId("reports"), model::RunId("r1")}),
                       .from = "running",
                       .to = to,
                       .cause = "all jobs have ended",
                       .by = {}},
                      {});
}

}  // namespace notify
