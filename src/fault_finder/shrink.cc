#include "fault_finder/shrink.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace fault_finder {

namespace {

using simulation::DagSpec;
using simulation::JobSpec;

constexpr int kMostTrials = 3000;

class Shrinker {
 public:
  Shrinker(const Plan& plan, const std::function<void(const Shrunk&)>& on_smaller)
      : on_smaller_(on_smaller) {
    best_ = {plan, Play(plan), 1};
    rule_ = best_.result.Rule();
  }

  Shrunk Run() {
    bool is_smaller = !best_.result.ok();
    // It is known of the whole plan alone.
    Plan of_any_end = best_.plan;
    of_any_end.ending = {};
    Try(std::move(of_any_end));
    while (is_smaller && best_.trials < kMostTrials) {
      is_smaller = DropDisturbances();
      is_smaller = DropDags() || is_smaller;
      is_smaller = DropJobs() || is_smaller;
      is_smaller = Simplify() || is_smaller;
    }
    return std::move(best_);
  }

 private:
  bool Try(Plan plan) {
    if (best_.trials >= kMostTrials)
      return false;
    ++best_.trials;
    Result result = Play(plan);
    if (result.Rule() != rule_)
      return false;
    best_.plan = std::move(plan);
    best_.result = std::move(result);
    on_smaller_(best_);
    return true;
  }

  // In ever smaller chunks.
  bool DropDisturbances() {
    bool any = false;
    for (size_t chunk = std::max<size_t>(1, best_.plan.disturbances.size() / 2); chunk > 0;
         chunk /= 2) {
      for (size_t at = 0; at < best_.plan.disturbances.size();) {
        Plan smaller = best_.plan;
        auto& all = smaller.disturbances;
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
        all.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(chunk, all.size() - at)));
        if (Try(std::move(smaller)))
          any = true;
        else
          at += chunk;
      }
    }
    return any;
  }

  // Also the condition that asks how those have ended.
  static void DropEdges(JobSpec& job, const auto& names) {
    if (std::erase_if(job.cross, names) > 0 && job.when.starts_with("states["))
      job.when.clear();
  }

  // What refers to a DAG by its place goes with it, or moves up.
  static Plan WithoutDag(Plan plan, int dag) {
    plan.work.dags.erase(plan.work.dags.begin() + dag);
    for (DagSpec& spec : plan.work.dags) {
      for (JobSpec& job : spec.jobs) {
        DropEdges(job, [&](const JobSpec::Cross& cross) { return cross.dag == dag; });
        for (JobSpec::Cross& cross : job.cross)
          cross.dag -= cross.dag > dag;
        if (job.trigger.dag == dag) {
          job.trigger = {};
          job.is_empty = true;
        }
        job.trigger.dag -= job.trigger.dag > dag;
      }
    }
    return plan;
  }

  bool DropDags() {
    bool any = false;
    for (int dag = static_cast<int>(best_.plan.work.dags.size()) - 1;
         dag >= 0 && best_.plan.work.dags.size() > 1;
         --dag)
      any = Try(WithoutDag(best_.plan, dag)) || any;
    return any;
  }

  static Plan WithoutJob(Plan plan, size_t dag, int job) {
    std::vector<JobSpec>& jobs = plan.work.dags[dag].jobs;
    jobs.erase(jobs.begin() + job);
    for (JobSpec& other : jobs) {
      std::erase(other.upstream, job);
      if (other.teardown_of == job)
        other.teardown_of = -1;
      other.teardown_of -= other.teardown_of > job;
      for (int& up : other.upstream)
        up -= up > job;
    }
    for (DagSpec& spec : plan.work.dags) {
      for (JobSpec& other : spec.jobs) {
        DropEdges(other, [&](const JobSpec::Cross& cross) {
          return cross.dag == static_cast<int>(dag) && cross.job == job;
        });
        for (JobSpec::Cross& cross : other.cross)
          cross.job -= cross.dag == static_cast<int>(dag) && cross.job > job;
      }
    }
    return plan;
  }

  bool DropJobs() {
    bool any = false;
    for (size_t dag = 0; dag < best_.plan.work.dags.size(); ++dag) {
      for (int job = static_cast<int>(best_.plan.work.dags[dag].jobs.size()) - 1;
           job >= 0 && best_.plan.work.dags[dag].jobs.size() > 1;
           --job)
        any = Try(WithoutJob(best_.plan, dag, job)) || any;
    }
    return any;
  }

  // One change of the plan, tried; nothing where it changes nothing.
  template <typename Change>
  bool TryWith(Change change) {
    Plan simpler = best_.plan;
    return change(simpler) && Try(std::move(simpler));
  }

  template <typename T>
  static bool Set(T& value, T to) {
    return std::exchange(value, to) != to;
  }

  bool Simplify() {
    bool any = TryWith([](Plan& plan) {
      return Set(
          plan.work.fires_for,
          std::max(base::Duration(base::minutes(10)), base::Duration(plan.work.fires_for / 2)));
    });
    any = TryWith([](Plan& plan) { return !std::exchange(plan.timing.steps, {}).empty(); }) || any;
    for (size_t d = 0; d < best_.plan.work.dags.size(); ++d) {
      any = TryWith(
                [&](Plan& plan) { return !std::exchange(plan.work.dags[d].groups, {}).empty(); }) ||
            any;
      for (size_t j = 0; j < best_.plan.work.dags[d].jobs.size(); ++j) {
        auto job = [&](auto change) {
          any = TryWith([&](Plan& plan) { return change(plan.work.dags[d].jobs[j]); }) || any;
        };
        job([](JobSpec& spec) { return Set(spec.lanes, 0); });
        job([](JobSpec& spec) { return Set(spec.items_again, -1); });
        job([](JobSpec& spec) { return Set(spec.items, -1); });
        job([](JobSpec& spec) { return Set(spec.steps, 1); });
        job([](JobSpec& spec) { return Set(spec.is_long, false); });
        job([](JobSpec& spec) { return Set(spec.goes_on, false); });
        job([](JobSpec& spec) { return Set(spec.has_groups, false); });
        job([](JobSpec& spec) { return Set(spec.has_patch, false); });
        job([](JobSpec& spec) { return Set(spec.resumes, false); });
        job([](JobSpec& spec) { return Set(spec.backs_off, false); });
        job([](JobSpec& spec) { return Set(spec.core_type, std::string("m5.xlarge")); });
        job([](JobSpec& spec) { return Set(spec.pool, std::string("default_pool")); });
      }
    }
    for (size_t i = 0; i < best_.plan.disturbances.size(); ++i) {
      auto one = [&](auto change) {
        any = TryWith([&](Plan& plan) { return change(plan.disturbances[i]); }) || any;
      };
      one([](Disturbance& d) {
        CrowdOfClusters* crowd = std::get_if<CrowdOfClusters>(&d);
        return crowd != nullptr && Set(crowd->clusters, std::max(int64_t{1}, crowd->clusters / 2));
      });
      one([](Disturbance& d) {
        EmrFault* emr = std::get_if<EmrFault>(&d);
        return emr != nullptr && Set(emr->fault.count, int64_t{1});
      });
      one([](Disturbance& d) {
        LostTail* tail = std::get_if<LostTail>(&d);
        return tail != nullptr && tail->commits > 1 && Set(tail->commits, tail->commits / 2);
      });
    }
    return any;
  }

  const std::function<void(const Shrunk&)>& on_smaller_;
  Shrunk best_;
  std::string rule_;
};

}  // namespace

Shrunk Shrink(const Plan& plan, const std::function<void(const Shrunk&)>& on_smaller) {
  return Shrinker(plan, on_smaller).Run();
}

size_t CountJobs(const Plan& plan) {
  return std::accumulate(
      plan.work.dags.begin(), plan.work.dags.end(), size_t{0}, [](size_t sum, const DagSpec& dag) {
        return sum + dag.jobs.size();
      });
}

}  // namespace fault_finder
