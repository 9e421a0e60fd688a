#pragma once

// What the function is told by its environment: the table, the names of its attributes, whose
// events are believed, how long items are kept. Pure.
//
//   AWS_LAMBDA_RUNTIME_API   HOST:PORT, set by Lambda
//   SIGNALBOX_TABLE          the table; "signalbox-states" where unset
//   SIGNALBOX_ATTRIBUTES     other names: "cluster_id=ClusterId,item=Sort"
//   SIGNALBOX_ACCOUNT        12 digits, or "any"; unset: the account of the function itself
//   SIGNALBOX_REGION         a region, or "any"; unset: AWS_REGION
//   SIGNALBOX_DEPLOYMENT     only clusters of this deployment's name; unset: any cluster
//   SIGNALBOX_TTL            how long after its event an item is kept ("30d")
//   SIGNALBOX_LOG            "debug": a line for every event

#include <optional>
#include <string>

#include "aws/environment.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "wire/emr_event.h"
#include "wire/state_item.h"

namespace forwarder {

struct Settings {
  http::Url runtime_api;
  std::string table;
  wire::StateTableNames names;
  wire::Addressee addressee;  // its account is "" for any
  bool own_account = true;    // the account comes with each invocation
  base::Duration keep;
  base::LogLevel log_level = base::LogLevel::kInfo;
};

// kNotFound where this process is no Lambda function.
base::Result<http::Url> ReadRuntimeApi(const aws::Environment& environment);
base::Result<Settings> ReadSettings(const aws::Environment& environment);

// Lambda's machines keep their certificates where this program's OpenSSL, built on Debian, does not
// look: AWS_CA_BUNDLE names the first bundle that is there, unless it is set already.
aws::Environment WithCertificates(aws::Environment environment);

}  // namespace forwarder
