#pragma once

// From where one may ask. Any web page that a person has open can reach the server too: so the Host
// must be one of ours (against DNS rebinding), an Origin must have the scheme, host and port that
// the client asks, and no other site changes anything or logs anybody in (against cross-site
// requests). Who asks is gate.h's business.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace api {

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

// The refusal, or nothing.
std::optional<http::Response> CheckHost(const http::Request& request,
                                        const std::vector<std::string>& allowed_hosts);
// Of events that AWS posts. Where no token is configured, nothing is served.
std::optional<http::Response> CheckWebhook(const http::Request& request, const std::string& token);
// Of requests that carry a body.
std::optional<http::Response> CheckContentType(const http::Request& request,
                                               std::string_view wanted = kJsonType);

}  // namespace api
