#pragma once

// Variables and connections as templates see them, in Airflow's order: the environment of the
// process first (AIRFLOW_VAR_NAME, AIRFLOW_CONN_NAME), then the database, whose rows the caller
// gives.
//
//   book.Variable("target", row) ─► AIRFLOW_VAR_TARGET ─► else the row, opened
//
// Thread rule: one thread; the keyring that it hands out is for any.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/record.h"
#include "secrets/connection.h"
#include "secrets/keyring.h"
#include "secrets/variable.h"

namespace secrets {

class Book {
 public:
  using Environment = std::map<std::string, std::string>;

  // Of the environment only the two kinds of names are kept.
  explicit Book(const Environment& environment = {});

  const std::shared_ptr<const Keyring>& keyring() const { return keyring_; }
  void SetKeyring(std::shared_ptr<const Keyring> keyring) { keyring_ = std::move(keyring); }

  // `row`: the database's; null where it has none. kNotFound where there is none anywhere, in words
  // that say how to make one; the keyring's errors where it does not open.
  base::Result<Variable> FindVariable(std::string_view key, const model::RecordRow* row) const;
  base::Result<Connection> FindConnection(std::string_view id, const model::RecordRow* row) const;

  // What the environment alone holds: names as they stand there, without the prefix.
  std::vector<Variable> VariablesOfEnvironment() const;
  std::vector<Connection> ConnectionsOfEnvironment() const;  // those that can be read

 private:
  Environment environment_;
  std::shared_ptr<const Keyring> keyring_ = std::make_shared<const Keyring>();
};

// The text at the path below the connection ("password", or "extra" and members of it), or below
// the variable's value. kNotFound where there is nothing.
base::Result<std::string> SecretOf(const Connection& connection,
                                   const std::vector<std::string>& path);
base::Result<std::string> SecretOf(const Variable& variable, const std::vector<std::string>& path);

// All texts of it that are secrets, as they would stand in a text of others.
std::vector<std::string> SecretsIn(const Connection& connection);
std::vector<std::string> SecretsIn(const Variable& variable);

}  // namespace secrets
