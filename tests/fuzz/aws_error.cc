#include "wire/aws_error.h"

#include "base/check.h"
#include "targets.h"

namespace fuzz {

// Any reply that is no success has a class and a code, and what AWS did not write "may have
// happened" whatever it says.
void FuzzAwsError(std::string_view bytes) {
  auto no_header = [](std::string_view) -> std::optional<std::string> { return std::nullopt; };
  auto type_header = [&](std::string_view name) -> std::optional<std::string> {
    return name == "x-amzn-errortype" ? std::optional(std::string(bytes)) : std::nullopt;
  };
  for (const int status : {400, 403, 503}) {
    CHECK(!wire::ParseAwsError(status, no_header, bytes).code.empty());
    const wire::AwsError by_header = wire::ParseAwsError(status, type_header, "{}");
    CHECK(by_header.http_status == status);
    CHECK(!wire::ErrorClassName(by_header.error_class).empty());
  }
}

}  // namespace fuzz
