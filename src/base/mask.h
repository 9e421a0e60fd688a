#pragma once

// Takes secrets out of texts that are about to be written to a log, and tells by a name whether
// what it names is a secret. Pure.

#include <string>
#include <string_view>

namespace base {

// Replaces what looks like an AWS access key id, what follows "Bearer", and the values of the
// parameters of presigned URLs and of headers that carry a signature or a session token.
std::string MaskSecrets(std::string_view text);

// What stands for a secret wherever it would be shown, as in Airflow.
inline constexpr std::string_view kMask = "***";

// Whether a variable, or a member of a connection's extra, that is called so is a secret: what
// Airflow calls sensitive ("db_password", "API_KEY").
bool IsSecretName(std::string_view name);

}  // namespace base
