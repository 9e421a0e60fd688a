#include "forecast/pass.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <queue>

namespace forecast {

namespace {

// Of work that has begun, the length is drawn so often at the most.
constexpr int kRestDraws = 32;
// How long work lasts yet that has outlived all that is known of it: a Pareto tail. Half of it is
// over after a fifth of its time so far, one in ten is not after four fifths.
constexpr double kTail = 4;
constexpr Seconds kLeastRest = 60;

uint64_t Mix(uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

Seconds Overrun(Seconds begun, double share) {
  const double rest = begun * (std::pow(share, -1 / kTail) - 1);
  return static_cast<Seconds>(std::min<double>(rest, kNever / 2)) + kLeastRest;
}

using Drawn = Past::Attempt;
constexpr Past::End kSuccess = Past::End::kSuccess;

// Nearly normal, mean 0 and variance 1: four uniform parts of one draw.
double Normal(uint64_t draw) {
  constexpr double kPart = 65536;
  double sum = 0;
  for (int part = 0; part < 4; ++part)
    sum += static_cast<double>(draw >> (16 * part) & 0xffff) / kPart;
  return (sum - 2) * 1.7320508;
}

Seconds Scattered(Seconds took, double scatter, uint64_t draw) {
  const double factor = std::max(0.2, 1 + scatter * Normal(Mix(draw)));
  return static_cast<Seconds>(std::min<double>(took * factor, kNever - 1));
}

Drawn DrawAttempt(const Past& past, uint64_t draw) {
  if (past.attempts.empty())
    return {Scattered(past.typical, past.scatter, draw), kSuccess};
  const Past::Attempt& attempt = past.attempts[draw % past.attempts.size()];
  return {Scattered(attempt.took, past.scatter, draw), attempt.end};
}

// What is left of one that has begun: drawn until one is longer than that.
Drawn DrawRest(const Past& past, Seconds begun, uint64_t draw) {
  for (int i = 0; i < kRestDraws; ++i) {
    const Drawn whole = DrawAttempt(past, draw);
    if (whole.took > begun)
      return {whole.took - begun, whole.end};
    draw = Mix(draw);
  }
  const double share = static_cast<double>((draw >> 32) + 1) / 4294967296.0;  // above 0, up to 1
  return {Overrun(begun, share), kSuccess};
}

// The middle of what is left of the successes that are longer.
Seconds TypicalRest(const Past& past, Seconds begun) {
  if (past.typical > begun)
    return past.typical - begun;
  std::vector<Seconds> longer;
  for (const Past::Attempt& attempt : past.attempts) {
    if (attempt.end == kSuccess && attempt.took > begun)
      longer.push_back(attempt.took);
  }
  if (longer.empty())
    return Overrun(begun, 0.5);
  const auto middle = longer.begin() + static_cast<std::ptrdiff_t>((longer.size() - 1) / 2);
  std::nth_element(longer.begin(), middle, longer.end());
  return *middle - begun;
}

// All attempts of the job, one after the other.
Drawn DrawAll(const Job& job, const Past& past, int number) {
  if (number == kTypical)
    return {job.begun < 0 ? past.typical : TypicalRest(past, job.begun), kSuccess};
  uint64_t draw = Mix(job.seed + Mix(static_cast<uint64_t>(number)));
  Drawn all = job.begun < 0 ? DrawAttempt(past, draw) : DrawRest(past, job.begun, draw);
  int retries = job.retries, infra_retries = job.infra_retries;
  while (all.end != kSuccess) {
    const bool is_infra = all.end == Past::End::kInfrastructure;
    if ((is_infra ? infra_retries : retries)-- == 0)
      return all;
    draw = Mix(draw);
    const Drawn next = DrawAttempt(past, draw);
    const Seconds delay = is_infra ? job.infra_retry_delay : job.retry_delay;
    all = {std::min(all.took + delay + next.took, kNever - 1), next.end};
  }
  return all;
}

// What happens next: the earliest first, then in the order in which it was found.
struct Event {
  enum class Kind { kJobWakes, kJobEnds };
  uint64_t order = 0;  // the time, then the number: half of a pass's time goes into comparing them
  Kind kind = Kind::kJobEnds;
  int id = 0;
  Event(Seconds at, int no, Kind what, int of)
      : order(static_cast<uint64_t>(at) << 32 | static_cast<uint32_t>(no)), kind(what), id(of) {}
  Seconds at() const { return static_cast<Seconds>(order >> 32); }
  bool operator>(const Event& other) const { return order > other.order; }
};

// Who waits for a slot of a pool: the heaviest first, then who has waited longest.
struct Waiting {
  int weight = 0;
  int no = 0;
  int job = 0;
  bool operator<(const Waiting& other) const {
    return weight != other.weight ? weight < other.weight : no > other.no;
  }
};

struct PoolState {
  int free = 0;
  std::priority_queue<Waiting> waiting;
};

struct CapState {
  int64_t free = 0;
  std::priority_queue<Waiting> parked;  // out of their pools' queues
};

struct DagState {
  int active = 0;
  size_t next = 0;  // of its runs, the next to start
};

}  // namespace

class Passes::Pass {
 public:
  explicit Pass(const Network& network);
  const Future& Draw(int number);

 private:
  static constexpr int kNobody = -1;

  const Run& RunAt(int id) const { return network_.runs[static_cast<size_t>(id)]; }
  Seconds NotBefore(int run) const { return std::max(RunAt(run).not_before, 0); }
  void Reset();
  void BeginDags();
  void StartRuns(int dag, int because);
  void StartRun(int run, int because);
  // One of the things that the job waits for has happened.
  void Release(int job, int because);
  void Try(int job);
  void Begin(int job, int because);
  void End(int job, Seconds at);
  void GiveSlots(int pool, int because);
  // Adds so many times what the job uses to what is free.
  void GiveBack(const Job& job, int times);
  // A cap that has too little left for the job; null: each has enough.
  CapState* FullCap(const Job& job);
  // The job has ended: those that its caps have kept back ask again.
  void Unpark(const Job& job, int because);
  void FollowInRun(int job);
  void Push(Seconds at, Event::Kind kind, int id);
  void Handle(const Event& event);

  const Network& network_;
  std::vector<std::vector<int>> downstream_;  // of the same run
  std::vector<std::vector<int>> elsewhere_;   // of other runs
  std::vector<int> all_pending_;
  std::vector<int> due_;  // runs that are still to start, the first due first

  int number_ = 0;
  Seconds now_ = 0;
  int counter_ = 0;
  Future future_;
  std::vector<int> pending_;
  std::vector<char> spoilt_;  // an upstream job of its run has failed, and it needs success
  std::vector<int> open_;     // by run: jobs that have not ended
  std::vector<PoolState> pools_;
  std::vector<CapState> caps_;
  std::vector<DagState> dags_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

Passes::Pass::Pass(const Network& network)
    : network_(network),
      downstream_(network.jobs.size()),
      elsewhere_(network.jobs.size()),
      all_pending_(network.jobs.size()) {
  for (size_t i = 0; i < network.jobs.size(); ++i) {
    const Job& job = network.jobs[i];
    const auto id = static_cast<int>(i);
    for (int up : job.after)
      downstream_[static_cast<size_t>(up)].push_back(id);
    for (int up : job.after_success)
      elsewhere_[static_cast<size_t>(up)].push_back(id);
    // Its run's start is one of them; what is stuck waits for one thing more than will happen.
    all_pending_[i] = static_cast<int>(job.after.size() + job.after_success.size()) + 1 +
                      (job.stuck.empty() ? 0 : 1);
  }
  for (const DagRuns& dag : network.dags) {
    for (int run : dag.runs) {
      if (dag.held.empty() && !RunAt(run).has_started)
        due_.push_back(run);
    }
  }
  std::sort(due_.begin(), due_.end(), [&](int a, int b) {
    return std::pair(NotBefore(a), a) < std::pair(NotBefore(b), b);
  });
}

void Passes::Pass::Reset() {
  now_ = 0;
  counter_ = 0;
  const size_t jobs = network_.jobs.size();
  const size_t runs = network_.runs.size();
  future_.begins.assign(jobs, kNever);
  future_.ends.assign(jobs, kNever);
  future_.fails.assign(jobs, 0);
  future_.because.assign(jobs, kNobody);
  future_.run_ends.assign(runs, kNever);
  future_.run_fails.assign(runs, 0);
  pending_ = all_pending_;
  spoilt_.assign(jobs, 0);
  open_.resize(runs);
  for (size_t run = 0; run < runs; ++run)
    open_[run] = static_cast<int>(network_.runs[run].jobs.size());
  pools_.resize(network_.pools.size());
  for (size_t pool = 0; pool < pools_.size(); ++pool)
    pools_[pool] = {network_.pools[pool].slots, {}};
  caps_.resize(network_.caps.size());
  for (size_t cap = 0; cap < caps_.size(); ++cap)
    caps_[cap] = {network_.caps[cap].room, {}};
  dags_.assign(network_.dags.size(), {});
}

void Passes::Pass::Push(Seconds at, Event::Kind kind, int id) {
  events_.emplace(at, counter_++, kind, id);
}

const Future& Passes::Pass::Draw(int number) {
  number_ = number;
  Reset();
  // What holds a slot already has it before anybody asks for one.
  for (const Job& job : network_.jobs) {
    if (job.holds_slot && job.pool >= 0)
      GiveBack(job, -1);
  }
  BeginDags();
  size_t due = 0;  // of due_
  while (due < due_.size() || !events_.empty()) {
    if (events_.empty() || (due < due_.size() && NotBefore(due_[due]) <= events_.top().at())) {
      now_ = NotBefore(due_[due]);
      StartRuns(RunAt(due_[due++]).dag, kNobody);
    } else {
      const Event event = events_.top();
      events_.pop();
      now_ = event.at();
      Handle(event);
    }
  }
  return future_;
}

void Passes::Pass::BeginDags() {
  for (size_t dag = 0; dag < dags_.size(); ++dag) {
    const DagRuns& of = network_.dags[dag];
    for (int id : of.runs) {
      const Run& run = RunAt(id);
      if (run.has_started) {
        ++dags_[dag].active;
        StartRun(id, kNobody);
      }
    }
  }
}

void Passes::Pass::Handle(const Event& event) {
  switch (event.kind) {
    case Event::Kind::kJobWakes:
      Try(event.id);
      return;
    case Event::Kind::kJobEnds:
      End(event.id, event.at());
      return;
  }
}

void Passes::Pass::StartRuns(int dag, int because) {
  const DagRuns& of = network_.dags[static_cast<size_t>(dag)];
  DagState& state = dags_[static_cast<size_t>(dag)];
  while (state.next < of.runs.size()) {
    const int id = of.runs[state.next];
    const Run& run = RunAt(id);
    if (!run.has_started) {
      if (!of.held.empty() || run.not_before > now_ || state.active >= of.max_active_runs)
        return;
      ++state.active;
      ++state.next;
      StartRun(id, because);
    } else {
      ++state.next;
    }
  }
}

void Passes::Pass::StartRun(int id, int because) {
  const Run& run = RunAt(id);
  if (run.jobs.empty()) {
    future_.run_ends[static_cast<size_t>(id)] = now_;
    --dags_[static_cast<size_t>(run.dag)].active;
    return;
  }
  for (int job : run.jobs)
    Release(job, because);
}

void Passes::Pass::Release(int id, int because) {
  const auto job = static_cast<size_t>(id);
  future_.because[job] = because;
  if (--pending_[job] == 0)
    Try(id);
}

// Everything that it waits for has happened, but perhaps its time.
void Passes::Pass::Try(int id) {
  const Job& job = network_.jobs[static_cast<size_t>(id)];
  if (spoilt_[static_cast<size_t>(id)] != 0) {
    future_.begins[static_cast<size_t>(id)] = now_;
    future_.fails[static_cast<size_t>(id)] = 1;
    Push(now_, Event::Kind::kJobEnds, id);
    return;
  }
  if (job.begun < 0 &&
      !network_.dags[static_cast<size_t>(network_.runs[static_cast<size_t>(job.run)].dag)]
           .held.empty())
    return;
  if (job.not_before > now_) {
    Push(job.not_before, Event::Kind::kJobWakes, id);
    return;
  }
  if (job.pool < 0 || job.holds_slot) {
    Begin(id, future_.because[static_cast<size_t>(id)]);
    return;
  }
  PoolState& pool = pools_[static_cast<size_t>(job.pool)];
  pool.waiting.push({job.weight, counter_++, id});
  GiveSlots(job.pool, kNobody);
}

// To those in front, as long as they fit.
void Passes::Pass::GiveSlots(int id, int because) {
  PoolState& pool = pools_[static_cast<size_t>(id)];
  while (!pool.waiting.empty()) {
    const Waiting first = pool.waiting.top();
    const int next = first.job;
    const Job& job = network_.jobs[static_cast<size_t>(next)];
    CapState* full = FullCap(job);
    if (full == nullptr && job.slots > pool.free)
      return;
    pool.waiting.pop();
    if (full != nullptr) {
      full->parked.push(first);
      continue;
    }
    GiveBack(job, -1);
    Begin(next, because == kNobody ? future_.because[static_cast<size_t>(next)] : because);
  }
}

void Passes::Pass::GiveBack(const Job& job, int times) {
  pools_[static_cast<size_t>(job.pool)].free += times * job.slots;
  for (const CapUse& use : job.caps)
    caps_[static_cast<size_t>(use.cap)].free += times * use.amount;
}

CapState* Passes::Pass::FullCap(const Job& job) {
  for (const CapUse& use : job.caps) {
    CapState& cap = caps_[static_cast<size_t>(use.cap)];
    if (use.amount > cap.free)
      return &cap;
  }
  return nullptr;
}

// As long as the one in front fits. Whom another cap keeps back is parked there.
void Passes::Pass::Unpark(const Job& job, int because) {
  for (const CapUse& use : job.caps) {
    CapState& cap = caps_[static_cast<size_t>(use.cap)];
    while (!cap.parked.empty()) {
      const Waiting first = cap.parked.top();
      const Job& next = network_.jobs[static_cast<size_t>(first.job)];
      if (FullCap(next) == &cap)
        break;
      cap.parked.pop();
      pools_[static_cast<size_t>(next.pool)].waiting.push(first);
      GiveSlots(next.pool, because);
    }
  }
}

void Passes::Pass::Begin(int id, int because) {
  const Job& job = network_.jobs[static_cast<size_t>(id)];
  future_.begins[static_cast<size_t>(id)] = now_;
  future_.because[static_cast<size_t>(id)] = because;
  const Drawn drawn =
      job.past < 0 ? Drawn() : DrawAll(job, network_.pasts[static_cast<size_t>(job.past)], number_);
  future_.fails[static_cast<size_t>(id)] = drawn.end == kSuccess ? 0 : 1;
  Push(now_ + std::max(drawn.took, 0), Event::Kind::kJobEnds, id);
}

void Passes::Pass::End(int id, Seconds at) {
  const Job& job = network_.jobs[static_cast<size_t>(id)];
  future_.ends[static_cast<size_t>(id)] = at;
  const bool held = job.pool >= 0 && spoilt_[static_cast<size_t>(id)] == 0;
  if (held)
    GiveBack(job, +1);
  FollowInRun(id);
  if (future_.fails[static_cast<size_t>(id)] == 0) {
    for (int down : elsewhere_[static_cast<size_t>(id)])
      Release(down, id);
  }
  if (!held)
    return;
  GiveSlots(job.pool, id);
  Unpark(job, id);
}

void Passes::Pass::FollowInRun(int id) {
  const Job& job = network_.jobs[static_cast<size_t>(id)];
  const bool failed = future_.fails[static_cast<size_t>(id)] != 0;
  for (int down : downstream_[static_cast<size_t>(id)]) {
    if (failed && network_.jobs[static_cast<size_t>(down)].needs_success)
      spoilt_[static_cast<size_t>(down)] = 1;
    Release(down, id);
  }
  const auto run = static_cast<size_t>(job.run);
  if (failed && downstream_[static_cast<size_t>(id)].empty())
    future_.run_fails[run] = 1;
  if (--open_[run] > 0)
    return;
  future_.run_ends[run] = now_;
  const int dag = network_.runs[run].dag;
  --dags_[static_cast<size_t>(dag)].active;
  StartRuns(dag, id);
}

Passes::Passes(const Network& network) : pass_(std::make_unique<Pass>(network)) {}
Passes::~Passes() = default;

const Future& Passes::Draw(int number) {
  return pass_->Draw(number);
}

}  // namespace forecast
