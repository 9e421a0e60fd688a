#include "api/step_logs.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "api/resources.h"
#include "api/task_tries.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using base::Cat;

constexpr int64_t kPageMax = int64_t{4} << 20;
constexpr int64_t kPage = int64_t{1} << 20;

// The end of the page that begins at `offset`: behind a line, or at least between two characters.
size_t PageEnd(const std::string& text, size_t offset, size_t limit) {
  if (text.size() - offset <= limit)
    return text.size();
  const size_t line = text.rfind('\n', offset + limit - 1);
  if (line != std::string::npos && line >= offset)
    return line + 1;
  size_t end = offset + limit;
  while (end > offset + 1 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  return end;
}

// In bytes; `tail`: so many of the end, in whole lines.
struct PageOf {
  int64_t offset = 0, limit = kPage;
  int64_t tail = 0;
};

base::Result<PageOf> ReadPage(const Exchange& exchange) {
  PageOf page;
  ASSIGN_OR_RETURN(page.offset, ReadInt(exchange, "offset", 0));
  ASSIGN_OR_RETURN(page.limit, ReadInt(exchange, "limit", kPage));
  ASSIGN_OR_RETURN(page.tail, ReadInt(exchange, "tail", 0));
  if (page.limit < 1 || page.limit > kPageMax)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat("'limit' must be 1 to ", kPageMax, " bytes"));
  return page;
}

json::object PageJson(const std::string& uri, const std::string& text, const PageOf& page) {
  const auto size = static_cast<int64_t>(text.size());
  int64_t offset = std::min(page.offset, size);
  if (page.tail > 0 && page.tail < size) {
    const size_t line = text.find('\n', static_cast<size_t>(size - page.tail) - 1);
    // Of a last line that is longer its end, between two characters.
    size_t begin = line == std::string::npos || line + 1 == text.size()
                       ? static_cast<size_t>(size - page.tail)
                       : line + 1;
    while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80)
      ++begin;
    offset = static_cast<int64_t>(begin);
  }
  const auto from = static_cast<size_t>(offset);
  const size_t end = PageEnd(text, from, static_cast<size_t>(page.limit));
  json::object out{{"uri", uri},
                   {"content", text.substr(from, end - from)},
                   {"offset", offset},
                   {"size", size},
                   {"next_offset", nullptr}};
  if (end < text.size())
    out["next_offset"] = end;
  return out;
}

// A name of a part of the path; the object's key must not lead elsewhere.
bool IsPlainName(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

}  // namespace

base::Result<StepLogs> ReadLogs(const Reading& reading, const Exchange& exchange) {
  ASSIGN_OR_RETURN(const model::ClusterRow cluster,
                   reading.rows.Cluster(model::ClusterId(exchange.args.at(0))));
  return LogsOf(reading.rows, cluster);
}

bool IsStream(std::string_view text) {
  constexpr std::array<std::string_view, 4> kStreams = {"stdout", "stderr", "controller", "syslog"};
  return std::ranges::find(kStreams, text) != kStreams.end();
}

base::Error WhyNoLog(const std::string& uri, base::Error error) {
  if (error.code == base::ErrorCode::kNotFound && !uri.starts_with(runtime::kProcessScheme))
    error.message = Cat(uri, " is not there (yet): ", kLogShipping);
  return error;
}

void ReadLogText(Context& context,
                 const std::string& uri,
                 size_t offset,
                 std::function<void(base::Result<LogTexts::Text>)> done) {
  // Who asks for what is behind the end wants to know whether there is more by now.
  const LogTexts::Text kept = offset > 0 ? context.log_texts->Find(uri) : nullptr;
  if (kept != nullptr && offset < kept->size())
    return done(kept);
  context.views.ReadLogText(
      uri,
      [&context, alive = std::weak_ptr(context.alive), uri, done = std::move(done)](
          base::Result<std::string> text) {
        if (alive.expired())
          return;
        if (!text)
          return done(base::Fail(text.error()));
        auto shared = std::make_shared<const std::string>(*std::move(text));
        context.log_texts->Keep(uri, shared);
        done(LogTexts::Text(std::move(shared)));
      });
}

namespace {

void SendPage(Context& context, const std::string& uri, const PageOf& page, Answered answered) {
  const auto offset = static_cast<size_t>(page.tail > 0 ? 0 : page.offset);
  ReadLogText(context, uri, offset, [uri, page, answered = std::move(answered)](const auto& text) {
    if (text)
      return answered(PageJson(uri, **text, page));
    answered(base::Fail(WhyNoLog(uri, text.error())));
  });
}

// Where the try of a command keeps the stream.
base::Result<std::string> FindOutput(const Reading& reading,
                                     const Exchange& exchange,
                                     const std::string& stream) {
  ASSIGN_OR_RETURN(const TaskTries tries, ReadTries(reading, exchange));
  const auto number = base::ParseInt(exchange.args.back());
  const model::ProcessRow* process = number ? ProcessOf(tries, static_cast<int>(*number)) : nullptr;
  if (process == nullptr)
    return base::Fail(base::ErrorCode::kNotFound, "there is no such try of a command");
  if (!process->began_at)
    return base::Fail(base::ErrorCode::kNotFound, "its process has not begun");
  return LogUriOf(LogsOf(*process), "", stream);
}

}  // namespace

void GetStepLog(Context& context,
                const std::shared_ptr<const Exchange>& exchange,
                Answered answered) {
  const auto page = ReadPage(*exchange);
  if (!page)
    return answered(base::Fail(page.error()));
  const std::string& step = exchange->args.at(1);
  const std::string& stream = exchange->args.at(2);
  if (!IsStream(stream) || !IsPlainName(step))
    return answered(base::Fail(base::ErrorCode::kNotFound,
                               "a step has the logs stdout, stderr, controller and syslog"));
  context.desk.Read<StepLogs>(
      ReadDesk::Turn::kUsual,
      exchange->sight,
      [exchange](const Reading& reading) { return ReadLogs(reading, *exchange); },
      [&context, step, stream, page = *page, answered](base::Result<StepLogs> logs) {
        if (!logs)
          return answered(base::Fail(logs.error()));
        SendPage(context, LogUriOf(*logs, step, stream), page, answered);
      });
}

void GetTryOutput(Context& context,
                  const std::shared_ptr<const Exchange>& exchange,
                  Answered answered) {
  const auto page = ReadPage(*exchange);
  if (!page)
    return answered(base::Fail(page.error()));
  const auto asked = ReadOne(*exchange, "stream");
  if (!asked)
    return answered(base::Fail(asked.error()));
  const std::string stream = asked->value_or("stdout");
  if (stream != "stdout" && stream != "stderr")
    return answered(base::Fail(base::ErrorCode::kInvalidArgument, "'stream' is stdout or stderr"));
  context.desk.Read<std::string>(
      ReadDesk::Turn::kUsual,
      exchange->sight,
      [exchange, stream](const Reading& reading) { return FindOutput(reading, *exchange, stream); },
      [&context, page = *page, answered](base::Result<std::string> uri) {
        if (!uri)
          return answered(base::Fail(uri.error()));
        SendPage(context, *uri, page, answered);
      });
}

}  // namespace api
