#pragma once

// What one target knows of one thing, and what it is still to hear: the body of a record
// (model::RecordKind::kNotice). A matter lives from the first happening until what is over has been
// told. Plain data; the member names of its JSON are persisted.
//
// Not here: what becomes of it (outbox.h).

#include <compare>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "model/rows.h"
#include "notify/routes.h"

namespace notify {

// One of the things alike that a message reports.
struct Part {
  std::string name;  // "train_3"
  model::JobKey job;
  int try_number = 0;
  std::optional<model::VerdictClass> verdict;
  std::string why;
  std::optional<base::Time> next_try_at;
  std::string by;  // the person who asked for it; "": nobody did
  base::Time at;
  friend bool operator==(const Part&, const Part&) = default;
};

// A message that is to be sent.
struct Notice {
  std::string id;
  model::Occasion occasion = model::Occasion::kFailed;
  bool is_over = false;
  Ending ending = Ending::kRecovered;  // if it is over
  bool is_cause = false;               // it says why what was told has failed
  std::vector<Part> parts;             // the first kPartsMax
  int count = 0;                       // of all parts
  base::Time at;                       // of the first
  base::Time due;                      // not before
  int tries = 0;                       // that have failed
  std::string bundle;  // it goes out together with all that have the same one; "": alone
  std::string last_error;
  friend bool operator==(const Notice&, const Notice&) = default;
};
inline constexpr size_t kPartsMax = 100;

struct MatterKey {
  model::RunKey run;  // of a thing that is of no DAG: ""
  std::string about;
  Target target;
  friend auto operator<=>(const MatterKey&, const MatterKey&) = default;
};

struct Matter {
  MatterKey key;
  std::string known_as;        // what those who were told know as `about`; "": as that
  std::string title, text;     // templates
  std::set<std::string> open;  // parts that are not over, up to kOpenMax
  bool has_more = false;       // there are more: then it is over with the run alone
  bool is_told = false;        // a message that it began has arrived
  bool has_cause = false;      // why it failed was told, or is about to be
  int severity = 0;            // as it is now
  int worst = 0;               // the highest severity that was told, the last time at told_at
  base::Time told_at;
  base::Time changed_at;
  std::vector<Notice> notices;  // in the order in which they are to be sent
  friend bool operator==(const Matter&, const Matter&) = default;
};
inline constexpr size_t kOpenMax = 500;

// "failed reports r1/train > ops": the name of its record.
std::string NameOf(const MatterKey& key);

// Under which id it goes out.
const std::string& SentAs(const Notice& notice);
std::string NoticeId(const std::string& of);

std::string ToBody(const Matter& matter);
// Nothing where it is no matter.
std::optional<Matter> ParseMatter(std::string_view body);

}  // namespace notify
