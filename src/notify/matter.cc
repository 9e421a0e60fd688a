#include "notify/matter.h"

#include <utility>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/text.h"

namespace notify {

namespace {

using base::Cat;
using base::GetArray;
using base::GetBool;
using base::GetInt;
using base::GetString;

base::Time TimeOf(const json::object& from, std::string_view member) {
  return base::FromMicros(GetInt(from, member));
}

json::object ToJson(const Part& part) {
  json::object out{{"name", part.name},
                   {"dag", part.job.run.dag.str()},
                   {"run", part.job.run.run.str()},
                   {"job", part.job.job.str()},
                   {"lane", part.job.lane.str()},
                   {"index", part.job.index},
                   {"try", part.try_number},
                   {"why", part.why},
                   {"by", part.by},
                   {"at", base::ToMicros(part.at)}};
  if (part.verdict)
    out["verdict"] = static_cast<int>(*part.verdict);
  if (part.next_try_at)
    out["next_try_at"] = base::ToMicros(*part.next_try_at);
  return out;
}

Part PartOf(const json::object& from) {
  Part part;
  part.name = GetString(from, "name");
  part.job = {{model::DagId(GetString(from, "dag")), model::RunId(GetString(from, "run"))},
              model::JobId(GetString(from, "job")),
              model::LaneId(GetString(from, "lane")),
              static_cast<int>(GetInt(from, "index", -1))};
  part.try_number = static_cast<int>(GetInt(from, "try"));
  part.why = GetString(from, "why");
  part.by = GetString(from, "by");
  part.at = TimeOf(from, "at");
  if (const auto verdict = GetInt(from, "verdict", -1); verdict >= 0 && verdict <= 4)
    part.verdict = static_cast<model::VerdictClass>(verdict);
  if (from.contains("next_try_at"))
    part.next_try_at = TimeOf(from, "next_try_at");
  return part;
}

json::object ToJson(const Notice& notice) {
  json::array parts;
  for (const Part& part : notice.parts)
    parts.push_back(ToJson(part));
  return {{"id", notice.id},
          {"occasion", ToString(notice.occasion)},
          {"is_over", notice.is_over},
          {"ending", ToString(notice.ending)},
          {"is_cause", notice.is_cause},
          {"parts", std::move(parts)},
          {"count", notice.count},
          {"at", base::ToMicros(notice.at)},
          {"due", base::ToMicros(notice.due)},
          {"tries", notice.tries},
          {"bundle", notice.bundle},
          {"last_error", notice.last_error}};
}

Notice NoticeOf(const json::object& from) {
  Notice notice;
  notice.id = GetString(from, "id");
  notice.occasion =
      model::ParseOccasion(GetString(from, "occasion")).value_or(model::Occasion::kFailed);
  notice.is_over = GetBool(from, "is_over");
  notice.ending = ParseEnding(GetString(from, "ending")).value_or(Ending::kRecovered);
  notice.is_cause = GetBool(from, "is_cause");
  for (const json::value& part : GetArray(from, "parts")) {
    if (part.is_object())
      notice.parts.push_back(PartOf(part.get_object()));
  }
  notice.count = static_cast<int>(GetInt(from, "count"));
  notice.at = TimeOf(from, "at");
  notice.due = TimeOf(from, "due");
  notice.tries = static_cast<int>(GetInt(from, "tries"));
  notice.bundle = GetString(from, "bundle");
  notice.last_error = GetString(from, "last_error");
  return notice;
}

json::array ToJson(const auto& texts) {
  json::array out;
  for (const std::string& text : texts)
    out.emplace_back(text);
  return out;
}

std::vector<std::string> TextsOf(const json::object& from, std::string_view member) {
  std::vector<std::string> out;
  for (const json::value& text : GetArray(from, member)) {
    if (text.is_string())
      out.emplace_back(text.get_string());
  }
  return out;
}

}  // namespace

std::string NameOf(const MatterKey& key) {
  return Cat(key.about,
             " > ",
             key.target.notifier,
             key.target.emails.empty() ? "" : " ",
             base::Join(key.target.emails, ","));
}

const std::string& SentAs(const Notice& notice) {
  return notice.bundle.empty() ? notice.id : notice.bundle;
}

std::string NoticeId(const std::string& of) {
  return base::Sha256Hex(of).substr(0, 20);
}

std::string ToBody(const Matter& matter) {
  json::array notices;
  for (const Notice& notice : matter.notices)
    notices.push_back(ToJson(notice));
  return base::Serialize(json::object{{"dag", matter.key.run.dag.str()},
                                      {"run", matter.key.run.run.str()},
                                      {"about", matter.key.about},
                                      {"known_as", matter.known_as},
                                      {"notifier", matter.key.target.notifier},
                                      {"emails", ToJson(matter.key.target.emails)},
                                      {"title", matter.title},
                                      {"text", matter.text},
                                      {"open", ToJson(matter.open)},
                                      {"has_more", matter.has_more},
                                      {"is_told", matter.is_told},
                                      {"has_cause", matter.has_cause},
                                      {"severity", matter.severity},
                                      {"worst", matter.worst},
                                      {"told_at", base::ToMicros(matter.told_at)},
                                      {"changed_at", base::ToMicros(matter.changed_at)},
                                      {"notices", std::move(notices)}});
}

std::optional<Matter> ParseMatter(std::string_view body) {
  const auto parsed = base::ParseJson(body);
  if (!parsed || !parsed->is_object())
    return std::nullopt;
  const json::object& from = parsed->get_object();
  Matter matter;
  matter.key = {{model::DagId(GetString(from, "dag")), model::RunId(GetString(from, "run"))},
                GetString(from, "about"),
                {GetString(from, "notifier"), TextsOf(from, "emails")}};
  if (matter.key.about.empty() || matter.key.target.notifier.empty())
    return std::nullopt;
  matter.known_as = GetString(from, "known_as");
  matter.title = GetString(from, "title");
  matter.text = GetString(from, "text");
  for (std::string& part : TextsOf(from, "open"))
    matter.open.insert(std::move(part));
  matter.has_more = GetBool(from, "has_more");
  matter.is_told = GetBool(from, "is_told");
  matter.has_cause = GetBool(from, "has_cause");
  matter.severity = static_cast<int>(GetInt(from, "severity"));
  matter.worst = static_cast<int>(GetInt(from, "worst"));
  matter.told_at = TimeOf(from, "told_at");
  matter.changed_at = TimeOf(from, "changed_at");
  for (const json::value& notice : GetArray(from, "notices")) {
    if (notice.is_object())
      matter.notices.push_back(NoticeOf(notice.get_object()));
  }
  return matter;
}

}  // namespace notify
