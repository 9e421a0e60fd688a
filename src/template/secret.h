#pragma once

// How a secret stands in a text that is rendered: "***secret:conn/db/password***". The text is
// stored and shown so; the real value is put in where the text is sent, and nowhere before.
//
// A mark that a text has from elsewhere never counts: such a text is not rendered at all.
//
// Pure.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace tmpl {

// {"conn", "db", "password"}
using SecretPath = std::vector<std::string>;

inline constexpr std::string_view kSecretMark = "***secret:";

std::string MarkOf(const SecretPath& path);

// Which texts of a document may hold secrets, by their path in it:
// "Steps[0].HadoopJarStep.Args[1]".
using SecretPlaces = bool (*)(std::string_view path);

using OpenSecret = std::function<base::Result<std::string>(const SecretPath& path)>;
// Puts the secrets into the texts at those places, and nowhere else.
base::Result<json::value> FillSecrets(const json::value& document,
                                      SecretPlaces places,
                                      const OpenSecret& open);

}  // namespace tmpl
