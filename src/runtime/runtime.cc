#include "runtime/runtime.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "aws/endpoint.h"
#include "aws/json_client.h"
#include "aws/s3.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/state.h"
#include "project/settings.h"
#include "project/zones.h"
#include "runtime/core.h"
#include "runtime/exports.h"

namespace runtime {

namespace {

constexpr base::Duration kSecretsPause = base::seconds(10);

// At high speed many wakes fall into one moment: they are taken together.
constexpr base::Duration kWakeMin = base::milliseconds(1);
// Wall clocks are set and machines sleep: a far wake is looked at again.
constexpr base::Duration kWakeMax = base::seconds(30);
// After a change in the folder: many files that are saved together are read together, at rest.
constexpr base::Duration kFolderRest = base::milliseconds(150);

const aws::Service& TargetOf(driver::Service service) {
  switch (service) {
    case driver::Service::kEmr:
      return aws::kEmr;
    case driver::Service::kDynamoDb:
      return aws::kDynamoDb;
    case driver::Service::kSqs:
      return aws::kSqs;
    case driver::Service::kS3:
      return aws::kS3;
    case driver::Service::kMachine:
      break;  // nobody's endpoint
  }
  return aws::kEmr;
}

SendNotice SenderOf(Core& core) {
  return [&core](const notify::Notifier& notifier,
                 const notify::Message& message,
                 const std::vector<std::string>& emails,
                 const std::function<void(const std::optional<notify::SendFailure>&)>& done) {
    core.notice_sender->Send(
        notifier, message, emails, [done](const tl::expected<void, SendFailure>& sent) {
          done(sent ? std::nullopt : std::optional(sent.error()));
        });
  };
}

// Whether an edit of signalbox.yaml touched what is only read at the start: all but the pools,
// the limits of jobs, what it says of money, and who hears of what.
bool NeedsRestart(dagfile::Project a, dagfile::Project b) {
  a.pools.clear();
  b.pools.clear();
  a.job_limits.clear();
  b.job_limits.clear();
  a.spend_rules = {};
  b.spend_rules = {};
  a.notifications = b.notifications;
  a.notifiers = b.notifiers;
  a.python = b.python;
  a.airflow = b.airflow;
  return a != b;
}

}  // namespace

base::Status Core::Connect() {
  const dagfile::Project& project = watch.project();
  ASSIGN_OR_RETURN(timeout, HttpTimeout(options.environment));
  ASSIGN_OR_RETURN(session,
                   aws::Session::Create(loop,
                                        {.environment = ForAws(options.environment),
                                         .profile = project.emr_profile,
                                         .region = project.region}));
  region = session->context().region;
  ASSIGN_OR_RETURN(webhook_token, WebhookToken(options.environment, project.sources));
  base::HideInLog("webhook token", webhook_token);
  RETURN_IF_ERROR(ConnectTo(driver::Service::kEmr, project.emr_endpoint));
  if (!project.sources.table.empty()) {
    RETURN_IF_ERROR(ConnectTo(driver::Service::kDynamoDb, ""));
  }
  if (!project.sources.queue_url.empty()) {
    RETURN_IF_ERROR(ConnectTo(driver::Service::kSqs, ""));
  }
  RETURN_IF_ERROR(ConnectTo(driver::Service::kS3, ""));
  ASSIGN_OR_RETURN(objects, Objects::Create(loop, *session, clock, timeout));
  notice_sender = std::make_unique<NoticeSender>(NoticeSender::Parts{
      .loop = loop,
      .clock = clock,
      .session = *session,
      .secrets = references,
      .mask = [this](std::string text) { return filler.Masked(std::move(text)); }});
  RETURN_IF_ERROR(session->AwaitCredentials());
  machine = std::make_unique<MachineCalls>(
      loop,
      clock,
      filler,
      airflow_tasks,
      machine::Options{.folder = options.processes_dir,
                       .cwd = options.project_dir,
                       .environment = EnvironmentOfCommands(options.environment)});
  world = std::make_unique<RealWorld>(clients,
                                      loop,
                                      clock,
                                      timeout,
                                      filler,
                                      *machine,
                                      [this](uint64_t call, const driver::Reply& reply) {
                                        driver->OnReply(call, reply);
                                        SchedulePump();
                                      });
  return {};
}

base::Status Core::ConnectTo(driver::Service service, const std::string& configured) {
  const aws::Context& context = session->context();
  const aws::Service& target = TargetOf(service);
  ASSIGN_OR_RETURN(http::Url endpoint,
                   aws::ResolveEndpoint(context.config, target, region, configured));
  clients[service] = std::make_unique<aws::JsonClient>(
      loop,
      context.outside,
      session->credentials(),
      context.clock,
      clock,
      aws::JsonClient::Target{
          target,
          region,
          std::move(endpoint),
          service == driver::Service::kS3 ? aws::S3Protocol() : aws::JsonProtocol()});
  return {};
}

namespace {

bool IsOfDags(const model::Change& change) {
  return std::holds_alternative<model::DagRow>(change) ||
         std::holds_alternative<model::DagRenamed>(change) ||
         std::holds_alternative<model::Deleted>(change);
}

bool IsOfSecrets(const model::Change& change) {
  if (const auto* row = std::get_if<model::RecordRow>(&change))
    return IsSealed(row->id.kind);
  const auto* dropped = std::get_if<model::RecordDropped>(&change);
  return dropped != nullptr && IsSealed(dropped->id.kind);
}

}  // namespace

base::Status Core::Load() {
  const dagfile::Project& project = watch.project();
  ASSIGN_OR_RETURN(store, options.open_store(project.deployment, project.database));
  project::Settings settings = project::MakeSettings({project, region, clock.speed(), timeout});
  for (const std::string& warning : settings.warnings)
    base::LogWarning("setting", {{"message", warning}});
  settings.driver.engine.book = &book;
  ASSIGN_OR_RETURN(driver,
                   driver::Driver::Create(std::move(settings.driver), *world, *store, zones));
  filler.RememberAll(book);
  ASSIGN_OR_RETURN(reads, ReadPool::Create(loop, *store, options.reads));
  ASSIGN_OR_RETURN(const auto last_successes, store->reader().LastSuccesses());
  tally.emplace(last_successes);
  ASSIGN_OR_RETURN(
      auto newest,
      store->reader().History({.limit = static_cast<int>(Tail::kRows), .is_newest_first = true}));
  std::ranges::reverse(newest);
  tail.emplace(std::move(newest));
  cause_watch = std::make_unique<CauseWatch>(*this);
  driver->Observe([this](const auto& committed) {
    tally->Add(committed);
    tail->Add(committed);
    dags_revision += std::ranges::any_of(committed, IsOfDags) ? 1 : 0;
    if (std::ranges::any_of(committed, IsOfSecrets))
      airflow_files.OnSecretsChanged();
    cause_watch->OnCommitted(committed);
  });
  imported_at = heartbeat = started_at = world->Now();
  in_force = project;
  RETURN_IF_ERROR(CheckRegion());
  ASSIGN_OR_RETURN(exporters, MakeExporters(*this));
  return {};
}

// A cluster of another region would be looked for in this one, taken for lost, and launched again
// beside the one that lives.
base::Status Core::CheckRegion() {
  auto refuse = [&](const std::string& other, const std::string& what) {
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("the region is ",
                                region,
                                ", and ",
                                what,
                                " of this database is still live in ",
                                other,
                                "; set emr.region back to ",
                                other,
                                " until it has ended"));
  };
  for (const auto& [id, cluster] : driver->emr().clusters) {
    if (!IsTerminal(cluster.phase) && !cluster.region.empty() && cluster.region != region)
      return refuse(cluster.region, base::Cat("the cluster ", id.str()));
  }
  bool unsettled = !driver->state().commands.empty();
  ASSIGN_OR_RETURN(auto newest, store->reader().Clusters({.limit = 1}));
  if (unsettled && !newest.rows.empty() && newest.rows[0].region != region &&
      !newest.rows[0].region.empty())
    return refuse(newest.rows[0].region, "a launch or a terminate");
  return {};
}

void Core::SchedulePump() {
  if (!started || pump_scheduled || driver->fatal())
    return;
  pump_scheduled = true;
  loop.Post([this, held = std::weak_ptr(alive)] {
    if (!held.expired())
      Pump();
  });
}

void Core::Pump() {
  pump_scheduled = false;
  if (driver->fatal())
    return;
  driver->Pump();
  next_runs = nullptr;
  blackouts = nullptr;
  heartbeat = world->Now();
  if (!driver->fatal()) {
    ArmWake();
    return;
  }
  wake.Cancel();
  folder_scan.Cancel();
  folder_look.Cancel();
  folder_events = std::nullopt;
  deadline_look.Cancel();
  base::LogError("fatal", {{"message", driver->fatal()->message}});
  if (on_fatal)
    on_fatal(*driver->fatal());
}

void Core::ArmWake() {
  std::optional<base::Time> due = driver->NextWake();
  base::Duration wait = kWakeMax;
  if (due) {
    base::Time now = world->Now();
    // A wake in the far future must not overflow: compared in world time first.
    base::Time horizon =
        now +
        base::Duration(static_cast<int64_t>(static_cast<double>(kWakeMax.count()) * clock.speed()));
    if (*due < horizon)
      wait = std::clamp(world->WaitFor(*due) + base::Duration(1), kWakeMin, kWakeMax);
  }
  wake = loop.After(wait, [this] { Pump(); });
}

namespace {

// Where DAG files of Airflow are, and what they import.
std::set<std::string> FoldersOf(const std::vector<project::FileStamp>& stamps) {
  std::set<std::string> folders;
  for (const project::FileStamp& stamp : stamps) {
    const size_t slash = stamp.path.rfind('/');
    if (slash != std::string::npos)
      folders.insert(stamp.path.substr(0, slash));
  }
  return folders;
}

}  // namespace

void Core::ScanFolder() {
  folder_scan = loop.After(options.folder_interval, [this] { ScanFolder(); });
  driver->CheckStore();
  const base::Status has_space = store->CheckSpace();
  space = has_space ? "" : has_space.error().message;
  if (folder_events)
    folder_events->Watch(FoldersOf(watch.listing().airflow));
  // Two looks that follow each other closely tell nothing of rest.
  if (!look_is_due)
    LookAtFolder(ProjectWatch::Look::kScan);
  if (!is_told)
    TellProject();
  GatherImportErrors();
  ReportHealth();
}

void Core::OnFolderEvent() {
  if (std::exchange(look_is_due, true))
    return;
  folder_look = loop.After(kFolderRest, [this] {
    look_is_due = false;
    LookAtFolder(ProjectWatch::Look::kEvent);
  });
}

void Core::LookAtFolder(ProjectWatch::Look look) {
  const dagfile::Project before = watch.project();
  switch (watch.ReadAgainIfChanged(look)) {
    case ProjectWatch::Seen::kNothing:
      return;
    case ProjectWatch::Seen::kUnrest:
      if (look == ProjectWatch::Look::kEvent)
        OnFolderEvent();
      return;
    case ProjectWatch::Seen::kNews:
      OnProjectNews(before);
  }
}

void Core::OnAirflowNews() {
  const dagfile::Project before = watch.project();
  if (watch.ReadAgain() == ProjectWatch::Seen::kNews)
    OnProjectNews(before);
}

void Core::OnProjectNews(const dagfile::Project& before) {
  imported_at = world->Now();
  ++dags_revision;
  base::LogInfo("project_read", {{"errors", watch.errors().size()}});
  if (NeedsRestart(before, watch.project()))
    base::LogWarning("setting",
                     {{"message",
                       "signalbox.yaml has changed: all but its pools, limits.active, spend_cap, "
                       "prices, notifications, notifiers, python and airflow needs a restart"}});
  if (notifications != nullptr)
    notifications->OnProject();
  airflow_files.Look(watch.project(), watch.listing().airflow);
  TellProject();
  GatherImportErrors();
}

// As Airflow exports them; those that do not open are left out.
airflow::Secrets Core::SecretsForAirflow() {
  airflow::Secrets all;
  const auto add = [&](const auto& document) {
    if constexpr (std::is_same_v<std::decay_t<decltype(document)>, secrets::Variable>)
      all.variables[document.key] = document.value;
    else
      all.connections[document.id] = secrets::ToJson(document);
  };
  for (const auto& [id, row] : driver->state().records) {
    if (id.kind == model::RecordKind::kVariable) {
      if (const auto variable = book.FindVariable(id.name, &row))
        add(*variable);
    } else if (id.kind == model::RecordKind::kConnection) {
      if (const auto connection = book.FindConnection(id.name, &row))
        add(*connection);
    }
  }
  // Names in the environment are in capitals, and files ask for them as they like: Python looks
  // there itself.
  return all;
}

namespace {

bool HasAirflowTasks(const std::shared_ptr<const model::Dag>& dag) {
  return std::ranges::any_of(dag->jobs, [](const model::Job& job) {
    const model::CommandWork* command = model::CommandOf(job);
    return command != nullptr && command->airflow;
  });
}

}  // namespace

void Core::TellProject() {
  is_told = false;
  if (!watch.CanTell() || driver->store_damage())
    return;
  is_told = true;
  model::ProjectLoaded loaded = watch.LoadedEvent(driver->state());
  if (std::ranges::any_of(loaded.dags, HasAirflowTasks))
    airflow_tasks.WarmUp();
  Post(std::move(loaded), [this](const Outcome& outcome) {
    is_told = outcome.has_value();  // the store refused it: once more at the next scan
    GatherImportErrors();
  });
}

// DAGs that stay active although their files are gone.
std::string Core::MissingFiles() const {
  constexpr size_t kNamed = 5;
  std::vector<std::string> missing;
  size_t active = 0;
  for (const auto& [id, entry] : driver->state().dags) {
    active += entry.row.is_active ? 1 : 0;
    if (entry.row.is_active && entry.row.missing_since)
      missing.push_back(entry.row.fileloc);
  }
  if (missing.empty())
    return "";
  const size_t count = missing.size();
  missing.resize(std::min(count, kNamed));
  return base::Cat(count,
                   " of ",
                   active,
                   " DAG files are gone at once",
                   watch.HasDagFiles() ? "" : ", and dags/ has none",
                   "; nothing was deactivated. Put them back, or confirm with `signalbox dags "
                   "deactivate --confirm`. Gone: ",
                   base::Join(missing, ", "),
                   count > kNamed ? base::Cat(" and ", count - kNamed, " more") : "");
}

void Core::GatherImportErrors() {
  std::vector<yaml::Diagnostic> errors = watch.errors();
  if (!watch.trouble().empty())
    errors.push_back({".", {}, watch.trouble()});
  if (std::string missing = MissingFiles(); !missing.empty()) {
    yaml::Diagnostic error{"dags", {}, std::move(missing)};
    if (std::find(import_errors->begin(), import_errors->end(), error) == import_errors->end())
      base::LogError("dags_missing", {{"message", error.message}});
    errors.push_back(std::move(error));
  }
  if (errors == *import_errors)
    return;
  import_errors = std::make_shared<const std::vector<yaml::Diagnostic>>(std::move(errors));
  if (tail)
    tail->Tell();
}

std::string Core::DatabaseTrouble() const {
  if (driver->fatal())
    return driver->fatal()->message;
  if (driver->store_damage())
    return *driver->store_damage();
  return driver->launching_held() ? base::Cat("the database refuses to write: ", driver->refusal())
                                  : "";
}

std::string Core::ProjectTrouble() const {
  if (!watch.trouble().empty())
    return watch.trouble();
  if (!watch.CanTell() && !watch.errors().empty())
    return base::Cat(watch.errors().front().ToString(), "; the project stays as it was last good");
  return MissingFiles();
}

// Now and then, for there may be thousands of them. A key that was put back is read again.
const std::string& Core::SecretsTrouble() {
  const base::Time wall = base::Clock::Wall();
  if (is_rotating || wall < secrets_looked_at + kSecretsPause)
    return secrets_trouble;
  secrets_looked_at = wall;
  if (!secrets_trouble.empty())
    book.SetKeyring(secret_keys.Load());
  const secrets::Keyring& keyring = *book.keyring();
  const bool is_given = options.environment.contains("SIGNALBOX_SECRET_KEY");
  secrets_trouble = is_given && keyring.keys().empty() ? keyring.trouble() : "";
  for (const auto& [id, row] : driver->state().records) {
    if (!IsSealed(id.kind))
      continue;
    if (const auto opened = keyring.Open(row); !opened) {
      secrets_trouble = opened.error().message;
      break;
    }
  }
  return secrets_trouble;
}

ClockState Core::Clocks() const {
  ClockState out;
  const aws::SigningClock& aws_clock = session->context().clock;
  out.skew = aws_clock.offset();
  out.ahead = world->Ahead();
  const auto span = [](base::Duration of) {
    return base::FormatDuration(std::chrono::duration_cast<base::seconds>(std::chrono::abs(of)));
  };
  if (const auto& back = world->set_back()) {
    out.since = back->since;
    out.sentence = base::Cat("this machine's clock was set back by ",
                             span(back->by),
                             "; schedules and watching go on at nine tenths of their speed until "
                             "it has caught up (",
                             span(out.ahead),
                             " are left); set the clock right");
  } else if (out.skew.count() != 0) {
    if (const auto learned = aws_clock.learned_at())
      out.since = clock.WorldAt(*learned);
    out.sentence = base::Cat("this machine's clock is ",
                             span(out.skew),
                             out.skew.count() > 0 ? " behind" : " ahead of",
                             " AWS's, whose time signs our calls; set the clock right");
  }
  return out;
}

void Core::ReportHealth() {
  const base::Time now = world->Now();
  health.Report("database", DatabaseTrouble(), now);
  health.Report("disk", space, now);
  health.Report("project", ProjectTrouble(), now);
  health.Report("clock", Clocks().sentence, now);
  health.Report("emr", world->health(driver::Service::kEmr).Trouble(now), now);
  if (clients.contains(driver::Service::kDynamoDb))
    health.Report("state_table", world->health(driver::Service::kDynamoDb).Trouble(now), now);
  if (clients.contains(driver::Service::kSqs))
    health.Report("event_queue", world->health(driver::Service::kSqs).Trouble(now), now);
  health.Report("outputs", world->health(driver::Service::kS3).Trouble(now), now);
  health.Report("processes", world->health(driver::Service::kMachine).Trouble(now), now);
  if (!webhook_token.empty())
    health.Report("webhook", driver->watcher().hints().WebhookTrouble(), now);
  health.Report("secrets", SecretsTrouble(), now);
  for (const auto& exporter : exporters)
    health.Report(exporter->name(), exporter->trouble(), now);
  health.Report("launching", driver->WhyHeld().value_or(""), now);
  if (notifications == nullptr)
    return;
  health.Report("notifiers", notifications->Trouble(), now);
  notifications->OnHealth(health.components(), now);
}

void Core::Post(decltype(model::Event::body) body, OnOutcome answer) {
  if (driver->fatal()) {
    answer(base::Fail(base::ErrorCode::kUnavailable,
                      base::Cat("stopped: ", driver->fatal()->message)));
    return;
  }
  driver->Post(std::move(body), std::move(answer));
  SchedulePump();
}

FeedSource Core::SourceOfFeeds() {
  return {.loop = loop,
          .tail = *tail,
          .reads = *reads,
          .record = [this](const model::RecordKey& id) { return views.Record(id); },
          .write =
              [this](model::ChangeRecords change, std::function<void(base::Status)> done) {
                Post(std::move(change), [done = std::move(done)](const Outcome& outcome) {
                  done(outcome ? base::Status() : base::Fail(outcome.error()));
                });
              }};
}

Runtime::Runtime(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Runtime::~Runtime() = default;

base::Result<std::unique_ptr<Runtime>> Runtime::Create(Options options,
                                                       http::Loop& loop,
                                                       base::Clock clock) {
  ASSIGN_OR_RETURN(schedule::ZoneSet zones, project::LoadZones(ZoneDirectory(options.environment)));
  auto core = std::make_unique<Core>(std::move(options), loop, clock, std::move(zones));
  RETURN_IF_ERROR(core->watch.Read());
  // Region, endpoint, credentials, time-outs: the environment's to fix, not the project's.
  if (base::Status connected = core->Connect(); !connected) {
    base::Error error = std::move(connected.error());
    if (error.code == base::ErrorCode::kInvalidArgument)
      error.code = base::ErrorCode::kUnavailable;
    return base::Fail(std::move(error));
  }
  RETURN_IF_ERROR(core->Load());
  core->GatherImportErrors();
  return std::unique_ptr<Runtime>(new Runtime(std::move(core)));
}

void Runtime::Start() {
  core_->airflow_tasks.Resume();
  core_->started = true;
  core_->airflow_files.Look(core_->watch.project(), core_->watch.listing().airflow);
  core_->TellProject();
  core_->notifications = std::make_unique<Notifications>(
      *core_, core_->options.send_notice ? core_->options.send_notice : SenderOf(*core_));
  core_->folder_events.emplace(
      core_->loop, core_->options.project_dir, [core = core_.get()] { core->OnFolderEvent(); });
  core_->ScanFolder();
  core_->JudgeDeadlines();
  core_->cause_watch->Start();
  core_->SchedulePump();
}

const std::string& Runtime::deployment() const {
  return core_->driver->state().identity.deployment;
}

const std::string& Runtime::region() const {
  return core_->region;
}

const dagfile::Server& Runtime::server() const {
  return core_->in_force.server;
}

const Views& Runtime::views() const {
  return core_->views;
}

Commands& Runtime::commands() {
  return core_->commands;
}
const TaskViews& Runtime::task_views() const {
  return core_->task_views;
}
void Runtime::OnServeTasks(ServeTasks serve) {
  core_->airflow_tasks.OnServe(std::move(serve));
}

void Runtime::OnFatal(std::function<void(const base::Error&)> handler) {
  core_->on_fatal = std::move(handler);
}

}  // namespace runtime
