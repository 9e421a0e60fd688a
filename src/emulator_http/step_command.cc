#include "emulator_http/step_command.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"

namespace emulator_http {

namespace {

using base::Cat;
using base::ErrorCode;

constexpr std::string_view kAllowed =
    "This emulator runs `spark-submit …` and `timeout [-k D] D spark-submit …` of "
    "command-runner.jar.";

constexpr std::array kSchemes = {
    std::string_view("s3://"), std::string_view("s3a://"), std::string_view("s3n://")};

// Options of spark-submit that have no value.
constexpr std::array kFlags = {
    std::string_view("--verbose"), std::string_view("-v"), std::string_view("--supervise")};

// Those that say how large a cluster is, or how to come into it: nothing of that is here.
constexpr std::array kDropped = {std::string_view("--master"),
                                 std::string_view("--deploy-mode"),
                                 std::string_view("--driver-memory"),
                                 std::string_view("--driver-cores"),
                                 std::string_view("--executor-memory"),
                                 std::string_view("--executor-cores"),
                                 std::string_view("--num-executors"),
                                 std::string_view("--total-executor-cores"),
                                 std::string_view("--queue"),
                                 std::string_view("--principal"),
                                 std::string_view("--keytab"),
                                 std::string_view("--proxy-user")};

constexpr std::array kRefused = {std::string_view("--packages"),
                                 std::string_view("--repositories"),
                                 std::string_view("--kill"),
                                 std::string_view("--status")};

template <size_t N>
bool Has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

tl::unexpected<base::Error> Refuse(std::string_view what) {
  return base::Fail(ErrorCode::kInvalidArgument, Cat(what, " ", kAllowed));
}

bool IsDuration(std::string_view text) {
  if (!text.empty() && std::string_view("smhd").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  const auto value = base::ParseDouble(text);
  return value && *value >= 0;
}

// Of the scheme at the beginning of `text`; 0 where there is none.
size_t SchemeSize(std::string_view text) {
  for (std::string_view scheme : kSchemes)
    if (text.starts_with(scheme))
      return scheme.size();
  return 0;
}

// One argument after the other; what was understood is appended to the command.
class Reader {
 public:
  Reader(const std::vector<std::string>& args, const LocalSpark& spark)
      : args_(args), spark_(spark) {}

  base::Result<std::vector<std::string>> Read();

 private:
  std::string_view Next() const { return next_ < args_.size() ? args_[next_] : std::string_view(); }
  base::Status ReadTimeout();
  base::Status ReadOption();
  base::Status Add(std::string_view argument);
  void AddAll(std::initializer_list<std::string> arguments) {
    command_.insert(command_.end(), arguments);
  }

  const std::vector<std::string>& args_;
  const LocalSpark& spark_;
  size_t next_ = 0;
  std::vector<std::string> command_;
};

base::Status Reader::Add(std::string_view argument) {
  ASSIGN_OR_RETURN(std::string mapped, WithLocalPaths(argument, spark_.s3_root));
  command_.push_back(std::move(mapped));
  return {};
}

base::Status Reader::ReadTimeout() {
  command_.push_back(args_[next_++]);
  auto take_option = [&](std::string_view letter, std::string_view word) {
    const bool apart = Next() == letter || Next() == word;
    if (!apart && !Next().starts_with(Cat(word, "=")))
      return false;
    for (int i = 0; i < (apart ? 2 : 1) && next_ < args_.size(); ++i)
      command_.push_back(args_[next_++]);
    return true;
  };
  while (take_option("-k", "--kill-after") || take_option("-s", "--signal")) {
  }
  if (!IsDuration(Next()))
    return Refuse(Cat("'", Next(), "' is no duration of `timeout`."));
  command_.push_back(args_[next_++]);
  return {};
}

base::Status Reader::ReadOption() {
  const std::string option = args_[next_++];
  const std::string name = option.substr(0, option.find('='));
  if (Has(kRefused, name))
    return Refuse(Cat("'", name, "' of spark-submit is not there."));
  const bool has_value = name == option && !Has(kFlags, name);
  if (has_value && next_ == args_.size())
    return Refuse(Cat("'", name, "' of spark-submit has no value."));
  if (Has(kDropped, name)) {
    next_ += has_value ? 1 : 0;
    return {};
  }
  RETURN_IF_ERROR(Add(option));
  return has_value ? Add(args_[next_++]) : base::Status();
}

base::Result<std::vector<std::string>> Reader::Read() {
  if (Next() == "timeout")
    RETURN_IF_ERROR(ReadTimeout());
  if (Next() != "spark-submit")
    return Refuse(next_ == args_.size() ? "There is no program in the arguments."
                                        : Cat("'", Next(), "' is not run here."));
  ++next_;
  // The defaults, which a step's own --conf overrides; then the step's; then what it may not have.
  AddAll({spark_.spark_submit, "--conf", "spark.sql.shuffle.partitions=2"});
  while (Next().starts_with('-'))
    RETURN_IF_ERROR(ReadOption());
  if (next_ == args_.size())
    return Refuse("spark-submit has no application.");
  AddAll({"--master", Cat("local[", spark_.threads, "]"), "--deploy-mode", "client"});
  AddAll({"--driver-memory", "1g"});
  for (const char* conf : {"spark.driver.host=127.0.0.1",
                           "spark.driver.bindAddress=127.0.0.1",
                           "spark.ui.enabled=false"})
    AddAll({"--conf", conf});
  for (; next_ < args_.size(); ++next_)
    RETURN_IF_ERROR(Add(args_[next_]));
  return command_;
}

}  // namespace

base::Result<std::string> LocalPath(std::string_view uri, std::string_view s3_root) {
  const size_t scheme = SchemeSize(uri);
  const std::string_view place = uri.substr(scheme);
  const std::vector<std::string> parts = base::Split(place, '/');
  if (scheme == 0 || parts[0].empty() || parts[0].starts_with('.') ||
      std::find(parts.begin(), parts.end(), "..") != parts.end())
    return base::Fail(ErrorCode::kInvalidArgument,
                      Cat("'", uri, "' is no place in S3: s3://, a bucket, a key without '..'."));
  return Cat(s3_root, "/", place);
}

base::Result<std::string> WithLocalPaths(std::string_view text, std::string_view s3_root) {
  std::string out;
  bool inside_word = false;  // "xs3://" is no scheme
  while (!text.empty()) {
    if (!inside_word && SchemeSize(text) > 0) {
      const std::string_view uri = text.substr(0, text.find_first_of(",;'\" \t\n}]"));
      ASSIGN_OR_RETURN(std::string path, LocalPath(uri, s3_root));
      out += path;
      text.remove_prefix(uri.size());
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
    inside_word = std::isalnum(static_cast<unsigned char>(out.back())) != 0;
  }
  return out;
}

base::Result<std::vector<std::string>> StepCommand(const emulator::StepOrder& order,
                                                   const LocalSpark& spark) {
  if (order.jar != "command-runner.jar")
    return Refuse(Cat("'", order.jar, "' is not run here."));
  return Reader(order.args, spark).Read();
}

}  // namespace emulator_http
