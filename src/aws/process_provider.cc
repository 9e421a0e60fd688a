#include "aws/process_provider.h"

#include <chrono>
#include <utility>

#include "aws/metadata_providers.h"
#include "aws/words.h"
#include "base/process.h"
#include "base/text.h"

namespace aws {
namespace {

using base::ErrorCode;

constexpr base::Duration kLook = base::milliseconds(10);
constexpr base::Duration kPatience = base::minutes(1);
constexpr size_t kMaxOutput = 64 << 10;

class ProcessProvider : public Provider {
 public:
  ProcessProvider(const Context& context, std::string profile)
      : context_(context), profile_(std::move(profile)) {}
  std::string_view name() const override { return "custom-process"; }
  void Load(OnFound done) override;

 private:
  base::Status Start();
  void Look();
  void Finish(base::Result<Found> result);
  base::Result<Found> Read() const;
  tl::unexpected<base::Error> Bad(std::string_view why) const {
    return base::Fail(ErrorCode::kPermission,
                      base::Cat("credential_process of profile ", profile_, ": ", why));
  }

  const Context context_;
  const std::string profile_;
  // Of the run under way; there is one at a time.
  OnFound done_;
  std::optional<base::Process> process_;
  std::string output_;
  bool output_ended_ = false;
  std::chrono::steady_clock::time_point deadline_;
  http::Timer timer_;
};

base::Status ProcessProvider::Start() {
  const auto command = TextOf(context_.config.profiles().merged(), profile_, "credential_process");
  if (!command)
    return base::Fail(ErrorCode::kNotFound,
                      base::Cat("profile ", profile_, " has no credential_process"));
  auto words = SplitWords(*command);
  if (!words)
    return Bad(words.error().message);
  if (words->empty())
    return Bad("it is empty");
  auto started = base::Process::Start({.argv = *std::move(words),
                                       .env = {},
                                       .stdout_path = "",
                                       .stderr_path = "",
                                       .pipe_stdout = true,
                                       .own_group = true});
  if (!started)
    return Bad(started.error().message);
  process_.emplace(*std::move(started));
  return {};
}

void ProcessProvider::Load(OnFound done) {
  if (base::Status started = Start(); !started) {
    done(base::Fail(started.error()));
    return;
  }
  done_ = std::move(done);
  output_.clear();
  output_ended_ = false;
  deadline_ = std::chrono::steady_clock::now() + kPatience;
  Look();
}

void ProcessProvider::Look() {
  auto more = output_ended_ ? std::nullopt : process_->ReadNow();
  output_ended_ = !more;
  output_ += more.value_or("");
  if (output_.size() > kMaxOutput) {
    Finish(Bad("it printed more than 64 KiB"));
    return;
  }
  if (const auto exit = output_ended_ ? process_->Poll() : std::nullopt) {
    Finish(*exit == 0 ? Read() : Bad(base::Cat("it ended with exit code ", *exit)));
    return;
  }
  if (std::chrono::steady_clock::now() >= deadline_) {
    Finish(Bad("it did not end within a minute"));
    return;
  }
  timer_ = context_.loop.After(kLook, [this] { Look(); });
}

void ProcessProvider::Finish(base::Result<Found> result) {
  process_.reset();  // kills it if it still runs
  output_.clear();
  std::exchange(done_, nullptr)(std::move(result));
}

base::Result<Found> ProcessProvider::Read() const {
  auto parsed = base::ParseJson(output_);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr)
    return Bad("it printed no JSON object");
  if (base::GetInt(*object, "Version") != 1)
    return Bad("what it printed is not of Version 1");
  auto found = KeysFromJson(*object, "SessionToken", "what it printed");
  if (!found)
    return Bad(found.error().message);
  found->source = name();
  found->detail = "profile " + profile_;
  return found;
}

}  // namespace

std::unique_ptr<Provider> MakeProcessProvider(const Context& context, std::string profile) {
  return std::make_unique<ProcessProvider>(context, std::move(profile));
}

}  // namespace aws
