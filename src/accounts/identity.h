#pragma once

// Who asks, and what that person may do: roles, scopes, identities. Pure.
//
// Not here: how people show who they are (api/gate.h), and which role a route needs (api/router.h).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "model/principal.h"

namespace accounts {

// Each role may do what the ones before it may. The texts are persisted.
enum class Role { kViewer, kOperator, kAuthor, kAdmin };
std::string_view ToString(Role role);  // "viewer"
std::optional<Role> ParseRole(std::string_view text);
// kInvalidArgument, with the roles that there are.
base::Result<Role> ReadRole(std::string_view text);

// Some DAGs: by a pattern of their ids ("dag:team_a_*"; `*` and `?` as in a shell), by a tag
// ("tag:team-a"), or by a name that their files give access to ("access:team_a").
struct Scope {
  enum class By { kDag, kTag, kAccess };
  By by = By::kDag;
  std::string text;
  friend bool operator==(const Scope&, const Scope&) = default;
};
using Scopes = std::vector<Scope>;  // the DAGs of each of them; none: all DAGs

std::string ToString(const Scope& scope);
// kInvalidArgument, with what a scope looks like.
base::Result<Scope> ParseScope(std::string_view text);

// What of a DAG scopes go by.
struct Marks {
  const model::DagId& dag;
  const std::vector<std::string>&tags, &access;
};
bool Fits(const Scopes& scopes, const Marks& marks);

// By what somebody shows who they are.
enum class Means {
  kProjectToken,  // the file that only the owner of the state folder can read
  kToken,
  kSession,
};
std::string_view ToString(Means means);  // "api", "token", "session", as history has it

// The person behind one request.
struct Identity {
  std::string name;
  Role role = Role::kViewer;
  // A DAG has to fit each of the lists: those of the user, and those of the token.
  std::vector<Scopes> scopes;
  Means means = Means::kProjectToken;
  std::string address;  // of the peer
  std::string id;       // of the token or of the session; "" of the project's token

  bool IsScoped() const { return !scopes.empty(); }
  model::Principal principal() const { return {name, std::string(ToString(means)), address}; }
};

// Who can read the state folder's token: the local admin, who is in no list of users.
inline constexpr char kLocalAdmin[] = "api";

bool MaySee(const Identity& identity, const Marks& marks);

}  // namespace accounts
