// depends_on: "job", "job[*]", "job[2]", "dag_id/job", "dag_id/job[2]" and {job: …, window: …,
// missing: …}.

#include "base/text.h"
#include "dagfile/draft.h"
#include "dagfile/ids.h"
#include "model/dag_json.h"
#include "yaml/reader.h"

namespace dagfile {

using base::Cat;

namespace {

std::optional<Reference> ParseReference(std::string_view text,
                                        yaml::Mark mark,
                                        yaml::Diagnostics* errors) {
  Reference reference{.mark = mark, .text = std::string(text)};
  std::string_view rest = text;
  bool good = true;
  if (size_t slash = rest.find('/'); slash != std::string_view::npos) {
    reference.dag = model::DagId(std::string(rest.substr(0, slash)));
    good = IsDagId(rest.substr(0, slash));
    rest.remove_prefix(slash + 1);
  }
  if (size_t bracket = rest.find('['); bracket != std::string_view::npos) {
    std::string_view lane = rest.substr(bracket + 1);
    good = good && lane.ends_with(']');
    lane.remove_suffix(lane.empty() ? 0 : 1);
    good = good && (lane == "*" || IsLaneId(lane));
    reference.lanes = lane == "*" ? Reference::Lanes::kAll : Reference::Lanes::kOne;
    if (lane != "*")
      reference.lane = model::LaneId(std::string(lane));
    rest = rest.substr(0, bracket);
  }
  if (!good || !(reference.dag ? IsJobId(rest) : IsGroupPath(rest))) {
    errors->Add(mark,
                Cat("'",
                    text,
                    "' names no job; expected job, job[*], job[LANE], group, dag_id/job or "
                    "dag_id/job[LANE]"));
    return std::nullopt;
  }
  reference.job = model::JobId(std::string(rest));
  return reference;
}

std::optional<Reference> ReadReference(const yaml::Node& node, yaml::Diagnostics* errors) {
  if (!node.is_map()) {
    auto text = yaml::Read<std::string>(node, "'depends_on'", errors);
    return text ? ParseReference(*text, node.mark(), errors) : std::nullopt;
  }
  yaml::MapReader reader(node, "this dependency", errors);
  auto text = reader.Required<std::string>("job");
  auto window = reader.Optional<std::string>("window");
  auto missing = reader.Optional<std::string>("missing");
  reader.Later({"trigger_rule", "timeout", "dag"});
  reader.Finish();
  if (!text)
    return std::nullopt;
  auto reference = ParseReference(*text, reader.MarkOf("job"), errors);
  if (!reference)
    return reference;
  if (window)
    reference->window = model::ParseWindow(*window);
  if (window && !reference->window)
    reader.Error(
        "window",
        Cat("'window': expected latest_due, same_interval or covers, found '", *window, "'"));
  else if (window && !reference->dag)
    reader.Error("window", "'window' is for jobs of other DAGs: dag_id/job");
  if (missing && *missing != "wait" && *missing != "skip")
    reader.Error("missing", Cat("'missing': expected wait or skip, found '", *missing, "'"));
  else if (missing && !reference->dag)
    reader.Error("missing", "'missing' is for jobs of other DAGs: dag_id/job");
  if (missing == "skip")
    reference->missing = model::Missing::kSkip;
  return reference;
}

}  // namespace

std::vector<Reference> ReadReferences(const yaml::Node& list, yaml::Diagnostics* errors) {
  std::vector<Reference> references;
  auto nodes = yaml::Read<std::vector<yaml::Node>>(list, "'depends_on'", errors);
  if (!nodes)
    return references;
  for (const yaml::Node& node : *nodes)
    if (auto reference = ReadReference(node, errors))
      references.push_back(std::move(*reference));
  return references;
}

}  // namespace dagfile
