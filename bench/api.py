#!/usr/bin/env python3
"""The API beside the scheduler, on a large database: lists and single things at a fixed rate, triggers at a fixed
rate, 200 streams of events, and how much later jobs are launched under all of it.

The rows of one real run are copied in the store's own schema until there are RUNS finished runs of TASKS tasks
each. Requests have a timetable that does not wait for answers, and a delay counts from the time in it: a server
that stalls is charged for all that should have been sent meanwhile. Each load is a process of its own.

    bench/api.py [--runs N] [--tasks N] [--seconds S] [--keep FOLDER]
"""

import argparse
import asyncio
import contextlib
import datetime
import json
import multiprocessing
import os
import pathlib
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "python"))
from processes import EmulatorProcess, StandaloneProcess  # noqa: E402
from processes import SMALL_CLUSTER  # noqa: E402

DAGS = 10
SETTINGS = """
deployment: bench
emr:
  region: us-east-1
  poll_interval: 1s
  budget:
    account: {burst: 1000, per_second: 1000}
    RunJobFlow: {burst: 1000, per_second: 1000}
    ListClusters: {burst: 100, per_second: 100}
    DescribeCluster: {burst: 100, per_second: 100}
    ListSteps: {burst: 100, per_second: 100}
"""
FAULTS = "quotas: off\ntiming: {provisioning: 1s, bootstrap: 1s, step: 2s, shutdown: 1s, jitter: 0.5}\n"
LANES, CHAIN = 40, 3
READS_PER_S, TRIGGERS_PER_S, STREAMS = 500, 100, 200
TARGETS = {"list and get": 50, "trigger": 150, "stream": 1000}


def write_project(folder, tasks):
    (folder / "dags").mkdir(parents=True)
    (folder / "clusters").mkdir()
    (folder / "signalbox.yaml").write_text(SETTINGS)
    (folder / "clusters" / "small.yaml").write_text(SMALL_CLUSTER)

    def dag(name, text):
        (folder / "dags" / f"{name}.yaml").write_text(
            f"dag_id: {name}\nis_paused_upon_creation: false\nmax_active_runs: 1000\n{text}"
        )

    names = [f"j{i}" for i in range(tasks)]
    for number in range(DAGS):
        dag(f"b{number}", "tasks:\n" + "".join(f"  {name}: {{type: empty}}\n" for name in names))
    dag("t0", "tasks:\n  only: {type: empty}\n")
    lanes = ", ".join(f"{{id: '{i}'}}" for i in range(LANES))
    jobs = "".join(
        f"  job{i}:\n    cluster: small\n" + (f"    depends_on: [job{i - 1}]\n" if i else "")
        for i in range(CHAIN)
    )
    dag("chain", f"lanes: [{lanes}]\ntasks:\n{jobs}")


def columns(database, table):
    return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]


def copy_rows(database, table, source, dag, number, changed):
    """Rows of the run `source` again for each of `copies`, with `changed` in place of their own."""
    names = columns(database, table)
    values = ", ".join(changed.get(name, f"t.{name}") for name in names)
    database.execute(
        f"INSERT INTO {table}({', '.join(names)}) SELECT {values} FROM copies c CROSS JOIN {table} t "
        f"WHERE t.run_no = ? AND c.dag = ? ORDER BY c.run_no",
        (source, number),
    )


def fill(path, runs):
    """`runs` finished runs of the DAGs b0, b1, …, every ten minutes back from now; one in twenty has failed."""
    database = sqlite3.connect(path)
    database.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;")
    first = database.execute("SELECT max(run_no) FROM run").fetchone()[0] + 1
    database.execute("CREATE TEMP TABLE copies(run_no INTEGER PRIMARY KEY, dag INTEGER, back INTEGER)")
    database.executemany(
        "INSERT INTO copies VALUES(?, ?, ?)",
        ((first + i, i % DAGS, (runs - i) * 600_000_000) for i in range(runs)),
    )
    for number in range(DAGS):
        (source,) = database.execute("SELECT run_no FROM run WHERE dag = ?", (f"b{number}",)).fetchone()
        times = {
            name: f"t.{name} - c.back"
            for name in ("interval_start", "interval_end", "run_after", "queued_at", "start_date",
                         "end_date", "started_at", "ended_at", "logical_date")
        }
        own = {"run_no": "c.run_no"} | times
        failed = "CASE WHEN c.run_no % 20 = 0 THEN 'failed' ELSE t.state END"
        copy_rows(database, "run", source, None, number,
                  own | {"run": "'r' || c.run_no", "state": failed})
        for table in ("job", "task", "attempt"):
            copy_rows(database, table, source, None, number, own)
    names = [name for name in columns(database, "history") if name != "seq"]
    (last,) = database.execute("SELECT max(seq) FROM history").fetchone()
    values = {"dag": "'b' || c.dag", "run": "'r' || c.run_no", "at": "t.at - c.back",
              "entity": "'run b' || c.dag || '/r' || c.run_no"}
    picked = ", ".join(values.get(name, f"t.{name}") for name in names)
    database.execute(
        f"INSERT INTO history(seq, {', '.join(names)}) "
        f"SELECT {last} + row_number() OVER (ORDER BY c.run_no, t.seq), {picked} FROM copies c "
        f"CROSS JOIN (SELECT * FROM history WHERE kind = 'run' AND dag = 'b0') t ORDER BY c.run_no, t.seq"
    )
    database.commit()
    tasks = database.execute("SELECT count(*) FROM task").fetchone()[0]
    rows = database.execute("SELECT count(*) FROM run").fetchone()[0]
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return first, rows, tasks


class Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time; its answer is a future."""

    def __init__(self):
        self.answer = None
        self.data = b""
        self.wanted = None

    def connection_made(self, transport):
        self.transport = transport

    def send(self, request):
        if self.transport.is_closing():
            raise ConnectionError("the server has closed an idle connection")
        self.answer = asyncio.get_running_loop().create_future()
        self.data, self.wanted = b"", None
        self.transport.write(request)
        return self.answer

    def data_received(self, data):
        self.data += data
        if self.wanted is None:
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.data[:end].lower()
            at = head.index(b"content-length:") + len(b"content-length:")
            self.wanted = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
        if len(self.data) >= self.wanted and not self.answer.done():
            self.answer.set_result(int(self.data[9:12]))

    def connection_lost(self, error):
        if self.answer and not self.answer.done():
            self.answer.set_exception(ConnectionError(str(error)))


async def connect(address, token):
    """One after the other, each with a request at once: the server bounds those who have not said who they are."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, *address)
    await connection.send(request_text("GET", "/pools", token))
    return connection


async def on_schedule(address, token, requests, per_second, seconds, connections=96):
    """Delays in ms by the label of the request, from the time at which each was due. A request that finds no
    free connection waits, and its delay grows."""
    loop = asyncio.get_running_loop()
    free = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await connect(address, token))
    delays, refused = {}, 0
    begun = loop.time() + 0.1

    async def ask(due, label, request):
        nonlocal refused
        connection = await free.get()
        status = await connection.send(request)
        free.put_nowait(connection)
        delays.setdefault(label, []).append((loop.time() - due) * 1000)
        refused += status != 200

    under_way = set()
    for number in range(int(per_second * seconds)):
        due = begun + number / per_second
        if (wait := due - loop.time()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.ensure_future(ask(due, *requests(number)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return delays, refused


def request_text(method, path, token, body=None):
    text = f"{method} /api/v2{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    if body is not None:
        text += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return (text + "\r\n" + (body or "")).encode()


def reads(token, first, runs, tasks, last_seq):
    """The mix of lists and single things, each over the whole database."""
    def run(number):
        run_no = first + (number * 7919) % runs
        return f"/dags/b{(run_no - first) % DAGS}/dagRuns/r{run_no}"

    kinds = [
        ("dags", lambda n: "/dags?limit=50"),
        ("dag", lambda n: f"/dags/b{n % DAGS}"),
        ("runs of a DAG", lambda n: f"/dags/b{n % DAGS}/dagRuns?limit=50"),
        ("runs of all", lambda n: "/dags/~/dagRuns?limit=50"),
        ("failed runs", lambda n: "/dags/~/dagRuns?state=failed&limit=50"),
        ("runs by end", lambda n: "/dags/~/dagRuns?order_by=-end_date&limit=50"),
        ("run", run),
        ("tasks of a run", lambda n: run(n) + "/taskInstances"),
        ("task", lambda n: run(n) + f"/taskInstances/j{n % tasks}"),
        ("tries of a task", lambda n: run(n) + f"/taskInstances/j{n % tasks}/tries"),
        ("attempts of a run", lambda n: run(n) + "/attempts"),
        ("history", lambda n: f"/history?limit=50&after={(n * 7919) % last_seq}"),
        ("event log", lambda n: "/eventLogs?limit=50&order_by=-event_log_id"),
        ("clusters", lambda n: "/clusters?live=true&limit=50"),
        ("pools", lambda n: "/pools"),
        ("map", lambda n: "/map"),
    ]

    def request(number):
        label, path = kinds[number % len(kinds)]
        return label, request_text("GET", path(number // len(kinds)), token)

    return request


def triggers(token, name):
    def request(number):
        body = json.dumps({"dag_run_id": f"{name}{number}", "logical_date": None})
        return "trigger", request_text("POST", "/dags/t0/dagRuns", token, body)

    return request


class Stream(asyncio.Protocol):
    """A stream of all events. Of each piece that comes the first event is the oldest: its delay counts."""

    def __init__(self, token, delays, counts):
        self.token, self.delays, self.counts = token, delays, counts

    def connection_made(self, transport):
        self.begun = asyncio.get_running_loop().create_future()
        transport.write(request_text("GET", "/events", self.token))

    def data_received(self, data):
        now = time.time()
        if not self.begun.done():
            self.begun.set_result(None)
        self.counts["events"] += data.count(b"\ndata: ")
        at = data.find(b'"at":"')
        if at < 0 or len(data) < at + 40:
            return
        text = data[at + 6 : data.index(b'"', at + 6)].decode()
        self.delays.append((now - datetime.datetime.fromisoformat(text).timestamp()) * 1000)

    def connection_lost(self, error):
        self.counts["lost"] += 1


async def follow(address, token, streams, seconds):
    loop = asyncio.get_running_loop()
    delays, counts = [], {"events": 0, "lost": 0}
    transports = []
    for _ in range(streams):
        transport, stream = await loop.create_connection(lambda: Stream(token, delays, counts), *address)
        await stream.begun
        transports.append(transport)
    await asyncio.sleep(seconds)
    lost = counts["lost"]
    for transport in transports:
        transport.abort()
    return delays, {"events": counts["events"], "lost": lost}


def in_process(queue, label, function, arguments):
    queue.put((label, asyncio.run(function(*arguments))))


def read_forever(address, token, first, runs, tasks, last_seq, seconds):
    return on_schedule(address, token, reads(token, first, runs, tasks, last_seq), READS_PER_S, seconds)


def trigger_forever(address, token, name, seconds):
    return on_schedule(address, token, triggers(token, name), TRIGGERS_PER_S, seconds)


def percentile(values, q):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def figures(values):
    return (f"p50 {percentile(values, 0.5):.1f} ms, p99 {percentile(values, 0.99):.1f} ms, "
            f"max {max(values):.1f} ms of {len(values)}")


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def dispatch(standalone, emulator, run):
    """How long after a job could begin EMR was asked for its cluster, in ms; of one run of the chain."""
    standalone.call("/dags/chain/dagRuns", {"dag_run_id": run, "logical_date": None})
    state = standalone.wait_for_run("chain", run, timeout=300)
    if state != "success":
        raise SystemExit(f"the run {run} ended as {state}")
    ready, after = {}, 0
    while True:
        page = standalone.call(f"/history?dag_run_id={run}&after={after}&limit=1000")
        for row in page["history"]:
            if row["to"] == "queued" and row["entity"].endswith(".start_cluster"):
                ready[row["entity"].split("/")[-1].removesuffix(".start_cluster")] = seconds_of(row["at"])
        if len(page["history"]) < 1000:
            break
        after = page["history"][-1]["seq"]
    delays = []
    for line in emulator.journal():
        if line.get("action") == "RunJobFlow" and f" {run} " in line["name"]:
            job = line["name"].split(" ")[-3]
            delays.append((seconds_of(line["t"]) - ready[job]) * 1000)
    return delays


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.emulator = EmulatorProcess(folder, faults=FAULTS)
        self.log = open(folder / "standalone.log", "ab")
        self.missed = []

    def start(self):
        begun = time.monotonic()
        self.server = StandaloneProcess(
            self.folder / "project", self.folder / "state", self.emulator, log=self.log
        )
        self.address = self.server.url.removeprefix("http://").split(":")
        self.token = (self.folder / "state" / "token").read_text().strip()
        return time.monotonic() - begun

    def prepare(self):
        write_project(self.folder / "project", self.options.tasks)
        self.start()
        time.sleep(1)
        for number in range(DAGS):
            self.server.call(f"/dags/b{number}/dagRuns", {"dag_run_id": "real", "logical_date": None})
            self.server.wait_for_run(f"b{number}", "real")
        self.server.stop()
        begun = time.monotonic()
        path = self.folder / "state" / "signalbox.db"
        self.first, runs, tasks = fill(path, self.options.runs)
        size = path.stat().st_size / 1e6
        took = self.start()
        self.last_seq = self.server.call("/history?order_by=-seq&limit=1")["last_seq"]
        print(f"database: {runs:,} runs, {tasks:,} task instances, {self.last_seq:,} rows of history, "
              f"{size:.0f} MB, filled in {time.monotonic() - begun:.0f} s; the server starts in {took:.1f} s")

    def loads(self, seconds):
        o = self.options
        return [
            ("list and get", read_forever,
             (self.address, self.token, self.first, o.runs, o.tasks, self.last_seq, seconds)),
            ("trigger", trigger_forever, (self.address, self.token, "t", seconds)),
            ("stream", follow, (self.address, self.token, STREAMS, seconds)),
        ]

    def tell(self, label, delays, aim):
        p99 = percentile(delays, 0.99)
        print(f"{label}: {figures(delays)}; p99 is {p99 / aim:.2f} of the {aim} ms that are wanted")
        if p99 > aim:
            self.missed.append(label)

    def run(self):
        self.prepare()
        quiet = dispatch(self.server, self.emulator, "quiet")
        print(f"launches, nothing else: {figures(quiet)}")
        queue = multiprocessing.get_context("spawn").Queue()
        seconds = self.options.seconds
        workers = [
            multiprocessing.get_context("spawn").Process(
                target=in_process, args=(queue, label, function, arguments), daemon=True)
            for label, function, arguments in self.loads(seconds)
        ]
        for worker in workers:
            worker.start()
        time.sleep(1)
        begun, used = time.monotonic(), cpu_seconds(self.server.process)
        loaded = dispatch(self.server, self.emulator, "loaded")
        results = dict(queue.get(timeout=seconds + 120) for _ in workers)
        share = (cpu_seconds(self.server.process) - used) / (time.monotonic() - begun)
        by_kind, refused_reads = results["list and get"]
        maps = by_kind.pop("map")  # of one picture after the other, with a pause between them
        self.tell(f"list and get, {READS_PER_S}/s", sum(by_kind.values(), []), TARGETS["list and get"])
        for kind, delays in sorted(by_kind.items(), key=lambda item: -percentile(item[1], 0.99)):
            print(f"    {kind}: {figures(delays)}")
        print(f"map: {figures(maps)}")
        made, refused = results["trigger"]
        self.tell(f"trigger, {TRIGGERS_PER_S}/s", made["trigger"], TARGETS["trigger"])
        delays, counts = results["stream"]
        self.tell(f"{STREAMS} streams, {counts['events'] / seconds:,.0f} events/s to all", delays,
                  TARGETS["stream"])
        print(f"launches, under all of it: {figures(loaded)}")
        ratio = percentile(loaded, 0.99) / percentile(quiet, 0.99)
        print(f"p99 of launches under load / without: {ratio:.2f}")
        print(f"refused: {refused_reads} reads, {refused} triggers; streams lost: {counts['lost']}; "
              f"server: {share * 100:.0f} % of a processor; load of the machine {os.getloadavg()[0]:.1f}")
        if ratio > 2:
            self.missed.append("launches")
        if refused_reads or refused or counts["lost"]:
            self.missed.append("refusals")
        return self.missed

    def stop(self):
        with contextlib.suppress(AttributeError):
            self.server.stop()
        self.emulator.stop()
        self.log.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--keep", help="a folder to work in that stays")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="signalbox-bench-") as directory:
        folder = pathlib.Path(options.keep or directory)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(options, folder)
        try:
            missed = bench.run()
        finally:
            bench.stop()
    if missed:
        print("missed: " + ", ".join(missed))
        sys.exit(1)


if __name__ == "__main__":
    main()
