#pragma once

// Building blocks of the EMR tables. Included by emr_shapes.cc and emr_scaling_shapes.cc alone.

#include "wire/shape.h"

namespace wire::internal {

constexpr Shape Text(int64_t min, int64_t max) {
  return {.kind = ShapeKind::kString, .min = min, .max = max};
}
constexpr Shape OneOf(std::span<const std::string_view> values) {
  return {.kind = ShapeKind::kString, .values = values};
}
constexpr Shape ListOf(const Shape& element) {
  return {.kind = ShapeKind::kList, .element = &element};
}
constexpr Shape MapOf(const Shape& key, const Shape& element) {
  return {.kind = ShapeKind::kMap, .key = &key, .element = &element};
}
constexpr Shape Struct(std::span<const Member> members) {
  return {.kind = ShapeKind::kStruct, .members = members};
}

inline constexpr Shape kAnyText = {.kind = ShapeKind::kString};
inline constexpr Shape kInteger = {.kind = ShapeKind::kInteger};
inline constexpr Shape kWholeNumber = {.kind = ShapeKind::kInteger, .min = 0};
inline constexpr Shape kNonNegativeDouble = {.kind = ShapeKind::kDouble, .min = 0};
inline constexpr Shape kBoolean = {.kind = ShapeKind::kBoolean};
inline constexpr Presence kRequired = Presence::kRequired;

inline constexpr std::string_view kMarketValues[] = {"ON_DEMAND", "SPOT"};
inline constexpr Shape kMarket = OneOf(kMarketValues);

// emr_scaling_shapes.cc
extern const Shape kAutoScalingPolicy;
extern const Shape kManagedScalingPolicy;

}  // namespace wire::internal
