#pragma once

// Which texts may be ids. Only for this folder.

#include <string_view>

namespace dagfile {

bool IsDagId(std::string_view text);      // [A-Za-z0-9_.-]{1,250}
bool IsJobId(std::string_view text);      // [A-Za-z][A-Za-z0-9_-]{0,99}: it stands in cluster names
bool IsGroupPath(std::string_view text);  // job ids with dots between them
bool IsLaneId(std::string_view text);     // [A-Za-z0-9_-]{1,64}
bool IsDeploymentId(std::string_view text);  // [a-z0-9]{2,20}

}  // namespace dagfile
