#pragma once

// The outbox: which messages are to be sent, to whom and when. A pure state machine. Its inputs are
// happenings, time, and the answers of senders; its outputs are changes of records and messages to
// send now. Its durable state is records alone (matter.h): a restart loads them.
//
//   Take(happenings) ─► records          what is alike waits a little and becomes one message
//   Bundle(now)      ─► records          what would wait longer than a minute goes out together
//   Next(now)        ─► messages         only what is stored; one at a time for each notifier
//   Answered(id)     ─► records          done, once more after a pause, or given up
//
// The first of them stands in outbox.cc, the others in outbox_sending.cc.
//
// From history into the outbox a happening comes once; from there to the world a message goes at
// least once, each time under the same id. What is over is told to those who were told that it
// began, and after that.
//
// Its caller stores each change before the next call, and loads again where a change was not
// stored (desk.h does).
//
// Thread rule: one thread.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "model/event.h"
#include "notify/matter.h"
#include "notify/routes.h"
#include "notify/sender.h"

namespace notify {

inline constexpr std::string_view kNoSuchNotifier = "signalbox.yaml has no such notifier any more";
// What may wait for one notifier. Of more the oldest is given up.
inline constexpr size_t kWaitingMax = 1'000;
// The matter of a notifier's messages that were given up because it took nothing.
inline constexpr std::string_view kGivenUpAbout = "messages given up";

using Records = std::vector<model::ChangeRecords::One>;

// What became of messages, of this life.
struct NotifierState {
  int64_t sent = 0, failed = 0, given_up = 0;
  int pending = 0;
  std::optional<base::Time> last_success, failing_since;
  std::string last_error;  // "" once one has arrived after it
};

class Outbox {
 public:
  // `seed`: of the jitter.
  explicit Outbox(uint64_t seed) : seed_(seed) {}

  // What is stored. What is under way stays so.
  void Load(const std::vector<const model::RecordRow*>& rows, base::Time now);

  Records Take(const std::vector<Happening>& happenings, const Routes& routes, base::Time now);
  // Also gives up what has waited for too long: for a notifier that fails, or is gone from the
  // file.
  Records Bundle(const Routes& routes, base::Time now);

  struct Sending {
    std::string id;
    Target target;
    struct Item {
      MatterKey key;
      Notice notice;
      std::string known_as, title, text;  // of its matter
    };
    std::vector<Item> items;  // several: a bundle
  };
  // They are under way from here on.
  std::vector<Sending> Next(const Routes& routes, base::Time now);
  struct Answer {
    std::optional<SendFailure> failure;  // none: it has arrived
    bool has_cause = false;              // the message said why it failed, by the logs
  };
  Records Answered(const std::string& id,
                   const Answer& answer,
                   const Routes& routes,
                   base::Time now);

  // The latest answer could not be stored: it is under way as before. Load comes first.
  void TakeBackAnswer();

  // When Bundle and Next have something to do at the earliest; none: after a happening.
  std::optional<base::Time> NextWake(const Routes& routes) const;
  // By notifier.
  std::map<std::string, NotifierState> States() const;
  const std::map<MatterKey, Matter>& matters() const { return matters_; }

 private:
  struct Line {  // to one notifier
    NotifierState state;
    base::Time free_at;         // the rate
    base::Time paused_until{};  // it fails
    int failures_in_row = 0;
    std::string under_way;  // an id; "": nothing is
  };
  using Waiting = std::vector<std::pair<Matter*, Notice*>>;
  using GivenUp = std::map<Target, int>;  // how many messages

  void TakeOne(const Happening& happening, const Routes& routes, base::Time now);
  void Begin(const Happening& happening, const Route& route, base::Time now);
  void Ease(const Happening& happening, base::Time now);
  void TellCause(const Happening& happening, base::Time now);
  void Rename(const Happening& happening, base::Time now);
  // One that the happening can still join, or a new one.
  Notice& NoticeFor(Matter& matter, const Happening& happening, base::Time now);
  void AddNotice(Matter& matter, const Happening& happening, base::Time now);
  void End(const Happening& happening, base::Time now);
  void CloseIfOver(Matter& matter, const Happening& happening, base::Time now);
  void TellGivenUp(const GivenUp& given_up, base::Time now);
  // With this `about`, of all targets.
  std::vector<Matter*> MattersOf(const Happening& happening);
  // What follows from it was told already: a job of the run has failed.
  bool IsEcho(const Happening& happening, const Target& target) const;
  bool IsUnderWay(const Matter& matter, const Notice& notice) const;
  // No attempt was made to send it.
  bool IsUntouched(const Matter& matter, const Notice& notice) const;
  int GiveUp(Matter& matter, std::string id, std::string_view why);
  Matter& Touch(Matter& matter, base::Time now);
  // Of the matters that were touched; those that have nothing left are dropped.
  Records Changes();
  // What may go out now, the oldest first: of each matter the first notice.
  Waiting WaitingOf(const std::string& notifier, base::Time now);
  void GiveUpOld(const std::string& notifier, const Notifier* settings, base::Time now);
  void GiveUpExcess(const std::string& notifier, base::Time now);
  void BundleFor(const Notifier& notifier, base::Time now);
  void NoteAnswer(const std::string& name,
                  Line& line,
                  const std::optional<SendFailure>& failure,
                  base::Time now) const;
  void NoteTold(Matter& matter, bool has_cause, base::Time now);
  Line& LineOf(const std::string& notifier, const Notifier* settings);

  uint64_t seed_;
  base::Time born_at_{};
  bool is_born_ = false;
  std::map<MatterKey, Matter> matters_;
  std::set<MatterKey> touched_;
  std::set<MatterKey> stored_;
  std::map<std::string, Line> lines_;  // by notifier
  std::optional<std::pair<std::string, Line>> before_answer_;
};

}  // namespace notify
