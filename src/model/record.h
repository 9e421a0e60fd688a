#pragma once

// Records: small documents that people and the outer parts keep in the database, beside the work:
// users, tokens, variables, connections, messages that are to be sent. The engine stores them, and
// knows nothing of what is in them. Plain data; the texts of the enum are persisted.
//
// Not here: what a body says (accounts, secrets), and its encryption: a body comes sealed where it
// has to be.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace model {

enum class RecordKind {
  kUser,
  kToken,
  kSession,
  kVariable,
  kConnection,
  kFavourite,  // a DAG that a user has marked: "<user>/<dag>"
  kNotice,     // of module notify: what is to be sent, and what was told and is not over
  kPosition,   // up to where a reader of the history has dealt with it, by the reader's name
  // What tasks of Airflow keep beyond their tries: of a task instance,
  // "<dag>/<run>/<task>/<index>", and of an asset, by its name.
  kTaskStore,
  kAssetStore,
};
inline constexpr RecordKind kRecordKinds[] = {RecordKind::kUser,
                                              RecordKind::kToken,
                                              RecordKind::kSession,
                                              RecordKind::kVariable,
                                              RecordKind::kConnection,
                                              RecordKind::kFavourite,
                                              RecordKind::kNotice,
                                              RecordKind::kPosition,
                                              RecordKind::kTaskStore,
                                              RecordKind::kAssetStore};
std::string_view ToString(RecordKind kind);  // "user"
std::optional<RecordKind> ParseRecordKind(std::string_view text);

inline constexpr size_t kRecordBytesMax = size_t{256} << 10;  // of a body

struct RecordKey {
  RecordKind kind = RecordKind::kUser;
  std::string name;
  friend auto operator<=>(const RecordKey&, const RecordKey&) = default;
};

struct RecordRow {
  RecordKey id;
  std::string body;      // JSON, or what it was sealed into
  int64_t revision = 1;  // how often it was written
  base::Time changed_at;
  friend bool operator==(const RecordRow&, const RecordRow&) = default;
};

// Whether bodies of the kind are sealed (secrets/keyring.h).
constexpr bool IsSealed(RecordKind kind) {
  return kind == RecordKind::kVariable || kind == RecordKind::kConnection;
}

// The record is gone.
struct RecordDropped {
  RecordKey id;
  friend bool operator==(const RecordDropped&, const RecordDropped&) = default;
};

}  // namespace model
