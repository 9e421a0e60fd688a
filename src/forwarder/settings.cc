#include "forwarder/settings.h"

#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace forwarder {

namespace {

base::Error Bad(std::string_view variable, std::string_view what) {
  return {base::ErrorCode::kInvalidArgument, base::Cat(variable, " ", what)};
}

// "any" is "".
std::string OrAny(const std::string& text) {
  return text == "any" ? "" : text;
}

base::Status ReadNames(const std::string& text, wire::StateTableNames& names) {
  for (const std::string& pair : base::Split(text, ',')) {
    size_t equals = pair.find('=');
    if (equals == pair.npos)
      return base::Fail(Bad("SIGNALBOX_ATTRIBUTES",
                            base::Cat("has '", pair, "'; write cluster_id=NAME,item=NAME,…")));
    base::Status renamed = names.Rename(base::Trim(std::string_view(pair).substr(0, equals)),
                                        base::Trim(std::string_view(pair).substr(equals + 1)));
    if (!renamed)
      return base::Fail(Bad("SIGNALBOX_ATTRIBUTES", base::Cat("has ", renamed.error().message)));
  }
  return {};
}

}  // namespace

base::Result<http::Url> ReadRuntimeApi(const aws::Environment& environment) {
  std::optional<std::string> address = environment("AWS_LAMBDA_RUNTIME_API");
  if (!address)
    return base::Fail(base::ErrorCode::kNotFound,
                      "AWS_LAMBDA_RUNTIME_API is not set: this program runs as an AWS Lambda "
                      "function (deploy/aws/README.md)");
  base::Result<http::Url> url = http::ParseUrl(base::Cat("http://", *address));
  if (!url)
    return base::Fail(Bad("AWS_LAMBDA_RUNTIME_API", base::Cat("is no HOST:PORT: ", *address)));
  return url;
}

base::Result<Settings> ReadSettings(const aws::Environment& environment) {
  constexpr base::Duration kKeep = std::chrono::days(30);
  constexpr base::Duration kLongestKeep = std::chrono::days(3650);
  Settings out{.keep = kKeep};
  ASSIGN_OR_RETURN(out.runtime_api, ReadRuntimeApi(environment));
  out.table = environment("SIGNALBOX_TABLE").value_or("signalbox-states");
  if (std::optional<std::string> names = environment("SIGNALBOX_ATTRIBUTES"))
    RETURN_IF_ERROR(ReadNames(*names, out.names));

  std::optional<std::string> account = environment("SIGNALBOX_ACCOUNT");
  out.own_account = !account;
  out.addressee.account = OrAny(account.value_or("any"));
  constexpr size_t kDigits = 12;
  if (!out.addressee.account.empty() &&
      (out.addressee.account.size() != kDigits || !base::ParseInt(out.addressee.account)))
    return base::Fail(Bad("SIGNALBOX_ACCOUNT", "must be an account of 12 digits, or any"));
  out.addressee.region =
      OrAny(environment("SIGNALBOX_REGION").value_or(environment("AWS_REGION").value_or("any")));
  out.addressee.deployment = environment("SIGNALBOX_DEPLOYMENT").value_or("");

  if (std::optional<std::string> ttl = environment("SIGNALBOX_TTL")) {
    base::Result<base::Duration> keep = base::ParseDuration(*ttl);
    if (!keep || *keep <= base::Duration::zero() || *keep > kLongestKeep)
      return base::Fail(Bad("SIGNALBOX_TTL", "must be a time such as 30d, at most 3650d"));
    out.keep = *keep;
  }
  if (std::optional<std::string> log = environment("SIGNALBOX_LOG")) {
    if (*log != "debug" && *log != "info")
      return base::Fail(Bad("SIGNALBOX_LOG", "must be debug or info"));
    out.log_level = *log == "debug" ? base::LogLevel::kDebug : base::LogLevel::kInfo;
  }
  return out;
}

std::string PackedCertificates(const aws::Environment& environment) {
  std::optional<std::string> root = environment("LAMBDA_TASK_ROOT");
  if (!root || environment("AWS_CA_BUNDLE"))
    return "";
  std::string folder = base::Cat(*root, "/certs");
  return ::access(folder.c_str(), R_OK | X_OK) == 0 ? folder : "";
}

aws::Environment WithCertificates(aws::Environment environment) {
  if (!PackedCertificates(environment).empty())
    return environment;
  static constexpr const char* kBundles[] = {
      "/etc/pki/tls/certs/ca-bundle.crt",                   // Amazon Linux
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // the same, where that link is missing
      "/etc/ssl/certs/ca-certificates.crt",                 // Debian
  };
  return [environment = std::move(environment)](const std::string& name) {
    std::optional<std::string> value = environment(name);
    if (value || name != "AWS_CA_BUNDLE")
      return value;
    for (const char* bundle : kBundles) {
      if (::access(bundle, R_OK) == 0)
        return std::optional<std::string>(bundle);
    }
    return value;
  };
}

}  // namespace forwarder
