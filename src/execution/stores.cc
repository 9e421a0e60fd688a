// What tasks keep beyond their tries: of a task instance, and of an asset. Each is one record, so
// all values of one together take at most as much as a record.

#include <functional>
#include <utility>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "execution/call.h"

namespace execution {

namespace {

using base::Cat;
using model::RecordKey;
using model::RecordKind;

// The values by key: {"value", "expires_at"}.
json::object ValuesOf(const Call& call, const RecordKey& id) {
  const model::RecordRow* row = call.world.views.Record(id);
  const auto parsed = row == nullptr ? base::Result<json::value>() : base::ParseJson(row->body);
  return row != nullptr && parsed && parsed->is_object() ? parsed->get_object() : json::object();
}

bool IsOver(const Call& call, const json::object& value) {
  const auto until = base::ParseTime(base::GetString(value, "expires_at"));
  return until && *until <= call.world.views.Now();
}

void Get(const SharedCall& call, const RecordKey& id, const std::string& key) {
  const json::object values = ValuesOf(*call, id);
  const json::value* found = values.if_contains(key);
  if (found == nullptr || IsOver(*call, found->as_object()))
    return call->Refuse(404, "not_found", Cat("nothing is kept under '", base::Excerpt(key), "'"));
  const json::value* value = found->as_object().if_contains("value");
  call->Send(json::object{{"value", value == nullptr ? json::value() : *value}});
}

// Two changes at once: the one that was late begins again. `change` is told what there is.
void Change(const SharedCall& call,
            const RecordKey& id,
            const std::function<void(json::object&)>& change,
            int tries = 5) {
  json::object values = ValuesOf(*call, id);
  const bool was_there = !values.empty();
  change(values);
  if (!was_there && values.empty())
    return call->SendNothing();
  const model::RecordRow* row = call->world.views.Record(id);
  std::string body = base::Serialize(values);
  if (body.size() > model::kRecordBytesMax)
    return call->Refuse(400,
                        "invalid_request",
                        Cat("what is kept takes at most ",
                            model::kRecordBytesMax >> 10,
                            " KiB together: leave larger values in S3"));
  model::ChangeRecords::One one{.id = id, .expected = row == nullptr ? 0 : row->revision};
  if (!values.empty())
    one.body = std::move(body);
  call->world.commands.ChangeRecords(
      {.records = {std::move(one)}, .is_quiet = true, .by = call->principal()},
      [call, id, change, tries](const runtime::Outcome& outcome) {
        if (outcome)
          return call->SendNothing();
        if (outcome.error().code == base::ErrorCode::kConflict && tries > 0)
          return Change(call, id, change, tries - 1);
        call->Refuse(outcome.error());
      });
}

void Put(const SharedCall& call, const RecordKey& id, const std::string& key) {
  const json::object* body = call->body.if_object();
  if (body == nullptr)
    return call->Refuse(422, "invalid_request", "'value' is missing");
  json::object kept{{"value", nullptr}};
  for (const char* name : {"value", "expires_at"}) {
    if (const json::value* given = base::Find(*body, name); given != nullptr && !given->is_null())
      kept[name] = *given;
  }
  Change(call, id, [key, kept](json::object& values) { values[key] = kept; });
}

void Drop(const SharedCall& call, const RecordKey& id, const std::string& key) {
  Change(call, id, [key](json::object& values) { values.erase(key); });
}

void Clear(const SharedCall& call, const RecordKey& id) {
  Change(call, id, [](json::object& values) { values.clear(); });
}

// Of the task instance that calls, over all of its tries; nothing for another's.
std::optional<RecordKey> OwnStore(const SharedCall& call) {
  const runtime::TaskView& task = call->task;
  if (call->args.at(0) != task.id) {
    call->Refuse(403, "access_denied", "the token is for another task instance");
    return std::nullopt;
  }
  return RecordKey{RecordKind::kTaskStore,
                   Cat(task.key.run.dag.str(),
                       "/",
                       task.key.run.run.str(),
                       "/",
                       task.key.job.str(),
                       "/",
                       task.key.index)};
}

void OfTask(const SharedCall& call) {
  const auto id = OwnStore(call);
  if (!id)
    return;
  const std::string key = call->args.at(1);
  if (call->request.method == "GET")
    Get(call, *id, key);
  else if (call->request.method == "PUT")
    Put(call, *id, key);
  else
    Drop(call, *id, key);
}

void ClearTask(const SharedCall& call) {
  if (const auto id = OwnStore(call))
    Clear(call, *id);
}

// By the asset's name; of one that is known by its URI alone, by that.
RecordKey AssetStore(const Call& call) {
  return {RecordKind::kAssetStore, call.Text("name").value_or(call.Text("uri").value_or(""))};
}

void OfAsset(const SharedCall& call) {
  const RecordKey id = AssetStore(*call);
  const auto key = call->Text("key");
  if (id.name.empty() || !key)
    return call->Refuse(422, "invalid_request", "the asset or the key is missing");
  if (call->request.method == "GET")
    Get(call, id, *key);
  else if (call->request.method == "PUT")
    Put(call, id, *key);
  else
    Drop(call, id, *key);
}

void ClearAsset(const SharedCall& call) {
  Clear(call, AssetStore(*call));
}

}  // namespace

std::vector<Route> StoreRoutes() {
  std::vector<Route> routes{{"DELETE", "store/ti/{}", &ClearTask},
                            {"DELETE", "store/asset/by-name/clear", &ClearAsset},
                            {"DELETE", "store/asset/by-uri/clear", &ClearAsset}};
  for (const char* method : {"GET", "PUT", "DELETE"}) {
    routes.push_back({method, "store/ti/{}/*", &OfTask});
    routes.push_back({method, "store/asset/by-name/value", &OfAsset});
    routes.push_back({method, "store/asset/by-uri/value", &OfAsset});
  }
  return routes;
}

}  // namespace execution
