#pragma once

// Where in a RunJobFlow request a secret may stand: in what only the cluster's own programs read.
// Names, tags and URIs come back in EMR's answers, and are shown. Pure.

#include <string_view>

namespace emr {

// By the path of a text: "Steps[0].HadoopJarStep.Args[3]".
bool MayHoldSecret(std::string_view path);

}  // namespace emr
