#pragma once

// AWS's small XML replies as a flat map. Pure.
//
// <A><B><C>x</C></B></A> is {"A.B.C": "x"}. Attributes and namespaces are left aside; of elements
// that stand twice in one place the first counts. What is larger than 64 KiB or has more than 256
// tags is no reply of ours and is refused.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace aws {

using FlatXml = std::map<std::string, std::string>;

base::Result<FlatXml> ReadXml(std::string_view text);
// The elements of this name right below the root, each as ReadXml has it (the element itself is no
// part of the paths); a list may have 1 MiB and 8,192 tags.
base::Result<std::vector<FlatXml>> ReadXmlItems(std::string_view text, const std::string& name);

}  // namespace aws
