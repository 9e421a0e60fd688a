#include "dagfile/commands.h"

#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using base::Cat;

std::string Dag(std::string_view keys) {
  return Cat("dag_id: a\ntasks:\n  go: {type: command, ", keys, "}\n");
}
Loaded LoadOne(std::string_view keys) {
  return Load({{"dags/a.yaml", Dag(keys)}});
}
std::string Errors(std::string_view keys) {
  return Text(LoadOne(keys).errors);
}
model::CommandWork Work(std::string_view keys) {
  const Loaded loaded = LoadOne(keys);
  EXPECT_EQ(Text(loaded.errors), "") << keys;
  return loaded.dags.empty() ? model::CommandWork() : *model::CommandOf(loaded.dags[0]->jobs[0]);
}

TEST(Commands, HaveTheDefaultsOfAirflowsBashOperator) {
  const model::CommandWork bare = Work("command: [make, report]");
  EXPECT_EQ(bare.argv, (std::vector<std::string>{"make", "report"}));
  EXPECT_EQ(bare.skips_on, std::vector{99});
  EXPECT_EQ(bare.outputs, model::OutputsFrom::kNothing);
  EXPECT_TRUE(bare.env.empty() && bare.cwd.empty() && bare.input.empty());
  EXPECT_EQ(bare.limits, model::ProcessLimits());
}

TEST(Commands, TakeAllTheirKeys) {
  const model::CommandWork work = Work(
      "command: ['{{ ds }}', x], env: {B: '2', A: '{{ run_id }}'}, cwd: /tmp, stdin: hello, "
      "skip_on_exit_code: [9, 3], outputs: last_line, execution_timeout: 30s, "
      "resources: {memory: 2GiB, file_size: 512 MiB, open_files: 64, cpu_time: 90s}");
  EXPECT_EQ(work.env,
            (std::vector<std::pair<std::string, std::string>>{{"A", "{{ run_id }}"}, {"B", "2"}}));
  EXPECT_EQ(work.cwd, "/tmp");
  EXPECT_EQ(work.input, "hello");
  EXPECT_EQ(work.skips_on, (std::vector{3, 9}));
  EXPECT_EQ(work.outputs, model::OutputsFrom::kLastLine);
  EXPECT_EQ(work.limits.memory, int64_t{2} << 30);
  EXPECT_EQ(work.limits.file_size, int64_t{512} << 20);
  EXPECT_EQ(work.limits.open_files, 64);
  EXPECT_EQ(work.limits.cpu_time, base::seconds(90));
  EXPECT_TRUE(Work("command: [x], skip_on_exit_code: []").skips_on.empty());
}

TEST(Commands, TellTheirMistakes) {
  EXPECT_EQ(Errors("command: echo hello"),
            "dags/a.yaml:3:32: 'command' is a list of words, for no shell reads it; for a shell "
            "write [\"bash\", \"-c\", \"...\"]\n");
  EXPECT_EQ(Errors("command: []"),
            "dags/a.yaml:3:32: 'command' is empty: it names no program; for a shell write "
            "[\"bash\", \"-c\", \"...\"]\n");
  EXPECT_EQ(Errors("env: {A: b}"), "dags/a.yaml:3:7: the job 'go' needs the key 'command'\n");
  EXPECT_EQ(Errors("command: [x], env: {SIGNALBOX_X: b}"),
            "dags/a.yaml:3:43: 'SIGNALBOX_X': names that begin with SIGNALBOX_ are Signalbox's "
            "own\n");
  EXPECT_EQ(Errors("command: [x], skip_on_exit_code: 0"),
            "dags/a.yaml:3:56: 'skip_on_exit_code' takes numbers from 1 to 255, found 0\n");
  EXPECT_EQ(Errors("command: [x], outputs: lastline"),
            "dags/a.yaml:3:46: 'outputs' of a command is last_line or file, found 'lastline'; did "
            "you mean 'last_line'?\n");
  EXPECT_EQ(Errors("command: [x], resources: {memory: much}"),
            "dags/a.yaml:3:57: 'memory' is a number of bytes such as 512MiB or 2GiB, found "
            "'much'\n");
  EXPECT_EQ(Errors("command: [x], resume: none"),
            "dags/a.yaml:3:45: 'resume' is for jobs with a cluster; this one has none\n");
}

TEST(Commands, TellMistakesInTheirTexts) {
  EXPECT_NE(Errors("command: [x, '{{ dss }}']").find("'dss'"), std::string::npos);
  EXPECT_NE(Errors("command: [x], env: {A: '{{ dss }}'}").find("'dss'"), std::string::npos);
  EXPECT_NE(Errors("command: [x], cwd: '{{ dss }}'").find("'dss'"), std::string::npos);
}

TEST(Commands, KeepTheirKeysToThemselves) {
  EXPECT_EQ(
      Text(Load({{"dags/a.yaml", "dag_id: a\ntasks:\n  go: {type: empty, cwd: /tmp}\n"}}).errors),
      "dags/a.yaml:3:26: 'cwd' is for jobs of type command\n");
}

TEST(Commands, MakeNoSecretsVisible) {
  EXPECT_EQ(Errors("command: [x], env: {A: '{{ conn.db.password }}'}"), "");
  EXPECT_NE(Errors("command: [x, '{{ conn.db.password }}']"), "");
}

}  // namespace
}  // namespace dagfile
