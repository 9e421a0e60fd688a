// depends_on: "job", "job[*]", "job[2]", "dag_id/job", "dag_id/job[2]", and maps with a job or a
// dag and what is wanted of it.

#include <algorithm>

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

constexpr base::Duration kLongestOffset = base::hours(24 * 366);
constexpr int64_t kMostIntervalsBack = 1000;

std::string Near(std::string_view text, const std::vector<std::string>& names) {
  const auto near = base::DidYouMean(text, names);
  return near ? Cat("; did you mean '", *near, "'?") : "";
}

// One entry of depends_on that is a map.
class EdgeReader {
 public:
  EdgeReader(const yaml::Node& node, yaml::Diagnostics* errors)
      : node_(node), errors_(errors), map_(node, "this dependency", errors) {}

  std::optional<Reference> Run() {
    auto reference = ReadTarget();
    std::vector<std::string_view> used;
    for (const std::string_view key :
         {"window", "missing", "rule", "otherwise", "run_state", "within", "offset"}) {
      if (node_.Find(key) != nullptr)
        used.push_back(key);
    }
    Reference unread;
    Reference& into = reference ? *reference : unread;
    ReadWindow(into);
    ReadOffset(into);
    ReadMissing(into);
    ReadRule(into);
    map_.Later({"timeout"});
    map_.Finish();
    for (const std::string_view key : used) {
      if (reference && !reference->dag)
        map_.Error(key, Cat("'", key, "' is for jobs of other DAGs: dag_id/job"));
    }
    return reference;
  }

 private:
  std::optional<Reference> ReadTarget() {
    if (map_.Take("dag") == nullptr) {
      const auto text = map_.Required<std::string>("job");
      return text ? ParseReference(*text, map_.MarkOf("job"), errors_) : std::nullopt;
    }
    const auto dag = map_.Optional<std::string>("dag");
    if (map_.Take("job") != nullptr)
      map_.Error("job", "give 'job: dag_id/job' for a job, or 'dag' alone for a whole run");
    if (!dag)
      return std::nullopt;
    if (!IsDagId(*dag)) {
      map_.Error("dag", Cat("'", *dag, "' is no dag_id"));
      return std::nullopt;
    }
    Reference reference{.mark = map_.MarkOf("dag"), .text = *dag};
    reference.dag = model::DagId(*dag);
    return reference;
  }

  void ReadWindow(Reference& reference) {
    const auto window = map_.Optional<std::string>("window");
    if (window) {
      reference.window = model::ParseWindow(*window);
      if (!reference.window)
        map_.Error("window",
                   Cat("'window': expected latest_due, same_interval, covers or within, found '",
                       *window,
                       "'",
                       Near(*window, {"latest_due", "same_interval", "covers", "within"})));
    }
    const auto within = map_.Optional<base::Duration>("within");
    if (within && *within <= base::Duration(0))
      map_.Error("within", "'within' must be more than 0s");
    else if (within && window && reference.window != model::Window::kWithin)
      map_.Error("within",
                 Cat("'within' is a window of its own: leave 'window: ", *window, "' out"));
    else if (within)
      reference.within = *within;
    if (within)
      reference.window = model::Window::kWithin;
    else if (reference.window == model::Window::kWithin)
      map_.Error("window", "'window: within' needs the key 'within', such as 'within: 7d'");
  }

  // `1d`, or `2 intervals`.
  void ReadOffset(Reference& reference) {
    const yaml::Node* node = map_.Take("offset");
    if (node == nullptr)
      return;
    const std::string text(node->raw());
    const size_t space = text.find(' ');
    const std::string unit = space == std::string::npos ? "" : text.substr(space + 1);
    if (unit == "interval" || unit == "intervals") {
      const auto count = base::ParseInt(text.substr(0, space));
      if (!count || *count < 1 || *count > kMostIntervalsBack)
        map_.Error("offset", Cat("'offset': expected 1 to ", kMostIntervalsBack, " intervals"));
      else if (reference.window.value_or(model::Window::kLatestDue) != model::Window::kLatestDue)
        map_.Error("offset", "'offset' in intervals goes with 'window: latest_due' alone");
      else
        reference.intervals_back = static_cast<int>(*count);
      return;
    }
    const auto offset = map_.Optional<base::Duration>("offset");
    if (offset && (*offset <= base::Duration(0) || *offset > kLongestOffset))
      map_.Error("offset", "'offset' must be more than 0s and at most 366d: it goes back in time");
    else if (offset)
      reference.offset = *offset;
  }

  void ReadMissing(Reference& reference) {
    const auto missing = map_.Optional<std::string>("missing");
    if (missing && *missing != "wait" && *missing != "skip")
      map_.Error("missing", Cat("'missing': expected wait or skip, found '", *missing, "'"));
    if (missing == "skip")
      reference.missing = model::Missing::kSkip;
  }

  void ReadRule(Reference& reference) {
    ReadTriggerRule(reference);
    ReadRunState(reference);
    const auto otherwise = map_.Optional<std::string>("otherwise");
    if (otherwise && *otherwise != "wait" && *otherwise != "end")
      map_.Error("otherwise", Cat("'otherwise': expected wait or end, found '", *otherwise, "'"));
    reference.ends_job = otherwise == "end";
  }

  void ReadTriggerRule(Reference& reference) {
    const auto rule = map_.Optional<std::string>("rule");
    if (!rule)
      return;
    std::vector<std::string> names;
    for (const model::TriggerRule each : model::kTriggerRules) {
      if (each != model::TriggerRule::kAlways)
        names.emplace_back(ToString(each));
    }
    if (*rule == "always")
      map_.Error("rule", "'rule: always' waits for nothing: leave this dependency out");
    else if (std::ranges::find(names, *rule) == names.end())
      map_.Error("rule",
                 Cat("'rule': expected ",
                     base::Join(names, ", "),
                     "; found '",
                     *rule,
                     "'",
                     Near(*rule, names)));
    else
      reference.rule = *model::ParseTriggerRule(*rule);
  }

  void ReadRunState(Reference& reference) {
    const auto state = map_.Optional<std::string>("run_state");
    if (!state)
      return;
    if (node_.Find("dag") == nullptr)
      map_.Error("run_state", "'run_state' is for a whole run: give 'dag' in place of 'job'");
    else if (node_.Find("rule") != nullptr)
      map_.Error("run_state", "give 'run_state' or 'rule', not both");
    else if (*state == "failed")
      reference.rule = model::TriggerRule::kAllFailed;
    else if (*state == "any")
      reference.rule = model::TriggerRule::kAllDone;
    else if (*state != "success")
      map_.Error("run_state",
                 Cat("'run_state': expected success, failed or any, found '", *state, "'"));
  }

  const yaml::Node& node_;
  yaml::Diagnostics* errors_;
  yaml::MapReader map_;
};

std::optional<Reference> ReadReference(const yaml::Node& node, yaml::Diagnostics* errors) {
  if (node.is_map())
    return EdgeReader(node, errors).Run();
  auto text = yaml::Read<std::string>(node, "'depends_on'", errors);
  return text ? ParseReference(*text, node.mark(), errors) : std::nullopt;
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
