// `signalbox emulator`: EMR on this machine, for demos and tests.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/event_delivery.h"
#include "cli/files.h"
#include "cli/server_log.h"
#include "emulator/fault_plan.h"
#include "emulator_http/service.h"
#include "http/loop.h"

namespace cli {

namespace {

namespace fs = std::filesystem;

// SIGNALBOX_CLOCK where it is set: all processes must agree. Else what the options say.
Outcome<base::Clock> ChooseClock(const EmulatorOptions& options) {
  const char* setting = std::getenv("SIGNALBOX_CLOCK");
  if (setting != nullptr && *setting != '\0') {
    auto clock = base::Clock::Parse(setting);
    if (!clock)
      return Fail(Exit::kEnvironment, base::Cat("SIGNALBOX_CLOCK: ", clock.error().message));
    if (options.speed || !options.world_epoch.empty())
      PrintError("signalbox: SIGNALBOX_CLOCK is set, so --speed and --world-epoch are ignored\n");
    return *clock;
  }
  if (!options.speed && options.world_epoch.empty())
    return base::Clock();
  const base::Time now = base::Clock::Wall();
  base::Time epoch = now;
  if (!options.world_epoch.empty()) {
    auto parsed = base::ParseTime(options.world_epoch);
    if (!parsed)
      return Fail(Exit::kUsage, base::Cat("--world-epoch: ", parsed.error().message));
    epoch = *parsed;
  }
  return base::Clock(epoch, options.speed.value_or(1), now);
}

Outcome<emulator::FaultPlan> ReadFaults(const std::string& path) {
  if (path.empty())
    return emulator::FaultPlan();
  auto text = ReadFile(path);
  if (!text)
    return Fail(Exit::kEnvironment, base::Cat("--faults: ", text.error().message));
  auto plan = emulator::ParseFaultPlan(*text, path);
  if (!plan)
    return Fail(Exit::kUsage, plan.error().message);
  return *std::move(plan);
}

// Processes start in folders of their own, so no path may count from ours.
Outcome<emulator_http::StepRunnerOptions> StepOptions(const EmulatorOptions& options) {
  if (options.s3_root.empty())
    return Fail(Exit::kUsage, "--steps run needs --s3-root DIR, the folder that s3:// stands for");
  emulator_http::StepRunnerOptions steps{.s3_root = fs::absolute(options.s3_root).string(),
                                         .spark_submit = options.spark_submit};
  if (steps.spark_submit.find('/') != std::string::npos)
    steps.spark_submit = fs::absolute(steps.spark_submit).string();
  const size_t cores = std::max<size_t>(1, std::thread::hardware_concurrency());
  steps.slots = options.step_slots == 0 ? cores : options.step_slots;
  steps.threads = cores >= 2 * steps.slots ? 2 : 1;
  return steps;
}

// Null where they go nowhere.
Outcome<std::unique_ptr<EventDelivery>> DeliverEvents(const EmulatorOptions& options,
                                                      http::Loop& loop,
                                                      const base::Clock& clock) {
  if (options.events.empty())
    return std::unique_ptr<EventDelivery>();
  std::string token;
  if (!options.events_token_env.empty()) {
    const char* value = std::getenv(options.events_token_env.c_str());
    if (value == nullptr || *value == '\0')
      return Fail(Exit::kEnvironment,
                  base::Cat("--events-token-env: ", options.events_token_env, " is not set"));
    token = value;
  }
  auto delivery = EventDelivery::Create(loop, clock, {options.events, options.region, token});
  if (!delivery)
    return Fail(Exit::kUsage, base::Cat("--events: ", delivery.error().message));
  return *std::move(delivery);
}

void PrintExports(const base::Clock& clock,
                  const std::string& url,
                  const EmulatorOptions& options) {
  if (std::string setting = clock.Setting(); !setting.empty())
    Print(base::Cat("export SIGNALBOX_CLOCK=", setting, "\n"));
  Print(base::Cat("export AWS_ENDPOINT_URL_EMR=", url, "\n"));
  Print(base::Cat("export AWS_ENDPOINT_URL_S3=", url, "\n"));
  if (options.key_file.empty())
    // Some programs read the one name of the region, some the other.
    Print(base::Cat("export AWS_REGION=",
                    options.region,
                    " AWS_DEFAULT_REGION=",
                    options.region,
                    " AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n"));
}

}  // namespace

Outcome<void> RunEmulator(const EmulatorOptions& options) {
  auto clock = ChooseClock(options);
  if (!clock)
    return tl::unexpected(clock.error());
  auto plan = ReadFaults(options.faults);
  if (!plan)
    return tl::unexpected(plan.error());
  emulator_http::ServiceOptions service_options{.port = options.port,
                                                .journal_path = options.journal};
  if (!options.key_file.empty()) {
    auto keys = emulator_http::ReadKeyFile(options.key_file);
    if (!keys)
      return Fail(Exit::kEnvironment, base::Cat("--key-file: ", keys.error().message));
    service_options.keys = *std::move(keys);
  }
  if (options.run_steps) {
    auto steps = StepOptions(options);
    if (!steps)
      return tl::unexpected(steps.error());
    service_options.steps = *std::move(steps);
  }

  http::Loop loop;
  auto log = ServerLog::Start(options.log, loop);
  if (!log)
    return tl::unexpected(log.error());
  auto delivery = DeliverEvents(options, loop, *clock);
  if (!delivery)
    return tl::unexpected(delivery.error());
  if (*delivery != nullptr)
    service_options.on_event = [&delivery](const json::object& event) {
      (*delivery)->Deliver(event);
    };
  emulator_http::Service service(
      loop,
      *clock,
      {.seed = options.seed, .region = options.region, .plan = *std::move(plan)},
      std::move(service_options));
  auto port = service.Start();
  if (!port)
    return FailEnvironment(port.error());
  const std::string url = base::Cat("http://127.0.0.1:", *port);
  // Before anyone is told that it runs, and may stop it.
  loop.OnSignal([&](int) { loop.Stop(); });
  Print(base::Cat("listening on ", url, "\n"));
  PrintExports(*clock, url, options);
  std::fflush(stdout);
  loop.Run();
  return {};
}

}  // namespace cli
