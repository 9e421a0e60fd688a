#include "runtime/rotation.h"

#include <memory>
#include <utility>

#include "base/log.h"
#include "engine/state.h"
#include "runtime/core.h"

namespace runtime {

namespace {

struct Rotation {
  Core& core;
  model::Principal by;
  OnRotated answer;
  size_t records = 0;
  bool is_settled = false;  // what was on its way as it began has been applied
};

// What does not open with the first key alone, sealed with that.
base::Result<model::ChangeRecords> Resealed(const Core& core) {
  model::ChangeRecords change{.what = "sealed with a new key"};
  const secrets::Keyring& keyring = *core.book.keyring();
  const secrets::Keyring first({keyring.keys().front()}, "");
  for (const auto& [id, row] : core.driver->state().records) {
    if (!IsSealed(id.kind) || first.Open(row))
      continue;
    ASSIGN_OR_RETURN(const std::string document, keyring.Open(row));
    ASSIGN_OR_RETURN(std::string body, keyring.Seal(id, document));
    change.records.push_back({.id = id,
                              .body = std::move(body),
                              .expected = row.revision,
                              .before = "sealed with an older key",
                              .after = "sealed with the new key"});
  }
  return change;
}

void Finish(const Rotation& rotation) {
  Core& core = rotation.core;
  // Where that fails the old key stays in the file, and opens nothing.
  if (const base::Status finished = core.secret_keys.Finish(); !finished)
    base::LogWarning("secret_key_kept", {{"message", finished.error().message}});
  core.book.SetKeyring(core.secret_keys.Load());
  core.is_rotating = false;
  rotation.answer(Rotated{rotation.records, core.secret_keys.Advice()});
}

void GoOn(const std::shared_ptr<Rotation>& rotation) {
  Core& core = rotation->core;
  const auto fail = [rotation](const base::Error& error) {
    rotation->core.is_rotating = false;
    rotation->answer(base::Fail(error));
  };
  auto change = Resealed(core);
  if (!change)
    return fail(change.error());
  if (change->records.empty() && rotation->is_settled)
    return Finish(*rotation);
  const size_t count = change->records.size();
  // Where nothing is sealed yet, too.
  if (!std::exchange(rotation->is_settled, true))
    change->records.push_back({.id = {model::RecordKind::kPosition, "secret_key"},
                               .body = "{}",
                               .before = "an older key",
                               .after = "a new key"});
  change->by = rotation->by;
  core.Post(*std::move(change), [rotation, count, fail](const Outcome& outcome) {
    if (!outcome)
      return fail(outcome.error());
    rotation->records += count;
    GoOn(rotation);
  });
}

// What does not open now would not open later, either.
base::Status CheckAll(const Core& core) {
  for (const auto& [id, row] : core.driver->state().records) {
    if (IsSealed(id.kind))
      RETURN_IF_ERROR(core.book.keyring()->Open(row));
  }
  return {};
}

}  // namespace

void RotateKey(Core& core, model::Principal by, OnRotated answer) {
  if (core.is_rotating)
    return answer(base::Fail(base::ErrorCode::kConflict, "the key is being changed already"));
  if (const base::Status opens = CheckAll(core); !opens)
    return answer(base::Fail(opens.error()));
  if (const base::Status begun = core.secret_keys.Begin(); !begun)
    return answer(base::Fail(begun.error()));
  core.book.SetKeyring(core.secret_keys.Load());
  core.is_rotating = true;
  GoOn(std::make_shared<Rotation>(
      Rotation{.core = core, .by = std::move(by), .answer = std::move(answer)}));
}

}  // namespace runtime
