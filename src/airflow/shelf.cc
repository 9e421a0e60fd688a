#include "airflow/shelf.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/text.h"

namespace airflow {

namespace {

using base::Cat;

bool IsGood(const TranslatedDag& dag) {
  return dag.document && dag.errors.empty();
}

dagfile::SourceFile Unread(const std::string& path) {
  return {.path = path, .text = "", .made_at = {}, .is_unread = true};
}

std::string TextOf(const project::FileStamp& stamp) {
  return Cat(stamp.path, " ", stamp.modified_ns, " ", stamp.size, " ", stamp.inode, "\n");
}

std::string ValueOf(const json::object& values, const std::string& name) {
  const json::value* value = values.if_contains(name);
  return Cat(name, " ", value == nullptr ? "" : base::Serialize(*value), "\n");
}

}  // namespace

Settings SettingsOf(const dagfile::Project& project, const std::string& folder) {
  const auto in_project = [root = std::filesystem::absolute(folder)](const std::string& path) {
    std::string whole = (root / path).lexically_normal().string();
    if (whole.size() > 1 && whole.back() == '/')
      whole.pop_back();
    return whole;
  };
  Settings settings{.python = project.python,
                    .dags_folder = in_project(project.airflow.dags_folder),
                    .version = project.airflow.version,
                    .strict_emr = project.airflow.strict_emr,
                    .unknown_schedules_by_hand = project.airflow.unknown_schedules_by_hand,
                    .by_airflow = project.airflow.by_airflow};
  if (settings.python.find('/') != std::string::npos)
    settings.python = in_project(settings.python);
  return settings;
}

std::string FolderOf(const dagfile::Project& project, const std::string& folder) {
  if (project.python.empty())
    return "";
  const Settings settings = SettingsOf(project, folder);
  return Shelf(folder, settings).NameOf(settings.dags_folder);
}

std::string UnreadableByPython(const std::string& why) {
  return Cat("DAG files in Python cannot be read: ", why);
}

Shelf::Shelf(const std::string& folder, Settings settings)
    : project_((std::filesystem::absolute(folder) / "").lexically_normal().string()),
      settings_(std::move(settings)) {}

bool Shelf::OnListed(const std::vector<std::string>& files) {
  bool is_other = !std::exchange(is_listed_, true);
  const std::set<std::string> listed(files.begin(), files.end());
  is_other |=
      std::erase_if(entries_, [&](const auto& entry) { return !listed.contains(entry.first); }) > 0;
  for (const std::string& file : files)
    is_other |= entries_.try_emplace(file).second;
  return is_other;
}

// Those that could not be read last time come last, for they may take as long as they may.
std::vector<std::string> Shelf::Stale(const Surroundings& now) const {
  std::vector<std::string> stale, failed;
  for (const auto& [file, entry] : entries_) {
    if (entry.answer && MadeOf(*entry.answer, now) == entry.made_of)
      continue;
    (entry.answer && entry.answer->error ? failed : stale).push_back(file);
  }
  stale.insert(stale.end(), failed.begin(), failed.end());
  return stale;
}

void Shelf::Put(Answer answer, const Surroundings& at) {
  const auto entry = entries_.find(answer.file);
  if (entry == entries_.end())
    return;
  entry->second.made_of = MadeOf(answer, at);
  entry->second.answer = std::move(answer);
}

// The stamps of the file and of all that it looked at, and the values that it asked for. What a
// file lacks may be in any other: one with an error is read again after each change.
std::string Shelf::MadeOf(const Answer& answer, const Surroundings& at) const {
  std::string text;
  std::set<std::string> exact{NameOf(answer.file)};
  std::vector<std::string> below;
  for (const std::string& path : answer.reads) {
    exact.insert(NameOf(Cat(settings_.dags_folder, "/", path)));
    below.push_back(NameOf(Cat(settings_.dags_folder, "/", path, "/")));
  }
  for (const project::FileStamp& stamp : at.stamps) {
    const bool counts =
        answer.error || exact.contains(stamp.path) ||
        std::ranges::any_of(below, [&](const auto& each) { return stamp.path.starts_with(each); });
    if (counts)
      text += TextOf(stamp);
  }
  for (const std::string& name : answer.variables)
    text += ValueOf(at.secrets.variables, name);
  for (const std::string& name : answer.connections)
    text += ValueOf(at.secrets.connections, name);
  return base::Sha256Hex(text);
}

std::string Shelf::NameOf(const std::string& file) const {
  return file.starts_with(project_) ? file.substr(project_.size()) : file;
}

std::vector<dagfile::SourceFile> Shelf::Files() const {
  std::vector<dagfile::SourceFile> files;
  std::set<std::string> templates;
  if (!is_listed_)
    files.push_back(Unread(settings_.dags_folder));
  for (const auto& [file, entry] : entries_) {
    if (!entry.answer || entry.answer->error || !std::ranges::all_of(entry.answer->dags, IsGood))
      files.push_back(Unread(NameOf(file)));
    if (!entry.answer)
      continue;
    for (const TranslatedDag& dag : entry.answer->dags) {
      if (!IsGood(dag))
        continue;
      files.push_back({NameOf(file), base::Serialize(*dag.document), dag.line});
      for (const auto& cluster : dag.clusters) {
        // Two files with one dag_id: the loader reports that.
        if (templates.insert(cluster.key()).second)
          files.push_back({Cat("clusters/", std::string_view(cluster.key()), ".yaml"),
                           base::Serialize(cluster.value()),
                           {}});
      }
    }
  }
  return files;
}

std::vector<yaml::Diagnostic> Shelf::Errors() const {
  std::vector<yaml::Diagnostic> errors;
  for (const auto& [file, entry] : entries_) {
    if (!entry.answer)
      continue;
    const std::string name = NameOf(file);
    if (const auto& error = entry.answer->error)
      errors.push_back({name, {error->line, 1}, error->message});
    for (const TranslatedDag& dag : entry.answer->dags) {
      for (const std::string& error : dag.errors)
        errors.push_back({name, {dag.line, 1}, error});
    }
  }
  return errors;
}

std::vector<yaml::Diagnostic> Shelf::Warnings() const {
  std::vector<yaml::Diagnostic> warnings;
  for (const auto& [file, entry] : entries_) {
    if (!entry.answer)
      continue;
    for (const Told& warning : entry.answer->warnings)
      warnings.push_back({warning.file.empty()
                              ? NameOf(file)
                              : NameOf(Cat(settings_.dags_folder, "/", warning.file)),
                          {warning.line, 1},
                          warning.message});
  }
  return warnings;
}

bool Shelf::MayHave(const std::string& path, std::string_view dag) const {
  if (!is_listed_)
    return true;
  const auto entry =
      std::ranges::find_if(entries_, [&](const auto& each) { return NameOf(each.first) == path; });
  if (entry == entries_.end())
    return false;
  const std::optional<Answer>& answer = entry->second.answer;
  return !answer || answer->error ||
         std::ranges::find(answer->dags, dag, &TranslatedDag::id) != answer->dags.end();
}

const TranslatedDag* Shelf::Find(std::string_view dag) const {
  for (const auto& [file, entry] : entries_) {
    if (!entry.answer)
      continue;
    for (const TranslatedDag& each : entry.answer->dags) {
      if (each.id == dag)
        return &each;
    }
  }
  return nullptr;
}

}  // namespace airflow
