"""Why Spark jobs fail, judged by Spark itself: jobs that fail in the usual ways run on PySpark, and `tasks cause` has to
name the reason in what they really wrote."""

import shutil
import subprocess

import pytest

from processes import (
    ROOT,
    SMALL_CLUSTER,
    Program,
    StandaloneProcess,
    clean_environment,
    clock_setting,
    signalbox_path,
    write_project,
)

SPARK = ROOT / "build" / "spark-venv"
pytestmark = pytest.mark.skipif(
    shutil.which("java") is None or not (SPARK / ".requirements").exists(),
    reason="no Java or no PySpark: tools/setup spark and tools/spark-setup install them",
)

SESSION = "from pyspark.sql import SparkSession, functions as F, types as T\n" \
          "spark = SparkSession.builder.getOrCreate()\n"
# What the job is, and what its cause has to say.
JOBS = {
    "udf": (
        SESSION + "def ratio(text):\n    return 1 / int(text)\n\n\n"
        "rows = spark.createDataFrame([('1',), ('0',)], ['n'])\n"
        "rows.select(F.udf(ratio, T.DoubleType())('n')).collect()\n",
        ["ZeroDivisionError: division by zero", "(udf.py line 4, in ratio)", "stage"],
    ),
    "input": (
        SESSION + "spark.read.parquet('/no/such/table').count()\n",
        ["PATH_NOT_FOUND", "/no/such/table"],
    ),
    "column": (
        SESSION + "spark.range(3).select('customer').show()\n",
        ["UNRESOLVED_COLUMN", "customer"],
    ),
    "module": (
        "import no_such_module\n",
        ["ModuleNotFoundError: No module named 'no_such_module'"],
    ),
    "memory": (
        SESSION + "vm = spark.sparkContext._jvm\n"
        "rows = vm.java.util.ArrayList()\n"
        "while True:\n    rows.add(vm.java.nio.ByteBuffer.allocate(256 << 20))\n",
        ["java.lang.OutOfMemoryError: Java heap space"],
    ),
    "exit": (
        "import sys\nprint('no rows in the table', file=sys.stderr)\nsys.exit(3)\n",
        ["exit code 3"],
    ),
}


class Failures:
    """A run in which each of the jobs fails."""

    def __init__(self, folder):
        project = write_project(folder / "project", "deployment: failures\nemr: {region: us-east-1}\n", jobs=1)
        template = project / "clusters" / "small.yaml"
        template.write_text(
            SMALL_CLUSTER.partition("Steps:")[0] + "Applications: [{Name: Spark}]\nLogUri: s3://logs/emr\n")
        bucket = folder / "s3" / "b"
        bucket.mkdir(parents=True)
        dag = "dag_id: chain\nis_paused_upon_creation: false\ndefault_args: {retries: 0}\ntasks:\n"
        for name, (script, _) in JOBS.items():
            (bucket / f"{name}.py").write_text(script)
            dag += (f"  {name}: {{type: emr_job, cluster: small, "
                    f"steps: [{{name: work, spark_submit: {{application: 's3://b/{name}.py'}}}}]}}\n")
        (project / "dags" / "chain.yaml").write_text(dag)
        clock = clock_setting(60)
        self.state = folder / "state"
        self.emulator = Program(
            ["emulator", "--port", "0", "--steps", "run", "--s3-root", str(folder / "s3"),
             "--spark-submit", str(SPARK / "bin" / "quick-spark-submit")],
            clean_environment(SIGNALBOX_CLOCK=clock),
        )
        self.server = StandaloneProcess(
            project, self.state, self.emulator, clock, AWS_ENDPOINT_URL_S3=self.emulator.url)

    def cause(self, job):
        told = subprocess.run(
            [signalbox_path(), "tasks", "cause", "chain", "r", job, "--state-dir", str(self.state)],
            env=clean_environment(), capture_output=True, text=True, timeout=60)
        assert told.returncode == 0, told
        return told.stdout

    def stop(self):
        self.server.stop()
        self.emulator.stop()


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    made = Failures(tmp_path_factory.mktemp("failures"))
    try:
        made.server.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
        assert made.server.wait_for_run("chain", "r", timeout=600) == "failed"
        yield made
    finally:
        made.stop()


@pytest.mark.parametrize("job", JOBS)
def test_the_cause_is_what_spark_says(failures, job):
    cause = failures.cause(job)
    for words in JOBS[job][1]:
        assert words in cause, cause
    assert len(cause.splitlines()) == 1 and len(cause) < 1000, cause
