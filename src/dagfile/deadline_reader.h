#pragma once

// `deadline` of a DAG or a job, and `deadlines` of signalbox.yaml. Only for this folder.
//
//   deadline: 6h                                    from the end of the data interval
//   deadline: {from: queued_at, within: 2h}
//   deadline: {by: "Sun 24:00"}                     in the DAG's time zone
//
//   deadlines:
//     weekly: {tags: [weekly], by: "Sun 24:00", timezone: Europe/Istanbul}

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dagfile/notifications.h"
#include "model/deadline.h"
#include "yaml/reader.h"

namespace dagfile {

// "06:00", "Sun 24:00" or a cron expression, as a cron expression.
base::Result<std::string> ParseMoment(std::string_view text);

std::optional<model::Deadline> ReadDeadline(yaml::MapReader& reader, yaml::Diagnostics* errors);

std::optional<model::SharedDeadline> ReadSharedDeadline(std::string_view name,
                                                        const yaml::Node& value,
                                                        std::vector<NotifierUse>* uses,
                                                        yaml::Diagnostics* errors);

}  // namespace dagfile
