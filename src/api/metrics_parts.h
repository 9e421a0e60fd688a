#pragma once

// The parts of /metrics that have a file of their own.

#include <string>
#include <vector>

#include "base/metrics.h"
#include "runtime/metrics.h"

namespace api {

// metrics_work.cc: how runs and tasks ended, by DAG, and how late the scheduler is.
void AddWork(base::MetricsText& out, const runtime::MetricsView& view);

// metrics_work.cc: what became of messages to people.
void AddNotifiers(base::MetricsText& out, const std::vector<runtime::NotifierView>& notifiers);

// metrics_process.cc: this process and its build, under the names that Prometheus' clients use.
void AddProcess(base::MetricsText& out, const std::string& version);

}  // namespace api
