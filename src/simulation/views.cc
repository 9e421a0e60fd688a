#include "simulation/views.h"

#include <utility>

#include "base/text.h"

namespace simulation {

void Views::Distort(const driver::Call& call, base::Time now, emulator::Reply& reply) {
  const bool is_read = call.action == "DescribeCluster" || call.action.starts_with("List");
  if (!is_read || reply.http_status != 200)
    return;
  if (options_.forget_every > 0 && call.action == "DescribeCluster") {
    const std::string id(base::GetString(reply.body.as_object(), "Cluster.Id"));
    if (IsForgotten(id, now)) {
      const std::string message = base::Cat("Cluster id '", id, "' is not valid.");
      reply.http_status = 400;
      reply.error_code = "InvalidRequestException";
      reply.body = json::object{{"__type", "InvalidRequestException"},
                                {"Message", message},
                                {"ErrorCode", "NoSuchCluster"}};
      return;
    }
  }
  if (options_.stale_every > 0)
    MakeStale(call, now, reply.body);
  if (options_.hide_every > 0 && call.action == "ListClusters" &&
      ++lists_ % options_.hide_every == 0)
    HideOne(now, reply.body.at("Clusters").as_array());
}

void Views::MakeStale(const driver::Call& call, base::Time now, json::value& body) {
  ++reads_;
  std::deque<Answer>& answers = latest_[base::Cat(call.action, " ", call.body)];
  while (!answers.empty() && now - answers.front().at > options_.stale_for)
    answers.pop_front();
  Answer latest{now, body};
  if (!answers.empty() && reads_ % options_.stale_every == 0)
    body = answers.front().body;
  if (!options_.stale_is_oldest)
    answers.clear();
  answers.push_back(std::move(latest));
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
