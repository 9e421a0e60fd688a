"""examples/airflow: clusters that a function launches and a sensor watches, and the same as a job of Signalbox.

In both the first cluster loses its core nodes, and stays up."""

import json
import shutil

import pytest

from airflow_estate import AirflowTasks
from airflow_fixtures import NEEDS_AIRFLOW
from airflow_parser import EXAMPLES

pytestmark = NEEDS_AIRFLOW

FAULTS = """
quotas: off
faults:
  - {name: '* r 1', on: RUNNING, after: 10s, do: lose_fleet, fleet: CORE, cluster: WAITING}
  - {name: '* work try 1', on: RUNNING, after: 10s, do: lose_fleet, fleet: CORE, cluster: WAITING}
"""


@pytest.fixture
def estate(tmp_path):
    folder = tmp_path / "dags"
    folder.mkdir()
    shutil.copy(EXAMPLES / "clusters_by_hand.py", folder)
    made = AirflowTasks(tmp_path, folder, speed=60, faults=FAULTS)
    try:
        yield made
    finally:
        made.stop()


def test_clusters_that_lose_their_nodes_are_launched_again(estate):
    native = EXAMPLES.parent / "native"
    for name in ("dags", "clusters"):
        shutil.copytree(native / name, estate.project / name, dirs_exist_ok=True)
    estate.wait_for_dags("clusters_by_hand", "clusters")
    for dag in ("clusters_by_hand", "clusters"):
        estate.call(f"/dags/{dag}", {"is_paused": False}, "PATCH")
        estate.trigger(dag)
    assert estate.state_of("clusters") == "success"
    assert estate.state_of("clusters_by_hand") == "success"
    assert estate.task("clusters_by_hand", "start_cluster")["try_number"] == 1
    assert estate.task("clusters_by_hand", "watch_cluster")["try_number"] == 2
    assert "ZERO_CORE" in estate.log("clusters_by_hand", "watch_cluster")
    names = [line["name"] for line in estate.emulator.journal() if line.get("action") == "RunJobFlow"]
    assert [name for name in names if "by_hand" in name] == ["clusters_by_hand r 1", "clusters_by_hand r 2"]
    assert len([name for name in names if " work try " in name]) == 2, json.dumps(names)
    ends = {}
    for line in estate.emulator.journal():
        if line.get("change") == "cluster":
            ends[line["name"]] = line["state"]
    assert all(state.startswith("TERMINATED") for state in ends.values()), ends


def test_the_native_one_has_a_third_of_the_lines():
    def lines(path):
        return len([line for line in path.read_text().splitlines() if line.strip()])

    native = sum(lines(path) for path in (EXAMPLES.parent / "native").rglob("*.yaml"))
    assert 3 * native <= lines(EXAMPLES / "clusters_by_hand.py")
