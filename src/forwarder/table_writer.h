#pragma once

// One event into the state table: parsed, checked for whose it is, written under the phase rule. A
// write that may have happened is sent again without harm, since its condition then fails.
//
// Thread rule: the loop thread. `done` is called there exactly once, maybe from inside Take, and
// not at all once this is destroyed.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aws/json_client.h"
#include "base/time.h"
#include "forwarder/settings.h"
#include "http/loop.h"

namespace forwarder {

enum class Outcome {
  kWritten,
  kKnown,    // the table knows as much or more: a doubled or a late event
  kIgnored,  // another's event, or one that says nothing of a state
  kBad,      // no event at all, or one of ours that is broken
  kFailed,   // DynamoDB did not take it: worth another invocation
};

// "written", "known"…: in answers and log lines.
std::string_view OutcomeName(Outcome outcome);

struct Taken {
  Outcome outcome = Outcome::kFailed;
  std::string why;          // of what was not written
  std::string detail_type;  // of the event, where it is one
  std::string cluster_id, item, state;
};

class TableWriter {
 public:
  using Done = std::function<void(Taken)>;

  // Borrowed; they outlive this.
  TableWriter(http::Loop& loop, aws::JsonClient& dynamodb, const Settings& settings)
      : loop_(loop), dynamodb_(dynamodb), settings_(settings) {}
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;

  // `account` is the function's own; tries go on until `give_up_at` (wall time).
  void Take(std::string_view event, std::string_view account, base::Time give_up_at, Done done);

 private:
  struct Write;
  void Send(const std::shared_ptr<Write>& write);
  void OnReply(const std::shared_ptr<Write>& write, const aws::CallOutcome& outcome);

  http::Loop& loop_;
  aws::JsonClient& dynamodb_;
  const Settings& settings_;
  http::Timer pause_;
};

}  // namespace forwarder
