#include "work/emr/subjects.h"

#include "base/text.h"

namespace work {

namespace {

model::Subject Of(model::EntityKind kind, std::string text, const model::JobKey& job) {
  return {.kind = kind,
          .text = std::move(text),
          .dag = job.run.dag,
          .run = job.run.run,
          .job = job.job,
          .lane = job.lane,
          .index = job.index};
}

model::Subject OfCluster(model::EntityKind kind,
                         std::string text,
                         const model::ClusterRow& cluster) {
  const model::JobKey job = cluster.attempt ? cluster.attempt->job : model::JobKey();
  model::Subject subject = Of(kind, std::move(text), job);
  subject.cluster = cluster.id;
  return subject;
}

}  // namespace

model::Subject SubjectOf(const model::LaunchRow& launch) {
  model::Subject subject =
      Of(model::EntityKind::kLaunch, base::Cat("launch ", launch.token.str()), launch.attempt.job);
  subject.cluster = launch.cluster;
  return subject;
}

model::Subject SubjectOf(const model::ClusterRow& cluster) {
  return OfCluster(model::EntityKind::kCluster, base::Cat("cluster ", cluster.id.str()), cluster);
}

model::Subject SubjectOf(const model::ClusterRow& cluster, const model::StepView& step) {
  return OfCluster(
      model::EntityKind::kStep, base::Cat("step ", cluster.id.str(), "/", step.id), cluster);
}

}  // namespace work
