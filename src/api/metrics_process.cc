#include "api/metrics_parts.h"
#include "base/process_usage.h"

namespace api {

void AddProcess(base::MetricsText& out, const std::string& version) {
  auto add = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.Family(name, type, help);
    out.Sample({}, static_cast<double>(value));
  };
  const base::ProcessUsage usage = base::ReadProcessUsage();
  out.Family("signalbox_build_info", "gauge", "Which build answers; always 1.");
  out.Sample({{"version", version}}, 1);
  add("process_cpu_seconds_total",
      "counter",
      "User and system CPU time of this process.",
      usage.cpu_seconds);
  add("process_resident_memory_bytes", "gauge", "Memory in RAM.", usage.resident_bytes);
  add("process_virtual_memory_bytes", "gauge", "Address space.", usage.virtual_bytes);
  add("process_open_fds", "gauge", "Open file descriptors.", usage.open_files);
  add("process_max_fds", "gauge", "File descriptors that may be open.", usage.most_open_files);
  add("process_start_time_seconds",
      "gauge",
      "When this process began, in seconds since 1970.",
      usage.started_at);
}

}  // namespace api
