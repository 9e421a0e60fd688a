// GET /map and its parts: lanes, limits, sources, a cluster's details.

#include <algorithm>
#include <cstring>
#include <set>

#include "api/test_support.h"

namespace api::testing {
namespace {

constexpr char kFollower[] = R"(
dag_id: follower
tags: [other]
is_paused_upon_creation: false
schedule: "0 5 * * 1"
start_date: 2020-01-01
limits: [{by: pool, max: 3}]
tasks:
  start: {type: trigger_dag_run, trigger_dag_id: empty, depends_on: [load]}
groups:
  load:
    tooltip: What is read
    tasks:
      wait: {type: empty, depends_on: [spark/publish], outlets: [scores]}
)";
constexpr char kListener[] = R"(
dag_id: listener
is_paused_upon_creation: false
schedule: {assets: [scores]}
tasks:
  only: {type: empty}
)";

class MapTest : public ApiTest {
 protected:
  MapTest() {
    Write("dags/follower.yaml", kFollower);
    Write("dags/listener.yaml", kListener);
  }
  struct Raw {
    int status = 0;
    std::string body, tag;
  };
  Raw GetRaw(const std::string& target, const std::string& if_none_match = "") {
    http::Request request = Request("GET", "/api/v2/" + target);
    if (!if_none_match.empty())
      request.headers.Set("If-None-Match", if_none_match);
    Raw raw;
    client_.Send(url_, std::move(request), {}, [&](auto result) {
      if (result)
        raw = {result->status, result->body, result->headers.Get("ETag").value_or("")};
      loop_.Stop();
    });
    loop_.Run();
    return raw;
  }
};

const json::object& Named(const json::object& of,
                          std::string_view list,
                          std::string_view member,
                          std::string_view name) {
  for (const json::value& item : base::GetArray(of, list)) {
    if (base::GetString(item.get_object(), member) == name)
      return item.get_object();
  }
  static const json::object kNone;
  ADD_FAILURE() << "no " << name << " in " << list << " of " << json::serialize(of);
  return kNone;
}

std::set<std::string> IdsOf(const json::object& of, std::string_view list) {
  std::set<std::string> ids;
  for (const json::value& item : base::GetArray(of, list))
    EXPECT_TRUE(ids.insert(base::GetString(item.get_object(), "id")).second);
  return ids;
}

using Ids = std::set<std::string>;

TEST_F(MapTest, TellsTheBlackoutThatADagIsInAndTheNextOneOfAWeek) {
  const auto dag = [&](const std::string& name, const std::string& from, const std::string& to) {
    Write(base::Cat("dags/", name, ".yaml"),
          base::Cat("dag_id: ",
                    name,
                    "\nschedule: '0 2 * * 1'\nblackout: [{from: ",
                    from,
                    ", to: ",
                    to,
                    "}]\ntasks: {a: {type: empty}}\n"));
  };
  dag("closed", "2026-01-05", "2026-01-13");
  dag("soon", "2026-01-07", "2026-01-08");
  dag("later", "2026-02-05", "2026-02-13");
  Start();
  const Answer map = Get("map");
  const auto blackout = [&](const std::string& name) {
    return json::serialize(Named(map.body, "dags", "dag_id", name).at("blackout"));
  };
  EXPECT_EQ(blackout("closed"),
            R"({"from":"2026-01-05T00:00:00Z","to":"2026-01-13T00:00:00Z","is_on":true})");
  EXPECT_EQ(blackout("soon"),
            R"({"from":"2026-01-07T00:00:00Z","to":"2026-01-08T00:00:00Z","is_on":false})");
  EXPECT_EQ(blackout("later"), "null");
  EXPECT_EQ(blackout("spark"), "null");
}

TEST_F(MapTest, HasDagsJobsLanesAndWhatLeadsWhere) {
  Start();
  const Answer map = Get("map");
  ASSERT_EQ(map.status, 200) << map.detail();
  EXPECT_EQ(IdsOf(map.body, "dags"),
            (Ids{"dag:empty", "dag:follower", "dag:listener", "dag:spark"}));
  const json::object& spark = Named(map.body, "dags", "dag_id", "spark");
  EXPECT_EQ(IdsOf(spark, "jobs"), (Ids{"job:spark/train", "job:spark/publish"}));
  const json::object& train = Named(spark, "jobs", "job_id", "train");
  EXPECT_EQ(IdsOf(train, "members"), (Ids{"job:spark/train[1]", "job:spark/train[2]"}));
  EXPECT_EQ(base::GetString(train, "type"), "emr_job");
  const json::object& follower = Named(map.body, "dags", "dag_id", "follower");
  EXPECT_EQ(IdsOf(follower, "groups"), Ids{"group:follower/load"});
  EXPECT_EQ(base::GetString(Named(follower, "jobs", "job_id", "wait"), "group"),
            "group:follower/load");
  EXPECT_FALSE(base::GetString(follower.at("next_run").as_object(), "run_after").empty());
  EXPECT_EQ(IdsOf(map.body, "edges"),
            (Ids{"job:spark/train>job:spark/publish",
                 "job:spark/publish>job:follower/wait",
                 "job:follower/wait>job:follower/start",
                 "job:follower/start>dag:empty",
                 "job:follower/wait>asset:scores",
                 "asset:scores>dag:listener"}));
  const json::object& cross = Named(map.body, "edges", "id", "job:spark/publish>job:follower/wait");
  EXPECT_EQ(base::GetString(cross, "kind"), "cross_dag");
  EXPECT_EQ(base::GetString(cross, "window"), "latest_due");
  EXPECT_EQ(base::GetString(Named(map.body, "edges", "kind", "job"), "lanes"), "same");
  EXPECT_EQ(
      base::GetString(Named(map.body, "edges", "id", "job:spark/train>job:spark/publish"), "lanes"),
      "all");
  EXPECT_EQ(IdsOf(map.body, "assets"), Ids{"asset:scores"});
}

TEST_F(MapTest, ShowsTheLatestRunAsItIs) {
  Start({}, 500);
  ASSERT_EQ(Post("dags/spark/dagRuns", R"({"dag_run_id":"r","logical_date":null})").status, 200);
  const Answer running = GetUntil("map", [](const Answer& map) {
    for (const json::value& dag : base::GetArray(map.body, "dags")) {
      if (base::GetString(dag.get_object(), "dag_id") != "spark")
        continue;
      const json::object& member = dag.at("jobs").at(0).at("members").at(0).get_object();
      if (base::GetString(member, "state") == "deferred")
        return true;
    }
    return false;
  });
  const json::object& spark = Named(running.body, "dags", "dag_id", "spark");
  EXPECT_EQ(base::GetString(spark.at("run").as_object(), "state"), "running");
  const json::object& train = Named(spark, "jobs", "job_id", "train");
  const json::object& member = train.at("members").at(0).get_object();
  EXPECT_EQ(base::GetInt(member, "try_number"), 1);
  const std::string cluster = base::GetString(member.at("cluster").as_object(), "cluster_id");
  EXPECT_TRUE(cluster.starts_with("j-"));
  const json::object& publish = Named(spark, "jobs", "job_id", "publish");
  EXPECT_EQ(json::serialize(publish.at("members").at(0).at("blocked_by")), R"(["upstream"])");

  const Answer ended = GetUntil("map", [](const Answer& map) {
    return base::GetString(Named(map.body, "dags", "dag_id", "spark").at("run").as_object(),
                           "state") == "success";
  });
  const json::object& after =
      Named(Named(ended.body, "dags", "dag_id", "spark"), "jobs", "job_id", "train");
  EXPECT_EQ(base::GetString(after.at("members").at(0).as_object(), "state"), "success");

  const Answer shown = GetUntil("clusters/" + cluster, [](const Answer& answer) {
    return !base::GetString(answer.body, "ended_at").empty();
  });
  EXPECT_EQ(base::GetString(shown.body, "verdict"), "success");
  const json::array& timeline = base::GetArray(shown.body, "timeline");
  EXPECT_TRUE(std::ranges::any_of(timeline, [](const json::value& row) {
    return base::GetString(row.as_object(), "kind") == "cluster" &&
           base::GetString(row.as_object(), "to") == "TERMINATED";
  })) << json::serialize(timeline);
}

// A board asks again and again; what has not changed is not sent again.
TEST_F(MapTest, IsNotSentAgainWhereNothingHasChanged) {
  Write("dags/spark.yaml", R"({dag_id: spark, tasks: {publish: {type: empty}}})");
  Write("dags/follower.yaml", R"({dag_id: follower, tasks: {one: {type: empty}}})");
  Start({}, 1);
  RunToEnd("empty", "r1");
  const Raw first = GetRaw("map");
  ASSERT_EQ(first.status, 200);
  ASSERT_FALSE(first.tag.empty());
  const Raw second = GetRaw("map", first.tag);
  EXPECT_EQ(second.status, 304);
  const Answer document = Get("openapi.json");
  EXPECT_TRUE(document.body.at("paths")
                  .at("/api/v2/map")
                  .at("get")
                  .at("responses")
                  .as_object()
                  .contains("304"));
  EXPECT_EQ(second.body, "");
  EXPECT_EQ(second.tag, first.tag);
  EXPECT_EQ(GetRaw("map", "\"x\", W/" + first.tag).status, 304);
  RunToEnd("empty", "r2");
  const Raw third = GetRaw("map", first.tag);
  EXPECT_EQ(third.status, 200);
  EXPECT_NE(third.tag, first.tag);
  EXPECT_NE(third.body.find("\"r2\""), std::string::npos);
}

// Of two that ask while a picture is made neither gets the one before it.
TEST_F(MapTest, NobodyGetsThePictureBeforeTheLastChange) {
  Start({}, 1);
  Get("map");
  for (const bool is_paused : {true, false, true}) {
    ASSERT_EQ(
        Patch("dags/empty", is_paused ? R"({"is_paused":true})" : R"({"is_paused":false})").status,
        200);
    std::vector<std::string> bodies;
    for (int i = 0; i < 2; ++i) {
      client_.Send(url_, Request("GET", "/api/v2/map"), {}, [&](auto result) {
        bodies.push_back(result ? result->body : "");
        if (bodies.size() == 2)
          loop_.Stop();
      });
    }
    loop_.Run();
    for (const std::string& body : bodies) {
      const auto map = base::ParseJson(body);
      ASSERT_TRUE(map.has_value());
      EXPECT_EQ(Named(map->as_object(), "dags", "dag_id", "empty").at("is_paused"), is_paused);
    }
  }
}

// What the layout places is what the map has, under the same ids.
TEST_F(MapTest, TheLayoutPlacesWhatTheMapHas) {
  Start();
  const Answer map = Get("map");
  const Answer layout = Get("map/layout");
  ASSERT_EQ(layout.status, 200) << layout.detail();
  Ids jobs;
  for (const json::value& dag : base::GetArray(map.body, "dags"))
    jobs.merge(IdsOf(dag.get_object(), "jobs"));
  EXPECT_EQ(IdsOf(layout.body, "stations"), jobs);
  for (const char* list : {"edges", "assets"})
    EXPECT_EQ(IdsOf(layout.body, list), IdsOf(map.body, list));
  EXPECT_EQ(IdsOf(layout.body, "lines"), IdsOf(map.body, "dags"));
  const json::object& train = Named(layout.body, "stations", "id", "job:spark/train");
  EXPECT_EQ(base::GetInt(train, "tracks"), 2);
  EXPECT_EQ(base::GetString(train, "line"), "dag:spark");
  EXPECT_FALSE(base::GetBool(train, "interchange", true));
  EXPECT_TRUE(
      base::GetBool(Named(layout.body, "stations", "id", "job:spark/publish"), "interchange"));
  EXPECT_EQ(base::GetString(
                Named(layout.body, "edges", "id", "job:spark/publish>job:follower/wait"), "kind"),
            "transfer");
}

// A run changes the map, but not where things stand.
TEST_F(MapTest, TheLayoutIsNotSentAgainForAChangeOfState) {
  Start({}, 1);
  const Raw first = GetRaw("map/layout");
  ASSERT_EQ(first.status, 200);
  RunToEnd("empty", "r1");
  const Raw second = GetRaw("map/layout", first.tag);
  EXPECT_EQ(second.status, 304);
  EXPECT_EQ(second.tag, first.tag);
}

// What the file says of the places holds, also for a process that is started again.
TEST_F(MapTest, TheLayoutIsContinuedAfterARestart) {
  Start();
  Answer first = Get("map/layout");
  ASSERT_EQ(first.status, 200);
  StopServer();
  const auto x_of = [](const Answer& layout) {
    return base::GetInt(Named(layout.body, "stations", "id", "job:listener/only"), "x");
  };
  for (json::value& station : first.body.at("stations").as_array()) {
    if (base::GetString(station.get_object(), "id") == "job:listener/only")
      station.as_object()["x"] = x_of(first) + 40;
  }
  Write("map.json", json::serialize(first.body));
  StartServer();
  EXPECT_EQ(x_of(Get("map/layout")), x_of(first));
  StopServer();
  Write("map.json", "{");  // cut off: everything is laid out from nothing
  StartServer();
  const Answer again = Get("map/layout");
  EXPECT_EQ(again.status, 200) << again.detail();
  EXPECT_EQ(x_of(again), x_of(first) - 40);
}

TEST_F(MapTest, ShowsAPart) {
  Start();
  const Answer one = Get("map?dag_id=follower");
  EXPECT_EQ(IdsOf(one.body, "dags"), Ids{"dag:follower"});
  EXPECT_EQ(IdsOf(one.body, "edges"),
            (Ids{"job:spark/publish>job:follower/wait",
                 "job:follower/wait>job:follower/start",
                 "job:follower/start>dag:empty",
                 "job:follower/wait>asset:scores"}));
  EXPECT_EQ(IdsOf(Get("map?tags=demo&tags=other").body, "dags"),
            (Ids{"dag:spark", "dag:follower"}));
  EXPECT_EQ(IdsOf(Get("map?dag_id=no_such").body, "dags"), Ids{});
  EXPECT_EQ(Get("map?dag=spark").status, 422);
}

TEST_F(MapTest, LanesLimitsAndSources) {
  Write("signalbox.yaml", base::Cat(kProject, "limits: {active: [{by: lane.id, max: 1}]}\n"));
  Start({}, 500);
  ASSERT_EQ(Post("dags/spark/dagRuns", R"({"dag_run_id":"r","logical_date":null})").status, 200);
  const Answer held = GetUntil("limits", [](const Answer& limits) {
    const json::array& all = base::GetArray(limits.body, "limits");
    return !all.empty() && base::GetInt(all[0].get_object(), "most_held") == 1;
  });
  const json::object& project = Named(held.body, "limits", "scope", "project");
  EXPECT_EQ(base::GetString(project, "by"), "lane.id");
  EXPECT_EQ(base::GetInt(project, "max"), 1);
  EXPECT_TRUE(project.at("max_vcpus").is_null());
  std::set<std::string> values;
  for (const json::value& of : base::GetArray(project, "values"))
    values.insert(base::GetString(of.get_object(), "value"));
  EXPECT_TRUE(values.contains("1")) << json::serialize(project);
  EXPECT_EQ(base::GetString(Named(held.body, "limits", "scope", "dag"), "dag_id"), "follower");
  EXPECT_EQ(base::GetArray(Get("limits?dag_id=follower").body, "limits").size(), 1U);

  const Answer lanes = Get("dags/spark/lanes");
  EXPECT_EQ(base::GetInt(lanes.body, "total_entries"), 2);
  const json::object& lane = Named(lanes.body, "lanes", "lane_id", "2");
  EXPECT_EQ(json::serialize(lane.at("jobs")), R"(["train"])");
  EXPECT_EQ(lane.at("states").as_object().size(), 1U);
  EXPECT_EQ(base::GetInt(Get("dags/empty/lanes").body, "total_entries", -1), 0);
  EXPECT_EQ(Get("dags/none/lanes").status, 404);

  const Answer sources = Get("sources");
  const json::object& file = Named(sources.body, "files", "path", "dags/spark.yaml");
  EXPECT_EQ(base::GetString(file, "kind"), "dag");
  EXPECT_EQ(base::GetInt(file, "size"), static_cast<int64_t>(std::strlen(kSpark)));
  EXPECT_EQ(base::GetString(file.at("dags").at(0).as_object(), "dag_id"), "spark");
  EXPECT_EQ(base::GetString(Named(sources.body, "files", "path", "clusters/small.yaml"), "kind"),
            "cluster_template");
  EXPECT_EQ(base::GetString(Named(sources.body, "news", "source", "emr"), "status"), "healthy");
  EXPECT_EQ(base::GetString(sources.body.at("project").as_object(), "deployment"), "demo");
}

}  // namespace
}  // namespace api::testing
