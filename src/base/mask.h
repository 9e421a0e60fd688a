#pragma once

// Takes secrets out of texts that are about to be written to a log. Pure.

#include <string>
#include <string_view>

namespace base {

// Replaces what looks like an AWS access key id, what follows "Bearer", and the values of the
// parameters of presigned URLs and of headers that carry a signature or a session token.
std::string MaskSecrets(std::string_view text);

}  // namespace base
