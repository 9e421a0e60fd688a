"""Airflow's own example DAGs in the real program: they end as under Airflow, or it is written down why not.

`airflow_examples.py --write` writes docs/airflow-examples.md, `--oracle` asks Airflow again.
"""

import json

import airflow_examples
import pytest
from airflow_examples import EXPLAINED, NOTED, OUTSIDE, RECORD, VARY
from airflow_fixtures import NEEDS_AIRFLOW

# What is refused, and by which words.
REFUSED = {"example_dynamic_task_mapping.py": "it stands in a mapped task group"}


@pytest.fixture(scope="module")
def recorded():
    return json.loads(RECORD.read_text())["dags"]


@NEEDS_AIRFLOW
def test_they_end_as_under_airflow(recorded):
    rows = airflow_examples.judge(sorted(recorded), recorded, seconds=60)
    print(airflow_examples.counts(rows))
    refused = {dag: row for dag, row in rows.items() if row["verdict"] == "refused"}
    for row in refused.values():
        assert REFUSED.get(row["file"].rpartition("/")[2], "nothing") in row["reason"], refused
    different = {dag: row["differences"] for dag, row in rows.items() if row["verdict"] == "different"}
    assert different.keys() <= EXPLAINED.keys(), {dag: different[dag] for dag in different.keys() - EXPLAINED.keys()}


def test_what_is_written_down_is_about_dags_that_there_are(recorded):
    """Without Airflow: the record and the lists fit each other and the table."""
    assert len(recorded) > 100
    for names in (EXPLAINED, NOTED, OUTSIDE, VARY, airflow_examples.CONFS):
        assert set(names) <= recorded.keys(), set(names) - recorded.keys()
    assert not EXPLAINED.keys() & OUTSIDE.keys()
    for dag, row in recorded.items():
        assert "cut_off" not in row or dag in OUTSIDE, f"{dag}: its end under Airflow is not known"
    table = airflow_examples.TABLE.read_text()
    assert [dag for dag in recorded if f"| `{dag}` |" not in table] == []
