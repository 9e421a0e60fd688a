#include "lineage/ids.h"

#include "base/hash.h"
#include "base/text.h"
#include "base/uuid.h"

namespace lineage {

namespace {

using base::Cat;

// NAMESPACE_URL of RFC 9562, section 6.6. One of its bytes is 0.
constexpr std::string_view kNamespaceUrl(
    "\x6b\xa7\xb8\x11\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8", 16);

// The 16 bytes of a UUID of version 5, in hexadecimal digits.
std::string Uuid5Hex(std::string_view space, std::string_view name) {
  constexpr std::string_view kVariants = "89ab";
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex = base::Sha1Hex(Cat(space, name)).substr(0, 32);
  hex[12] = '5';
  hex[16] = kVariants[kDigits.find(hex[16]) & 3];
  return hex;
}

std::string BytesOf(std::string_view hex) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(kDigits.find(hex[i]) * 16 + kDigits.find(hex[i + 1]));
  return bytes;
}

std::string Uuid(std::string_view incarnation, std::string_view name) {
  const std::string space = BytesOf(Uuid5Hex(kNamespaceUrl, Cat("signalbox:", incarnation)));
  return base::UuidText(Uuid5Hex(space, name));
}

}  // namespace

std::string RunUuid(std::string_view incarnation, const RunName& run) {
  return Uuid(incarnation,
              Cat("run\n",
                  run.key.dag.str(),
                  "\n",
                  run.key.run.str(),
                  "\n",
                  run.deletions,
                  "\n",
                  run.round));
}

std::string AttemptUuid(std::string_view incarnation,
                        const model::AttemptKey& attempt,
                        int64_t deletions) {
  const model::JobKey& job = attempt.job;
  return Uuid(incarnation,
              Cat("attempt\n",
                  job.run.dag.str(),
                  "\n",
                  job.run.run.str(),
                  "\n",
                  deletions,
                  "\n",
                  job.job.str(),
                  "\n",
                  job.lane.str(),
                  "\n",
                  job.index,
                  "\n",
                  attempt.n));
}

}  // namespace lineage
