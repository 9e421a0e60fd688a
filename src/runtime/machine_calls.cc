#include "runtime/machine_calls.h"

#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "model/work.h"

namespace runtime {

namespace {

wire::AwsError ErrorOf(const base::Error& error) {
  wire::AwsError out;
  out.error_class = error.code == base::ErrorCode::kUnavailable ? wire::ErrorClass::kUnavailable
                                                                : wire::ErrorClass::kClean;
  out.code = "Machine";
  out.message = error.message;
  return out;
}

// "exit_code" is ExitCode to the driver, as in all of its replies.
std::string NameOfMember(std::string_view name) {
  std::string out;
  bool begins = true;
  for (const char c : name) {
    if (c == '_') {
      begins = true;
      continue;
    }
    out += begins ? base::ToUpper(std::string_view(&c, 1)) : std::string(1, c);
    begins = false;
  }
  return out;
}

}  // namespace

std::map<std::string, std::string> EnvironmentOfCommands(
    const std::map<std::string, std::string>& ours) {
  std::map<std::string, std::string> passed;
  for (const auto& [name, value] : ours) {
    if (machine::IsPassedOn(name))
      passed.emplace(name, value);
  }
  return passed;
}

MachineCalls::MachineCalls(http::Loop& loop,
                           const base::Clock& clock,
                           SecretFiller& filler,
                           AirflowTasks& airflow_tasks,
                           machine::Options options)
    : loop_(loop),
      clock_(clock),
      filler_(filler),
      airflow_tasks_(airflow_tasks),
      machine_(std::move(options)) {}

// The machine answers on its own thread.
machine::Machine::Done MachineCalls::OnLoop(std::function<void(base::Result<json::object>)> done) {
  return [this, alive = std::weak_ptr(alive_), done = std::move(done)](
             base::Result<json::object> answer) {
    loop_.Post([alive, done, answer = std::move(answer)] {
      if (!alive.expired())
        done(answer);
    });
  };
}

void MachineCalls::Tell(const std::string& token, json::object more, OnTold done) {
  machine_.Tell(token, std::move(more), OnLoop(std::move(done)));
}

void MachineCalls::Submit(const driver::Call& call, OnReply on_reply) {
  machine::Machine::Done done =
      OnLoop([this, on_reply = std::move(on_reply)](base::Result<json::object> answer) {
        Answer(std::move(answer), on_reply);
      });
  const json::object body = base::ParseJson(call.body)->as_object();  // the driver's
  const std::string token = base::GetString(body, "Token");
  if (call.action == "StartProcess")
    Start(body, token, std::move(done));
  else if (call.action == "AwaitProcess")
    machine_.Await(token, base::GetString(body, "Outputs"), std::move(done));
  else if (call.action == "StopProcess")
    machine_.Stop(token, std::move(done));
  else
    machine_.List(std::move(done));
}

void MachineCalls::Start(const json::object& body,
                         const std::string& token,
                         machine::Machine::Done done) {
  const auto filled =
      filler_.Fill(base::Serialize(base::GetObject(body, "Request")), &model::MayHoldSecret);
  if (!filled) {
    done(base::Fail(base::ErrorCode::kInvalidArgument, filled.error().message));
    return;
  }
  json::object request = base::ParseJson(*filled)->as_object();
  if (request.contains("airflow")) {
    auto task = airflow_tasks_.Fill(token, std::move(request));
    if (!task) {
      done(base::Fail(task.error()));
      return;
    }
    request = *std::move(task);
  }
  // The command runs in wall time.
  if (const int64_t most = base::GetInt(request, "timeout_us"); most > 0)
    request["timeout_us"] = std::max<int64_t>(1, clock_.ToWall(base::Duration(most)).count());
  machine_.Start(token, std::move(request), std::move(done));
}

json::object MachineCalls::InWorldTime(json::object answer) const {
  json::object out;
  for (auto& item : answer) {
    const std::string_view name = item.key();
    if (name == "began_at_us" || name == "ended_at_us") {
      const base::Time wall = base::FromMicros(item.value().to_number<int64_t>());
      out[name == "began_at_us" ? "BeganAt" : "EndedAt"] =
          base::FormatRfc3339(clock_.WorldAt(wall));
    } else if (item.value().is_string()) {
      out[NameOfMember(name)] = filler_.Masked(std::string(item.value().get_string()));
    } else {
      out[NameOfMember(name)] = std::move(item.value());
    }
  }
  return out;
}

void MachineCalls::Answer(base::Result<json::object> answer, const OnReply& done) {
  if (answer)
    done(json::value(InWorldTime(*std::move(answer))), std::nullopt);
  else
    done(std::nullopt, ErrorOf(answer.error()));
}

}  // namespace runtime
