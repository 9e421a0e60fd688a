#include "work/kinds.h"

#include <memory>

#include "work/empty/empty.h"

namespace work {

namespace {

template <typename Work, typename Kind>
void Put(engine::Kinds& kinds, std::unique_ptr<Kind> kind) {
  kinds[model::Work(Work()).index()] = std::move(kind);
}

}  // namespace

engine::Kinds MakeKinds(const Options& options) {
  engine::Kinds kinds;
  Put<model::EmptyWork>(kinds, std::make_unique<Empty>());
  Put<model::EmrWork>(kinds, std::make_unique<Emr>(options.emr));
  Put<model::TriggerWork>(kinds, std::make_unique<Trigger>(options.emr.region));
  Put<model::CommandWork>(kinds, std::make_unique<Command>(options.emr.region));
  return kinds;
}

const Processes& ProcessesOf(const engine::Engine& engine) {
  static const size_t kPlace = model::Work(model::CommandWork()).index();
  return static_cast<const Command&>(*engine.kinds()[kPlace]).processes();
}

const EmrState& EmrOf(const engine::Engine& engine) {
  static const size_t kPlace = model::Work(model::EmrWork()).index();
  return static_cast<const Emr&>(*engine.kinds()[kPlace]).state();
}

const TriggerWishes& WishesOf(const engine::Engine& engine) {
  static const size_t kPlace = model::Work(model::TriggerWork()).index();
  return static_cast<const Trigger&>(*engine.kinds()[kPlace]).wishes();
}

}  // namespace work
