#pragma once

// What people and AWS may ask of the running product.
//
// Thread rule: the loop thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/ids.h"

namespace runtime {

struct Core;  // core.h

// What became of it: what it made, if anything, or why not.
using Outcome = base::Result<model::Made>;
using OnOutcome = std::function<void(Outcome)>;

struct Rotated {
  size_t records = 0;
  std::string advice;  // what a person has to do now; "" for nothing
};
using OnRotated = std::function<void(base::Result<Rotated>)>;

// What became of a test message.
struct NotifierTest {
  std::string type;  // "slack"
  bool is_delivered = false;
  std::string answer;  // what came back, or why it was not sent
};
using OnTested = std::function<void(base::Result<NotifierTest>)>;

class Commands {
 public:
  explicit Commands(Core& core) : core_(core) {}

  // `answer` is called after the commit, or earlier where a refusal is known: kConflict where the
  // run exists already, in memory or in the store.
  void Trigger(model::TriggerRun trigger, OnOutcome answer);
  void SetPaused(model::SetPaused change, OnOutcome answer);
  void DeactivateDags(model::DeactivateDags request, OnOutcome answer);
  // An ended run's rows are read from the store first. kNotFound where there is no such run or job.
  void Clear(model::ClearJobs request, OnOutcome answer);
  void Mark(model::MarkJobs request, OnOutcome answer);
  void Mark(model::MarkRun request, OnOutcome answer);
  void SetNote(model::SetNote request, OnOutcome answer);
  void TellCause(model::CauseFound found, OnOutcome answer);
  void DeleteRun(model::DeleteRun request, OnOutcome answer);
  void DeleteDag(model::DeleteDag request, OnOutcome answer);
  void Terminate(model::TerminateCluster request, OnOutcome answer);
  // Its id is in the outcome; so below.
  void CreateBackfill(model::CreateBackfill request, OnOutcome answer);
  void ChangeBackfill(model::ChangeBackfill request, OnOutcome answer);
  void PlaceHold(model::PlaceHold request, OnOutcome answer);
  void ReleaseHold(model::ReleaseHold request, OnOutcome answer);
  // The event's id is in the outcome.
  void CreateAssetEvent(model::CreateAssetEvent request, OnOutcome answer);
  void DropQueuedEvents(model::DropQueuedEvents request, OnOutcome answer);

  // kConflict where a record has another revision than is expected; its name is in the message.
  void ChangeRecords(model::ChangeRecords request, OnOutcome answer);
  // A variable's or connection's document as its record holds it. A key is made where there is none
  // yet.
  base::Result<std::string> Seal(const model::RecordKey& id, std::string_view document);
  // All variables and connections under a new key (rotation.h).
  void RotateKey(model::Principal by, OnRotated answer);
  // What the process of a task of Airflow tells (machine/told.h); the answer has all that it has
  // told by then.
  void Tell(const model::ProcessToken& process,
            json::object more,
            std::function<void(base::Result<json::object>)> answer);
  // For the history; nobody waits for it.
  void NoteRefusal(model::Refused refusal);

  // Sends a message to the notifier, or to these addresses by it, and tells what came back. To
  // PagerDuty also what takes the message back. kNotFound where there is no such notifier.
  void TestNotifier(const std::string& name,
                    const std::vector<std::string>& emails,
                    model::Principal by,
                    OnTested answer);

  // The project folder is looked at soon; nothing is read again if no file has changed.
  void LookAtProject();

  // An event of EventBridge that was posted to us: when this returns it is in the driver's queue.
  // What became of it ("news"); nothing where it is no event.
  std::optional<std::string_view> TakeEvent(std::string_view event);

 private:
  Core& core_;
};

}  // namespace runtime
