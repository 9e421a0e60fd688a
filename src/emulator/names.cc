#include "emulator/names.h"

#include "base/draw.h"
#include "base/text.h"

namespace emulator {

namespace {

std::string HexDraw(uint64_t value, size_t digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(digits, '0');
  for (char& digit : text) {
    digit = kDigits[value & 15];
    value >>= 4;
  }
  return text;
}

}  // namespace

std::string DrawId(std::string_view prefix,
                   uint64_t seed,
                   std::string_view entity,
                   uint64_t counter) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr int kLength = 13;  // 36^13 just passes 2^64: one draw fills it
  std::string id(prefix);
  uint64_t value = base::Draw(seed, base::Cat(prefix, entity), counter);
  for (int i = 0; i < kLength; ++i) {
    id += kAlphabet[value % kAlphabet.size()];
    value /= kAlphabet.size();
  }
  return id;
}

std::string DrawInstanceId(uint64_t seed, std::string_view entity, uint64_t counter) {
  return "i-0" + HexDraw(base::Draw(seed, base::Cat("i-", entity), counter), 16);
}

std::string DrawRequestId(uint64_t seed, uint64_t counter) {
  std::string a = HexDraw(base::Draw(seed, "request", 2 * counter), 16);
  std::string b = HexDraw(base::Draw(seed, "request", 2 * counter + 1), 15);
  return base::Cat(a.substr(0, 8),
                   "-",
                   a.substr(8, 4),
                   "-4",
                   a.substr(12, 3),
                   "-",
                   b.substr(0, 4),
                   "-",
                   b.substr(3, 12));
}

int64_t NormalizationFactor(std::string_view instance_type) {
  std::string_view size = instance_type.substr(instance_type.rfind('.') + 1);
  if (size == "medium")
    return 2;
  if (size == "large")
    return 4;
  if (size == "xlarge")
    return 8;
  if (auto times = base::ParseInt(size.substr(0, size.find("xlarge"))); times && *times > 0)
    return 8 * *times;
  return 1;
}

}  // namespace emulator
