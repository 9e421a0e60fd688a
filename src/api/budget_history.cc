// Calls to EMR over time, by action and by what made them; and how many a sensor for each cluster,
// that calls DescribeCluster once a minute, would have made.

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "api/resources.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using runtime::CallHistory;

constexpr base::Duration kUsualInterval = base::minutes(15);

struct Asked {
  base::Time since;  // of what is known
  base::Time from;   // where the first bucket begins
  base::Time now;
  base::Duration interval{0};
};

struct Bucket {
  CallHistory::Calls calls;
  base::Duration clusters_up{0};
};

base::Result<base::Duration> ReadSpan(const Exchange& exchange,
                                      std::string_view name,
                                      base::Duration otherwise,
                                      base::Duration most) {
  ASSIGN_OR_RETURN(const auto text, ReadOne(exchange, name));
  if (!text)
    return otherwise;
  const auto span = base::ParseDuration(*text);
  if (!span || *span < base::minutes(1) || *span > most)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'",
                                name,
                                "' is '",
                                base::Excerpt(*text),
                                "', and must be from 1m to ",
                                base::FormatDuration(most)));
  return *span;
}

// From the beginning of the process on: what was before is not known. Buckets begin at whole
// multiples of the interval, so that they stay what they are as time goes on.
base::Result<Asked> ReadAsked(const Context& context, const Exchange& exchange) {
  Asked asked{.since = {}, .from = {}, .now = context.views.Now()};
  ASSIGN_OR_RETURN(const base::Duration over,
                   ReadSpan(exchange, "over", CallHistory::kKept, CallHistory::kKept));
  ASSIGN_OR_RETURN(asked.interval,
                   ReadSpan(exchange, "interval", std::min(kUsualInterval, over), over));
  asked.since = std::max(asked.now - over, context.views.Health().started_at);
  asked.from = asked.since - asked.since.time_since_epoch() % asked.interval;
  return asked;
}

std::vector<Bucket> BucketsOf(const Asked& asked, const CallHistory::Minutes& minutes) {
  std::vector<Bucket> buckets(static_cast<size_t>((asked.now - asked.from) / asked.interval) + 1);
  for (const CallHistory::Minute& minute : minutes) {
    if (minute.start < asked.from || minute.start > asked.now)
      continue;
    Bucket& bucket = buckets[static_cast<size_t>((minute.start - asked.from) / asked.interval)];
    for (const auto& [key, counts] : minute.calls) {
      CallHistory::Counts& sum = bucket.calls[key];
      sum.made += counts.made;
      sum.throttled += counts.throttled;
    }
  }
  return buckets;
}

base::Status AddClusters(const Reading& reading, const Asked& asked, std::vector<Bucket>& buckets) {
  ASSIGN_OR_RETURN(const auto clusters, reading.rows.ClustersWithin({asked.from, asked.now}));
  for (const model::ClusterRow& cluster : clusters) {
    const base::Time ended =
        cluster.ended_at.value_or(IsTerminal(cluster.phase) ? cluster.phase_seen_at : asked.now);
    base::Time start = asked.from;
    for (Bucket& bucket : buckets) {
      const base::Time end = start + asked.interval;
      const base::Duration up =
          std::min({end, ended, asked.now}) - std::max(start, cluster.created_at.value_or(ended));
      bucket.clusters_up += std::max(up, base::Duration(0));
      start = end;
    }
  }
  return {};
}

json::object BucketJson(const Bucket& bucket, base::Time start, bool has_clusters) {
  json::array calls;
  for (const auto& [key, counts] : bucket.calls)
    calls.push_back(json::object{{"action", key.first},
                                 {"source", ToString(key.second)},
                                 {"made", counts.made},
                                 {"throttled", counts.throttled}});
  json::object out{{"start", TimeOrNull(start)}, {"calls", std::move(calls)}};
  out["cluster_minutes"] = has_clusters ? json::value(bucket.clusters_up / base::seconds(1) / 60.0)
                                        : json::value(nullptr);
  return out;
}

json::object HistoryJson(const Asked& asked,
                         const std::vector<Bucket>& buckets,
                         bool has_clusters) {
  json::array list;
  base::Time start = asked.from;
  for (const Bucket& bucket : buckets) {
    list.push_back(BucketJson(bucket, start, has_clusters));
    start += asked.interval;
  }
  return {{"now", TimeOrNull(asked.now)},
          {"since", TimeOrNull(asked.since)},
          {"interval_seconds", asked.interval / base::seconds(1)},
          {"buckets", std::move(list)}};
}

}  // namespace

void GetBudgetHistory(Context& context, const SharedExchange& exchange, Answered answered) {
  const auto asked = ReadAsked(context, *exchange);
  if (!asked)
    return answered(base::Fail(asked.error()));
  // How many clusters all teams have is for those who see all.
  const bool has_clusters = !exchange->IsScoped();
  context.desk.Read<Reply>(
      ReadDesk::Turn::kUsual,
      exchange->sight,
      [asked = *asked, buckets = BucketsOf(*asked, context.views.CallMinutes()), has_clusters](
          const Reading& reading) mutable -> base::Result<Reply> {
        if (has_clusters) {
          RETURN_IF_ERROR(AddClusters(reading, asked, buckets));
        }
        return HistoryJson(asked, buckets, has_clusters);
      },
      std::move(answered));
}

}  // namespace api
