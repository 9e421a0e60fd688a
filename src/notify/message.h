#pragma once

// One message to people, complete and in plain words, before it takes a notifier's form
// (a Slack text, a mail, a PagerDuty event). Plain data.
//
// Not here: who gets it and when (outbox), and how it is sent (runtime).

#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "model/notification.h"

namespace notify {

struct Message {
  std::string id;  // the same each time it is sent: receivers may drop a second one
  model::Occasion occasion = model::Occasion::kFailed;
  bool is_over = false;  // it takes back an earlier message with this `about`
  // What it is about, alike in all messages about it: PagerDuty's dedup_key, a mail's thread.
  std::string about;  // "failed reports manual__1/train"
  std::string title;  // one line: "delphi: train[3] failed (24 lanes)"
  std::string text;   // some lines of plain text
  std::vector<std::pair<std::string, std::string>> facts;  // {"DAG", "delphi"}, in their order
  std::string error;  // the last lines of the step's error, or the cause; "" if there are none
  std::string link;   // where to look; "": nobody knows this server's address
  std::string deployment;
  base::Time at;  // world time of what happened
  int times = 1;  // so many things alike it stands for
  // Of a bundle: the messages that it stands for, each with an `about` of its own. `text` is empty
  // then: how each of them is named is the form's to say, which knows its limits (TextWithin).
  std::vector<Message> bundled;
};

// The last lines that a failed step wrote, "" where there are none.
struct StepError {
  std::string text;
  bool has_cause = false;  // they begin with why it failed, as the logs say it
};

}  // namespace notify
