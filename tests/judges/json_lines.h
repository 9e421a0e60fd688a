#pragma once

// The frame of the programs in this folder: one JSON object a line in, one a line out.

#include <functional>

#include "base/json.h"
#include "base/result.h"

namespace judges {

using Answerer = std::function<base::Result<json::object>(const json::object& question)>;

// The program's exit code. An error of `answer` is an answer too: {"error": its message}.
int AnswerLines(const Answerer& answer);

}  // namespace judges
