#include "notify/routes.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"

namespace notify {

namespace {

using base::Cat;
using model::Occasion;

bool IsOn(const model::NotificationRule& rule, Occasion occasion) {
  return std::ranges::find(rule.on, occasion) != rule.on.end();
}

bool IsOfDeployment(Occasion occasion) {
  return occasion == Occasion::kOrphan || occasion == Occasion::kHold ||
         occasion == Occasion::kHealth;
}

void AddUnique(std::vector<std::string>& to, const std::vector<std::string>& more) {
  for (const std::string& each : more) {
    if (std::ranges::find(to, each) == to.end())
      to.push_back(each);
  }
}

}  // namespace

Routes::Routes(Estate estate) : estate_(std::move(estate)) {
  for (const auto& dag : estate_.dags) {
    dags_[dag->id] = dag.get();
    for (const model::Job& job : dag->jobs) {
      for (const model::CrossDependency& edge : job.cross) {
        auto& names = elsewhere_[{edge.dag, edge.job}];
        AddUnique(names, {Cat(dag->id.str(), "/", DisplayName(job.id, job.lane))});
      }
    }
  }
}

const model::Dag* Routes::DagOf(const model::DagId& dag) const {
  const auto found = dags_.find(dag);
  return found == dags_.end() ? nullptr : found->second;
}

const Notifier* Routes::Find(std::string_view notifier) const {
  const auto found = std::ranges::find(estate_.notifiers, notifier, &Notifier::name);
  return found == estate_.notifiers.end() ? nullptr : &*found;
}

std::vector<const model::NotificationRule*> Routes::RulesFor(const Happening& happening) const {
  std::vector<const model::NotificationRule*> rules;
  const auto add = [&](const std::vector<model::NotificationRule>& all) {
    for (const model::NotificationRule& rule : all) {
      if (IsOn(rule, happening.occasion))
        rules.push_back(&rule);
    }
  };
  if (IsOfDeployment(happening.occasion)) {
    add(estate_.rules);
    return rules;
  }
  if (!happening.deadline.empty()) {
    for (const model::SharedDeadline& deadline : estate_.deadlines) {
      if (deadline.name == happening.deadline)
        add(deadline.notifications);
    }
  }
  const model::Dag* dag = DagOf(happening.job.run.dag);
  if (dag == nullptr)
    return rules;
  // Its own words come before the DAG's.
  if (!happening.job.job.empty()) {
    const auto job = std::ranges::find_if(dag->jobs, [&](const model::Job& each) {
      return each.id == happening.job.job && each.lane == happening.job.lane;
    });
    if (job != dag->jobs.end())
      add(job->notifications);
  }
  // Of a DAG's rules a success is the run's.
  if (happening.occasion != Occasion::kSuccess || happening.job.job.empty())
    add(dag->notifications);
  return rules;
}

std::vector<Route> Routes::For(const Happening& happening) const {
  std::vector<Route> routes;
  const auto add = [&](const std::string& notifier,
                       const std::vector<std::string>& emails,
                       const model::NotificationRule& rule) {
    const auto same = std::ranges::find_if(routes, [&](const Route& route) {
      return route.target.notifier == notifier && route.target.emails.empty() == emails.empty();
    });
    if (same == routes.end())
      routes.push_back({{notifier, emails}, rule.title, rule.text});
    else
      AddUnique(same->target.emails, emails);
  };
  const auto mails = std::ranges::find(estate_.notifiers, NotifierType::kSmtp, &Notifier::type);
  for (const model::NotificationRule* rule : RulesFor(happening)) {
    for (const std::string& name : rule->to) {
      if (Find(name) != nullptr)
        add(name, {}, *rule);
    }
    if (!rule->emails.empty() && mails != estate_.notifiers.end())
      add(mails->name, rule->emails, *rule);
  }
  for (Route& route : routes)
    std::ranges::sort(route.target.emails);
  return routes;
}

std::vector<std::string> Routes::WhoWaits(const model::JobKey& key) const {
  std::vector<std::string> names;
  const model::Dag* dag = DagOf(key.run.dag);
  if (dag == nullptr)
    return names;
  std::set<int> behind;
  for (size_t i = 0; i < dag->jobs.size(); ++i) {
    if (dag->jobs[i].id == key.job && dag->jobs[i].lane == key.lane)
      behind.insert(static_cast<int>(i));
  }
  // Upstream may come later in the file: until nothing is added.
  for (size_t before = 0; before != behind.size();) {
    before = behind.size();
    for (size_t i = 0; i < dag->jobs.size(); ++i) {
      if (std::ranges::any_of(dag->jobs[i].upstream, [&](int up) { return behind.contains(up); }))
        behind.insert(static_cast<int>(i));
    }
  }
  for (const int index : behind) {
    const model::Job& job = dag->jobs[static_cast<size_t>(index)];
    if (job.id != key.job || job.lane != key.lane)
      AddUnique(names, {DisplayName(job.id, job.lane)});
    if (const auto found = elsewhere_.find({dag->id, job.id}); found != elsewhere_.end())
      AddUnique(names, found->second);
  }
  if (const auto found = elsewhere_.find({dag->id, model::JobId()}); found != elsewhere_.end())
    AddUnique(names, found->second);
  return names;
}

}  // namespace notify
