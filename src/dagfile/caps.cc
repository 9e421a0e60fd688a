#include "dagfile/caps.h"

#include <algorithm>
#include <cmath>

#include "base/json_text.h"
#include "base/text.h"
#include "emr/instances.h"
#include "template/expression.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr double kUsdMax = 1e9;

model::MicroUsd MicrosOf(double usd) {
  return static_cast<model::MicroUsd>(std::llround(usd * 1e6));
}

std::optional<model::MicroUsd> ReadPrice(yaml::MapReader& map,
                                         std::string_view key,
                                         yaml::Diagnostics* errors) {
  const yaml::Node* value = map.Take(key);
  if (value == nullptr)
    return std::nullopt;
  const auto number = yaml::Read<double>(*value, Cat("'", key, "'"), errors);
  if (number && (!(*number >= 0) || *number > 1e4)) {
    errors->Add(value->mark(),
                Cat("'", key, "' must be from 0 to 10000 USD an hour, found ", value->raw()));
    return std::nullopt;
  }
  return number ? std::optional(MicrosOf(*number)) : std::nullopt;
}

// One limit that counts vCPUs, and whose it is.
struct VcpuLimit {
  const model::JobLimit* limit = nullptr;
  std::string_view where;
};

class CapChecker {
 public:
  CapChecker(DagDraft& draft, const Project* project)
      : draft_(draft), project_(project), errors_(draft.report->errors) {
    for (const model::JobLimit& limit : draft.dag.limits)
      Take(limit, "its DAG");
    if (project != nullptr) {
      for (const model::LimitRow& row : project->job_limits)
        Take(row.limit, "signalbox.yaml");
    }
  }

  void Check(const JobDraft& job) {
    for (size_t i = 0; i < draft_.InstanceCount(job); ++i) {
      const size_t place = job.first + i;
      if (place >= draft_.dag.jobs.size())
        return;
      // What is wrong in one lane is mostly wrong in all.
      if (!CheckInstance(job, draft_.dag.jobs[place]))
        return;
    }
  }

 private:
  void Take(const model::JobLimit& limit, std::string_view where) {
    if (limit.max_vcpus > 0)
      limits_.push_back({&limit, where});
  }

  // False: a mistake was told.
  bool CheckInstance(const JobDraft& job, const model::Job& instance) {
    const bool vcpus_are_good = CheckVcpus(job, instance);
    return CheckPrice(job, instance) && vcpus_are_good;
  }

  bool CheckVcpus(const JobDraft& job, const model::Job& instance) {
    base::Result<model::Vcpus> vcpus = emr::MostVcpus(*model::EmrOf(instance));
    if (const auto& all = instance.capacity.vcpus)
      vcpus = model::Vcpus{*all, *all, *all};
    bool is_good = true;
    for (const VcpuLimit& each : limits_) {
      if (!Concerns(*each.limit, instance))
        continue;
      const std::string limit = Cat("the limit '", ToString(*each.limit), "' of ", each.where);
      if (!vcpus) {
        errors_.Add(job.mark,
                    Cat(limit,
                        " cannot count the job '",
                        job.id.str(),
                        "': ",
                        vcpus.error().message,
                        "; give the job the key 'vcpus'"));
        return false;
      }
      const int64_t wanted = vcpus->Of(each.limit->market);
      if (wanted <= each.limit->max_vcpus)
        continue;
      errors_.Add(job.mark,
                  Cat("the job '",
                      job.id.str(),
                      "' takes up to ",
                      wanted,
                      " vCPUs, more than ",
                      limit,
                      " allows: it would never start"));
      is_good = false;
    }
    return is_good && (vcpus || vcpus.error().code != base::ErrorCode::kNotFound ||
                       WarnOfType(job, vcpus.error().message));
  }

  // Nothing counts the job now. False: what is said of one lane is said of all.
  bool WarnOfType(const JobDraft& job, const std::string& message) {
    draft_.report->warnings.Add(
        job.mark,
        Cat("the job '", job.id.str(), "': ", message, "; the key 'vcpus' of the job tells them"));
    return false;
  }

  bool CheckPrice(const JobDraft& job, const model::Job& instance) {
    const bool of_project = project_ != nullptr && project_->spend_rules.cap_per_day;
    if (project_ == nullptr || !(of_project || draft_.dag.spend_cap.IsSet()))
      return true;
    const auto cost = emr::MostPerHour(*model::EmrOf(instance), project_->spend_rules.prices);
    // What a template makes of it is judged at the launch.
    if (cost || cost.error().code != base::ErrorCode::kNotFound)
      return true;
    errors_.Add(job.mark,
                Cat("the spend cap of ",
                    draft_.dag.spend_cap.IsSet() ? "the DAG" : "signalbox.yaml",
                    " cannot count the job '",
                    job.id.str(),
                    "': ",
                    cost.error().message));
    return false;
  }

  // As the engine will decide it, as far as it is known here.
  bool Concerns(const model::JobLimit& limit, const model::Job& instance) const {
    if (!limit.tag.empty())
      return std::ranges::find(draft_.dag.tags, limit.tag) != draft_.dag.tags.end();
    if (limit.by.empty())
      return true;
    tmpl::Context known;
    known.values["dag_id"] = draft_.dag.id.str();
    known.values["job_id"] = instance.id.str();
    known.values["run_id"] = "run";
    known.values["pool"] = instance.pool.str();
    known.values["params"] = draft_.dag.params;
    known.values["lane"] =
        json::object{{"id", instance.lane.str()}, {"params", instance.lane_params}};
    known.values["deployment"] =
        json::object{{"id", project_ == nullptr ? "" : project_->deployment}};
    const auto expression = tmpl::Expression::Parse(limit.by);
    if (!expression)
      return false;
    const auto value = expression->Evaluate(known);
    return value && !value->is_null() && !(value->is_string() && value->get_string().empty());
  }

  DagDraft& draft_;
  const Project* project_;
  yaml::Diagnostics& errors_;
  std::vector<VcpuLimit> limits_;
};

}  // namespace

std::optional<model::MicroUsd> ReadUsd(const yaml::Node& value,
                                       std::string_view key,
                                       yaml::Diagnostics* errors) {
  const auto number = yaml::Read<double>(value, Cat("'", key, "'"), errors);
  if (number && *number >= 0.01 && *number <= kUsdMax)
    return MicrosOf(*number);
  if (number)
    errors->Add(value.mark(),
                Cat("'", key, "' must be from 0.01 to 1000000000 USD, found ", value.raw()));
  return std::nullopt;
}

model::SpendCap ReadSpendCap(yaml::MapReader& reader, yaml::Diagnostics* errors) {
  model::SpendCap cap;
  const auto node = reader.Optional<yaml::Node>("spend_cap");
  if (!node)
    return cap;
  yaml::MapReader map(*node, "'spend_cap'", errors);
  for (const auto& [key, slot] :
       {std::pair("per_run", &cap.per_run), std::pair("per_day", &cap.per_day)}) {
    if (const yaml::Node* value = map.Take(key))
      *slot = ReadUsd(*value, key, errors);
  }
  map.Finish();
  if (map.is_map() && node->members().empty())
    errors->Add(node->mark(), "'spend_cap' needs the key 'per_run', 'per_day' or both");
  return cap;
}

std::vector<model::Price> ReadPrices(const yaml::Node& map, yaml::Diagnostics* errors) {
  std::vector<model::Price> prices;
  yaml::MapReader whole(map, "'prices'", errors);
  for (const yaml::Member& member : map.members()) {
    yaml::MapReader reader(member.value, Cat("the price of ", member.key), errors);
    model::Price price{.type = member.key};
    if (reader.is_map() && member.value.Find("on_demand") == nullptr)
      errors->Add(member.value.mark(),
                  Cat("the price of ", member.key, " needs the key 'on_demand', in USD an hour"));
    price.on_demand = ReadPrice(reader, "on_demand", errors).value_or(0);
    price.spot = ReadPrice(reader, "spot", errors).value_or(price.on_demand);
    price.emr = ReadPrice(reader, "emr", errors).value_or(0);
    reader.Finish();
    prices.push_back(std::move(price));
  }
  std::ranges::sort(prices, {}, &model::Price::type);
  return prices;
}

void CheckCaps(std::vector<DagDraft>& drafts, const Project* project) {
  for (DagDraft& draft : drafts) {
    CapChecker checker(draft, project);
    for (const JobDraft& job : draft.jobs) {
      if (model::EmrOf(job.settings) != nullptr)
        checker.Check(job);
    }
  }
}

}  // namespace dagfile
