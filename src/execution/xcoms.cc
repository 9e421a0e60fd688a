// Values that tasks tell each other. What the caller has told itself stands in its process's
// record; what others have told are their outputs (engine): of the caller's run from memory, of
// other runs from rows.

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "execution/call.h"

namespace execution {

namespace {

using base::Cat;

// dag_id, run_id, task_id, key: where the key may have slashes.
struct Place {
  model::RunKey run;
  std::string task_id;
  std::string key;
};
Place PlaceOf(const Call& call) {
  return {{model::DagId(call.args.at(0)), model::RunId(call.args.at(1))},
          call.args.at(2),
          call.args.at(3)};
}

// What a task's instances have told under the key, by the number of the instance; -1: it is not
// mapped.
using Values = std::vector<std::pair<int, json::value>>;

Values Under(const std::string& key, const std::vector<std::pair<int, json::object>>& told) {
  Values values;
  for (const auto& [index, outputs] : told) {
    if (const json::value* value = outputs.if_contains(key))
      values.emplace_back(index, *value);
  }
  std::ranges::sort(values, {}, [](const auto& each) { return each.first; });
  return values;
}

base::Result<Values> ReadValues(store::Reader& rows, const Place& place) {
  ASSIGN_OR_RETURN(const model::RunRow run, rows.Run(place.run));
  ASSIGN_OR_RETURN(const auto version, DagOf(rows, run.version));
  const model::Job* job = JobCalled(*version, place.task_id);
  std::map<int, std::pair<int, json::object>> latest;  // by index: the try, and what it told
  if (job == nullptr)
    return Values();
  ASSIGN_OR_RETURN(const auto all, rows.Outputs(place.run));
  for (const model::OutputsRow& row : all) {
    if (row.key.job.job != job->id)
      continue;
    const auto outputs = base::ParseJson(row.outputs);
    auto& known = latest[row.key.job.index];
    if (outputs && outputs->is_object() && row.key.n > known.first)
      known = {row.key.n, outputs->get_object()};
  }
  std::vector<std::pair<int, json::object>> told;
  for (auto& [index, each] : latest)
    told.emplace_back(index, std::move(each.second));
  return Under(place.key, told);
}

// `done` gets the values, on the loop.
void WithValues(const SharedCall& call, const Place& place, std::function<void(Values)> done) {
  const runtime::TaskView& task = call->task;
  if (place.run != task.key.run)
    return Read<Values>(
        call,
        [place](store::Reader& rows) -> base::Result<Values> {
          auto values = ReadValues(rows, place);
          if (!values && values.error().code == base::ErrorCode::kNotFound)
            return Values();
          return values;
        },
        std::move(done));
  const model::Job* job = JobCalled(*task.dag, place.task_id);
  if (job == nullptr)
    return done({});
  const model::JobKey key{place.run, job->id, job->lane};
  std::vector<std::pair<int, json::object>> told;
  if (job->map_over)
    told = call->world.tasks.ToldByAll(key);
  else if (auto outputs = call->world.tasks.ToldBy(key))
    told.emplace_back(-1, *std::move(outputs));
  if (job != task.job)
    return done(Under(place.key, told));
  // Its own, of this try: instead of what an earlier one told.
  std::erase_if(told, [&](const auto& each) { return each.first == task.key.index; });
  call->world.commands.Tell(
      task.process,
      {},
      [call, place, told, done = std::move(done)](const base::Result<json::object>& own) mutable {
        if (!own)
          return call->Refuse(own.error());
        told.emplace_back(call->task.key.index, base::GetObject(*own, "xcoms"));
        done(Under(place.key, told));
      });
}

// The values of the latest run before this one that has some, too, if the caller asks for it.
void WithValuesOfPast(const SharedCall& call, std::function<void(Values)> done) {
  const Place place = PlaceOf(*call);
  if (!call->Flag("include_prior_dates"))
    return WithValues(call, place, std::move(done));
  WithValues(call, place, [call, place, done = std::move(done)](Values values) {
    if (!values.empty())
      return done(std::move(values));
    const auto before = call->task.run.logical_date;
    Read<Values>(
        call,
        [place, before](store::Reader& rows) -> base::Result<Values> {
          store::RunQuery query{.dag = place.run.dag, .states = {}, .limit = 100};
          ASSIGN_OR_RETURN(auto page, rows.Runs(query));
          std::erase_if(page.rows, [&](const model::RunRow& run) {
            return !run.logical_date || !before || *run.logical_date >= *before;
          });
          std::ranges::sort(page.rows, std::greater(), &model::RunRow::logical_date);
          for (const model::RunRow& run : page.rows) {
            ASSIGN_OR_RETURN(Values found, ReadValues(rows, {run.key, place.task_id, place.key}));
            if (!found.empty())
              return found;
          }
          return Values();
        },
        done);
  });
}

void Missing(const Call& call, const std::string& which) {
  const Place place = PlaceOf(call);
  call.Refuse(404,
              "not_found",
              Cat("XCom with key='",
                  place.key,
                  "' ",
                  which,
                  " not found for task '",
                  place.task_id,
                  "' in DAG run '",
                  place.run.run.str(),
                  "' of '",
                  place.run.dag.str(),
                  "'"));
}

void Get(const SharedCall& call) {
  const auto index = call->Number("map_index");
  const auto offset = call->Number("offset");
  if (!index || !offset)
    return call->Refuse(index ? offset.error() : index.error());
  WithValuesOfPast(call, [call, index = *index, offset = *offset](const Values& values) {
    const std::string key = call->args.at(3);
    if (offset) {
      const int64_t size = std::ssize(values);
      const int64_t at = *offset >= 0 ? *offset : size + *offset;
      if (at < 0 || at >= size)
        return Missing(*call, Cat("offset=", *offset));
      return call->Send(
          json::object{{"key", key}, {"value", values[static_cast<size_t>(at)].second}});
    }
    const auto found =
        std::ranges::find(values, index.value_or(-1), [](const auto& each) { return each.first; });
    if (found == values.end())
      return Missing(*call, Cat("map_index=", index.value_or(-1)));
    call->Send(json::object{{"key", key}, {"value", found->second}});
  });
}

void Count(const SharedCall& call) {
  WithValues(call, PlaceOf(*call), [call](const Values& values) {
    http::Response response;
    response.headers.Set("Content-Range", Cat("map_indexes ", values.size()));
    call->responder.Send(std::move(response));
  });
}

void Item(const SharedCall& call, std::string_view text) {
  const auto offset = base::ParseInt(text);
  if (!offset)
    return call->Refuse(422, "invalid_request", "the item's number is a whole number");
  WithValues(call, PlaceOf(*call), [call, offset = *offset](const Values& values) {
    const int64_t size = std::ssize(values);
    const int64_t at = offset >= 0 ? offset : size + offset;
    if (at < 0 || at >= size)
      return Missing(*call, Cat("offset=", offset));
    call->Send(values[static_cast<size_t>(at)].second);
  });
}

// As Python's list[start:stop:step].
void Slice(const SharedCall& call) {
  const auto start = call->Number("start"), stop = call->Number("stop"),
             step = call->Number("step");
  for (const auto* each : {&start, &stop, &step}) {
    if (!*each)
      return call->Refuse(each->error());
  }
  WithValuesOfPast(
      call, [call, start = *start, stop = *stop, step = step->value_or(1)](const Values& values) {
        if (step == 0)
          return call->Refuse(422, "invalid_request", "the step of a slice is not 0");
        const int64_t size = std::ssize(values);
        const int64_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? size : size - 1;
        const auto bound = [&](std::optional<int64_t> given, int64_t otherwise) {
          if (!given)
            return otherwise;
          return std::clamp(*given < 0 ? *given + size : *given, lowest, highest);
        };
        const int64_t from = bound(start, step > 0 ? lowest : highest);
        const int64_t to = bound(stop, step > 0 ? highest : lowest);
        json::array out;
        for (int64_t i = from; step > 0 ? i < to : i > to; i += step)
          out.push_back(values[static_cast<size_t>(i)].second);
        call->Send(std::move(out));
      });
}

// "key", "key/item/3", "key/slice": a key may have slashes.
void GetAny(const SharedCall& call) {
  auto mine = std::make_shared<Call>(*call);
  std::string& key = mine->args.at(3);
  if (key.ends_with("/slice")) {
    key.resize(key.size() - std::string_view("/slice").size());
    return Slice(mine);
  }
  const size_t item = key.rfind("/item/");
  if (item != std::string::npos && key.find('/', item + 6) == std::string::npos) {
    const std::string number = key.substr(item + 6);
    key.resize(item);
    return Item(mine, number);
  }
  Get(mine);
}

// A task tells values of its own alone.
bool IsOwn(const SharedCall& call) {
  const Place place = PlaceOf(*call);
  const auto index = call->Number("map_index");
  if (place.run == call->task.key.run &&
      JobCalled(*call->task.dag, place.task_id) == call->task.job && index &&
      index->value_or(-1) == call->task.key.index)
    return true;
  call->Refuse(403, "access_denied", "a task may push and delete XComs of its own alone");
  return false;
}

void Tell(const SharedCall& call, json::object more, const char* said) {
  call->world.commands.Tell(
      call->task.process, std::move(more), [call, said](const base::Result<json::object>& told) {
        if (!told)
          return call->Refuse(told.error());
        call->Send(json::object{{"message", said}}, call->request.method == "POST" ? 201 : 200);
      });
}

void Push(const SharedCall& call) {
  if (IsOwn(call))
    Tell(call, {{"xcom", call->args.at(3)}, {"value", call->body}}, "XCom successfully set");
}

void Drop(const SharedCall& call) {
  if (IsOwn(call))
    Tell(call, {{"drop", call->args.at(3)}}, "XCom successfully deleted");
}

}  // namespace

std::vector<Route> XcomRoutes() {
  return {{"GET", "xcoms/{}/{}/{}/*", &GetAny},
          {"HEAD", "xcoms/{}/{}/{}/*", &Count},
          {"POST", "xcoms/{}/{}/{}/*", &Push},
          {"DELETE", "xcoms/{}/{}/{}/*", &Drop}};
}

}  // namespace execution
