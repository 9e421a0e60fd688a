#include "cli/completion.h"

#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "cli/lists.h"

namespace cli {

namespace {

// Of one call; a command line makes one.
constexpr base::Duration kPatience = base::milliseconds(800);
constexpr int64_t kMostNames = 100;

struct Source {
  std::string path, member, name, about;
  bool is_paged = true;  // else the route takes no limit
};

Source SourceOf(const NamesWanted& wanted) {
  switch (wanted.kind) {
    case Names::kDags: {
      // The server narrows it down; which names begin so is judged here.
      Query query;
      query.Add("dag_id_pattern", wanted.prefix.empty() ? "" : wanted.prefix + "%");
      return {"/dags" + query.text(), "dags", "dag_id", "description"};
    }
    case Names::kRuns:
      return {DagPath(wanted.dag) + "/dagRuns", "dag_runs", "dag_run_id", "state"};
    case Names::kTasks:
      return {DagPath(wanted.dag) + "/tasks", "tasks", "task_id", "operator_name", false};
    case Names::kPools:
      return {"/pools", "pools", "name", "description"};
    case Names::kClusters:
      return {"/clusters", "clusters", "cluster_id", "state"};
  }
  return {};
}

constexpr char kBash[] =
    R"(# signalbox completion bash: source it, or put it into /etc/bash_completion.d/signalbox
_signalbox() {
  local line=${COMP_LINE:0:COMP_POINT} words word text current
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=${words[-1]}
  COMPREPLY=()
  while IFS=$'\t' read -r text word; do
    case $text in
      :files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
      :folders) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
      *) COMPREPLY+=("$text") ;;
    esac
  done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
  # For bash a colon ends a word: what stands before it is not repeated.
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    local before=${current%"${current##*:}"} i
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$before"}; done
  fi
}
complete -F _signalbox signalbox
)";

constexpr char kZsh[] = R"(#compdef signalbox
# signalbox completion zsh: put it as _signalbox into a folder of $fpath
_signalbox() {
  local text about
  local -a texts shown
  while IFS=$'\t' read -r text about; do
    case $text in
      :files) _files ;;
      :folders) _files -/ ;;
      *) texts+=("$text"); shown+=("$text${about:+  -- $about}") ;;
    esac
  done < <("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#texts )) && compadd -l -d shown -a texts
}
if [[ ${funcstack[1]} == _signalbox ]]; then
  _signalbox "$@"
else
  compdef _signalbox signalbox
fi
)";

constexpr char kFish[] =
    R"(# signalbox completion fish: put it as signalbox.fish into ~/.config/fish/completions
function __signalbox_complete
  set -l current (commandline -ct)
  for line in (signalbox __complete -- (commandline -opc)[2..-1] "$current" 2>/dev/null)
    switch $line
      case ':files*'
        __fish_complete_path "$current"
      case ':folders*'
        __fish_complete_directories "$current"
      case '*'
        echo $line
    end
  end
end
complete -c signalbox -f -a '(__signalbox_complete)'
)";

Outcome<json::array> Ask(const ServerClient& server, const Source& source) {
  if (!source.is_paged) {
    auto answer = server.Get(source.path);
    if (!answer)
      return tl::unexpected(answer.error());
    return base::GetArray(*answer, source.member);
  }
  auto found = server.List(source.path, source.member, kMostNames);
  if (!found)
    return tl::unexpected(found.error());
  return std::move(found->items);
}

}  // namespace

std::vector<Candidate> AskForNames(const NamesWanted& wanted) {
  auto server = ServerClient::Find(wanted.server);
  if (!server)
    return {};
  server->Limit(kPatience);
  const Source source = SourceOf(wanted);
  const auto items = Ask(*server, source);
  if (!items)
    return {};
  std::vector<Candidate> names;
  for (const json::value& item : *items) {
    if (!item.is_object())
      continue;
    const json::object& object = item.get_object();
    names.push_back({base::GetString(object, source.name), base::GetString(object, source.about)});
  }
  return names;
}

std::string CompletionScript(const std::string& shell) {
  return shell == "bash" ? kBash : shell == "zsh" ? kZsh : kFish;
}

}  // namespace cli
