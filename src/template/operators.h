#pragma once

// What Python's operators mean for our values. Only for this folder. No value here is unknown.

#include "template/template.h"
#include "template/value.h"

namespace tmpl {

// Whole numbers have 64 bits; a result that does not fit is an error, and so is a text or list
// longer than kMaxText.
base::Result<Value> Calculate(Operator operation,
                              const Value& left,
                              const Value& right,
                              const Context& context);

base::Result<Value> Negate(const Value& value, bool minus);

base::Result<bool> Holds(Relation relation, const Value& left, const Value& right);

// An error if it is longer than kMaxText.
base::Result<Value> Bounded(json::value value);

// An integer as Python sees it, True and False among them; nothing for anything else.
std::optional<int64_t> WholeNumber(const Value& value);

// A number, whole or not.
std::optional<double> AsDouble(const Value& value);

// A whole number past 64 bits with a sign, which only a document can have.
bool IsHuge(const Value& value);

// Python's int / int: the nearest double. REQUIRES: right != 0.
double TrueQuotient(int64_t left, int64_t right);

}  // namespace tmpl
