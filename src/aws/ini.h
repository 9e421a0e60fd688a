#pragma once

// AWS's INI dialect: sections, `key = value` or `key: value`, values that go on in indented lines,
// a value that is itself a block of `key = value` lines. Pure.
//
// Facts: what botocore's configloader makes of Python's RawConfigParser. Keys are lower-cased; only
// whole lines are comments ('#', ';'); quotes mean nothing; [DEFAULT] is inherited by every
// section; a section or key that stands twice is an error.

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace aws {

struct IniValue {
  std::string text;                          // "" where there is a block
  std::map<std::string, std::string> block;  // its keys keep their case

  friend bool operator==(const IniValue&, const IniValue&) = default;
};
using IniSection = std::map<std::string, IniValue>;
using Ini = std::map<std::string, IniSection>;  // by the text between the brackets

// `path` stands in the error's text, with the line. No error repeats a value.
base::Result<Ini> ParseIni(std::string_view text, std::string_view path);

}  // namespace aws
