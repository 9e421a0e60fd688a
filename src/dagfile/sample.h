#pragma once

// A sample of what the template language knows when a job is made, to judge texts before. Only for
// this folder.

#include "model/dag.h"
#include "template/template.h"

namespace dagfile {

// The names that a job's texts may use, as the engine will fill them in. What a trigger may change
// is null: not known yet.
tmpl::Context SampleOf(const model::Dag& dag, const model::Job& instance);

// "column 4", or "line 2 column 4": where the problem is in its text.
std::string Where(const tmpl::Problem& problem);

}  // namespace dagfile
