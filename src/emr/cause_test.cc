#include "emr/cause.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string CauseOf(const std::vector<std::string_view>& texts) {
  const auto cause = FindCause(texts);
  return cause ? ToText(*cause) : "nothing";
}

TEST(Cause, ATracebackSaysWhatAndWhereInTheUsersOwnCode) {
  EXPECT_EQ(CauseOf({R"(26/01/05 10:00:01 INFO SparkContext: Running Spark version 3.5.4
Traceback (most recent call last):
  File "/mnt/tmp/spark-1/train.py", line 41, in <module>
    main()
  File "/mnt/tmp/spark-1/train.py", line 12, in main
    model = fit(frame)
  File "/usr/local/lib/python3.9/site-packages/pandas/core/frame.py", line 3807, in __getitem__
    raise KeyError(key) from err
ValueError: no rows for the region 'eu'
26/01/05 10:00:09 INFO ShutdownHookManager: Shutdown hook called
)"}),
            "ValueError: no rows for the region 'eu' (train.py line 12, in main)");
}

TEST(Cause, TheDeepestOfAJavaChainCounts) {
  EXPECT_EQ(CauseOf({R"(Exception in thread "main" org.apache.spark.SparkException: Job aborted.
	at org.apache.spark.sql.errors.QueryExecutionErrors$.jobAbortedError(QueryExecutionErrors.scala:638)
Caused by: java.io.IOException: cannot commit
	at example.Commit.run(Commit.java:10)
Caused by: com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403)
	at com.amazonaws.http.AmazonHttpClient.handle(AmazonHttpClient.java:1)
	... 12 more
)"}),
            "com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; "
            "Status Code: 403); the instance profile (JobFlowRole) may not do this in S3");
}

TEST(Cause, AStageThatLostItsExecutorsNamesTheContainersEnd) {
  const std::string cause = CauseOf(
      {R"(26/01/05 10:00:01 ERROR YarnClusterScheduler: Lost executor 4 on ip-10-0-0-4.internal: Container killed by YARN for exceeding physical memory limits.
26/01/05 10:00:05 ERROR YarnClusterScheduler: Lost executor 7 on ip-10-0-0-7.internal: Container killed by YARN for exceeding physical memory limits.
26/01/05 10:00:09 ERROR ApplicationMaster: User class threw exception: org.apache.spark.SparkException: Job aborted due to stage failure: Task 3 in stage 5.0 failed 4 times, most recent failure: Lost task 3.3 in stage 5.0 (TID 44) (ip-10-0-0-7.internal executor 7): ExecutorLostFailure (executor 7 exited caused by one of the running tasks) Reason: Container killed by YARN for exceeding physical memory limits. 5.5 GB of 5.5 GB physical memory used.
Driver stacktrace:
	at org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2844)
26/01/05 10:00:10 INFO ApplicationMaster: Final app status: FAILED, exitCode: 15
)"});
  EXPECT_EQ(cause,
            "Container killed by YARN for exceeding physical memory limits. 5.5 GB of 5.5 GB "
            "physical memory used.; task 3 of stage 5.0 failed 4 times; 2 executors were lost; "
            "exit code 15; YARN killed the container for its memory: raise "
            "spark.executor.memoryOverhead, or give each executor fewer cores");
}

TEST(Cause, APythonWorkersErrorIsSeenBelowItsWrappers) {
  EXPECT_EQ(
      CauseOf({R"(Traceback (most recent call last):
  File "/mnt/tmp/spark-2/count.py", line 30, in <module>
    frame.count()
  File "/usr/lib/spark/python/lib/pyspark.zip/pyspark/sql/dataframe.py", line 1240, in count
py4j.protocol.Py4JJavaError: An error occurred while calling o81.count.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent failure: Lost task 0.3 in stage 1.0 (TID 9) (ip-10-0-0-2.internal executor 1): org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "/usr/lib/spark/python/lib/pyspark.zip/pyspark/worker.py", line 1247, in main
    process()
  File "/mnt/tmp/spark-2/count.py", line 18, in parse
    return int(row.amount)
ValueError: invalid literal for int() with base 10: 'n/a'

	at org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handlePythonException(PythonRunner.scala:572)
Caused by: org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "/mnt/tmp/spark-2/count.py", line 18, in parse
    return int(row.amount)
ValueError: invalid literal for int() with base 10: 'n/a'
)"}),
      "ValueError: invalid literal for int() with base 10: 'n/a' (count.py line 18, in parse); "
      "task 0 of stage 1.0 failed 4 times");
}

TEST(Cause, ExitCodesAndSpotNoticesAreToldWhereNoExceptionIs) {
  EXPECT_EQ(CauseOf({"",
                     "26/01/05 WARN YarnAllocator: Container from a bad node: container_1. "
                     "Exit status: 137. Diagnostics: killed\n"}),
            "exit code 137; 137 is a kill, mostly for want of memory: raise memoryOverhead");
  EXPECT_THAT(CauseOf({"26/01/05 ERROR YarnScheduler: Lost executor 2 on ip-10-0-0-2: Container "
                       "released on a *lost* node\n"}),
              HasSubstr("nodes were taken back while it ran"));
  EXPECT_EQ(CauseOf({"26/01/05 WARN node: spot interruption notice\n"}),
            "nodes were taken back while it ran");
  EXPECT_EQ(CauseOf({"2026-01-05 INFO Step failed; Command exiting with ret '1'\n"}),
            "exit code 1");
}

TEST(Cause, WhatIsWellNamesNothing) {
  EXPECT_EQ(CauseOf({"26/01/05 INFO SparkContext: Successfully stopped SparkContext\n", ""}),
            "nothing");
  EXPECT_EQ(CauseOf({}), "nothing");
  EXPECT_EQ(CauseOf({"26/01/05 INFO Client: final status: SUCCEEDED, exitCode: 0\n"}), "nothing");
}

TEST(Cause, NoTextIsTooStrange) {
  EXPECT_EQ(CauseOf({"Traceback (most recent call last):"}), "nothing");
  EXPECT_EQ(CauseOf({"Traceback (most recent call last):\n  File \"x.py\", line "}), "nothing");
  EXPECT_EQ(CauseOf({"due to stage failure: Task  failed  in stage  times"}), "nothing");
  const std::string endless = "ValueError: " + std::string(100'000, 'x');
  EXPECT_LT(CauseOf({endless}).size(), 1000u);
}

TEST(Cause, TheStepNamesItsApplications) {
  EXPECT_THAT(ApplicationsIn("26/01/05 INFO YarnClientImpl: Submitted application "
                             "application_1767607200000_0001\nSubmitted application ../x\n"),
              ElementsAre("application_1767607200000_0001"));
}

}  // namespace
}  // namespace emr
