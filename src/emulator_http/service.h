#pragma once

// The emulator over real HTTP: `POST /` in EMR's JSON 1.1 protocol with Signature Version 4,
// replies that are dropped or held as the fault plan says, a journal file of JSON lines, each
// flushed, and, where asked for, steps run as processes (step_runner.h). `GET /_emulator/health` is
// not signed and answers {"status":"ok","now":…}.
//
// Signatures, held replies and the Date header go by the wall, everything in bodies by the world.
// The model itself is in `emulator`.
//
// Thread rule: the loop's thread. Destroy the Service before its Loop.

#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "emulator/emulator.h"
#include "emulator_http/step_runner.h"
#include "http/loop.h"
#include "http/server.h"
#include "wire/sigv4.h"

namespace emulator_http {

// Access keys and their secrets.
using Keys = std::map<std::string, std::string, std::less<>>;

// A key file has an access key and its secret a line, separated by space; `#` begins a comment.
base::Result<Keys> ReadKeyFile(const std::string& path);

struct ServiceOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;         // 0 picks one
  std::string journal_path;  // "" writes none; else appended to
  Keys keys = {{"test", "test"}};
  std::optional<StepRunnerOptions> steps;  // nothing: their time is pretended
  // Is handed every event that EventBridge would be given; without it none are made.
  std::function<void(const json::object& event)> on_event;
};

class Service {
 public:
  // `model.speed`, `.journal`, `.events` and `.run_steps` are set from the clock and the options.
  Service(http::Loop& loop, base::Clock clock, emulator::Options model, ServiceOptions options);

  // Opens the journal, looks for what steps need, and listens; the answer is the port.
  base::Result<uint16_t> Start();

 private:
  void Answer(const http::Request& request, const http::Responder& responder);
  emulator::Reply Call(const http::Request& request);
  http::Response AnswerObject(const http::Request& request);
  http::Response AnswerList(const http::Request& request);
  // A refusal of the request as such, or nothing.
  std::optional<http::Response> CheckObjectRequest(const http::Request& request) const;
  // Nothing where it is good.
  std::optional<wire::SignatureError> CheckSignature(const http::Request& request,
                                                     std::string_view service) const;
  void Deliver(const emulator::Reply& reply, const http::Responder& responder);
  void Hold(base::Duration wall, std::function<void()> then);
  http::Response Health() const;
  // Brings what happened to the journal and to the steps' processes, and wakes up when something
  // next happens by itself.
  void Settle();

  http::Loop& loop_;
  const base::Clock clock_;
  const ServiceOptions options_;
  emulator::Emulator emulator_;
  std::optional<StepRunner> steps_;
  std::ofstream journal_;
  bool journal_broken_ = false;
  http::Timer wake_up_;
  uint64_t holds_ = 0;
  std::map<uint64_t, http::Timer> held_;
  http::Server server_;
};

}  // namespace emulator_http
