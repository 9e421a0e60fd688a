#pragma once

// The demo's view of a running project: on a terminal a picture that is redrawn in place (lanes as
// rows, jobs as columns), on a pipe one line for each change. Pure: text out of data.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "model/dag.h"
#include "schedule/time_zone.h"

namespace cli {

struct Scene {
  std::vector<std::shared_ptr<const model::Dag>> dags;
  std::shared_ptr<const schedule::TimeZone> zone;  // in which times are shown
  double speed = 1;
};

// What a job is doing, in one or two words: a cluster's state where it has one, else the tasks'
// ("queued", "launching", "retry", "success"); "-" before anything happened.
struct JobStatus {
  std::string state;
  int64_t try_number = 0;
  std::string Text() const;  // "RUNNING #2"
  friend bool operator==(const JobStatus&, const JobStatus&) = default;
};
JobStatus StatusOf(const Progress& progress, const RunProgress& run, const model::Job& job);

class LiveView {
 public:
  explicit LiveView(Scene scene) : scene_(std::move(scene)) {}

  // The whole picture, each line at most the terminal's width, ended by a newline.
  std::string Frame(const Progress& progress, base::Time now, const Terminal& terminal) const;
  // What changed between two looks, a line each.
  std::vector<std::string> Changes(const Progress& before,
                                   const Progress& after,
                                   base::Time now) const;

 private:
  std::string DagFrame(const Progress& progress,
                       const model::Dag& dag,
                       const Terminal& terminal) const;
  std::string Clock(base::Time now) const;

  const Scene scene_;
};

// Draws frames over each other. On a pipe it does nothing.
class Screen {
 public:
  explicit Screen(const Terminal& terminal) : terminal_(terminal) {}
  // What to write to show `frame` in the place of the one before.
  std::string Redraw(const std::string& frame);

 private:
  const Terminal terminal_;
  int lines_ = 0;
};

}  // namespace cli
