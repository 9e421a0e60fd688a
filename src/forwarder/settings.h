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

// The root certificates that were packed beside this program, each in a file that OpenSSL finds by
// name: a bundle of all takes a tenth of a second to read. "" where there are none
// (LAMBDA_TASK_ROOT), or where AWS_CA_BUNDLE says what to trust.
std::string PackedCertificates(const aws::Environment& environment);
// Where none are packed: AWS_CA_BUNDLE names the machine's bundle, unless it is set already.
// Lambda's machines keep it where this program's OpenSSL, built on Debian, does not look.
aws::Environment WithCertificates(aws::Environment environment);

}  // namespace forwarder
