#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>

#include "base/text.h"
#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using base::Cat;

std::string Errors(const std::string& dag) {
  return Text(Load({{"dags/a.yaml", dag}}).errors);
}

std::shared_ptr<const model::Dag> Only(const std::string& text) {
  Loaded loaded = Load({{"dags/a.yaml", text}});
  EXPECT_EQ(Text(loaded.errors), "") << text;
  return loaded.dags.empty() ? std::make_shared<model::Dag>() : loaded.dags.front();
}

// "b: a" for each job: what it waits for.
std::string Edges(const model::Dag& dag, std::vector<int> model::Job::* of) {
  std::string text;
  for (const model::Job& job : dag.jobs) {
    if ((job.*of).empty())
      continue;
    text += Cat(text.empty() ? "" : "; ", model::DisplayName(job.id, job.lane), ":");
    for (int up : job.*of) {
      const model::Job& above = dag.jobs[static_cast<size_t>(up)];
      text += Cat(" ", model::DisplayName(above.id, above.lane));
    }
  }
  return text;
}

constexpr std::string_view kNested = R"(
dag_id: a
default_args: {retries: 1, pool: default_pool}
tasks:
  first: {type: empty}
  last: {type: empty, depends_on: [features]}
groups:
  features:
    tooltip: all that is derived
    depends_on: [first]
    default_args: {retries: 2}
    tasks:
      raw: {type: empty}
      joined: {type: empty, depends_on: [features.daily]}
      loose: {type: empty, retries: 5}
    groups:
      daily:
        depends_on: [raw]
        default_args: {trigger_rule: all_done}
        tasks:
          day: {type: empty}
          hour: {type: empty, depends_on: [day]}
          minute: {type: empty, depends_on: [day]}
)";

TEST(Groups, AGroupStandsForTheJobsWithWhichItBeginsAndEnds) {
  const auto dag = Only(std::string(kNested));
  EXPECT_EQ(Edges(*dag, &model::Job::upstream),
            "last: joined loose; raw: first; joined: hour minute; loose: first; day: raw; "
            "hour: day; minute: day");
  ASSERT_EQ(dag->groups.size(), 2u);
  EXPECT_EQ(dag->groups[0], (model::Group{"features", "all that is derived"}));
  EXPECT_EQ(dag->groups[1].path, "features.daily");
}

TEST(Groups, DefaultsOfInnerGroupsWin) {
  const auto dag = Only(std::string(kNested));
  std::map<std::string, const model::Job*> jobs;
  for (const model::Job& job : dag->jobs)
    jobs[job.id.str()] = &job;
  EXPECT_EQ(jobs.at("first")->retries, 1);
  EXPECT_EQ(jobs.at("raw")->retries, 2);
  EXPECT_EQ(jobs.at("loose")->retries, 5);
  EXPECT_EQ(jobs.at("hour")->retries, 2);
  EXPECT_EQ(jobs.at("hour")->trigger_rule, model::TriggerRule::kAllDone);
  EXPECT_EQ(jobs.at("raw")->trigger_rule, model::TriggerRule::kAllSuccess);
  EXPECT_EQ(jobs.at("hour")->group, "features.daily");
  EXPECT_EQ(jobs.at("first")->group, "");
}

TEST(Groups, LanesStayLanes) {
  const auto dag = Only(
      "dag_id: a\nlanes: [{id: 1}, {id: 2}]\n"
      "tasks:\n  end: {type: empty, depends_on: [g]}\n"
      "  all: {type: empty, lanes: none, depends_on: ['g[*]']}\n"
      "groups:\n  g: {tasks: {x: {type: empty}, y: {type: empty}}}\n");
  EXPECT_EQ(Edges(*dag, &model::Job::upstream),
            "end_1: x_1 y_1; end_2: x_2 y_2; all: x_1 x_2 y_1 y_2");
}

TEST(Groups, ATeardownIsNotWaitedForBehindItsGroup) {
  const auto dag = Only(
      "dag_id: a\ntasks: {after: {type: empty, depends_on: [g]}}\n"
      "groups:\n  g:\n    tasks:\n      make: {type: empty}\n"
      "      work: {type: empty, depends_on: [make]}\n"
      "      drop: {type: empty, depends_on: [work], teardown: {setups: [make]}}\n");
  EXPECT_EQ(Edges(*dag, &model::Job::upstream), "after: work; work: make; drop: make work");
  EXPECT_EQ(Edges(*dag, &model::Job::setups), "work: make");
  EXPECT_EQ(dag->jobs[1].role, model::Role::kSetup);
}

TEST(Setups, TheirScopeIsWhatStandsBetweenThemAndTheirTeardowns) {
  const auto dag = Only(
      "dag_id: a\ntasks:\n  s: {type: empty}\n  forever: {type: empty, setup: true}\n"
      "  one: {type: empty, depends_on: [s, forever]}\n  two: {type: empty, depends_on: [one]}\n"
      "  beside: {type: empty, depends_on: [s]}\n"
      "  t: {type: empty, depends_on: [two], teardown: {setups: [s]}}\n"
      "  after: {type: empty, depends_on: [two]}\n");
  EXPECT_EQ(Edges(*dag, &model::Job::setups), "one: s forever; two: s forever; after: forever");
  EXPECT_FALSE(dag->jobs[5].on_failure_fail_dagrun);
  EXPECT_EQ(dag->jobs[5].trigger_rule, model::TriggerRule::kAllDoneSetupSuccess);
}

// Each job of the chain needs all setups before it.
TEST(Setups, AChainOfThemIsRefusedBeforeItFillsTheMemory) {
  std::string dag = "dag_id: a\ntasks:\n";
  for (int i = 0; i < 1000; ++i)
    dag += Cat("  j",
               i,
               ": {type: empty, setup: true, depends_on: [",
               i == 0 ? "" : Cat("j", i - 1),
               "]}\n");
  EXPECT_EQ(
      Errors(dag),
      "dags/a.yaml:1:9: the jobs of the DAG 'a' need more than 200000 setups in all; give each "
      "setup a teardown, which ends what needs it\n");
}

TEST(Groups, AGroupHasTriesOfItsOwn) {
  const auto dag = Only(
      "dag_id: a\ngroups:\n  g:\n    retries: 2\n    retry_delay: 1m\n"
      "    retry_exponential_backoff: true\n    max_retry_delay: 3h\n"
      "    default_args: {retries: 7}\n    tasks: {x: {type: empty}}\n"
      "    groups: {h: {tasks: {y: {type: empty}}}}\n");
  EXPECT_EQ(dag->groups[0], (model::Group{"g", "", 2, base::minutes(1), true, base::hours(3)}));
  EXPECT_EQ(dag->groups[1], (model::Group{"g.h", ""})) << "they are no defaults";
  EXPECT_EQ(dag->jobs[0].retries, 7);
}

// A group whose jobs wait for what waits for the group would never be settled.
TEST(Groups, NothingThatWaitsForAGroupWithRetriesIsWaitedForInIt) {
  const auto dag = [](std::string_view retries, std::string_view lanes) {
    return Cat("dag_id: a\n",
               lanes,
               "tasks: {out: {type: empty, depends_on: [x]}}\ngroups:\n  g:\n    retries: ",
               retries,
               "\n    tasks:\n      x: {type: empty}\n"
               "      y: {type: empty, depends_on: [out]}\n");
  };
  EXPECT_EQ(Errors(dag("0", "")), "");
  EXPECT_EQ(Errors(dag("1", "")),
            "dags/a.yaml:2:41: these jobs wait for each other: out -> g -> y -> out\n");
  EXPECT_EQ(Errors("dag_id: a\nlanes: [{id: 1}, {id: 2}]\ngroups:\n  g:\n    retries: 1\n"
                   "    tasks:\n      x: {type: empty}\n"
                   "      y: {type: empty, depends_on: ['x[*]']}\n"),
            "dags/a.yaml:8:37: these jobs wait for each other: y -> g -> y -> g -> y\n")
      << "each lane is settled by itself";
  EXPECT_EQ(Errors("dag_id: a\ngroups:\n  g:\n    retries: 1\n    groups:\n      h:\n"
                   "        retries: 1\n        tasks: {x: {type: empty}}\n"
                   "    tasks: {y: {type: empty, depends_on: [x]}}\n"),
            "");
}

TEST(Groups, TheJobsOfAGroupWithRetriesAreTriedAgainTogether) {
  EXPECT_EQ(Errors("dag_id: a\nlanes: [{id: 1}]\ngroups:\n  g:\n    retries: 1\n    tasks:\n"
                   "      x: {type: empty}\n      y: {type: empty, lanes: none}\n"),
            "dags/a.yaml:8:7: the group 'g' has retries, which are for each lane by itself: take "
            "'y', which has no lanes, out of it, for 'x' has lanes\n");
  EXPECT_EQ(Errors("dag_id: a\ntasks: {make: {type: empty}}\ngroups:\n  g:\n    retries: 1\n"
                   "    tasks: {drop: {type: empty, teardown: {setups: [make]}}}\n"),
            "dags/a.yaml:6:13: the group 'g' has retries, and its teardown 'drop' would run again "
            "without its setup 'make': move that into the group, or the teardown out of it\n");
  EXPECT_EQ(Errors("dag_id: a\ngroups: {g: {retries: -1, tasks: {x: {type: empty}}}}\n"),
            "dags/a.yaml:2:23: 'retries' must be from 0 to 10000, found -1\n");
}

TEST(Groups, MistakesHaveTheirPlaces) {
  const std::string head = "dag_id: a\ntasks: {x: {type: empty}}\n";
  EXPECT_EQ(Errors(head + "groups: {g: {tasks: {x: {type: empty}}}}\n"),
            "dags/a.yaml:3:22: the job id 'x' is there twice; first at line 2\n");
  EXPECT_EQ(Errors(head + "groups: {x: {tasks: {y: {type: empty}}}}\n"),
            "dags/a.yaml:3:10: the name of a group 'x' is there twice; first at line 2\n");
  EXPECT_EQ(Errors(head + "groups: {g: {tooltip: t}}\n"),
            "dags/a.yaml:3:10: the group 'g' has no jobs; give it 'tasks', or remove it\n");
  EXPECT_EQ(Errors(head + "groups: {g.h: {tasks: {y: {type: empty}}}}\n"),
            "dags/a.yaml:3:10: 'g.h' is no group id: a letter, then letters, digits, '_' and '-', "
            "as of a job\n");
  EXPECT_EQ(Errors(head + "groups: {g: {tasks: {y: {type: empty, depends_on: [g]}}}}\n"),
            "dags/a.yaml:3:52: a job in the group 'g' cannot wait for the whole group\n");
  EXPECT_EQ(Errors("dag_id: a\ntasks: {x: {type: empty, depends_on: [g.hh]}}\n"
                   "groups: {g: {groups: {h: {tasks: {y: {type: empty}}}}}}\n"),
            "dags/a.yaml:2:39: there is no job 'g.hh' in this DAG; did you mean 'g.h'?\n");
  EXPECT_EQ(Errors("dag_id: a\ngroups: 5\n"),
            "dags/a.yaml:2:9: 'groups': expected a map of at least one group\n");
  EXPECT_EQ(Errors("dag_id: a\n"), "dags/a.yaml:1:1: the DAG needs the key 'tasks'\n");
}

}  // namespace
}  // namespace dagfile
