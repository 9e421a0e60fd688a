#include "api/sso_members.h"

#include <chrono>
#include <utility>
#include <vector>

#include "api/audit_words.h"
#include "api/users.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "oidc/rights.h"

namespace api {

namespace {

using accounts::User;
using model::RecordKind;
using One = model::ChangeRecords::One;

std::optional<Admitted> FindMember(const runtime::Views& views, const oidc::Person& person) {
  for (const model::RecordRow* row : views.Records(RecordKind::kUser)) {
    auto user = accounts::ReadUser(*row);
    if (user && user->issuer == person.issuer && user->subject == person.subject)
      return Admitted{*std::move(user), row->revision};
  }
  return std::nullopt;
}

// Of somebody who was never here.
base::Result<Admitted> NewMember(const runtime::Views& views, const oidc::Person& person) {
  const std::string name = base::ToLower(person.name);
  if (const base::Status good = accounts::CheckUserName(name); !good)
    return base::Fail(base::ErrorCode::kPermission,
                      base::Cat("the provider's name for you cannot be a user's here: ",
                                good.error().message,
                                " (server.oidc.username_claim says which claim it is)"));
  if (views.Record({RecordKind::kUser, name}) != nullptr)
    return base::Fail(base::ErrorCode::kPermission,
                      base::Cat("there is a user '",
                                name,
                                "' here already, who is somebody else: ask an admin to delete "
                                "that user, or for another name at the provider"));
  return Admitted{{.name = name,
                   .issuer = person.issuer,
                   .subject = person.subject,
                   .created_at = views.Now()}};
}

std::string NoRole(const oidc::Settings& settings, const oidc::Person& person) {
  if (person.groups.empty())
    return base::Cat("the provider says of no group that you are in it (the claim '",
                     settings.groups_claim,
                     "' is missing or empty), and a role here comes from a group: ask an admin");
  return base::Cat("none of your groups at the provider has a role here (",
                   base::Excerpt(base::PrintableLine(base::Join(person.groups, ", "))),
                   "): ask an admin");
}

// Who has no role any more has nothing here that goes on.
void EndAll(Context& context, const Exchange& exchange, const std::string& user) {
  std::vector<One> drops = DropSessions(context.views, user);
  for (One& token : DropTokens(context.views, user))
    drops.push_back(std::move(token));
  if (drops.empty())
    return;
  context.commands.ChangeRecords(
      {.records = std::move(drops),
       .what = base::Cat("sessions and tokens of '", user, "': no group has a role any more"),
       .by = {user, "session", exchange.request.peer}},
      [](const runtime::Outcome&) {});
}

}  // namespace

base::Result<Admitted> Admit(Context& context,
                             const Exchange& exchange,
                             const oidc::Person& person) {
  const oidc::Settings& settings = context.sso.provider()->settings();
  auto member = FindMember(context.views, person);
  const auto rights = oidc::RightsOf(settings.roles, person.groups);
  if (!rights) {
    if (member)
      EndAll(context, exchange, member->user.name);
    return base::Fail(base::ErrorCode::kPermission, NoRole(settings, person));
  }
  if (!member) {
    ASSIGN_OR_RETURN(member, NewMember(context.views, person));
  }
  if (member->user.is_disabled)
    return base::Fail(base::ErrorCode::kPermission,
                      base::Cat("the user '", member->user.name, "' is disabled: ask an admin"));
  member->user.role = rights->role;
  member->user.scopes = rights->scopes;
  return *std::move(member);
}

void BeginMemberSession(Context& context,
                        const SharedExchange& exchange,
                        const IdentityProvider::Login& login,
                        accounts::Session::Kind kind,
                        std::function<void(base::Result<MemberSession>)> done) {
  const auto member = Admit(context, *exchange, login.person);
  if (!member)
    return done(base::Fail(member.error()));
  const User& user = member->user;
  const model::RecordRow* row = context.views.Record({RecordKind::kUser, user.name});
  const std::string body = BodyOf(user);
  const bool is_changed = row == nullptr || row->body != body;
  const auto before = UserNamed(context.views, user.name);
  NewSession begun = MakeSession(context.views,
                                 user,
                                 member->revision + (is_changed ? 1 : 0),
                                 kind,
                                 context.sso.provider()->settings().session_length,
                                 exchange->request.peer,
                                 login.person.session);
  // A change of the user ends the sessions before it by itself (gate.h).
  if (is_changed)
    begun.records.push_back({.id = {RecordKind::kUser, user.name},
                             .body = body,
                             .expected = member->revision,
                             .before = before ? WordsFor(*before) : std::string(),
                             .after = WordsFor(user)});
  context.commands.ChangeRecords(
      {.records = std::move(begun.records),
       .what = base::Cat("login of '",
                         user.name,
                         "' by single sign-on, role ",
                         ToString(user.role),
                         member->revision == 0 ? " (a new user)"
                         : is_changed          ? " (changed)"
                                               : ""),
       .by = {user.name, "session", exchange->request.peer}},
      [&context, begun, id_token = login.id_token, role = user.role, done](
          const runtime::Outcome& outcome) {
        if (!outcome)
          return done(base::Fail(base::ErrorCode::kInternal, outcome.error().message));
        context.sso.KeepToken(begun.session.id, id_token);
        done(MemberSession{begun.session, begun.secret.text, role});
      });
}

void NoteRefusedLogin(Context& context,
                      const Exchange& exchange,
                      std::string_view who,
                      std::string_view why) {
  context.refusals.Note({kNobody, "session", exchange.request.peer},
                        base::Cat("a login by single sign-on", who.empty() ? "" : " as ", who),
                        base::Excerpt(base::PrintableLine(why)));
}

std::optional<std::string> TooManyRefused(Context& context, const Exchange& exchange) {
  const base::Duration wait = context.logins.WaitOf(exchange.request.peer);
  if (wait <= base::Duration(0))
    return std::nullopt;
  return base::Cat(
      "too many logins have failed: wait ", std::chrono::ceil<base::seconds>(wait).count(), " s");
}

}  // namespace api
