#pragma once

// What work costs, as far as it decides who has to wait: sums over State::expenses, made for each
// question.
//
// Not here: the caps themselves (holders.h), and what an attempt costs (its kind).

#include <map>
#include <optional>
#include <string>

#include "engine/state.h"

namespace engine {

struct Turn;

struct Spent {
  std::map<model::RunKey, model::MicroUsd> of_run;  // of runs in memory
  std::map<model::DagId, model::MicroUsd> of_dag;   // today
  model::MicroUsd today = 0;
};
// At State::now.
Spent CountSpent(const State& state);

// What costs something, or did. `what` names it among all kinds; none: it costs nothing.
void SetExpense(State& state, const std::string& what, std::optional<model::Expense> expense);
// Forgets, once a day, what can decide nothing any more.
void PruneExpenses(State& state);

// Takes what the project says of money now.
void LoadSpendRules(Turn& turn, const model::SpendRulesRow& wanted);
// The DAG's version in force is another one.
void NoteCap(State& state, const DagEntry& entry);
// Some cap is in force.
bool HasCaps(const State& state);
// When a new day may release jobs that a cap holds.
std::optional<Time> NextSpendDay(const State& state);

}  // namespace engine
