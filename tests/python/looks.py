"""Where a watcher with `policy: sampled` looked, counted at the servers: what a proxy before DynamoDB has recorded
(recorder.py), and the emulator's journal. Standard library only."""

import collections
import datetime
import json
import math

STALE_AFTER_S = 300  # the default of sources.stale_after


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def is_end(state):
    return state.startswith("TERMINATED")


class Looks:
    """Each cluster has one look a minute, as (cluster, minute): at the table, or at EMR. A DescribeCluster in a
    minute in which the table was asked, or after the end was told, only confirms; one of a cluster of which
    nothing was told for STALE_AFTER_S was forced, not drawn."""

    def __init__(self, gets, table, world, journal):
        """`gets`: BatchGetItem, answered. `world`: the world's time of a time of the wall."""
        self.at_table, self.at_emr, self.forced = set(), set(), set()
        self._told = collections.defaultdict(list)  # of a cluster: (when, its state)
        for get in gets:
            for key in get.request["RequestItems"][table]["Keys"]:
                if key["item"]["S"] == "STATE":
                    self.at_table.add((key["cluster_id"]["S"], world(get.came_at) // 60))
            for item in json.loads(get.reply)["Responses"][table]:
                if item["item"]["S"] == "STATE":
                    self._told[item["cluster_id"]["S"]].append((world(get.left_at), item["state"]["S"]))
        states = {}
        for line in journal:
            cluster, at = line.get("cluster_id"), seconds(line["t"])
            if line.get("change") == "cluster":
                states[cluster] = line["state"]
                if line["state"] == "STARTING":
                    self._told[cluster].append((at, "STARTING"))
            if line.get("action") == "DescribeCluster":
                self._take(cluster, at)
                self._told[cluster].append((at, states[cluster]))

    def _take(self, cluster, at):
        told = [(when, state) for when, state in self._told[cluster] if when <= at]
        if (cluster, at // 60) in self.at_table or any(is_end(state) for _, state in told):
            return
        is_forced = all(when + STALE_AFTER_S <= at for when, _ in told)
        (self.forced if is_forced else self.at_emr).add((cluster, at // 60))


def binomial_interval(n, p, miss=0.001):
    """What n draws of p bring, but for `miss`: half of it below, half above."""
    chances = [
        math.exp(
            math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
            + k * math.log(p) + (n - k) * math.log(1 - p)
        )
        for k in range(n + 1)
    ]  # fmt: skip
    low = next(k for k in range(n + 1) if sum(chances[: k + 1]) > miss / 2)
    high = next(k for k in range(n, -1, -1) if sum(chances[k:]) > miss / 2)
    return low, high
