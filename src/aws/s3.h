#pragma once

// S3's GetObject and ListObjectsV2 as calls of a JsonClient. Path style everywhere: it is what
// emulators and other custom endpoints know, what S3 still serves for every bucket, and what a
// bucket with dots in its name needs under TLS.
//
// Facts: "GetObject" and "Error responses" in the S3 API reference; "Authenticating Requests (AWS
// Signature Version 4)" there: the path is signed as it is sent, and x-amz-content-sha256 is
// required.

#include "aws/json_client.h"

namespace aws {

inline constexpr Service kS3 = {.id = "S3", .host_prefix = "s3", .signing_name = "s3"};

// The call's body is GetObject's input {Bucket, Key, Range}. Its reply is {Body, WrittenBy}: the
// world time by which the object was written, by S3's clock; absent where S3 does not say when.
const Protocol& S3Protocol();

// The call's body is ListObjectsV2's input {Bucket, Prefix, MaxKeys, StartAfter}. Its reply is
// {Contents: [{Key, Size, LastModified}], IsTruncated}.
const Protocol& S3ListProtocol();

}  // namespace aws
