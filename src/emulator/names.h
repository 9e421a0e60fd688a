#pragma once

// The identifiers and the enumeration texts of the modelled EMR. Pure functions: an id is a draw of
// (seed, ordinal), the ordinal being the order of arrival.

#include <cstdint>
#include <string>
#include <string_view>

namespace emulator {

// `prefix` ("j-", "s-", "if-") and 13 characters of A-Z0-9.
std::string DrawId(std::string_view prefix,
                   uint64_t seed,
                   std::string_view entity,
                   uint64_t counter);
// "i-" and 17 hexadecimal digits, an EC2 instance's.
std::string DrawInstanceId(uint64_t seed, std::string_view entity, uint64_t counter);
// In the form of a UUID.
std::string DrawRequestId(uint64_t seed, uint64_t counter);

// The weight of an instance type in NormalizedInstanceHours: 8 for xlarge, 16 for 2xlarge …
int64_t NormalizationFactor(std::string_view instance_type);

}  // namespace emulator
