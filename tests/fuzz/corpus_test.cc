// Every test run replays the hand-made inputs of corpus/ and mutations of them, the same ones each
// time. tools/fuzz looks for new inputs; this keeps what was learnt.

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/check.h"
#include "base/draw.h"
#include "base/text.h"
#include "targets.h"

namespace fuzz {
namespace {

namespace fs = std::filesystem;

struct Target {
  std::string name;  // of its folder below corpus/
  void (*run)(std::string_view bytes);
};

const Target kTargets[] = {
    {"aws_error", FuzzAwsError},
    {"cron", FuzzCron},
    {"dag", FuzzDag},
    {"emr_event", FuzzEmrEvent},
    {"emr_reply", FuzzEmrReply},
    {"fault_plan", FuzzFaultPlan},
    {"http_request", FuzzHttpRequest},
    {"http_response", FuzzHttpResponse},
    {"id_token", FuzzIdToken},
    {"ini", FuzzIni},
    {"sigv4", FuzzSigV4},
    {"smtp_reply", FuzzSmtpReply},
    {"state_item", FuzzStateItem},
    {"template", FuzzTemplate},
    {"xml", FuzzXml},
    {"yaml", FuzzYaml},
    {"zone", FuzzZone},
};

constexpr size_t kMutations = 2'000;  // of each input, on average
constexpr uint64_t kSeed = 1;

const fs::path& Corpus() {
  static const fs::path kCorpus = fs::path(SIGNALBOX_SOURCE_DIR) / "tests" / "fuzz" / "corpus";
  return kCorpus;
}

// By name, so that mutations do not depend on the file system's order.
std::vector<std::string> ReadCorpus(const std::string& target) {
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(Corpus() / target))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const fs::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return inputs;
}

// Damages an input as libFuzzer would: bits, lost and doubled stretches, halves of two inputs.
class Mutator {
 public:
  Mutator(const std::string& target, const std::vector<std::string>& inputs)
      : target_(target), inputs_(inputs) {}

  std::string Next() {
    std::string bytes = Pick();
    for (size_t changes = 1 + Below(4); changes > 0; --changes)
      Change(bytes);
    return bytes;
  }

 private:
  void Change(std::string& bytes) {
    const size_t at = Below(bytes.size() + 1);
    const size_t length = Below(std::min<size_t>(bytes.size() - at, 16) + 1);
    switch (Below(6)) {
      case 0:
        if (at < bytes.size())
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << Below(8)));
        break;
      case 1:
        bytes.insert(at, 1, static_cast<char>(Below(256)));
        break;
      case 2:
        bytes.erase(at, length);
        break;
      case 3:
        bytes.insert(Below(bytes.size() + 1), bytes.substr(at, length));
        break;
      case 4:
        bytes.resize(at);
        break;
      default: {
        const std::string& other = Pick();
        bytes.replace(at, std::string::npos, other, Below(other.size() + 1));
      }
    }
  }

  const std::string& Pick() { return inputs_[Below(inputs_.size())]; }
  size_t Below(size_t limit) { return base::Draw(kSeed, target_, counter_++) % limit; }

  const std::string& target_;
  const std::vector<std::string>& inputs_;
  uint64_t counter_ = 0;
};

// The input at work stands in a file, for the case that it ends the process. The file stays open:
// opening it again costs more than most inputs.
class Witness {
 public:
  explicit Witness(const std::string& target)
      : path_(base::Cat("fuzz_", target, ".input")),
        file_(open(path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644)) {
    CHECK(file_ >= 0);
  }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() {
    close(file_);
    fs::remove(path_);
  }

  void Write(std::string_view bytes) {
    CHECK(pwrite(file_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    CHECK(ftruncate(file_, static_cast<off_t>(bytes.size())) == 0);
  }

 private:
  fs::path path_;
  int file_;
};

class FuzzCorpus : public testing::TestWithParam<Target> {};

TEST_P(FuzzCorpus, AnswersForItsInputsAndTheirMutations) {
  const auto& [name, run] = GetParam();
  const std::vector<std::string> inputs = ReadCorpus(name);
  ASSERT_FALSE(inputs.empty()) << "no inputs in corpus/" << name;
  Witness witness(name);
  run("");
  for (const std::string& input : inputs) {
    witness.Write(input);
    run(input);
  }
  Mutator mutator(name, inputs);
  for (size_t i = 0; i < kMutations * inputs.size(); ++i) {
    const std::string input = mutator.Next();
    witness.Write(input);
    run(input);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzCorpus, testing::ValuesIn(kTargets), [](const auto& param) {
  return param.param.name;
});

// A folder that no target reads would look like a test.
TEST(FuzzCorpusFolders, BelongToATarget) {
  for (const fs::directory_entry& entry : fs::directory_iterator(Corpus())) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(std::ranges::any_of(kTargets, [&](const Target& t) { return t.name == name; }))
        << name;
  }
}

}  // namespace
}  // namespace fuzz
