#pragma once

// Result<T> and Status: how every fallible call in Signalbox answers.
//
// Exceptions do not cross a module: a library that throws is wrapped at its edge. An Error has a
// code that some caller reacts to, and a message that a person can act on. The method names are
// those of std::expected (which libstdc++ 12 does not have in C++20).

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace base {

enum class ErrorCode {
  kInvalidArgument,  // the caller's input is wrong; repeating it is useless
  kNotFound,
  kConflict,        // it exists already, or the state does not allow it
  kStale,           // it was decided on an older state
  kThrottled,       // a clean "not yet": nothing happened
  kUnavailable,     // nothing happened; trying again may help
  kTimeoutUnknown,  // it may have happened: look before doing it again
  kPermission,
  kCorrupt,
  kInternal,
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}
inline tl::unexpected<Error> Fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace base

// Leaves the current function with the error of `expr` (a Status or Result), if it has one.
#define RETURN_IF_ERROR(expr)                          \
  do {                                                 \
    if (auto status_ = (expr); !status_.has_value())   \
      return ::base::Fail(std::move(status_.error())); \
  } while (false)

#define SIGNALBOX_JOIN_(a, b) a##b
#define SIGNALBOX_JOIN(a, b) SIGNALBOX_JOIN_(a, b)

// ASSIGN_OR_RETURN(auto value, Compute()): the value, or leaves with the error.
#define ASSIGN_OR_RETURN(lhs, expr)                                            \
  auto SIGNALBOX_JOIN(result_, __LINE__) = (expr);                             \
  if (!SIGNALBOX_JOIN(result_, __LINE__).has_value())                          \
    return ::base::Fail(std::move(SIGNALBOX_JOIN(result_, __LINE__).error())); \
  lhs = std::move(*SIGNALBOX_JOIN(result_, __LINE__))
