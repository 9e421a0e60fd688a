// `signalbox aws whoami`: which keys the calls would be signed with, where they come from, and whom
// AWS takes us for. Never a secret: of the access key's id the last four characters.

#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "aws/session.h"
#include "aws/sts.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/project.h"
#include "runtime/environment.h"

namespace cli {

namespace {

// What signalbox.yaml says; nothing outside a project.
Outcome<dagfile::Project> Configured(const WhoamiOptions& options) {
  if (options.project.empty() && !FindProject("."))
    return dagfile::Project{};
  auto project = LoadProject(options.project);
  if (!project)
    return tl::unexpected(project.error());
  if (!project->loaded.project) {
    return Fail(
        Exit::kInvalidProject,
        base::Cat(
            "signalbox.yaml has errors: see `signalbox dags validate ", project->folder, "`"));
  }
  return *project->loaded.project;
}

std::string Masked(const std::string& access_key) {
  constexpr size_t kShown = 4;
  return access_key.size() < 2 * kShown ? "****"
                                        : "****" + access_key.substr(access_key.size() - kShown);
}

base::Result<aws::FlatXml> AskWhoIAm(http::Loop& loop,
                                     const aws::Context& context,
                                     const wire::Credentials& keys) {
  std::optional<base::Result<aws::FlatXml>> reply;
  bool running = false;
  aws::Sts(context).Call("GetCallerIdentity", {}, keys, [&](base::Result<aws::FlatXml> result) {
    reply = std::move(result);
    if (running)
      loop.Stop();
  });
  running = true;
  while (!reply)
    loop.Run();
  return *reply;
}

void PrintAnswer(const json::object& answer, Format format) {
  if (IsData(format)) {
    PrintData(format, answer);
    return;
  }
  const Terminal terminal = Terminal::Of(STDOUT_FILENO);
  for (const auto& [name, value] : answer) {
    const std::string label = PadRight(base::ReplaceAll(name, "_", " "), 14);
    PrintPainted(terminal.Paint(label, Colour::kDim));
    Print(Cell(answer, name) + "\n");
  }
}

}  // namespace

Outcome<void> WhoAmI(const WhoamiOptions& options) {
  auto project = Configured(options);
  if (!project)
    return tl::unexpected(project.error());
  http::Loop loop;
  auto session = aws::Session::Create(
      loop,
      {.environment = runtime::ForAws(runtime::ReadEnvironment()),
       .profile = options.profile.empty() ? project->emr_profile : options.profile,
       .region = options.region.empty() ? project->region : options.region});
  if (!session)
    return FailEnvironment(session.error());
  const aws::Context& context = (*session)->context();
  auto endpoint =
      aws::ResolveEndpoint(context.config, aws::kEmr, context.region, project->emr_endpoint);
  if (!endpoint)
    return FailEnvironment(endpoint.error());
  if (auto ready = (*session)->AwaitCredentials(); !ready)
    return FailEnvironment(ready.error());
  const aws::Found& found = *(*session)->credentials().found();

  const std::string path = endpoint->Target() == "/" ? "" : endpoint->Target();
  json::object answer = {
      {"source", found.source},
      {"detail", found.detail},
      {"profile", context.config.profile()},
      {"access_key", Masked(found.keys.access_key)},
      {"expires", nullptr},
      {"region", context.region},
      {"emr_endpoint", base::Cat(endpoint->scheme, "://", endpoint->HostHeader(), path)},
      {"account", nullptr},
      {"arn", nullptr},
      {"user_id", nullptr},
  };
  if (found.expires)
    answer["expires"] = base::FormatRfc3339(*found.expires);
  auto identity = AskWhoIAm(loop, context, found.keys);
  if (identity) {
    answer["account"] = (*identity)["Account"];
    answer["arn"] = (*identity)["Arn"];
    answer["user_id"] = (*identity)["UserId"];
  }
  PrintAnswer(answer, options.format);
  if (!identity)
    return FailEnvironment(identity.error());
  return {};
}

}  // namespace cli
