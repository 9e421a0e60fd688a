#include "runtime/airflow_files.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"

namespace runtime {

namespace {

// A Python that could not be started may have been installed since.
constexpr base::Duration kRetry = base::minutes(1);
// Files that are read soon after one another are reported together, and do not wait for those after
// them.
constexpr base::Duration kNews = base::seconds(1);

}  // namespace

// Owns Python, and waits for it. Each of its tasks is done whole before the next.
class AirflowFiles::Worker {
 public:
  using Settings = airflow::Settings;
  Worker(Settings settings, std::map<std::string, std::string> environment)
      : settings_(std::move(settings)),
        environment_(std::move(environment)),
        thread_([this] { Run(); }) {}
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  // What is handed in is called on the worker's thread.
  void List(std::function<void(base::Result<std::vector<std::string>>)> on_end) {
    Add([this, on_end = std::move(on_end)] {
      on_end(WithReader<std::vector<std::string>>(
          [](airflow::Reader& reader) { return reader.List(); }));
    });
  }
  void Read(std::vector<std::string> files,
            airflow::Secrets secrets,
            std::function<void(airflow::Answer)> on_answer,
            std::function<void(base::Status)> on_end) {
    Add([this,
         files = std::move(files),
         secrets = std::move(secrets),
         on_answer = std::move(on_answer),
         on_end = std::move(on_end)] {
      on_end(WithReader<void>(
          [&](airflow::Reader& reader) { return reader.Read(files, secrets, on_answer); }));
    });
  }

 private:
  void Add(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }
  void Run() {
    while (true) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stop_ || !tasks_.empty(); });
        if (stop_)
          return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }
  // Python that has failed is started again for the next task.
  template <typename T, typename Work>
  base::Result<T> WithReader(const Work& work) {
    if (!reader_) {
      auto started = airflow::Reader::Start(settings_, environment_, stop_);
      if (!started)
        return base::Fail(started.error());
      reader_.emplace(*std::move(started));
    }
    base::Result<T> done = work(*reader_);
    if (!done)
      reader_ = std::nullopt;
    return done;
  }

  const Settings settings_;
  const std::map<std::string, std::string> environment_;
  std::optional<airflow::Reader> reader_;  // of the thread
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  std::thread thread_;
};

AirflowFiles::AirflowFiles(Parts parts) : parts_(std::move(parts)) {}
AirflowFiles::~AirflowFiles() = default;

void AirflowFiles::Look(const dagfile::Project& project,
                        const std::vector<project::FileStamp>& stamps) {
  const airflow::Settings settings = airflow::SettingsOf(project, parts_.project_dir);
  if (project.python.empty()) {
    const bool had_some = shelf_ != nullptr;
    Forget();
    if (had_some)
      parts_.on_news();
    return;
  }
  const bool is_new = shelf_ == nullptr || shelf_->settings() != settings;
  if (is_new) {
    Forget();
    worker_ = std::make_unique<Worker>(settings, parts_.environment);
    shelf_ = std::make_unique<airflow::Shelf>(parts_.project_dir, settings);
  }
  if (!is_new && now_.stamps == stamps)
    return;
  now_.stamps = stamps;
  Begin();
}

// Nothing that the former Python says counts any more.
void AirflowFiles::Forget() {
  alive_ = std::make_shared<const bool>(true);
  is_asking_ = false;
  retry_.Cancel();
  news_.Cancel();
  has_news_ = false;
  worker_ = nullptr;
  shelf_ = nullptr;
  trouble_ = "";
}

void AirflowFiles::OnSecretsChanged() {
  if (shelf_ != nullptr)
    Begin();
}

void AirflowFiles::Begin() {
  if (std::exchange(is_asking_, true)) {
    is_again_ = true;
    return;
  }
  is_again_ = false;
  now_.secrets = parts_.secrets();
  asked_ = now_;
  worker_->List(
      [this, alive = std::weak_ptr(alive_)](base::Result<std::vector<std::string>> listed) {
        parts_.loop.Post([this, alive, listed = std::move(listed)] {
          if (alive.expired())
            return;
          if (listed)
            OnListed(*listed);
          else
            OnEnd(listed.error().message);
        });
      });
}

void AirflowFiles::OnListed(std::vector<std::string> files) {
  if (shelf_->OnListed(files))
    NoteNews();
  std::vector<std::string> stale = shelf_->Stale(asked_);
  const auto on_answer = [this, alive = std::weak_ptr(alive_)](airflow::Answer answer) {
    parts_.loop.Post([this, alive, answer = std::move(answer)] {
      if (alive.expired())
        return;
      shelf_->Put(answer, asked_);
      NoteNews();
    });
  };
  const auto on_end =
      [this, alive = std::weak_ptr(alive_), count = stale.size()](base::Status read) {
        parts_.loop.Post([this, alive, count, why = read ? "" : read.error().message] {
          if (alive.expired())
            return;
          base::LogInfo("airflow_files_read", {{"files", count}});
          OnEnd(why);
        });
      };
  if (stale.empty())
    OnEnd("");
  else
    worker_->Read(std::move(stale), asked_.secrets, on_answer, on_end);
}

void AirflowFiles::OnEnd(const std::string& trouble) {
  is_asking_ = false;
  if (!trouble.empty() && trouble != trouble_)
    base::LogError("airflow_files_unreadable", {{"message", trouble}});
  has_news_ |= trouble_ != trouble;
  trouble_ = trouble;
  if (!trouble.empty())
    retry_ = parts_.loop.After(kRetry, [this] { Begin(); });
  TellNews();
  if (is_again_)
    Begin();
}

void AirflowFiles::NoteNews() {
  if (!std::exchange(has_news_, true))
    news_ = parts_.loop.After(kNews, [this] { TellNews(); });
}

void AirflowFiles::TellNews() {
  news_.Cancel();
  if (std::exchange(has_news_, false))
    parts_.on_news();
}

std::vector<dagfile::SourceFile> AirflowFiles::Files() const {
  if (shelf_ != nullptr)
    return shelf_->Files();
  return {{.path = ".", .text = "", .made_at = {}, .is_unread = true}};
}

std::vector<yaml::Diagnostic> AirflowFiles::Errors() const {
  std::vector<yaml::Diagnostic> errors;
  if (shelf_ != nullptr)
    errors = shelf_->Errors();
  if (!trouble_.empty())
    errors.push_back({"signalbox.yaml", {}, airflow::UnreadableByPython(trouble_)});
  return errors;
}

std::vector<yaml::Diagnostic> AirflowFiles::Warnings() const {
  return shelf_ == nullptr ? std::vector<yaml::Diagnostic>() : shelf_->Warnings();
}

bool AirflowFiles::MayHave(const std::string& file, const model::DagId& dag) const {
  return shelf_ == nullptr || shelf_->MayHave(file, dag.str());
}

}  // namespace runtime
