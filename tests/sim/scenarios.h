#pragma once

// What the sweeps play: DAGs with what goes wrong at EMR meanwhile, and the sweeps themselves.
//
// Not here: the judgement of how it ended (Estate::Breaches), but for runs that have to succeed.

#include <ostream>
#include <string>
#include <vector>

#include "virtual_estate.h"

namespace sim {

// A job whose cluster has a master, a core fleet and one step; retried twice.
model::Job EmrJob(std::string id, std::string lane, std::vector<int> upstream);

// Five jobs in two lanes: a failing step, a lost core fleet, a throttled and a dropped RunJobFlow.
EstateOptions Scenario();
// The same with EMR at its worst: RunJobFlow answers late or not at all and takes effect minutes
// later, young clusters are invisible to ListClusters, a terminate is ignored.
EstateOptions StaleScenario();
// The first `jobs` (1 or 2) of a chain, with fast clusters and few looks, so that pairs of crashes
// are few enough to be tried all: the first reply is dropped, then the cluster loses its core
// fleet and does not end by itself, and the first terminate is ignored.
EstateOptions ShortScenario(int jobs);

bool AllSucceeded(Estate& estate);
// Breaches, and clusters without an attempt of their own: "" where all is well.
std::string Complaints(Estate& estate);
// And runs that did not succeed, or took another number of attempts than an undisturbed life.
std::string Complaints(Estate& estate, int64_t attempts);
int64_t CountAttempts(Estate& estate);
std::string Join(const std::vector<std::string>& lines);
std::ostream& operator<<(std::ostream& out, const CrashPoint& point);  // "a crash before effect 3"

// Both crash points at every effect from the first to the last.
std::vector<CrashPoint> CrashPoints(int effects);
// Crashes the process at each point, one a life, and starts it again: every run has to succeed, and
// no crash costs a try or a cluster.
void Sweep(const EstateOptions& scenario);

}  // namespace sim
