"""looks.py, the judge of the 90/10 split, by journals made by hand."""

import json
import types

from looks import Looks, binomial_interval


def get(second, told=None, cluster="j-1"):
    keys = [{"cluster_id": {"S": cluster}, "item": {"S": item}} for item in ("STATE", "FLEET#CORE")]
    items = [keys[0] | {"state": {"S": told}}] if told else []
    return types.SimpleNamespace(
        came_at=second,
        left_at=second + 1,
        request={"RequestItems": {"states": {"Keys": keys}}},
        reply=json.dumps({"Responses": {"states": items}}),
    )


def time_text(second):
    return f"1970-01-01T00:{second // 60:02}:{second % 60:02}Z"


def change(second, state):
    return {"t": time_text(second), "change": "cluster", "cluster_id": "j-1", "state": state}


def described(second):
    return {"t": time_text(second), "action": "DescribeCluster", "cluster_id": "j-1"}


def looks(gets, *journal):
    found = Looks(gets, "states", lambda wall: wall, [change(0, "STARTING"), *journal])
    return [sorted(minute for _, minute in part) for part in (found.at_table, found.at_emr, found.forced)]


def test_a_minute_has_one_look():
    gets = [get(60, "STARTING"), get(65, "STARTING"), get(180, "STARTING")]
    assert looks(gets, described(61), described(120), described(121)) == [[1, 3], [2], []]


def test_after_a_told_end_emr_is_only_asked_to_confirm_it():
    gets = [get(60, "STARTING"), get(120, "TERMINATED")]
    assert looks(gets, change(110, "TERMINATED"), described(125), described(185)) == [[1, 2], [], []]


def test_a_look_that_finds_the_end_itself_was_drawn():
    gets = [get(60, "STARTING")]
    assert looks(gets, change(110, "TERMINATED"), described(120), described(185)) == [[1], [2], []]


def test_looks_are_forced_where_nothing_is_told():
    gets = [get(minute * 60) for minute in range(1, 5)]
    assert looks(gets, described(300), described(360)) == [[1, 2, 3, 4], [6], [5]]


def test_the_interval_is_that_of_the_binomial_distribution():
    assert binomial_interval(10, 0.5, miss=0.02) == (1, 9)  # P(0) = 0.001, P(0 or 1) = 0.0107
    low, high = binomial_interval(4000, 0.9)
    assert abs((high - low) / 2 - 3.29 * 360**0.5) < 2
