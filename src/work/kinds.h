#pragma once

// The kinds of work that there are: the one table that names them all. A new kind is a folder here,
// a line below and an alternative of model::Work.

#include "engine/engine.h"
#include "work/command/command.h"
#include "work/emr/emr.h"
#include "work/emr/options.h"
#include "work/trigger/trigger.h"

namespace work {

struct Options {
  EmrOptions emr;
};

// In the order of model::Work.
engine::Kinds MakeKinds(const Options& options);

// What one kind remembers, as of the engine's latest step.
const EmrState& EmrOf(const engine::Engine& engine);
const TriggerWishes& WishesOf(const engine::Engine& engine);
const Processes& ProcessesOf(const engine::Engine& engine);

}  // namespace work
