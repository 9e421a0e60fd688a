// `users`, `tokens`, `sessions`, `roles`, `login`, `whoami` and `audit`.

#include "cli/arguments.h"

namespace cli {

namespace {

const CLI::IsMember& Roles() {
  static const CLI::IsMember kRoles({"viewer", "operator", "author", "admin"});
  return kRoles;
}

void AddName(CLI::App* command, UserOptions* asked) {
  command->add_option("NAME", asked->name, "The user")->required();
}

void AddScopes(CLI::App* command, std::vector<std::string>* scopes) {
  command
      ->add_option(
          "--scope",
          *scopes,
          "Only DAGs whose ids fit a pattern (dag:team_a_*), or that have a tag "
          "(tag:team-a) or access in their files (access:team_a); may be repeated [default: all]")
      ->type_name("SCOPE");
}

void AddPasswordFile(CLI::App* command, UserOptions* asked) {
  command
      ->add_option("--password-file",
                   asked->password_file,
                   "Write the password for one login to this new file, which its owner alone can "
                   "read, and do not show it")
      ->type_name("FILE");
}

void AddUserChanges(CLI::App& users, Action& chosen) {
  auto [create, made] = AddCommand<UserOptions>(
      users, "create", "A user, with a password for one login", chosen, CreateUser);
  AddName(create, &made);
  made.role = "viewer";
  create->add_option("--role,-r", made.role, "What the user may do")
      ->capture_default_str()
      ->check(Roles());
  AddScopes(create, &made.scopes);
  create->add_flag(
      "--without-password", made.without_password, "A program's account: it has tokens alone");
  AddPasswordFile(create, &made);
  AddServer(create, &made.live);
  create->footer(R"(
Examples:
  signalbox users create ada --role admin
  signalbox users create nightly --role operator --scope tag:team-a --without-password
)");

  auto [role, with_role] =
      AddCommand<UserOptions>(users, "set-role", "What the user may do", chosen, SetRole);
  AddName(role, &with_role);
  role->add_option("ROLE", with_role.role, "viewer, operator, author or admin")
      ->required()
      ->check(Roles());
  AddServer(role, &with_role.live);

  auto [scopes, scoped] = AddCommand<UserOptions>(
      users, "set-scopes", "Which DAGs the user sees; all, if none is named", chosen, SetScopes);
  AddName(scopes, &scoped);
  scopes->add_option("SCOPE", scoped.scopes, "Such as dag:team_a_*, tag:team-a or access:team_a");
  AddServer(scopes, &scoped.live);

  auto [remove, gone] = AddCommand<UserOptions>(
      users, "delete", "The user goes, with tokens and sessions", chosen, DeleteUser);
  AddName(remove, &gone);
  AddConsent(remove, &gone.consent);
  AddServer(remove, &gone.live);
  for (const bool is_disabled : {true, false}) {
    auto [command, asked] = AddCommand<UserOptions>(
        users,
        is_disabled ? "disable" : "enable",
        is_disabled ? "Neither password nor tokens let the user in" : "They do again",
        chosen,
        [is_disabled](const UserOptions& of) { return SetDisabled(of, is_disabled); });
    AddName(command, &asked);
    AddServer(command, &asked.live);
  }
}

void AddPasswords(CLI::App& users, Action& chosen) {
  auto [reset, with_new] = AddCommand<UserOptions>(
      users, "reset-password", "A new password for one login; sessions end", chosen, ResetPassword);
  AddName(reset, &with_new);
  AddPasswordFile(reset, &with_new);
  AddServer(reset, &with_new.live);
  auto [change, own] = AddCommand<UserOptions>(users,
                                               "change-password",
                                               "Your own: asks for the present one and the new one",
                                               chosen,
                                               ChangePassword);
  AddName(change, &own);
  AddServer(change, &own.live);
}

void AddTokens(CLI::App& app, Action& chosen) {
  CLI::App* tokens =
      app.add_subcommand("tokens", "What programs show who they are by")->require_subcommand(1);
  auto [list, listed] =
      AddCommand<TokenOptions>(*tokens, "list", "Your own; an admin's: all", chosen, ListTokens);
  list->add_option("--user", listed.user, "Of one user");
  AddServer(list, &listed.live);

  auto [create, made] = AddCommand<TokenOptions>(
      *tokens, "create", "A token, which is shown once, on stdout", chosen, CreateToken);
  create->add_option("NAME", made.name, "What it is for")->required();
  create->add_option("--user", made.user, "Whose; an admin names others");
  create->add_option("--role", made.role, "At most, beside the user's own")->check(Roles());
  AddScopes(create, &made.scopes);
  create->add_option("--expires-in", made.expires_in, "At most 366d [default: 90d]")
      ->type_name("DURATION");
  AddServer(create, &made.live);

  auto [revoke, gone] = AddCommand<TokenOptions>(
      *tokens, "revoke", "It lets nobody in any more", chosen, RevokeToken);
  revoke->add_option("ID", gone.id, "The token's id")->required();
  AddConsent(revoke, &gone.consent);
  AddServer(revoke, &gone.live);
}

void AddSessions(CLI::App& app, Action& chosen) {
  CLI::App* sessions =
      app.add_subcommand("sessions", "Logins that are in force")->require_subcommand(1);
  auto [list, listed] = AddCommand<TokenOptions>(
      *sessions, "list", "Your own; an admin's: all", chosen, ListSessions);
  list->add_option("--user", listed.user, "Of one user");
  AddServer(list, &listed.live);
  auto [end, ended] = AddCommand<TokenOptions>(*sessions, "end", "Log it out", chosen, EndSession);
  end->add_option("ID", ended.id, "The session's id")->required();
  AddServer(end, &ended.live);
}

void AddAudit(CLI::App& app, Action& chosen) {
  auto [command, asked] = AddCommand<AuditOptions>(
      app, "audit", "Who did what, and who was refused; the newest first", chosen, ShowAudit);
  command->add_option("--who", asked.actor, "By one person");
  command->add_option("--kind", asked.kind, "Of one kind of things: dag, run, task, record, …");
  AddDagFilter(command, &asked.dag);
  command->add_option("--from", asked.from, "Not before")->type_name("TIME");
  command->add_option("--until", asked.until, "Not after")->type_name("TIME");
  command->add_flag("--refused", asked.refused, "Only what was refused");
  command->add_option("--limit", asked.limit, "How many")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  AddServer(command, &asked.live);
}

void AddLogin(CLI::App& app, Action& chosen) {
  auto [login, who] =
      AddCommand<UserOptions>(app,
                              "login",
                              "Asks for the password, and prints a token for 24 hours; or logs in "
                              "by single sign-on",
                              chosen,
                              Login);
  CLI::Option* name = login->add_option("NAME", who.name, "The user");
  login
      ->add_flag("--sso",
                 who.by_sso,
                 "By single sign-on: shows an address for a browser, and asks for the code that "
                 "the page shows at the end")
      ->excludes(name);
  AddServer(login, &who.live);
}

}  // namespace

void AddAccounts(CLI::App& app, Action& chosen) {
  CLI::App* users = app.add_subcommand("users", "Who may do what")->require_subcommand(1);
  auto [list, listed] = AddCommand<LiveOptions>(*users, "list", "All of them", chosen, ListUsers);
  AddServer(list, &listed);
  AddUserChanges(*users, chosen);
  AddPasswords(*users, chosen);
  AddTokens(app, chosen);
  AddSessions(app, chosen);
  CLI::App* roles = app.add_subcommand("roles", "What users may do")->require_subcommand(1);
  auto [known, asked] =
      AddCommand<LiveOptions>(*roles, "list", "Each, and what it may do", chosen, ListRoles);
  AddServer(known, &asked);

  AddLogin(app, chosen);
  auto [me, options] =
      AddCommand<LiveOptions>(app, "whoami", "As whom the server knows you", chosen, ShowMe);
  AddServer(me, &options);
  AddAudit(app, chosen);
}

}  // namespace cli
