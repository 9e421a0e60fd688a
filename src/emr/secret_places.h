#pragma once

// Where in a RunJobFlow request a secret may stand: in what the cluster's own programs read. Who
// may ask EMR reads that too; Signalbox masks it. Names, tags and URIs are shown everywhere. Pure.

#include <string_view>

namespace emr {

// By the path of a text: "Steps[0].HadoopJarStep.Args[3]".
bool MayHoldSecret(std::string_view path);

}  // namespace emr
