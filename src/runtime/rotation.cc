#include "runtime/rotation.h"

#include "base/log.h"
#include "engine/state.h"
#include "runtime/core.h"

namespace runtime {

namespace {

// All that is sealed, with the first key.
base::Result<model::ChangeRecords> Resealed(const Core& core) {
  model::ChangeRecords change{.what = "sealed with a new key"};
  const secrets::Keyring& keyring = *core.book.keyring();
  for (const auto& [id, row] : core.driver->state().records) {
    if (!IsSealed(id.kind))
      continue;
    ASSIGN_OR_RETURN(const std::string document, keyring.Open(row));
    ASSIGN_OR_RETURN(std::string body, keyring.Seal(id, document));
    change.records.push_back({id, std::move(body), row.revision});
  }
  return change;
}

}  // namespace

void RotateKey(Core& core, model::Principal by, OnRotated answer) {
  // What does not open now would not open later, either.
  if (const auto known = Resealed(core); !known)
    return answer(base::Fail(known.error()));
  if (const base::Status begun = core.secret_keys.Begin(); !begun)
    return answer(base::Fail(begun.error()));
  core.book.SetKeyring(core.secret_keys.Load());
  auto change = Resealed(core);
  if (!change)
    return answer(base::Fail(change.error()));
  change->by = std::move(by);
  const size_t count = change->records.size();
  core.Post(*std::move(change), [&core, count, answer = std::move(answer)](const Outcome& outcome) {
    if (!outcome)
      return answer(base::Fail(outcome.error()));
    // The old key stays in the file where that fails, and opens nothing.
    if (const base::Status finished = core.secret_keys.Finish(); !finished)
      base::LogWarning("secret_key_kept", {{"message", finished.error().message}});
    core.book.SetKeyring(core.secret_keys.Load());
    answer(Rotated{count, core.secret_keys.Advice()});
  });
}

}  // namespace runtime
