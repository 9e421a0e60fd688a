// `completion`, and what its scripts ask: which words may follow on a command line. The commands
// and options are those of CLI11's tree, so that no list has to be kept.

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/completion.h"

namespace cli {

namespace {

using Candidates = std::vector<Candidate>;

// The lines of a script that have the shell complete names of its own.
constexpr char kFiles[] = ":files";
constexpr char kFolders[] = ":folders";

const CLI::App* SubcommandOf(const CLI::App& app, const std::string& name) {
  const auto found =
      app.get_subcommands([&](const CLI::App* sub) { return sub->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

std::vector<const CLI::Option*> PositionalsOf(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

// "DAG", "RUN", "FILE": what a value is.
std::string KindOf(const CLI::Option& option) {
  const std::string kind = option.get_positional() ? option.get_name() : option.get_type_name();
  return kind.substr(0, kind.find(':'));
}

// Those of "TEXT:{table,json}".
Candidates ChoicesOf(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t open = type.find('{'), close = type.find('}');
  Candidates choices;
  if (open == std::string::npos || close == std::string::npos || close < open)
    return choices;
  for (std::string& text : base::Split(type.substr(open + 1, close - open - 1), ','))
    choices.push_back({std::move(text), ""});
  return choices;
}

// A command line up to the word that is being typed.
class Line {
 public:
  Line(const CLI::App& app, const std::vector<std::string>& words) : command_(&app) {
    for (size_t i = 0; i + 1 < words.size(); ++i)
      Take(words[i]);
    current_ = words.empty() ? "" : words.back();
  }

  Candidates Complete() const;

 private:
  void Take(const std::string& word);
  Candidates Values(const CLI::Option& option) const;
  Candidates OptionNames() const;
  std::string ValueOf(const std::string& name) const;
  std::string Positional(std::string_view kind) const;
  NamesWanted Wanted(Names kind) const;

  const CLI::App* command_;
  std::string current_;
  std::vector<std::string> positionals_;
  std::map<std::string, std::string> values_;  // by the option's name, with its dashes
  std::map<std::string, std::string> kinds_;   // the values by what they are: "DAG"
  const CLI::Option* pending_ = nullptr;       // its value comes next
  int values_left_ = 0;
  bool only_positionals_ = false;  // after "--"
};

void Line::Take(const std::string& word) {
  if (pending_ != nullptr) {
    values_[pending_->get_name()] = word;
    kinds_[KindOf(*pending_)] = word;
    if (--values_left_ <= 0)
      pending_ = nullptr;
    return;
  }
  if (word == "--") {
    only_positionals_ = true;
    return;
  }
  if (word.starts_with('-') && !only_positionals_) {
    const size_t equals = word.find('=');
    const CLI::Option* option = command_->get_option_no_throw(word.substr(0, equals));
    if (option == nullptr || option->get_items_expected_min() == 0)
      return;
    pending_ = option;
    values_left_ = option->get_items_expected_min();
    if (equals != std::string::npos)
      Take(word.substr(equals + 1));
    return;
  }
  if (const CLI::App* sub = SubcommandOf(*command_, word); sub != nullptr && positionals_.empty())
    command_ = sub;
  else
    positionals_.push_back(word);
}

std::string Line::ValueOf(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? "" : found->second;
}

// The word that stands where the command has this argument, or an option of that kind.
std::string Line::Positional(std::string_view kind) const {
  const auto arguments = PositionalsOf(*command_);
  for (size_t i = 0; i < arguments.size() && i < positionals_.size(); ++i) {
    if (KindOf(*arguments[i]) == kind)
      return positionals_[i];
  }
  const auto found = kinds_.find(std::string(kind));
  return found == kinds_.end() ? "" : found->second;
}

NamesWanted Line::Wanted(Names kind) const {
  return {.kind = kind,
          .server = {.url = ValueOf("--server"),
                     .project = ValueOf("--project"),
                     .state_dir = ValueOf("--state-dir"),
                     .ca_file = ValueOf("--ca"),
                     .token_file = ValueOf("--token-file")},
          .dag = Positional("DAG"),
          .run = Positional("RUN"),
          .prefix = current_};
}

Candidates Line::Values(const CLI::Option& option) const {
  const std::string kind = KindOf(option);
  if (Candidates choices = ChoicesOf(option); !choices.empty())
    return choices;
  if (kind == "FILE" || kind == "PATH" || kind == "PROGRAM")
    return {{kFiles, ""}};
  if (kind == "DIR")
    return {{kFolders, ""}};
  if (kind == "DAG")
    return AskForNames(Wanted(Names::kDags));
  if (kind == "CLUSTER")
    return AskForNames(Wanted(Names::kClusters));
  if (kind == "POOL")
    return AskForNames(Wanted(Names::kPools));
  if (Positional("DAG").empty())
    return {};
  if (kind == "RUN")
    return AskForNames(Wanted(Names::kRuns));
  if (kind == "TASK" || kind == "JOB")
    return AskForNames(Wanted(Names::kTasks));
  return {};
}

Candidates Line::OptionNames() const {
  Candidates names;
  for (const CLI::Option* option : command_->get_options()) {
    if (option->get_positional() || option->get_group().empty())
      continue;
    std::string about = option->get_description();
    about = about.substr(0, about.find('\n'));
    for (const std::string& name : option->get_lnames())
      names.push_back({"--" + name, about});
  }
  return names;
}

Candidates Line::Complete() const {
  Candidates candidates;
  std::string before;  // of the word, what each candidate repeats
  if (pending_ != nullptr) {
    candidates = Values(*pending_);
  } else if (current_.starts_with('-') && !only_positionals_) {
    const size_t equals = current_.find('=');
    const CLI::Option* option = equals == std::string::npos
                                    ? nullptr
                                    : command_->get_option_no_throw(current_.substr(0, equals));
    if (option == nullptr) {
      candidates = OptionNames();
    } else {
      candidates = ChoicesOf(*option);
      before = current_.substr(0, equals + 1);
    }
  } else {
    for (const CLI::App* sub : command_->get_subcommands([](const CLI::App*) { return true; })) {
      if (positionals_.empty() && !sub->get_name().empty() && !sub->get_group().empty())
        candidates.push_back({sub->get_name(), sub->get_description()});
    }
    const auto arguments = PositionalsOf(*command_);
    if (candidates.empty() && !arguments.empty())
      candidates = Values(*arguments[std::min(positionals_.size(), arguments.size() - 1)]);
  }
  for (Candidate& candidate : candidates)
    candidate.text = before + candidate.text;
  std::erase_if(candidates, [&](const Candidate& candidate) {
    return !candidate.text.starts_with(':') && !candidate.text.starts_with(current_);
  });
  return candidates;
}

}  // namespace

void PrintCompletions(const CLI::App& app, const std::vector<std::string>& words) {
  for (const Candidate& candidate : Line(app, words).Complete()) {
    const std::string about = base::ReplaceAll(candidate.about, "\n", " ");
    Print(base::Cat(candidate.text, about.empty() ? "" : "\t", about, "\n"));
  }
}

void AddCompletion(CLI::App& app, Action& chosen) {
  struct Shell {
    std::string name;
  };
  auto [command, options] =
      AddCommand<Shell>(app,
                        "completion",
                        "Print what makes a shell complete commands, options and names",
                        chosen,
                        [](const Shell& shell) -> Outcome<void> {
                          Print(CompletionScript(shell.name));
                          return {};
                        });
  command->add_option("SHELL", options.name, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer(R"(
Names of DAGs, runs and tasks are asked of the server, if it answers within a second.

Example:
  source <(signalbox completion bash)
)");
}

}  // namespace cli
