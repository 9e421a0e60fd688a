#pragma once

// One thing that people may want to hear of, as the history says it: a failure, a deadline that is
// in danger, a hold; or that such a thing is over. Plain data, made of a row of history and of the
// facts that the store has for it. Pure.
//
// Not here: who wants to hear of it (routes.h), and the words (wording.h).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/notification.h"
#include "model/rows.h"
#include "notify/facts.h"

namespace notify {

// By what something is over. The names are persisted.
enum class Ending {
  kRecovered,  // it is as it should be: it succeeded after all, is in time, well or gone
  kMarked,     // a person said that it is a success
  kSkipped,
  kDeleted,
  kMet,        // of a deadline
  kWithdrawn,  // of a deadline: it counts no more
};
std::string_view ToString(Ending ending);  // "recovered"
std::optional<Ending> ParseEnding(std::string_view text);

struct Happening {
  model::Occasion occasion = model::Occasion::kFailed;
  // It is over: `part` of what `about` says, or all of it where part is "". With an empty `about`
  // everything that was reported about the run; about the DAG, where `run` is empty, too.
  bool is_over = false;
  Ending ending = Ending::kRecovered;
  // Why what failed has failed, as its logs say: it belongs to what was reported of the failure.
  bool is_cause = false;
  std::string about;     // alike in all happenings that belong together: "failed reports r1/train"
  std::string part;      // "train_3"
  model::JobKey job;     // as far as it applies: a DAG, a run, a job; of none: the whole deployment
  std::string deadline;  // the name of one that several DAGs share
  int try_number = 0;
  std::optional<model::VerdictClass> verdict;
  std::string why;                        // a sentence
  std::string by;                         // the person who asked for it; "": nobody did
  std::optional<base::Time> next_try_at;  // of kRetry
  base::Time at;
  int64_t seq = 0;  // of its row; 0: it is of no row
  // Nothing but this: the DAG of `job` was called so before.
  model::DagId renamed_from;
};

// It is over at some time: a retry and a success are not.
bool Lasts(model::Occasion occasion);
// How grave a deadline's state is: what is no worse than before is not told.
int SeverityOf(model::Occasion occasion);

// Whether a row may report a happening: cheap, for most do not.
bool IsOfInterest(const model::HistoryRow& row);

// What the row tells; nothing where it is of no interest.
std::optional<Happening> HappeningOf(const model::HistoryRow& row, const Facts& facts);

// What `about` is called once its DAG has another id.
std::string AboutAfterRename(std::string about, const model::DagId& from, const model::DagId& to);

// A part of the deployment is not well, or is so again. `trouble` is "" where it is.
Happening HealthHappening(std::string_view part, std::string_view trouble, base::Time at);

}  // namespace notify
