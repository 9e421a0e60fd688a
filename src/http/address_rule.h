#pragma once

// Which addresses a call may reach whose place people have configured: not this machine, not its
// link, not the services from which cloud machines get their keys. Networks of the organisation
// (10.0.0.0/8, fc00::/7) are allowed. Pure: who connects asks with the address that it connects to,
// so a name that changes its address meanwhile gains nothing.
//
// Facts: IANA's special-purpose address registries; the instance metadata pages of AWS, Azure,
// Google, Oracle and Alibaba for what lies outside 169.254.0.0/16.

#include <string_view>

#include "base/ip.h"

namespace http {

enum class Addresses {
  kAll,
  kOfOthers,  // those that WhyRefused refuses are left out
};

// As the end of a sentence: "is a loopback address"; "" for an address that may be reached.
std::string_view WhyRefused(const base::IpAddress& address);

// Of a host as it is written: an address, or a name that always stands for this machine. "" for
// any other name.
std::string_view WhyRefused(std::string_view host);

}  // namespace http
