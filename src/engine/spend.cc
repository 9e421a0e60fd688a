#include "engine/spend.h"

#include "engine/queue.h"
#include "engine/turn.h"

namespace engine {

Spent CountSpent(const State& state) {
  Spent spent;
  const base::Interval day = model::DayOf(state.now);
  for (const auto& [what, expense] : state.expenses) {
    if (state.runs.contains(expense.run))
      spent.of_run[expense.run] += CostOf(expense, state.now);
    const model::MicroUsd today = CostWithin(expense, day, state.now);
    spent.of_dag[expense.run.dag] += today;
    spent.today += today;
  }
  return spent;
}

void SetExpense(State& state, const std::string& what, std::optional<model::Expense> expense) {
  if (expense)
    state.expenses.insert_or_assign(what, std::move(*expense));
  else
    state.expenses.erase(what);
}

void PruneExpenses(State& state) {
  const Time today = model::DayOf(state.now).start;
  if (state.expenses_pruned_at == today)
    return;
  state.expenses_pruned_at = today;
  std::erase_if(state.expenses, [&](const auto& item) {
    const model::Expense& expense = item.second;
    return expense.until && *expense.until <= today && !state.runs.contains(expense.run);
  });
}

void LoadSpendRules(Turn& turn, const model::SpendRulesRow& wanted) {
  model::SpendRulesRow& row = turn.state.spend_rules;
  if (row == wanted)
    return;
  row = wanted;
  turn.recorder.Put(row);
}

void NoteCap(State& state, const DagEntry& entry) {
  if (entry.plan->dag->spend_cap.IsSet())
    state.capped.insert(entry.row.dag);
  else
    state.capped.erase(entry.row.dag);
}

bool HasCaps(const State& state) {
  return !state.capped.empty() || state.spend_rules.cap_per_day;
}

std::optional<Time> NextSpendDay(const State& state) {
  if (!HasCaps(state) || IsQueueEmpty(state))
    return std::nullopt;
  return model::DayOf(state.now).end;
}

}  // namespace engine
