#include "base/log.h"

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log_line.h"
#include "base/log_queue.h"
#include "base/mask.h"
#include "base/text.h"

namespace base {
namespace {

namespace fs = std::filesystem;

const Time kAt = ParseTime("2026-01-05T02:00:00Z").value();

std::string Text(const json::object& fields, LogFormat format = LogFormat::kText) {
  return FormatLogLine({kAt, LogLevel::kWarning, "verdict", fields}, format);
}

TEST(LogLine, IsReadableOrStructured) {
  const json::object fields{{"dag", "d0"}, {"try", 2}, {"reason", "a step failed"}};
  EXPECT_EQ(Text(fields),
            "2026-01-05T02:00:00Z WARNING verdict dag=d0 try=2 reason=\"a step failed\"\n");
  EXPECT_EQ(Text(fields, LogFormat::kJson),
            R"({"t":"2026-01-05T02:00:00Z","level":"warning","event":"verdict","dag":"d0","try":2,)"
            R"("reason":"a step failed"})"
            "\n");
}

TEST(LogLine, HoldsNothingThatMovesATerminal) {
  for (LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    const std::string line =
        Text({{"x", "a\x1b[31m\nb\x7f\xc2\x9b\xff\xed\xa0\x80 \xc3\xbc"}}, format);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(line.find('\x7f'), std::string::npos);
    EXPECT_EQ(line.find("\xc2\x9b"), std::string::npos);
    EXPECT_EQ(line.find('\xff'), std::string::npos);
    EXPECT_NE(line.find("\xc3\xbc"), std::string::npos);
  }
}

TEST(LogLine, CutsWhatIsLong) {
  EXPECT_LT(Text({{"x", std::string(100000, 'x')}}).size(), 3000U);
}

TEST(Mask, TakesOutWhatLooksLikeASecret) {
  EXPECT_EQ(MaskSecrets("key AKIAIOSFODNN7EXAMPLE."), "key AKIA***.");
  EXPECT_EQ(MaskSecrets("Authorization: Bearer abc.DEF-1 x"), "Authorization: Bearer *** x");
  EXPECT_EQ(MaskSecrets("?X-Amz-Signature=00ff&X-Amz-Security-Token=IQo%2F"),
            "?X-Amz-Signature=***&X-Amz-Security-Token=***");
  EXPECT_EQ(MaskSecrets("AKIA is no key, nor is XAKIAIOSFODNN7EXAMPLE"),
            "AKIA is no key, nor is XAKIAIOSFODNN7EXAMPLE");
}

// A log on a fifo: its reader is the test.
class LogQueueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = ::testing::TempDir() + "log_fifo_" + std::to_string(::getpid());
    fs::remove(path_);
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    reader_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK);
    ASSERT_GE(reader_, 0);
  }
  void TearDown() override {
    if (reader_ >= 0)
      ::close(reader_);
    fs::remove(path_);
  }
  LogQueue& Start(size_t most_bytes = 1 << 16) {
    auto queue = LogQueue::Start(
        {.file = path_,
         .most_bytes = most_bytes,
         .most_a_minute = 3,
         .suppressed = [](std::string_view kind,
                          uint64_t count) { return Cat("suppressed ", count, " of ", kind, "\n"); },
         .dropped = [](uint64_t count) { return Cat("dropped ", count, "\n"); }});
    EXPECT_TRUE(queue.has_value());
    return **queue;
  }
  // What was written until a line that holds `last`.
  std::string ReadUntil(std::string_view last) {
    std::string text;
    pollfd ready{reader_, POLLIN, 0};
    while (text.find(last) == std::string::npos && ::poll(&ready, 1, 10000) > 0) {
      char buffer[4096];
      const ssize_t got = ::read(reader_, buffer, sizeof(buffer));
      if (got <= 0)
        break;
      text.append(buffer, static_cast<size_t>(got));
    }
    return text;
  }

  std::string path_;
  int reader_ = -1;
};

TEST_F(LogQueueTest, AReaderThatHasStoppedHoldsNobodyUp) {
  LogQueue& queue = Start();
  const std::string line(1000, 'x');
  constexpr int kLines = 1000;  // a pipe holds 64 of them, the queue as many
  for (int i = 0; i < kLines; ++i)
    queue.Push(line + "\n");
  const uint64_t dropped = queue.lines_dropped();
  EXPECT_GT(dropped, 500U);
  EXPECT_LT(dropped, 1000U);
  queue.Stop(std::chrono::milliseconds(1));  // nor the end of the program
  EXPECT_NE(ReadUntil("dropped ").find("dropped "), std::string::npos);
}

TEST_F(LogQueueTest, AReaderThatIsGoneEndsNothing) {
  LogQueue& queue = Start();
  queue.Push("one\n");
  EXPECT_EQ(ReadUntil("one"), "one\n");
  ::close(std::exchange(reader_, -1));
  queue.Push("two\n");
  queue.Stop(std::chrono::seconds(10));
  EXPECT_EQ(queue.lines_dropped(), 1U);
}

TEST_F(LogQueueTest, OneKindComesSoOftenAMinuteAndIsCountedThen) {
  LogQueue& queue = Start();
  int admitted = 0;
  for (int i = 0; i < 20; ++i)
    admitted += queue.Admit("mistake") ? 1 : 0;
  EXPECT_EQ(admitted, 3);
  EXPECT_TRUE(queue.Admit("another"));
  queue.Stop(std::chrono::seconds(10));
  EXPECT_EQ(ReadUntil("mistake"), "suppressed 17 of mistake\n");
}

TEST_F(LogQueueTest, AFileThatWasMovedAwayIsBegunAnew) {
  const std::string path = path_ + ".log";
  fs::remove(path);
  auto queue = LogQueue::Start({.file = path,
                                .suppressed = [](auto, auto) { return std::string(); },
                                .dropped = [](auto) { return std::string(); }});
  ASSERT_TRUE(queue.has_value());
  auto content = [](const std::string& of) {
    std::ifstream in(of);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  (*queue)->Push("one\n");
  // Its first line is there, so it is moved with what it holds.
  for (int i = 0; i < 10000 && content(path).empty(); ++i)
    ::poll(nullptr, 0, 1);
  fs::rename(path, path + ".1");
  (*queue)->Reopen();
  (*queue)->Push("two\n");
  (*queue)->Stop(std::chrono::seconds(10));
  EXPECT_EQ(content(path + ".1"), "one\n");
  EXPECT_EQ(content(path), "two\n");
  fs::remove(path);
  fs::remove(path + ".1");
}

TEST(Log, SaysWhyAFileCannotBeOpened) {
  auto started = StartLog({.file = "/nowhere/x.log"});
  ASSERT_FALSE(started.has_value());
  EXPECT_NE(started.error().message.find("/nowhere/x.log"), std::string::npos);
}

}  // namespace
}  // namespace base
