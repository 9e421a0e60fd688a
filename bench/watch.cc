// What watching costs and how soon it sees: hours of virtual time in which each lane runs one
// 60-minute cluster after the other, EMR's default quotas enforced. The real driver and engine, a
// store in memory, the emulator's model with its events; beside them, in the same run and with
// quotas of their own, what it would take to have a sensor for each cluster that calls
// DescribeCluster once a minute (and, when throttled, four times more after 1, 2, 4 and 8 s).
//
// Printed: EMR read calls per cluster-hour, looks at nodes among them, and the delay from the
// cluster's end in EMR to the launch of the next one. Exit code 1 if it is not as wanted: with
// events 15 times fewer reads than the sensors and p99 within 2 s, without events 6 times fewer and
// within 60 s, and nothing of ours throttled.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "account.h"
#include "base/check.h"
#include "base/text.h"
#include "emulator/emulator.h"
#include "emulator/quotas.h"
#include "simulation/event_bus.h"
#include "simulation/state_table.h"
#include "store/memory_store.h"

namespace {

constexpr base::Duration kWarmUp = base::hours(2);
constexpr base::Duration kMeasured = base::hours(3);

enum class Mode { kEvents, kNoEvents, kSampled };

const char* NameOf(Mode mode) {
  switch (mode) {
    case Mode::kEvents:
      return "adaptive, events";
    case Mode::kNoEvents:
      return "adaptive, no events";
    case Mode::kSampled:
      return "sampled";
  }
  return "";
}

// One sensor for each cluster, against quotas of their own: DescribeCluster once a minute. In their
// favour it knows by itself when its cluster has ended; a real one asks until it is answered.
class Sensors : public simulation::Actor {
 public:
  explicit Sensors(emulator::Emulator& emr) : emr_(emr) {}

  void Watch(base::Time now, const emulator::Cluster& cluster) {
    due_.emplace(now + base::minutes(1), Sensor{&cluster});
  }
  std::optional<base::Time> NextDue() const override {
    return due_.empty() ? std::nullopt : std::optional<base::Time>(due_.begin()->first);
  }
  void OnTime(base::Time now) override {
    emr_.AdvanceTo(now);
    while (!due_.empty() && due_.begin()->first <= now) {
      const base::Time at = due_.begin()->first;
      const Sensor sensor = due_.begin()->second;
      due_.erase(due_.begin());
      Ask(at, sensor);
    }
  }

  int64_t attempts = 0;
  int64_t throttled = 0;

 private:
  struct Sensor {
    const emulator::Cluster* cluster = nullptr;
    int tries = 0;
  };

  void Ask(base::Time at, Sensor sensor) {
    if (sensor.tries == 0 && sensor.cluster->Terminal())
      return;
    ++attempts;
    const bool is_answered = quotas_.Admit("DescribeCluster", at);
    throttled += !is_answered;
    sensor.tries = is_answered || sensor.tries == 4 ? 0 : sensor.tries + 1;
    const base::Duration pause =
        sensor.tries == 0 ? base::minutes(1) : base::seconds(1 << (sensor.tries - 1));
    due_.emplace(at + pause, sensor);
  }

  emulator::Emulator& emr_;
  emulator::Quotas quotas_;
  std::multimap<base::Time, Sensor> due_;
};

emulator::Options EmrOptions() {
  emulator::Options options;
  // 60 minutes from launch to end, a fifth more or less.
  options.plan.timing.provisioning = base::minutes(4);
  options.plan.timing.bootstrap = base::minutes(2);
  options.plan.timing.step = base::seconds(52 * 60 + 30);
  options.plan.timing.shutdown = base::seconds(90);
  options.events = true;
  return options;
}

// "… job3_17 try 1": the lane.
std::string LaneOf(const std::string& name) {
  const std::vector<std::string> words = base::Split(name, ' ');
  const std::string& job = words.at(words.size() - 3);
  return job.substr(job.rfind('_') + 1);
}

struct Result {
  std::map<std::string, int64_t> calls;
  int64_t throttled = 0;
  double cluster_hours = 0;
  std::vector<base::Duration> delays;  // sorted
  int64_t attempts = 0, sensors_throttled = 0;

  double PerHour(std::initializer_list<const char*> actions) const {
    int64_t sum = 0;
    for (const char* action : actions) {
      auto found = calls.find(action);
      sum += found == calls.end() ? 0 : found->second;
    }
    return static_cast<double>(sum) / cluster_hours;
  }
  double Percentile(double p) const {
    const auto place = static_cast<size_t>(p * static_cast<double>(delays.size() - 1) + 0.5);
    return static_cast<double>(delays.at(place).count()) / 1e6;
  }
};

driver::Options DriverOptions(Mode mode) {
  driver::Options options;
  options.emr.region = "us-east-1";
  if (mode == Mode::kSampled) {
    options.sources.policy = driver::WatchPolicy::kSampled;
    options.sources.table = simulation::StateTable::kName;
  }
  return options;
}

// EventBridge's latency: half a second, up to a second.
simulation::EventOptions EventOptions() {
  simulation::EventOptions options;
  options.late_at_least = base::milliseconds(300);
  options.late_at_most = base::seconds(1);
  options.seed = 1;
  return options;
}

class Run : public simulation::Witness {
 public:
  Run(Mode mode, int clusters)
      : clock_(base::ParseTime("2026-01-05").value()),
        emr_(EmrOptions()),
        network_(clock_, emr_, effects_, witnesses_),
        machine_(clock_, emr_, effects_, network_, store_, witnesses_, zones_, DriverOptions(mode)),
        events_(machine_, emr_, EventOptions(), mode == Mode::kSampled ? &table_ : nullptr),
        sensors_(emr_) {
    network_.Attach(table_);
    witnesses_.Add(this);
    if (mode != Mode::kNoEvents)
      machine_.Add(&events_);
    machine_.Add(&sensors_);
    machine_.SetProject(sim::Lanes(sim::LanesDag(clusters, 8)));
    CHECK(machine_.Start());
    RunUntil(clock_.Now() + base::seconds(1));  // the project is read
    machine_.driver().Post(
        model::TriggerRun{model::DagId("many"), model::RunId("r"), clock_.Now(), {}, "bench"},
        [](const driver::Outcome& outcome) { CHECK(outcome.has_value()); });
  }

  Result Measure() {
    const base::Time from = clock_.Now() + kWarmUp;
    const base::Time until = from + kMeasured;
    RunUntil(from);
    result_ = {};
    sensors_.attempts = sensors_.throttled = 0;
    RunUntil(until);
    result_.attempts = sensors_.attempts;
    result_.sensors_throttled = sensors_.throttled;
    for (const emulator::ClusterTruth& cluster : emr_.Clusters()) {
      const base::Time begun = std::max(cluster.created_at, from);
      const base::Time ended = std::min(cluster.ended_at.value_or(until), until);
      if (begun < ended)
        result_.cluster_hours += static_cast<double>((ended - begun).count()) / 3.6e9;
    }
    std::sort(result_.delays.begin(), result_.delays.end());
    return std::move(result_);
  }

  void OnCall(const simulation::SeenCall& call) override {
    CHECK(call.reply != nullptr);
    ++result_.calls[std::string(call.action)];
    result_.throttled += call.reply->error_code == "ThrottlingException";
    if (call.action != "RunJobFlow" || call.reply->http_status != 200)
      return;
    sensors_.Watch(call.at, emr_.clusters().back());
    NoteEnds();
    auto ended = ended_at_.find(LaneOf(base::GetString(call.request.get_object(), "Name")));
    if (ended == ended_at_.end())
      return;
    result_.delays.push_back(call.at - ended->second);
    ended_at_.erase(ended);
  }
  void OnTurn(base::Time) override { NoteEnds(); }

 private:
  void RunUntil(base::Time time) {
    machine_.Run(time);
    CHECK(!machine_.fatal());
  }

  void NoteEnds() {
    for (const json::object& line : emr_.TakeJournal()) {
      if (base::GetString(line, "change") == "cluster" &&
          base::GetString(line, "state").starts_with("TERMINATED"))
        ended_at_[LaneOf(base::GetString(line, "name"))] =
            base::ParseTime(base::GetString(line, "t")).value();
    }
  }

  simulation::Clock clock_;
  emulator::Emulator emr_;
  simulation::Effects effects_;  // nothing crashes here
  simulation::Witnesses witnesses_;
  simulation::Network network_;
  simulation::StateTable table_;
  store::MemoryStore store_{{"bench", std::string(32, '0'), 0}};
  schedule::ZoneSet zones_;
  simulation::Machine machine_;
  simulation::EventBus events_;
  Sensors sensors_;
  std::map<std::string, base::Time> ended_at_;  // by lane, until its next launch
  Result result_;
};

// Whether it is as wanted.
bool Report(Mode mode, int clusters) {
  const Result result = Run(mode, clusters).Measure();
  const double nodes = result.PerHour({"ListInstanceFleets", "ListInstanceGroups"});
  const double reads = nodes + result.PerHour({"ListClusters", "DescribeCluster", "ListSteps"});
  const double sensors = static_cast<double>(result.attempts) / result.cluster_hours;
  const double p99 = result.Percentile(0.99);
  std::printf("%4d  %-20s %7.2f %7.2f %8.1f %6.1fx %8.2f %8.2f %6zu %9lld %9lld\n",
              clusters,
              NameOf(mode),
              reads,
              nodes,
              sensors,
              sensors / reads,
              result.Percentile(0.5),
              p99,
              result.delays.size(),
              static_cast<long long>(result.throttled),
              static_cast<long long>(result.sensors_throttled));
  std::fflush(stdout);
  if (result.throttled > 0)
    return false;
  switch (mode) {
    case Mode::kEvents:
      return sensors / reads >= 15 && p99 <= 2;
    case Mode::kNoEvents:
      return sensors / reads >= 6 && p99 <= 60;
    case Mode::kSampled:
      return true;  // nothing is promised of the original design
  }
  return false;
}

}  // namespace

// watch_bench [CLUSTERS…]: 20, 200 and 500.
int main(int argc, char** argv) {
  std::vector<int> sizes;
  for (int i = 1; i < argc; ++i)
    sizes.push_back(std::atoi(argv[i]));
  if (sizes.empty())
    sizes = {20, 200, 500};
  std::puts("EMR calls per cluster-hour; seconds from a cluster's end to the next launch\n");
  std::puts(
      "up    policy                 reads   nodes  sensors  fewer      p50      p99   ends "
      "throttled  sensors'");
  bool good = true;
  for (int clusters : sizes) {
    for (Mode mode : {Mode::kEvents, Mode::kNoEvents, Mode::kSampled})
      good = Report(mode, clusters) && good;
  }
  return good ? 0 : 1;
}
