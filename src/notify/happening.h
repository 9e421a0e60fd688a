#pragma once

// One thing that people may want to hear of, as the history says it: a failure, a deadline that is
// in danger, a hold; or that such a thing is over. Plain data, made of a row of history and of the
// facts that the store has for it. Pure.
//
// Not here: who wants to hear of it (routes.h), and the words (wording.h).

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/notification.h"
#include "model/rows.h"
#include "notify/facts.h"

namespace notify {

struct Happening {
  model::Occasion occasion = model::Occasion::kFailed;
  // It is over: `part` of what `about` says, or all of it where part is "". With an empty `about`
  // everything that was reported about the run; about the DAG, where `run` is empty, too.
  bool is_over = false;
  std::string about;     // alike in all happenings that belong together: "failed reports r1/train"
  std::string part;      // "train_3"
  model::JobKey job;     // as far as it applies: a DAG, a run, a job; of none: the whole deployment
  std::string deadline;  // the name of one that several DAGs share
  int try_number = 0;
  std::optional<model::VerdictClass> verdict;
  std::string why;                        // a sentence
  std::optional<base::Time> next_try_at;  // of kRetry
  int severity = 0;  // of deadlines: what is no worse than before is not reported
  base::Time at;
  int64_t seq = 0;  // of its row; 0: it is of no row
};

// Whether a row may report a happening: cheap, for most do not.
bool IsOfInterest(const model::HistoryRow& row);

// What the row tells; nothing where it is of no interest.
std::optional<Happening> HappeningOf(const model::HistoryRow& row, const Facts& facts);

// A part of the deployment is not well, or is so again. `trouble` is "" where it is.
Happening HealthHappening(std::string_view part, std::string_view trouble, base::Time at);

}  // namespace notify
