#include "work/trigger/wish.h"

#include "base/hash.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "engine/names.h"
#include "engine/triggers.h"
#include "model/limits.h"
#include "work/emr/render.h"

namespace work {

namespace {

using base::Cat;

constexpr size_t kSuffix = 12;  // characters that tell attempts apart which begin together

base::Error Invalid(std::string message) {
  return {base::ErrorCode::kInvalidArgument, std::move(message)};
}

json::object TextsOf(const model::TriggerWork& work) {
  return {{"trigger_dag_id", work.dag},
          {"trigger_run_id", work.run_id},
          {"logical_date", work.logical_date},
          {"conf", work.conf}};
}

// A value as a text; "" for none.
std::string TextOf(const json::value& value) {
  if (value.is_null())
    return "";
  return value.is_string() ? std::string(value.get_string()) : base::Serialize(value);
}

// The same attempt always has the same one, and no other attempt has it.
model::RunId OwnRunId(base::Time date,
                      const model::Identity& identity,
                      const model::AttemptKey& key) {
  const std::string seed = Cat(identity.incarnation, " ", ToString(key.job), " ", key.n);
  const std::string hash = base::Base32(base::AsText(base::Sha256(seed)));
  return model::RunId(
      Cat(engine::kOperatorPrefix, base::FormatIso(date), "__", hash.substr(0, kSuffix)));
}

}  // namespace

base::Result<model::TriggerRow> MakeWish(const engine::State& state,
                                         const engine::Run& run,
                                         const engine::JobInstance& job,
                                         const std::string& region,
                                         const schedule::ZoneSet& zones) {
  const model::TriggerWork& work = *model::TriggerOf(*job.def);
  ASSIGN_OR_RETURN(
      json::object texts,
      RenderRequest(TextsOf(work), state, run, job, job.row.try_number, region, zones));
  model::TriggerRow wish{.key = job.attempt->key};
  wish.run.dag = engine::PresentDag(state, model::DagId(TextOf(texts["trigger_dag_id"])));
  if (work.logical_date.empty()) {
    wish.logical_date = state.now;
  } else if (const std::string date = TextOf(texts["logical_date"]); !date.empty()) {
    const auto parsed = base::ParseTime(date);
    if (!parsed)
      return base::Fail(Invalid(Cat("logical_date: ", parsed.error().message)));
    wish.logical_date = *parsed;
    wish.finds_by_date = true;
  }
  const std::string run_id = TextOf(texts["trigger_run_id"]);
  wish.run.run = run_id.empty()
                     ? OwnRunId(wish.logical_date.value_or(state.now), state.identity, wish.key)
                     : model::RunId(run_id);
  wish.conf = base::Serialize(texts["conf"]);
  if (wish.conf.size() > model::kConfBytesMax)
    return base::Fail(Invalid(Cat("conf: it has ",
                                  wish.conf.size(),
                                  " bytes; at most ",
                                  model::kConfBytesMax,
                                  " are allowed: put large inputs into S3")));
  return wish;
}

}  // namespace work
