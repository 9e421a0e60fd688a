#include "api/audit_words.h"

#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace api {

namespace {

using base::Cat;
using One = model::ChangeRecords::One;

std::string TextOf(const accounts::Scopes& scopes, std::string_view otherwise) {
  std::vector<std::string> texts;
  for (const accounts::Scope& scope : scopes)
    texts.push_back(ToString(scope));
  return texts.empty() ? std::string(otherwise) : base::Join(texts, " ");
}

json::object MembersOf(const std::optional<std::string>& document) {
  const auto parsed = base::ParseJson(document.value_or("{}"));
  return parsed && parsed->is_object() ? parsed->get_object() : json::object();
}

// Those that have a value; those that differ from `other` are marked.
std::string NamesOf(const json::object& members, const json::object* other) {
  std::vector<std::string> names;
  for (const auto& [name, value] : members) {
    if (value.is_null())
      continue;
    const json::value* before = other == nullptr ? &value : other->if_contains(name);
    const bool is_changed = before == nullptr || *before != value;
    names.push_back(Cat(std::string_view(name), is_changed ? " (changed)" : ""));
  }
  return base::Join(names, ", ");
}

}  // namespace

std::string WordsFor(const accounts::User& user) {
  return Cat(ToString(user.role),
             ", ",
             TextOf(user.scopes, "all DAGs"),
             user.is_disabled ? ", disabled" : "",
             user.must_change ? ", with a password for one login" : "");
}

std::string WordsFor(const accounts::Token& token) {
  return Cat("at most ",
             ToString(token.role),
             ", ",
             TextOf(token.scopes, "the DAGs of its user"),
             ", until ",
             base::FormatRfc3339(token.expires_at));
}

std::string WordsFor(const accounts::Session& session) {
  return Cat(session.kind == accounts::Session::Kind::kBrowser ? "browser" : "bearer",
             ", until ",
             base::FormatRfc3339(session.expires_at));
}

One DropOf(const accounts::Token& token) {
  return {
      .id = {model::RecordKind::kToken, token.id}, .may_be_gone = true, .before = WordsFor(token)};
}

One DropOf(const accounts::Session& session) {
  return {.id = {model::RecordKind::kSession, session.id},
          .may_be_gone = true,
          .before = WordsFor(session)};
}

void TellMembers(const std::optional<std::string>& before,
                 const std::optional<std::string>& after,
                 One& into) {
  const json::object old = MembersOf(before);
  into.before = NamesOf(old, nullptr);
  if (after)
    into.after = NamesOf(MembersOf(after), before ? &old : nullptr);
}

}  // namespace api
