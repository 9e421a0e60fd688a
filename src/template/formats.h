#pragma once

// strftime and strptime with those directives of Python that mean the same on every platform and in
// every language setting. Names of days and months are English. Only for this folder.

#include "template/value.h"

namespace tmpl {

// What is wrong with a format; empty: nothing.
std::string ProblemOfFormat(std::string_view format);
std::string ProblemOfReadFormat(std::string_view format);

// REQUIRES: no problem of the format.
std::string Strftime(const DateTime& time, std::string_view format);

// The time in UTC that `text` shows. REQUIRES: no problem of the read format.
base::Result<DateTime> Strptime(std::string_view text, std::string_view format);

}  // namespace tmpl
