#pragma once

// A message as the parameters of SNS' action Publish. Pure.
//
// Facts: "Publish" in the SNS API reference: a subject has at most 100 characters of ASCII, begins
// with a letter, a digit or punctuation and has no line break; a message has 256 KB; a FIFO topic
// (its name ends with ".fifo") wants a group and takes an id within five minutes once.

#include <string>
#include <utility>
#include <vector>

#include "notify/message.h"

namespace notify {

using Parameters = std::vector<std::pair<std::string, std::string>>;

Parameters SnsForm(const Message& message, const std::string& topic_arn);

// "eu-west-1" of "arn:aws:sns:eu-west-1:123456789012:alerts"; "" where it is no such ARN.
std::string RegionOfTopic(std::string_view arn);

}  // namespace notify
