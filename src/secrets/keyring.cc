#include "secrets/keyring.h"

#include "base/safe_text.h"
#include "base/text.h"

namespace secrets {

namespace {

using base::Cat;

// What the sealed text belongs to: moved under another name it does not open.
std::string ContextOf(const model::RecordKey& id) {
  return Cat(ToString(id.kind), "/", id.name);
}

std::string NameOf(const model::RecordKey& id) {
  return Cat("the ", ToString(id.kind), " '", base::Excerpt(id.name), "'");
}

}  // namespace

base::Result<std::string> Keyring::Seal(const model::RecordKey& id,
                                        std::string_view document) const {
  if (keys_.empty())
    return base::Fail(base::ErrorCode::kUnavailable,
                      Cat(NameOf(id), " cannot be stored: ", trouble_));
  return base::Seal(keys_.front(), document, ContextOf(id));
}

base::Result<std::string> Keyring::Open(const model::RecordRow& row) const {
  if (keys_.empty())
    return base::Fail(base::ErrorCode::kUnavailable,
                      Cat(NameOf(row.id), " cannot be read: ", trouble_));
  for (const base::SealKey& key : keys_) {
    if (auto document = base::OpenSealed(key, row.body, ContextOf(row.id)))
      return document;
  }
  return base::Fail(base::ErrorCode::kCorrupt,
                    Cat(NameOf(row.id),
                        " cannot be read: it was sealed with another key. Start the server with "
                        "that key too, as SIGNALBOX_SECRET_KEY=NEW,OLD, or set it again"));
}

}  // namespace secrets
