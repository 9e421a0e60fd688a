#include "engine/mapping.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "engine/context.h"
#include "engine/durations.h"
#include "engine/groups.h"
#include "model/limits.h"
#include "template/expression.h"
#include "template/template.h"

namespace engine {

namespace {

using base::Cat;

// "a text", for people.
std::string_view KindOfValue(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "nothing";
    case json::kind::bool_:
      return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a text";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "a map";
  }
  return "?";
}

// Of all mapped jobs of the run but this one.
size_t OtherInstances(const Run& run, const JobInstance& job) {
  size_t count = 0;
  for (const auto& [definition, mapped] : run.mapped)
    count += definition == job.index ? 0 : mapped.items.size();
  return count;
}

base::Result<size_t> LengthOf(const Run& run, const json::value& length);

// As many as what it returns has.
base::Result<size_t> LengthOfJob(const Run& run, const std::string& name) {
  for (const JobInstance& job : run.jobs) {
    if (job.def->id.str() != name)
      continue;
    if (job.def->map_over) {
      const Mapped* mapped = MappedOf(run, job);
      return mapped == nullptr ? 0
                               : static_cast<size_t>(std::ranges::count_if(
                                     mapped->instances, [](const JobInstance& instance) {
                                       return !ReturnedBy(instance).is_null();
                                     }));
    }
    const json::value returned = ReturnedBy(job);
    if (returned.is_array())
      return returned.get_array().size();
    if (returned.is_object())
      return returned.get_object().size();
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        Cat("'", name, "' has returned ", KindOfValue(returned), ", not a list or a map"));
  }
  return base::Fail(base::ErrorCode::kInvalidArgument, Cat("the run has no job '", name, "'"));
}

// More instances than a run may have is told where the list is made.
constexpr size_t kLongest = model::kInstancesMax + 1;

base::Result<size_t> LengthOf(const Run& run, const json::value& length) {
  if (const int64_t* number = length.if_int64())
    return std::min(static_cast<size_t>(std::max<int64_t>(0, *number)), kLongest);
  const json::object& object = length.as_object();
  const auto& member = *object.begin();
  if (member.key() == "job")
    return LengthOfJob(run, std::string(std::string_view(member.value().as_string())));
  std::vector<size_t> parts;
  for (const json::value& part : member.value().as_array()) {
    ASSIGN_OR_RETURN(const size_t size, LengthOf(run, part));
    parts.push_back(size);
  }
  size_t all = member.key() == "product" ? 1 : 0;
  for (const size_t part : parts)
    all = std::min(member.key() == "product" ? all * part : all + part, kLongest);
  if (parts.empty() || member.key() == "product" || member.key() == "sum")
    return all;
  return member.key() == "min" ? std::ranges::min(parts) : std::ranges::max(parts);
}

// Of work that finds its own items: their numbers.
base::Result<json::array> Numbers(const Run& run, const json::value& lengths) {
  ASSIGN_OR_RETURN(const size_t length, LengthOf(run, lengths));
  json::array numbers;
  for (size_t i = 0; i < length; ++i)
    numbers.emplace_back(static_cast<int64_t>(i));
  return numbers;
}

base::Result<json::array> DecideList(const Turn& turn, const Run& run, const JobInstance& job) {
  const model::MapOver& over = *job.def->map_over;
  if (!over.lengths.is_null())
    return Numbers(run, over.lengths);
  if (over.expression.empty())
    return over.items;
  ASSIGN_OR_RETURN(const tmpl::Expression expression, tmpl::Expression::Parse(over.expression));
  ASSIGN_OR_RETURN(json::value value,
                   expression.Evaluate(ContextOf(
                       turn.state, run, job, job.row.try_number + 1, turn.zones, over.expression)));
  if (!value.is_array())
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat("'", over.expression, "' gives ", KindOfValue(value), ", not a list"));
  return std::move(value.get_array());
}

base::Result<json::array> ListOf(const Turn& turn, const Run& run, const JobInstance& job) {
  ASSIGN_OR_RETURN(json::array items, DecideList(turn, run, job));
  const size_t others = OtherInstances(run, job);
  if (items.size() + others > model::kInstancesMax)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat("the list has ",
                          items.size(),
                          " items, and the run's mapped jobs have ",
                          others,
                          " instances already; at most ",
                          model::kInstancesMax,
                          " are allowed in a run: let an item stand for several"));
  return items;
}

// By map_index_template; "" where it has none.
base::Result<std::string> NamesOf(const Turn& turn,
                                  const Run& run,
                                  const JobInstance& job,
                                  const json::array& items) {
  const std::string& text = job.def->map_over->index_template;
  if (text.empty())
    return std::string();
  ASSIGN_OR_RETURN(const tmpl::Template names, tmpl::Template::Parse(text));
  tmpl::Context context = ContextOf(turn.state, run, job, job.row.try_number + 1, turn.zones, text);
  json::array out;
  for (size_t i = 0; i < items.size(); ++i) {
    context.values["item"] = items[i];
    context.values["map_index"] = i;
    context.values["ti"].as_object()["map_index"] = i;
    ASSIGN_OR_RETURN(const json::value name, names.Render(context));
    out.emplace_back(name.is_string() ? std::string(name.get_string()) : base::Serialize(name));
  }
  return base::Serialize(out);
}

void FailList(
    Turn& turn, const Run& run, JobInstance& job, std::string_view key, const base::Error& error) {
  Fail(turn, run, job, Cat(key, ": ", error.message), /*for_good=*/true);
}

// Of the list, those that are not there yet, and those that an earlier list had.
void Renew(Turn& turn, Mapped& mapped, std::vector<JobInstance*>& made) {
  while (mapped.instances.size() < mapped.items.size()) {
    JobInstance& instance = AddInstance(mapped);
    ++mapped.open;
    for (const model::TaskRow& task : instance.tasks)
      turn.recorder.Put(task);
  }
  for (size_t i = 0; i < mapped.items.size(); ++i) {
    JobInstance& instance = mapped.instances[i];
    if (instance.state == JobState::kRemoved)
      SetJob(turn,
             instance,
             instance.live > 0 ? JobState::kRestarting : JobState::kNone,
             "the list has an item for it");
    if (instance.state == JobState::kNone)
      made.push_back(&instance);
  }
}

}  // namespace

std::vector<JobInstance*> Expand(Turn& turn, Run& run, JobInstance& job) {
  std::vector<JobInstance*> made;
  base::Result<json::array> items = ListOf(turn, run, job);
  if (!items) {
    FailList(turn, run, job, "map_over", items.error());
    return made;
  }
  NoteInstances(turn, job, std::ssize(*items));
  if (items->empty()) {
    SetJob(turn, job, JobState::kSkipped, "map_over: the list is empty");
    return made;
  }
  base::Result<std::string> names = NamesOf(turn, run, job, *items);
  if (!names) {
    FailList(turn, run, job, "map_index_template", names.error());
    return made;
  }
  Mapped& mapped = run.mapped[job.index];
  mapped.job = &job;
  mapped.items = std::move(*items);
  mapped.row.key = job.row.key;
  mapped.row.items = base::Serialize(mapped.items);
  mapped.row.names = std::move(*names);
  mapped.row.instances = std::max<int64_t>(mapped.row.instances, std::ssize(mapped.items));
  turn.recorder.Put(mapped.row);
  ++job.row.try_number;  // its tasks say so: this needs no row
  SetJob(turn, job, JobState::kMapped, Cat("mapped over ", mapped.items.size(), " items"));
  Renew(turn, mapped, made);
  return made;
}

JobInstance& AddInstance(Mapped& mapped) {
  const auto index = static_cast<int>(mapped.instances.size());
  JobInstance& instance = mapped.instances.emplace_back();
  instance.def = mapped.job->def;
  instance.index = mapped.job->index;
  instance.of = &mapped;
  instance.row.key = mapped.job->row.key;
  instance.row.key.index = index;
  instance.tasks.resize(TaskCount(*instance.def));
  for (size_t task = 0; task < instance.tasks.size(); ++task) {
    instance.tasks[task].job = instance.row.key;
    instance.tasks[task].task = static_cast<int>(task);
  }
  return instance;
}

const json::value* ItemOf(const JobInstance& job) {
  return job.of != nullptr && IsInList(job) ? &job.of->items[static_cast<size_t>(job.row.key.index)]
                                            : nullptr;
}

bool IsInList(const JobInstance& instance) {
  return instance.row.key.index < std::ssize(instance.of->items);
}

bool IsRestarting(const JobInstance& instance) {
  return instance.state == JobState::kRestarting;
}

int CountOpen(const Mapped& mapped) {
  return static_cast<int>(std::ranges::count_if(
      mapped.instances, [](const JobInstance& instance) { return !IsEnded(instance.state); }));
}

JobState StateByInstances(const Mapped& mapped) {
  bool has_success = false, has_failed = false;
  for (const JobInstance& instance : mapped.instances) {
    if (!IsInList(instance))
      continue;
    if (!IsEnded(instance.state))
      return JobState::kMapped;
    has_success = has_success || instance.state == JobState::kSuccess;
    has_failed = has_failed || instance.state == JobState::kFailed ||
                 instance.state == JobState::kUpstreamFailed;
  }
  if (has_failed)
    return JobState::kFailed;
  return has_success ? JobState::kSuccess : JobState::kSkipped;
}

namespace {

// "2 of 3 instances failed".
std::string CauseOf(const Mapped& mapped, JobState state) {
  const auto count = std::ranges::count_if(mapped.instances, [&](const JobInstance& instance) {
    return IsInList(instance) && instance.state == state;
  });
  return Cat(count,
             " of ",
             mapped.items.size(),
             " instances ",
             state == JobState::kFailed    ? "failed"
             : state == JobState::kSkipped ? "were skipped"
                                           : "succeeded");
}

}  // namespace

bool EndsWithInstance(Turn& turn, const Run& run, const JobInstance& instance) {
  Mapped& mapped = *instance.of;
  if (mapped.open > 0 || mapped.job->state != JobState::kMapped)
    return false;
  const JobState state = StateByInstances(mapped);
  SetJob(turn, *mapped.job, EndInGroup(run, *mapped.job, state), CauseOf(mapped, state));
  return true;
}

void FollowInstances(Turn& turn, const Run& run, Mapped& mapped, std::string_view cause) {
  if (!mapped.items.empty())
    SetJob(turn,
           *mapped.job,
           EndInGroup(run, *mapped.job, StateByInstances(mapped)),
           cause,
           By::kPerson);
}

JobInstance* Remove(Turn& turn, JobInstance& instance, std::string_view cause) {
  SetJob(turn, instance, JobState::kRemoved, cause);
  Mapped& mapped = *instance.of;
  const bool was_last =
      IsRestarting(*mapped.job) && std::ranges::none_of(mapped.instances, IsRestarting);
  return was_last ? mapped.job : nullptr;
}

bool ForgetList(Turn& turn, Mapped& mapped, std::string_view cause, By by) {
  bool is_live = false;
  for (JobInstance& instance : mapped.instances) {
    if (instance.state != JobState::kRemoved)
      SetJob(turn,
             instance,
             instance.live > 0 ? JobState::kRestarting : JobState::kRemoved,
             cause,
             by);
    is_live = is_live || IsRestarting(instance);
  }
  mapped.items.clear();
  mapped.row.items.clear();
  mapped.row.names.clear();
  turn.recorder.Put(mapped.row);
  return is_live;
}

}  // namespace engine
