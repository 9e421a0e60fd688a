#!/usr/bin/env python3
"""Makes the raw clickstream that the jobs read, as a collector would leave it in the bucket. Standard
library only; the same seed gives the same bytes.

    generate.py --out FOLDER [--seed 7] [--until 2026-01-05] [--days 29] [--customers 8] [--visitors 240]

    FOLDER/events/day=2025-12-07/events.json.gz   {"customer", "visitor", "at", "event"} a line
    FOLDER/groups/1.json … 4.json                 which customers are in a group

The signal that models shall find: each visitor has an interest, which makes visits longer, carts
fuller and purchases likelier, but decides none of them.
"""

import argparse
import datetime
import gzip
import json
import math
import pathlib
import random

GROUPS = 4


def visits(draw, days, interest):
    """(day, second of the day) of a visitor's visits; the interested come more often."""
    for day in range(days):
        if draw.random() < 0.1 + 0.15 / (1 + math.exp(-interest)):
            yield day, draw.randrange(7 * 3600, 20 * 3600)


def visit(draw, interest, taste):
    """The events of one visit: how they follow each other, in seconds from its begin."""
    second = 0
    for _ in range(1 + min(9, int(draw.expovariate(0.6 * math.exp(-0.35 * interest))))):
        yield second, "view"
        second += 5 + int(draw.expovariate(1 / 60))
    if draw.random() < 1 / (1 + math.exp(0.6 - 1.1 * interest)):
        yield second, "cart"
        if draw.random() < 1 / (1 + math.exp(0.2 - taste * interest)):
            yield second + 40, "buy"


def clickstream(seed, days, customers, visitors):
    """The groups' customers, and (day, second, customer, visitor, event) for all of them."""
    groups, events = {}, []
    for group in range(1, GROUPS + 1):
        groups[group] = [f"shop-{group}-{number}" for number in range(1, customers + 1)]
        for customer in groups[group]:
            draw = random.Random(f"{seed} {customer}")
            taste = draw.uniform(0.9, 1.6)
            for number in range(visitors):
                interest = draw.gauss(-0.4, 1.2)
                for day, begin in visits(draw, days, interest):
                    for second, event in visit(draw, interest, taste):
                        events.append((day, begin + second, customer, f"v{number}", event))
    return groups, sorted(events)


def write(folder, first_day, groups, events):
    (folder / "groups").mkdir(parents=True, exist_ok=True)
    for group, customers in groups.items():
        text = json.dumps({"group": str(group), "customers": customers})
        (folder / "groups" / f"{group}.json").write_text(text + "\n")
    lines = {}
    for day, second, customer, visitor, event in events:
        at = first_day + datetime.timedelta(days=day, seconds=second)
        line = {"customer": customer, "visitor": visitor, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        lines.setdefault(at.date(), []).append(json.dumps(line | {"event": event}))
    for date, rows in lines.items():
        path = folder / "events" / f"day={date}" / "events.json.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(("\n".join(rows) + "\n").encode(), mtime=0))
    return len(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--until", type=datetime.datetime.fromisoformat, default="2026-01-05")
    parser.add_argument("--days", type=int, default=29)
    parser.add_argument("--customers", type=int, default=8, help="of each group")
    parser.add_argument("--visitors", type=int, default=240, help="of each customer")
    options = parser.parse_args()
    first_day = options.until - datetime.timedelta(days=options.days)
    groups, events = clickstream(options.seed, options.days, options.customers, options.visitors)
    days = write(options.out, first_day, groups, events)
    customers = sum(len(customers) for customers in groups.values())
    print(f"generate: {len(events)} events of {days} days, {customers} customers in {len(groups)} groups")


if __name__ == "__main__":
    main()
