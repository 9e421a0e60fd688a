#pragma once

// From an estate to the network of work that is to come. Pure.

#include "forecast/estate.h"
#include "forecast/network.h"

namespace forecast {

// No more coming runs than this are looked at; those that are due first count.
inline constexpr size_t kMostComingRuns = 20'000;

// All live runs, and those that fire until the horizon.
Network BuildNetwork(const Estate& estate, base::Time horizon);

}  // namespace forecast
