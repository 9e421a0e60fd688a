#include "forecast/outlook.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace forecast {

namespace {

size_t At(int id) {
  return static_cast<size_t>(id) * kPasses;
}

Seconds Quantile(const std::vector<Seconds>& all, int id, double q) {
  std::array<Seconds, kPasses> ends{};
  std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(At(id)), kPasses, ends.begin());
  const auto rank = std::clamp<int>(static_cast<int>(std::ceil(q * kPasses)) - 1, 0, kPasses - 1);
  std::nth_element(ends.begin(), ends.begin() + rank, ends.end());
  return ends[static_cast<size_t>(rank)];
}

double ShareOfMisses(const std::vector<Seconds>& ends,
                     const std::vector<char>& fails,
                     int id,
                     Seconds by) {
  int misses = 0;
  for (size_t pass = 0; pass < kPasses; ++pass) {
    const Seconds end = ends[At(id) + pass];
    misses += end > by || end >= kNever || fails[At(id) + pass] != 0 ? 1 : 0;
  }
  return static_cast<double>(misses) / kPasses;
}

// By run: whether its end depends on a job of which nothing is known, its own or another DAG's.
std::vector<char> UnknownEnds(const Network& network) {
  std::vector<char> unknown(network.runs.size(), 0);
  const bool knows_all = std::ranges::none_of(
      network.pasts, [](const Past& past) { return past.basis == Basis::kUnknown; });
  for (bool is_new = !knows_all; is_new;) {
    is_new = false;
    for (const Job& job : network.jobs) {
      char& of_run = unknown[static_cast<size_t>(job.run)];
      const bool is_unknown =
          job.past >= 0 && network.pasts[static_cast<size_t>(job.past)].basis == Basis::kUnknown;
      const bool waits = std::ranges::any_of(job.after_success, [&](int up) {
        return unknown[static_cast<size_t>(network.jobs[static_cast<size_t>(up)].run)] != 0;
      });
      if (of_run == 0 && (is_unknown || waits)) {
        of_run = 1;
        is_new = true;
      }
    }
  }
  return unknown;
}

}  // namespace

Outlook::Outlook(Network network)
    : network_(std::move(network)),
      run_ends_(At(static_cast<int>(network_.runs.size()))),
      job_ends_(At(static_cast<int>(network_.jobs.size()))),
      run_fails_(run_ends_.size()),
      job_fails_(job_ends_.size()) {
  Passes passes(network_);
  for (int pass = 0; pass < kPasses; ++pass) {
    const Future& future = passes.Draw(pass);
    for (size_t run = 0; run < network_.runs.size(); ++run) {
      run_ends_[run * kPasses + static_cast<size_t>(pass)] = future.run_ends[run];
      run_fails_[run * kPasses + static_cast<size_t>(pass)] = future.run_fails[run];
    }
    for (size_t job = 0; job < network_.jobs.size(); ++job) {
      job_ends_[job * kPasses + static_cast<size_t>(pass)] = future.ends[job];
      job_fails_[job * kPasses + static_cast<size_t>(pass)] = future.fails[job];
    }
  }
  typical_ = passes.Draw(kTypical);
  unknown_ = UnknownEnds(network_);
}

Seconds Outlook::RunFinish(int run, double q) const {
  return Quantile(run_ends_, run, q);
}

Seconds Outlook::JobFinish(int job, double q) const {
  return Quantile(job_ends_, job, q);
}

double Outlook::RunMisses(int run, Seconds by) const {
  return ShareOfMisses(run_ends_, run_fails_, run, by);
}

double Outlook::JobMisses(int job, Seconds by) const {
  return ShareOfMisses(job_ends_, job_fails_, job, by);
}

std::vector<PathStep> Outlook::CriticalPath(int run) const {
  int last = -1;
  for (int job : network_.runs[static_cast<size_t>(run)].jobs) {
    if (last < 0 ||
        typical_.ends[static_cast<size_t>(job)] > typical_.ends[static_cast<size_t>(last)])
      last = job;
  }
  std::vector<PathStep> path;
  // What let a job begin began before it; a bound all the same.
  for (int job = last; job >= 0 && path.size() <= network_.jobs.size();
       job = typical_.because[static_cast<size_t>(job)]) {
    if (network_.jobs[static_cast<size_t>(job)].index != kBegins)
      path.push_back({job,
                      typical_.begins[static_cast<size_t>(job)],
                      typical_.ends[static_cast<size_t>(job)]});
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<Seconds> Outlook::SlackOf(int run) const {
  const std::vector<int>& jobs = network_.runs[static_cast<size_t>(run)].jobs;
  std::vector<int> by_begin = jobs;
  std::sort(by_begin.begin(), by_begin.end(), [&](int a, int b) {
    return typical_.begins[static_cast<size_t>(a)] > typical_.begins[static_cast<size_t>(b)];
  });
  const Seconds end = typical_.run_ends[static_cast<size_t>(run)];
  std::vector<Seconds> latest(network_.jobs.size(), end);
  // A job ends before its followers begin, so those that begin last are judged first.
  for (int job : by_begin) {
    const auto at = static_cast<size_t>(job);
    const Seconds must_begin = latest[at] - (typical_.ends[at] - typical_.begins[at]);
    for (int up : network_.jobs[at].after)
      latest[static_cast<size_t>(up)] = std::min(latest[static_cast<size_t>(up)], must_begin);
  }
  std::vector<Seconds> slack;
  slack.reserve(jobs.size());
  for (int job : jobs)
    slack.push_back(latest[static_cast<size_t>(job)] - typical_.ends[static_cast<size_t>(job)]);
  return slack;
}

Basis Outlook::BasisOf(int run) const {
  Basis weakest = Basis::kHistory;
  for (int id : network_.runs[static_cast<size_t>(run)].jobs) {
    const int past = network_.jobs[static_cast<size_t>(id)].past;
    if (past >= 0)
      weakest = std::max(weakest, network_.pasts[static_cast<size_t>(past)].basis);
  }
  return weakest;
}

std::string Outlook::WithoutHistory(int run) const {
  constexpr size_t kNamed = 3;
  std::vector<std::string> names;
  Basis weakest = Basis::kHistory;
  for (int id : network_.runs[static_cast<size_t>(run)].jobs) {
    const Job& job = network_.jobs[static_cast<size_t>(id)];
    if (job.past < 0 || network_.pasts[static_cast<size_t>(job.past)].basis <= Basis::kExpected)
      continue;
    weakest = std::max(weakest, network_.pasts[static_cast<size_t>(job.past)].basis);
    std::string name = DisplayName(job.job, job.lane);
    if (names.empty() || names.back() != name)  // instances are alike
      names.push_back(std::move(name));
  }
  if (names.empty())
    return KnowsEnd(run) ? "" : "what it waits for has no history";
  const size_t more = names.size() - std::min(names.size(), kNamed);
  names.resize(names.size() - more);
  return base::Cat("no history of ",
                   base::Join(names, ", "),
                   more > 0 ? base::Cat(" and ", more, " more") : "",
                   weakest == Basis::kDag      ? ": the other jobs of the DAG stand for it"
                   : weakest == Basis::kEstate ? ": the jobs of other DAGs stand for it"
                                               : ", nor of any other job",
                   "; set expected_duration");
}

std::string Outlook::WhyNever(int run) const {
  const Run& of = network_.runs[static_cast<size_t>(run)];
  if (typical_.run_ends[static_cast<size_t>(run)] < kNever)
    return "";
  for (int id : of.jobs) {
    const Job& job = network_.jobs[static_cast<size_t>(id)];
    if (!job.stuck.empty())
      return base::Cat(DisplayName(job.job, job.lane), ": ", job.stuck);
  }
  if (const std::string& held = network_.dags[static_cast<size_t>(of.dag)].held; !held.empty())
    return held;
  for (int id : of.jobs) {
    for (int up : network_.jobs[static_cast<size_t>(id)].after_success) {
      const Job& other = network_.jobs[static_cast<size_t>(up)];
      if (typical_.ends[static_cast<size_t>(up)] >= kNever)
        return base::Cat("it waits for ",
                         network_.runs[static_cast<size_t>(other.run)].key.dag.str(),
                         "/",
                         DisplayName(other.job, other.lane),
                         ", which does not end either");
    }
  }
  return "runs before it do not end (max_active_runs)";
}

std::string_view ToString(Basis basis) {
  switch (basis) {
    case Basis::kHistory:
      return "history";
    case Basis::kExpected:
      return "expected_duration";
    case Basis::kDag:
      return "dag";
    case Basis::kEstate:
      return "estate";
    case Basis::kUnknown:
      return "unknown";
  }
  return "?";
}

}  // namespace forecast
