#include "simulation/views.h"

#include <algorithm>
#include <utility>

#include "base/draw.h"
#include "base/text.h"

namespace simulation {

namespace {

// A cluster counts as gone after three answers a minute apart, and then `list_lag_max` (3 min).
constexpr base::Duration kForgivenFor = base::minutes(4) + base::seconds(30);

void DoesNotKnow(std::string_view id, emulator::Reply& reply) {
  reply.http_status = 400;
  reply.error_code = "InvalidRequestException";
  reply.body = json::object{{"__type", "InvalidRequestException"},
                            {"Message", base::Cat("Cluster id '", id, "' is not valid.")},
                            {"ErrorCode", "NoSuchCluster"}};
}

}  // namespace

const emulator::Cluster* Views::Find(std::string_view id) {
  while (by_id_.size() < emr_.clusters().size()) {
    const emulator::Cluster& next = emr_.clusters()[by_id_.size()];
    by_id_[next.id] = &next;
  }
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

bool Views::IsUnknown(std::string_view action,
                      const emulator::Cluster& cluster,
                      base::Time now) const {
  const base::Duration age = now - cluster.created_at;
  const auto draw = [&](std::string_view what, base::Duration most) {
    return base::Duration(base::Draw(options_.seed, base::Cat(what, " ", action), cluster.ordinal) %
                          static_cast<uint64_t>(most.count() + 1));
  };
  if (age < options_.unborn_for && age < draw("unborn", options_.unborn_for))
    return true;
  for (const ViewOptions::Amnesia& amnesia : options_.amnesias) {
    if (amnesia.ordinal == cluster.ordinal && age >= amnesia.from &&
        age < amnesia.from + amnesia.span / 2 + draw("amnesia", amnesia.span / 2))
      return true;
  }
  return false;
}

std::optional<base::Time> Views::LostUntil(const emulator::Cluster& cluster) const {
  base::Duration sum{0};
  base::Duration until{0};
  for (const ViewOptions::Amnesia& amnesia : options_.amnesias) {
    if (amnesia.ordinal != cluster.ordinal)
      continue;
    sum += amnesia.span;
    until = std::max(until, amnesia.from + amnesia.span);
  }
  return sum > kForgivenFor ? std::optional(cluster.created_at + until) : std::nullopt;
}

void Views::Distort(const driver::Call& call, base::Time now, emulator::Reply& reply) {
  const bool is_read = call.action == "DescribeCluster" || call.action.starts_with("List");
  if (!is_read || reply.http_status != 200)
    return;
  if (options_.forget_every > 0 && call.action == "DescribeCluster") {
    const std::string id(base::GetString(reply.body.as_object(), "Cluster.Id"));
    if (IsForgotten(id, now)) {
      DoesNotKnow(id, reply);
      return;
    }
  }
  const bool has_unknown = options_.unborn_for.count() > 0 || !options_.amnesias.empty();
  if (has_unknown && call.action != "ListClusters") {
    const json::value request = *base::ParseJson(call.body);
    const emulator::Cluster* cluster = Find(base::GetString(request.as_object(), "ClusterId"));
    if (cluster != nullptr && IsUnknown(call.action, *cluster, now)) {
      DoesNotKnow(cluster->id, reply);
      return;
    }
  } else if (has_unknown) {
    HideUnknown(now, reply.body.at("Clusters").as_array());
  }
  if (options_.stale_every > 0 || options_.behind.contains(call.action))
    MakeStale(call, now, reply.body);
  if (options_.hide_every > 0 && call.action == "ListClusters" &&
      ++lists_ % options_.hide_every == 0)
    HideOne(now, reply.body.at("Clusters").as_array());
}

void Views::MakeStale(const driver::Call& call, base::Time now, json::value& body) {
  ++reads_;
  const auto behind = options_.behind.find(call.action);
  const bool is_behind = behind != options_.behind.end();
  const base::Duration most = is_behind ? behind->second : options_.stale_for;
  std::deque<Answer>& answers = latest_[base::Cat(call.action, " ", call.body)];
  while (!answers.empty() && now - answers.front().at > most)
    answers.pop_front();
  Answer latest{now, body};
  if (!answers.empty() && (is_behind || reads_ % options_.stale_every == 0))
    body = answers.front().body;
  if (!options_.stale_is_oldest && !is_behind)
    answers.clear();
  answers.push_back(std::move(latest));
}

void Views::HideUnknown(base::Time now, json::array& clusters) {
  for (auto it = clusters.begin(); it != clusters.end();) {
    const emulator::Cluster* cluster = Find(base::GetString(it->as_object(), "Id"));
    it = cluster != nullptr && IsUnknown("ListClusters", *cluster, now) ? clusters.erase(it)
                                                                        : std::next(it);
  }
}

void Views::HideOne(base::Time now, json::array& clusters) {
  std::vector<json::array::iterator> changing;
  for (auto cluster = clusters.begin(); cluster != clusters.end(); ++cluster) {
    const json::object& timeline = base::GetObject(cluster->as_object(), "Status.Timeline");
    for (const char* moment : {"CreationDateTime", "ReadyDateTime", "EndDateTime"}) {
      const std::optional<base::Time> at = base::GetEpoch(timeline, moment);
      if (at && now - *at <= options_.hide_for) {
        changing.push_back(cluster);
        break;
      }
    }
  }
  if (!changing.empty())
    clusters.erase(changing[turn_++ % changing.size()]);
}

bool Views::IsForgotten(std::string_view cluster_id, base::Time now) {
  const auto place = static_cast<int>(asked_for_.size());
  const auto [asked, is_new] = asked_for_.try_emplace(std::string(cluster_id), base::Time::min());
  if (is_new && place % options_.forget_every == 0)
    asked->second = now;
  // Shorter than what makes the product believe it.
  constexpr base::Duration kMoment = base::seconds(50);
  return asked->second != base::Time::min() && now - asked->second < kMoment;
}

}  // namespace simulation
