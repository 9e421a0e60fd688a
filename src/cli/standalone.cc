// `signalbox standalone`: the whole product in one process, on one SQLite file. The composition of
// the concrete parts: store, runtime, API, server.

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "api/api.h"
#include "api/token.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "base/text.h"
#include "board/board.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/listening.h"
#include "cli/server_log.h"
#include "cli/single_sign_on.h"
#include "execution/task_api.h"
#include "http/loop.h"
#include "http/server.h"
#include "runtime/runtime.h"
#include "store/sqlite_store.h"

namespace cli {

namespace {

using base::ErrorCode;

// Of Runtime::Create, which says what each code means.
Exit ExitOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return Exit::kInvalidProject;
    case ErrorCode::kConflict:
      return Exit::kLocked;
    case ErrorCode::kNotFound:
    case ErrorCode::kStale:
    case ErrorCode::kThrottled:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeoutUnknown:
    case ErrorCode::kPermission:
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      return Exit::kEnvironment;
  }
  return Exit::kEnvironment;
}

// --db counts from the current folder, the project's `database` from the project.
base::Result<std::unique_ptr<store::Store>> OpenStore(const StandaloneOptions& options,
                                                      const std::string& state_dir,
                                                      const std::string& deployment,
                                                      const std::string& configured) {
  std::string path = state_dir + "/signalbox.db";
  if (!options.database.empty()) {
    ASSIGN_OR_RETURN(path, SqlitePath(options.database, "."));
  } else if (!configured.empty()) {
    ASSIGN_OR_RETURN(path, SqlitePath(configured, options.project));
  }
  return store::OpenSqlite({.path = path,
                            .deployment = deployment,
                            .marker = state_dir + "/database.json",
                            .new_database = options.new_database});
}

// The token, the database and the keys of AWS are for this user alone: in files, and in memory.
Outcome<void> KeepToOurselves(const std::string& state_dir) {
  ::umask(077);
  base::ForbidCoreDumps();
  auto privacy = MakePrivateFolder(state_dir);
  if (!privacy)
    return FailEnvironment(privacy.error());
  if (*privacy == Privacy::kMadePrivate)
    base::LogWarning("folder_made_private",
                     {{"path", state_dir},
                      {"message", "others could read the state folder; now its owner alone can"}});
  if (*privacy == Privacy::kOpen)
    base::LogWarning("folder_is_open",
                     {{"path", state_dir},
                      {"message",
                       "others can read the state folder, and it is another user's: make it this "
                       "user's own, with mode 0700"}});
  return {};
}

// The port; port 0 picks one for all addresses.
Outcome<uint16_t> ListenOn(http::Server& server, const dagfile::Server& settings) {
  auto port = static_cast<uint16_t>(settings.port);
  for (const std::string& address : settings.bind) {
    const auto bound = server.Listen(address, port);
    if (!bound) {
      return Fail(
          Exit::kEnvironment,
          base::Cat(bound.error().message, " (choose another port with --port, 0 picks one)"));
    }
    port = *bound;
  }
  return port;
}

}  // namespace

Outcome<void> RunStandalone(const StandaloneOptions& options) {
  std::error_code error;
  const auto settings =
      std::filesystem::status(std::filesystem::path(options.project) / kProjectFile, error);
  if (settings.type() == std::filesystem::file_type::not_found) {
    return Fail(Exit::kInvalidProject,
                base::Cat("there is no ",
                          kProjectFile,
                          " in ",
                          options.project,
                          ": name the project's folder with --project DIR"));
  }
  if (!options.database.empty() && !SqlitePath(options.database, "."))
    return Fail(Exit::kUsage, "--db: " + SqlitePath(options.database, ".").error().message);
  auto clock = base::Clock::FromEnvironment();
  if (!clock)
    return FailEnvironment(clock.error());
  const std::string state_dir =
      options.state_dir.empty() ? options.project + "/" + kStateFolder : options.state_dir;
  if (auto kept = KeepToOurselves(state_dir); !kept)
    return kept;

  http::Loop loop;
  auto log = ServerLog::Start(options.log, loop);
  if (!log)
    return tl::unexpected(log.error());
  auto runtime = runtime::Runtime::Create(
      {.project_dir = options.project,
       .open_store =
           [&](const std::string& deployment, const std::string& configured) {
             return OpenStore(options, state_dir, deployment, configured);
           },
       .processes_dir = state_dir + "/processes",
       .airflow_dir = state_dir + "/airflow",
       .secret_key_file = state_dir + "/secret.key",
       .version = kVersion},
      loop,
      *clock);
  if (!runtime)
    return Fail(ExitOf(runtime.error().code), runtime.error().message);
  auto token = api::EnsureToken(TokenPath(state_dir));
  if (!token)
    return FailEnvironment(token.error());
  base::HideInLog("token", *token);

  std::optional<base::Error> fatal;
  (*runtime)->OnFatal([&](const base::Error& error) {
    fatal = error;
    loop.Stop();
  });
  auto settings_of_server = ServerSettings(options, (*runtime)->server());
  if (!settings_of_server)
    return tl::unexpected(settings_of_server.error());
  auto provider = MakeIdentityProvider(
      settings_of_server->oidc, options.project, runtime::ReadEnvironment(), loop);
  if (!provider)
    return tl::unexpected(provider.error());
  const board::Board board(board::Files());
  api::Api api((*runtime)->views(),
               (*runtime)->commands(),
               {.token = *token,
                .allowed_hosts = HostsOf(*settings_of_server),
                .version = kVersion,
                .events = EventLimitsOf(*settings_of_server),
                // A proxy stands there for TLS.
                .has_secure_cookies = !settings_of_server->tls_certificate.empty() ||
                                      !settings_of_server->trusted_proxies.empty(),
                .board = &board,
                .provider = provider->get(),
                .map_file = state_dir + "/map.json"});
  http::ServerOptions bounds = BoundsOf(*settings_of_server);
  bounds.admit = [&](const http::Request& head) { return api.Admit(head); };
  http::Server server(loop, bounds, [&](http::Request request, http::Responder responder) {
    api.Handle(std::move(request), std::move(responder));
  });
  api.Observe(server);
  execution::TaskApi task_api(
      (*runtime)->views(), (*runtime)->task_views(), (*runtime)->commands());
  http::Server task_server(
      loop, execution::ServerBounds(), [&](http::Request request, http::Responder responder) {
        task_api.Handle(std::move(request), std::move(responder));
      });
  (*runtime)->OnServeTasks(
      [&](uint16_t preferred) { return task_server.Listen("127.0.0.1", preferred); });
  auto port = ListenOn(server, *settings_of_server);
  if (!port)
    return tl::unexpected(port.error());
  const std::vector<std::string> urls = UrlsOf(*settings_of_server, *port);
  std::unique_ptr<ServerCertificate> certificate;
  const auto write_record = [&] {
    return WriteServerRecord(
        state_dir, {urls.front(), ::getpid(), certificate ? certificate->fingerprint() : ""});
  };
  if (!settings_of_server->tls_certificate.empty()) {
    auto loaded = ServerCertificate::Load(*settings_of_server, loop, server, [&] {
      if (auto written = write_record(); !written)
        base::LogError("server_record", {{"message", written.error().message}});
    });
    if (!loaded)
      return tl::unexpected(loaded.error());
    certificate = *std::move(loaded);
  }
  // Before anyone is told that it runs, and may stop it.
  loop.OnSignal([&](int) { loop.Stop(); });
  if (auto written = write_record(); !written)
    return FailEnvironment(written.error());
  for (const std::string& url : urls)
    Print(base::Cat("listening on ", url, "\n"));
  std::fflush(stdout);

  (*runtime)->Start();
  loop.Run();
  RemoveServerRecord(state_dir);
  if (fatal)
    return Fail(ExitOf(fatal->code), fatal->message);
  return {};
}

}  // namespace cli
