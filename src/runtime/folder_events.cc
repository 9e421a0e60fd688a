#include "runtime/folder_events.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace runtime {

namespace {

constexpr uint32_t kMask = IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                           IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

std::string WhyNone(int error) {
  const std::string_view setting = error == EMFILE   ? "fs.inotify.max_user_instances"
                                   : error == ENOSPC ? "fs.inotify.max_user_watches"
                                                     : "";
  return base::Cat("the kernel does not watch the project folder (",
                   std::strerror(error),
                   "): changes are found by the scan alone, some seconds later",
                   setting.empty() ? "" : base::Cat("; raise the sysctl ", setting));
}

}  // namespace

FolderEvents::FolderEvents(http::Loop& loop, std::string folder, std::function<void()> on_change)
    : loop_(loop), folder_(std::move(folder)), on_change_(std::move(on_change)) {}

FolderEvents::~FolderEvents() {
  readiness_.Cancel();
  if (inotify_ >= 0)
    ::close(inotify_);
}

void FolderEvents::Open() {
  inotify_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (inotify_ >= 0)
    readiness_ = loop_.OnReadable(inotify_, [this] { Read(); });
}

std::string FolderEvents::PathOf(std::string_view folder) const {
  return folder.starts_with('/') ? std::string(folder) : base::Cat(folder_, "/", folder);
}

void FolderEvents::Add(const std::string& folder, bool is_airflow, std::string* trouble) {
  // The same folder keeps its watch.
  const int watch = ::inotify_add_watch(inotify_, PathOf(folder).c_str(), kMask);
  if (watch >= 0) {
    below_[watch] = folder;
    if (is_airflow)
      airflow_.insert(watch);
  } else if (errno == ENOSPC || errno == ENOMEM) {
    *trouble = WhyNone(errno);
  }
}

void FolderEvents::Watch(const std::set<std::string>& airflow) {
  if (inotify_ < 0)
    Open();
  if (inotify_ < 0)
    return SetTrouble(WhyNone(errno));
  std::string trouble;
  for (const char* below : {"", "dags", "clusters", "calendars", "assets"})
    Add(below, /*is_airflow=*/false, &trouble);
  airflow_.clear();
  for (const std::string& folder : airflow)
    Add(folder, /*is_airflow=*/true, &trouble);
  SetTrouble(std::move(trouble));
}

void FolderEvents::SetTrouble(std::string trouble) {
  if (!trouble.empty() && trouble_.empty())
    base::LogWarning("folder_not_watched", {{"message", trouble}});
  trouble_ = std::move(trouble);
}

bool FolderEvents::IsOfInterest(int watch, uint32_t mask, std::string_view name) const {
  if ((mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF)) != 0)
    return true;
  const auto found = below_.find(watch);
  if (found == below_.end() || (mask & IN_IGNORED) != 0)
    return false;
  // Kubernetes swaps the link `..data`, through which all files of a mounted ConfigMap are seen.
  if (name.starts_with(".."))
    return true;
  if (airflow_.contains(watch))
    return !name.starts_with('.') && name != "__pycache__";
  if (found->second.empty())
    return name == "signalbox.yaml" || name == "dags" || name == "clusters" ||
           name == "calendars" || name == "assets";
  return !name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml"));
}

// A new file is written next, and closed. A link is not: it is there at once.
bool FolderEvents::WillBeClosed(const File& file) const {
  const auto found = below_.find(file.first);
  struct stat status{};
  return found != below_.end() &&
         ::lstat(base::Cat(PathOf(found->second), "/", file.second).c_str(), &status) == 0 &&
         S_ISREG(status.st_mode) && status.st_nlink == 1;
}

void FolderEvents::Take(int watch, uint32_t mask, std::string_view name) {
  if (!IsOfInterest(watch, mask, name))
    return;
  const File file(watch, name);
  if ((mask & IN_Q_OVERFLOW) != 0)
    being_written_.clear();
  if ((mask & IN_MODIFY) != 0) {
    being_written_.insert(file);
    return;
  }
  if ((mask & IN_CREATE) != 0 && (mask & IN_ISDIR) == 0 && WillBeClosed(file))
    return;
  if ((mask & (IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)) != 0)
    being_written_.erase(file);
  is_news_ = true;
}

void FolderEvents::Read() {
  alignas(inotify_event) std::array<char, 16384> buffer;
  while (true) {
    const ssize_t size = ::read(inotify_, buffer.data(), buffer.size());
    if (size <= 0)
      break;
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      Take(event->wd, event->mask, event->len > 0 ? event->name : "");
      if ((event->mask & IN_IGNORED) != 0) {
        below_.erase(event->wd);
        airflow_.erase(event->wd);
        std::erase_if(being_written_, [&](const File& file) { return file.first == event->wd; });
      }
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
  if (is_news_ && being_written_.empty()) {
    is_news_ = false;
    on_change_();
  }
}

}  // namespace runtime
