#include "virtual_estate.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "engine/invariants.h"

namespace sim {

namespace {

constexpr base::Duration kLatency = base::milliseconds(100);
constexpr base::Duration kTimeout = base::seconds(10);  // of a call, in world time as in wall time
constexpr base::Duration kRestart = base::seconds(20);

driver::Reply ToReply(const emulator::Reply& in, base::Time sent_at) {
  driver::Reply out;
  out.sent_at = sent_at;
  if (in.http_status / 100 == 2)
    out.body = in.body;
  else
    out.error = wire::ParseAwsError(
        in.http_status, [](std::string_view) { return std::nullopt; }, json::serialize(in.body));
  return out;
}

driver::Reply Lost(base::Time sent_at) {
  driver::Reply reply;
  reply.sent_at = sent_at;
  reply.error = wire::AwsError{wire::ErrorClass::kMayHaveHappened, "", "", "no reply", 0, ""};
  return reply;
}

// Of clusters, as history tells it.
std::vector<std::string> PhasesThatWentBack(store::Reader& reader) {
  std::vector<std::string> out;
  std::map<std::string, int> ranks;
  const auto history = reader.History(0, 100'000);
  for (const model::HistoryRow& row : *history) {
    const auto phase = model::ParseClusterPhase(row.to);
    if (!row.entity.starts_with("cluster ") || !phase)
      continue;
    int& rank = ranks.try_emplace(row.entity, 0).first->second;
    if (Rank(*phase) < rank)
      out.push_back(base::Cat(row.entity, " went back to ", row.to, " (I5)"));
    rank = Rank(*phase);
  }
  return out;
}

}  // namespace

void CrashPlan::Around(const std::function<void()>& effect) {
  ++count_;
  bool here = count_ == point_.effect;
  if (here && point_.when == When::kBefore)
    throw Crash{};
  effect();
  if (here)
    throw Crash{};
}

void VirtualWorld::Submit(const driver::Call& call) {
  crashes_.Around([&] {
    auto request = base::ParseJson(call.body);
    emulator::Reply reply = emr_.Handle(call.action, *request, now_);
    views_.Distort(call, reply);
    Answer(call, reply);
  });
}

void VirtualWorld::Answer(const driver::Call& call, const emulator::Reply& reply) {
  switch (reply.delivery) {
    case emulator::Reply::Delivery::kNormal:
      replies_.insert({now_ + kLatency, {call.id, ToReply(reply, now_)}});
      return;
    case emulator::Reply::Delivery::kDrop:
      replies_.insert(
          {now_ + std::min(kTimeout, kLatency + reply.wall_delay), {call.id, Lost(now_)}});
      return;
    case emulator::Reply::Delivery::kDelay:
      if (reply.wall_delay + kLatency > kTimeout)
        replies_.insert({now_ + kTimeout, {call.id, Lost(now_)}});
      else
        replies_.insert({now_ + kLatency + reply.wall_delay, {call.id, ToReply(reply, now_)}});
      return;
  }
}

std::optional<base::Time> VirtualWorld::NextReply() const {
  return replies_.empty() ? std::nullopt : std::optional<base::Time>(replies_.begin()->first);
}

void VirtualWorld::AdvanceTo(base::Time time) {
  now_ = std::max(now_, time);
}

void VirtualWorld::Deliver(driver::Driver& driver) {
  while (!replies_.empty() && replies_.begin()->first <= now_) {
    auto [id, reply] = std::move(replies_.begin()->second);
    replies_.erase(replies_.begin());
    driver.OnReply(id, reply);
  }
}

class Estate::CrashingStore : public store::Store {
 public:
  explicit CrashingStore(CrashPlan& crashes)
      : memory_({"sim", "0123456789abcdef0123456789abcdef", 0}), crashes_(crashes) {}

  base::Result<model::Snapshot> Load(base::Time since) override { return memory_.Load(since); }
  base::Result<model::Snapshot> Reload(base::Time since) override { return memory_.Reload(since); }
  store::CommitResult Commit(const std::vector<model::Change>& batch, int64_t epoch) override {
    store::CommitResult result;
    crashes_.Around([&] { result = memory_.Commit(batch, epoch); });
    return result;
  }
  bool ReleaseReserve() override { return memory_.ReleaseReserve(); }
  bool HoldReserve() override { return memory_.HoldReserve(); }
  store::Reader& reader() override { return memory_.reader(); }

 private:
  store::MemoryStore memory_;
  CrashPlan& crashes_;
};

Estate::Estate(EstateOptions options)
    : options_(std::move(options)),
      emr_(options_.emr),
      world_(options_.start, emr_, crashes_, options_.views),
      store_(std::make_unique<CrashingStore>(crashes_)),
      people_(options_.deeds, options_.start, options_.dags.front()) {}

Estate::~Estate() = default;

store::Store& Estate::store() {
  return *store_;
}

void Estate::Run(CrashPoint first, CrashPoint second) {
  for (CrashPoint point : {first, second, CrashPoint{}}) {
    crashes_.Arm(point);
    try {
      Live();
      return;
    } catch (const Crash&) {
      driver_.reset();
      people_.OnCrash();
      world_.DropReplies();
      world_.AdvanceTo(world_.Now() + kRestart);
    }
  }
}

void Estate::Live() {
  auto driver = driver::Driver::Create(options_.driver, world_, *store_, zones_);
  if (!driver) {
    broken_.push_back("the driver does not start: " + driver.error().message);
    return;
  }
  driver_ = std::move(*driver);
  driver_->Post(model::ProjectLoaded{options_.dags, options_.pools});
  const base::Time limit = options_.start + options_.time_limit;
  while (world_.Now() < limit) {
    world_.Deliver(*driver_);
    people_.Ask(*driver_, store_->reader(), world_.Now());
    const int effects = crashes_.count();
    driver_->Pump();
    if (crashes_.count() > effects)
      effect_times_.push_back(world_.Now());
    CheckInvariants();
    at_rest_ = AtRest();
    if (at_rest_ || driver_->fatal() || !broken_.empty())
      return;
    std::optional<base::Time> next = world_.NextReply();
    driver::Earlier(next, driver_->NextWake());
    driver::Earlier(next, people_.NextDue());
    if (!next)
      return;
    world_.AdvanceTo(std::max(*next, world_.Now() + base::milliseconds(1)));
  }
}

void Estate::CheckInvariants() {
  for (std::string& breach : engine::BrokenInvariants(driver_->state()))
    broken_.push_back(base::FormatRfc3339(world_.Now()) + " " + breach);
}

// Every run of the project has ended and nothing is left to be done to any cluster.
bool Estate::AtRest() const {
  const engine::State& state = driver_->state();
  return people_.AreDone() && state.runs.empty() && state.commands.empty() && state.last_seq > 0 &&
         std::all_of(state.dags.begin(), state.dags.end(), [&](const auto& dag) {
           return dag.second.row.last_logical_date.has_value();
         });
}

std::vector<std::string> Estate::Breaches() const {
  std::vector<std::string> out = broken_;
  if (!at_rest_)
    out.push_back("it never came to rest (I10)");
  if (driver_ != nullptr && driver_->fatal())
    out.push_back("the driver gave up: " + driver_->fatal()->message);
  std::map<std::string, int> worked;
  const std::vector<emulator::ClusterTruth> clusters = emr_.Clusters();
  for (const emulator::ClusterTruth& cluster : clusters) {
    if (cluster.Live())
      out.push_back("cluster " + cluster.id + " still lives (I1): " + cluster.name);
    // "sbx-…-<token> <dag> <run> <job> try N": what follows the token is the attempt.
    if (cluster.RanSteps())
      ++worked[cluster.name.substr(cluster.name.find(' '))];
  }
  for (const auto& [attempt, count] : worked) {
    if (count > 1)
      out.push_back(base::Cat(count, " clusters ran the steps of", attempt, " (I2)"));
  }
  for (std::string& breach : PhasesThatWentBack(store_->reader()))
    out.push_back(std::move(breach));
  for (std::string& breach : people_.Breaches(clusters))
    out.push_back(std::move(breach));
  auto runs = store_->reader().Runs({});
  if (runs->rows.empty())
    out.push_back("no run was created (I3)");
  for (const model::RunRow& run : runs->rows) {
    if (!IsTerminal(run.state))
      out.push_back("run " + ToString(run.key) + " has not ended (I3)");
  }
  return out;
}

}  // namespace sim
