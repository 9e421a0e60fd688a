// Airflow's way of waiting for a run: a line of JSON with its state now and then, until it has
// ended.

#include <algorithm>
#include <memory>
#include <utility>

#include "api/resources.h"
#include "base/json_text.h"
#include "base/text.h"

namespace api {

namespace {

// A longer silence would be taken for a lost connection.
constexpr double kShortest = 0.1, kLongest = 30;

struct State {
  std::string line;
  bool is_over = false;
};

base::Result<State> ReadState(const Reading& reading,
                              const model::RunKey& key,
                              const std::vector<std::string>& wanted) {
  ASSIGN_OR_RETURN(const model::RunRow run, reading.rows.Run(key));
  State state{.line = "", .is_over = model::IsTerminal(run.state)};
  json::object out{{"state", ToString(run.state)}};
  if (state.is_over && !wanted.empty()) {
    json::object results;
    for (const std::string& task : wanted) {
      ASSIGN_OR_RETURN(json::object outputs, OutputsOf(reading, key, task));
      results[task] = std::move(outputs);
    }
    out["results"] = std::move(results);
  }
  state.line = base::Serialize(out) + "\n";
  return state;
}

// Lives as long as its next look is due.
class Waiter : public std::enable_shared_from_this<Waiter> {
 public:
  Waiter(Context& context,
         SharedExchange exchange,
         base::Duration interval,
         std::vector<std::string> of)
      : context_(context),
        is_alive_(context.alive),
        exchange_(std::move(exchange)),
        interval_(interval),
        wanted_(std::move(of)) {}

  void Begin(http::Stream stream, const State& first) {
    stream_.emplace(std::move(stream));
    Tell(first);
  }

 private:
  void Tell(const base::Result<State>& state) {
    // Where it cannot be read any more the stream is cut: the client sees that the end is missing.
    if (!state || !stream_->Write(state->line))
      return;
    if (state->is_over)
      return stream_->End();
    timer_ = context_.views.After(interval_, [self = shared_from_this()] { self->Look(); });
  }

  void Look() {
    // A copy: the timer's callback, which holds this, goes with the timer.
    const auto self = shared_from_this();
    if (is_alive_.expired() || !stream_->Write(""))
      return;
    const auto sight = SightNow(context_, *exchange_);
    if (!sight)
      return;
    context_.desk.Read<State>(
        ReadDesk::Turn::kUsual,
        *sight,
        [self](const Reading& reading) {
          return ReadState(reading, self->exchange_->run(), self->wanted_);
        },
        [self](const base::Result<State>& state) {
          if (!self->is_alive_.expired())
            self->Tell(state);
        });
  }

  Context& context_;
  const std::weak_ptr<const bool> is_alive_;
  const SharedExchange exchange_;
  const base::Duration interval_;
  const std::vector<std::string> wanted_;
  std::optional<http::Stream> stream_;
  http::Timer timer_;
};

}  // namespace

void WaitForRun(Context& context, const SharedExchange& exchange, Answered answered) {
  const auto asked = base::ParseDouble(exchange->target.Param("interval").value_or(""));
  if (!asked || *asked <= 0)
    return answered(base::Fail(base::ErrorCode::kInvalidArgument,
                               "'interval' is needed: the seconds from one line to the next"));
  const base::Duration interval(
      static_cast<int64_t>(std::clamp(*asked, kShortest, kLongest) * 1e6));
  const std::vector<std::string> wanted = ReadAll(*exchange, "result");
  auto waiter = std::make_shared<Waiter>(context, exchange, interval, wanted);
  context.desk.Read<State>(
      ReadDesk::Turn::kUsual,
      exchange->sight,
      [run = exchange->run(), wanted](const Reading& reading) -> base::Result<State> {
        // Who names what is not there learns it now, not after hours.
        for (const std::string& task : wanted)
          RETURN_IF_ERROR(OutputsOf(reading, run, task));
        return ReadState(reading, run, wanted);
      },
      [waiter, answered = std::move(answered)](const base::Result<State>& first) {
        if (!first)
          return answered(base::Fail(first.error()));
        StreamReply reply;
        reply.head.headers.Set("Content-Type", "application/x-ndjson");
        reply.begin = [waiter, first = *first](http::Stream stream) {
          waiter->Begin(std::move(stream), first);
        };
        answered(std::move(reply));
      });
}

}  // namespace api
