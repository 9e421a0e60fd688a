#include "emr/cause.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/safe_text.h"
#include "base/text.h"

namespace emr {

namespace {

using base::Cat;

constexpr size_t kExceptionMax = 600;

// What usually helps, by words of the exception or of what was said beside it.
struct Advice {
  std::string_view words;
  std::string_view text;
};
constexpr std::array kAdvice = {
    Advice{"exceeding memory limits",
           "YARN killed the container for its memory: raise spark.executor.memoryOverhead, or give "
           "each executor fewer cores"},
    Advice{"exceeding physical memory limits",
           "YARN killed the container for its memory: raise spark.executor.memoryOverhead, or give "
           "each executor fewer cores"},
    Advice{"Java heap space",
           "the heap is too small: raise spark.driver.memory or spark.executor.memory, or use more "
           "partitions"},
    Advice{"GC overhead limit exceeded",
           "the heap is too small: raise spark.driver.memory or spark.executor.memory, or use more "
           "partitions"},
    Advice{"maxResultSize", "collect less in the driver, or raise spark.driver.maxResultSize"},
    Advice{"No space left on device",
           "the nodes' disks are full: give them larger EBS volumes, or use more nodes"},
    Advice{"No module named",
           "the package is not on the cluster: ship it with --py-files or --archives, or install "
           "it in a bootstrap action"},
    Advice{"ClassNotFoundException",
           "the class is not on the cluster: check --class, the jar, and --packages"},
    Advice{"NoSuchMethodError", "two versions of one library meet: shade the jar's dependencies"},
    Advice{"Path does not exist", "the input is not there: check what the job before has written"},
    Advice{"NoSuchBucket", "there is no such bucket: check its name and region"},
    Advice{"Access Denied", "the instance profile (JobFlowRole) may not do this in S3"},
    Advice{"AccessDenied", "the instance profile (JobFlowRole) may not do this"},
    Advice{"SlowDown", "S3 was asked too often at once: use fewer, larger files, or try again"},
    Advice{"UNRESOLVED_COLUMN", "the input has other columns than the job expects"},
    Advice{"already exists",
           "the output is there already: write with mode overwrite, or to another path"},
};

// Words that say nodes were taken back.
constexpr std::array<std::string_view, 5> kSpotWords = {"spot instance interruption",
                                                        "spot interruption",
                                                        "Container released on a *lost* node",
                                                        "is going to be interrupted",
                                                        "Exit status: -100."};

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool IsNameChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '$';
}

// "org.a.SparkException: words", "ValueError", "pyspark.errors.X: words": a name that says it is an
// exception, alone or before a colon.
bool IsException(std::string_view line) {
  const auto end = std::find_if_not(line.begin(), line.end(), IsNameChar);
  const std::string_view name = line.substr(0, static_cast<size_t>(end - line.begin()));
  const std::string_view rest = line.substr(name.size());
  if (name.empty() || (!rest.empty() && !rest.starts_with(":")))
    return false;
  constexpr std::array<std::string_view, 5> kEnds = {
      "Exception", "Error", "Interrupt", "SystemExit", "Warning"};
  return std::ranges::any_of(kEnds, [&](std::string_view word) { return name.ends_with(word); }) ||
         name.starts_with("org.apache.spark.sql.") || name.starts_with("py4j.protocol.");
}

// What Java wraps others' exceptions in: the one inside counts.
bool IsWrapper(std::string_view exception) {
  constexpr std::array<std::string_view, 4> kWrappers = {
      "org.apache.spark.SparkException: Job aborted",
      "org.apache.spark.SparkException: Application ",
      "py4j.protocol.Py4JJavaError",
      "org.apache.spark.SparkUserAppException"};
  return std::ranges::any_of(kWrappers,
                             [&](std::string_view word) { return exception.starts_with(word); });
}

std::string Short(std::string_view exception) {
  return base::Excerpt(std::string(base::Trim(exception)), kExceptionMax);
}

// The exception that a line of a log names, if it names one.
std::string_view ExceptionIn(std::string_view line) {
  for (const std::string_view lead : {"Caused by: ", "Exception in thread \"main\" ", ": "}) {
    if (line.starts_with(lead) && IsException(line.substr(lead.size())))
      return line.substr(lead.size());
  }
  if (IsException(line))
    return line;
  // "24/01/01 10:00:00 ERROR ApplicationMaster: User class threw exception: java.lang.X: words".
  for (const std::string_view lead :
       {"User class threw exception: ", "Uncaught exception: ", "failed with exception "}) {
    const size_t at = line.find(lead);
    if (at != std::string_view::npos && IsException(line.substr(at + lead.size())))
      return line.substr(at + lead.size());
  }
  return {};
}

// "  File "/mnt/x/train.py", line 12, in main" -> "train.py line 12, in main"; "" where the line is
// no place, or is in a library.
std::string PlaceIn(std::string_view line) {
  constexpr std::string_view kLead = "File \"";
  const std::string_view text = base::Trim(line);
  const size_t end = text.find("\", line ");
  if (!text.starts_with(kLead) || end == std::string_view::npos)
    return "";
  const std::string_view file = text.substr(kLead.size(), end - kLead.size());
  for (const std::string_view library :
       {"/site-packages/", "/dist-packages/", "/pyspark/", "py4j", "/lib/python", "<frozen"}) {
    if (file.find(library) != std::string_view::npos)
      return "";
  }
  return Cat(file.substr(file.rfind('/') + 1), text.substr(end + 2));
}

// A Python traceback that begins at `at`: its exception and the last place of the user's own.
void ReadTraceback(const std::vector<std::string_view>& lines, size_t at, Cause& cause) {
  std::string where;
  for (size_t i = at + 1; i < lines.size(); ++i) {
    if (std::string place = PlaceIn(lines[i]); !place.empty())
      where = std::move(place);
    if (lines[i].empty() || lines[i].front() == ' ' || lines[i].front() == '\t')
      continue;
    if (!IsException(lines[i]))
      return;
    if (IsWrapper(lines[i]) && !cause.exception.empty() && !IsWrapper(cause.exception))
      return;
    cause.exception = Short(lines[i]);
    if (!where.empty())
      cause.where = where;
    return;
  }
}

std::optional<int> NumberAfter(std::string_view line, std::string_view lead) {
  const size_t at = line.find(lead);
  if (at == std::string_view::npos)
    return std::nullopt;
  std::string_view rest = line.substr(at + lead.size());
  if (rest.starts_with('\''))
    rest.remove_prefix(1);
  const size_t end = rest.find_first_not_of("-0123456789");
  const auto number = base::ParseInt(rest.substr(0, end));
  if (!number || *number < -1000 || *number > 1000)
    return std::nullopt;
  return static_cast<int>(*number);
}

// "... Task 3 in stage 5.0 failed 4 times, most recent failure: Lost task 3.3 in ...: REASON".
void ReadStage(std::string_view line, Cause& cause) {
  constexpr std::string_view kLead = "due to stage failure: Task ";
  const size_t at = line.find(kLead);
  if (at == std::string_view::npos)
    return;
  const std::string_view rest = line.substr(at + kLead.size());
  const size_t stage = rest.find(" in stage ");
  const size_t failed = rest.find(" failed ");
  const size_t times = rest.find(" times");
  if (stage == std::string_view::npos || failed == std::string_view::npos ||
      times == std::string_view::npos || stage > failed || failed > times)
    return;
  cause.stage = Cat("task ",
                    rest.substr(0, stage),
                    " of stage ",
                    rest.substr(stage + 10, failed - stage - 10),
                    rest.substr(failed, times + 6 - failed));
  const size_t reason = rest.find("Reason: ");
  const size_t host = rest.find("): ");
  if (reason != std::string_view::npos)
    cause.exception = Short(rest.substr(reason + 8));
  else if (host != std::string_view::npos && IsException(rest.substr(host + 3)))
    cause.exception = Short(rest.substr(host + 3));
}

void ReadLine(std::string_view line, Cause& cause) {
  ReadStage(line, cause);
  if (line.find("Lost executor ") != std::string_view::npos &&
      line.find(" ERROR ") != std::string_view::npos)
    ++cause.lost_executors;
  cause.is_spot_notice |= std::ranges::any_of(kSpotWords, [&](std::string_view words) {
    return line.find(words) != std::string_view::npos;
  });
  for (const std::string_view lead :
       {"exitCode: ", "exit code ", "exited with status ", "Exit status: ", "exiting with ret "}) {
    const auto code = NumberAfter(line, lead);
    if (code && *code != 0)
      cause.exit_code = code;
  }
}

bool IsFound(const Cause& cause) {
  return !cause.exception.empty() || !cause.stage.empty() || cause.lost_executors > 0 ||
         cause.is_spot_notice || cause.exit_code.has_value();
}

// Exceptions one after the other: the last chain counts, and in it the deepest that is no wrapper.
void ReadText(std::string_view text, Cause& cause) {
  const std::vector<std::string_view> lines = LinesOf(text);
  Cause own;
  for (size_t i = 0; i < lines.size(); ++i) {
    ReadLine(lines[i], own);
    if (lines[i].find("Traceback (most recent call last)") != std::string_view::npos) {
      ReadTraceback(lines, i, own);
      continue;
    }
    const std::string_view exception = ExceptionIn(lines[i]);
    const bool has_one = !own.exception.empty() && !IsWrapper(own.exception);
    if (exception.empty() || (IsWrapper(exception) && has_one))
      continue;
    // A traceback's own words are read above; below it Java tells the same once more.
    if (!has_one || lines[i].starts_with("Caused by: "))
      own.exception = Short(exception);
  }
  if (cause.exception.empty()) {
    cause.exception = own.exception;
    cause.where = own.where;
  }
  if (cause.stage.empty())
    cause.stage = own.stage;
  cause.lost_executors = std::max(cause.lost_executors, own.lost_executors);
  cause.is_spot_notice |= own.is_spot_notice;
  if (!cause.exit_code)
    cause.exit_code = own.exit_code;
}

std::string AdviceFor(const Cause& cause) {
  for (const Advice& advice : kAdvice) {
    if (cause.exception.find(advice.words) != std::string::npos)
      return std::string(advice.text);
  }
  if (cause.exit_code == 137)
    return "137 is a kill, mostly for want of memory: raise memoryOverhead";
  return "";
}

}  // namespace

std::optional<Cause> FindCause(const std::vector<std::string_view>& texts) {
  Cause cause;
  for (const std::string_view text : texts)
    ReadText(text, cause);
  if (!IsFound(cause))
    return std::nullopt;
  cause.advice = AdviceFor(cause);
  return cause;
}

std::string ToText(const Cause& cause) {
  std::vector<std::string> parts;
  if (!cause.exception.empty())
    parts.push_back(cause.where.empty() ? cause.exception
                                        : Cat(cause.exception, " (", cause.where, ")"));
  if (!cause.stage.empty())
    parts.push_back(cause.stage);
  if (cause.lost_executors > 0)
    parts.push_back(Cat(cause.lost_executors,
                        cause.lost_executors == 1 ? " executor was lost" : " executors were lost"));
  if (cause.is_spot_notice)
    parts.push_back("nodes were taken back while it ran");
  if (cause.exit_code)
    parts.push_back(Cat("exit code ", *cause.exit_code));
  if (!cause.advice.empty())
    parts.push_back(cause.advice);
  return base::Join(parts, "; ");
}

std::vector<std::string> ApplicationsIn(std::string_view stderr_text) {
  constexpr std::string_view kLead = "Submitted application ";
  std::vector<std::string> found;
  for (const std::string_view line : LinesOf(stderr_text)) {
    const size_t at = line.find(kLead);
    if (at == std::string_view::npos)
      continue;
    const std::string_view id = base::Trim(line.substr(at + kLead.size()));
    const bool is_id = id.starts_with("application_") && std::ranges::all_of(id, [](char c) {
                         return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
                       });
    if (is_id && std::ranges::find(found, id) == found.end())
      found.emplace_back(id);
  }
  return found;
}

}  // namespace emr
