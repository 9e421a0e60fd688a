#pragma once

// Values as people and AWS read them. Numbers are written as Python's repr() writes them: the
// shortest digits that read back, with ".0" where a fraction is whole, and an exponent below 1e-4
// and from 1e16 (Boost.JSON's own writer says 5E-1 for 0.5). Pure.

#include <string>

#include "base/json.h"

namespace base {

std::string NumberText(double number);

// Compact JSON. Everything that leaves the process as JSON is written by this.
std::string Serialize(const json::value& value);

// What stands in a text for a value: Python's str(), as Airflow and Jinja2 write it ("True",
// "None", "0.5"; a string as it is). Lists and maps are JSON.
std::string ScalarText(const json::value& value);

}  // namespace base
