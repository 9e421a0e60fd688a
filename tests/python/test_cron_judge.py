"""croniter finds our cron's ticks again, for crons that are drawn: in UTC and in zones whose clocks
never change, from any time; in zones with changes of clocks, in months without one. What happens on
the days of a change is left out: there croniter, Quartz and Debian's cron, whose rule is ours
(`schedule/timetable.h`), disagree with each other."""

import datetime
import random
import zoneinfo

import croniter

from judged import answers

ROUNDS = 600
TICKS = 12
FIXED = ["UTC", "Asia/Kolkata", "Asia/Tokyo", "America/Phoenix", "Asia/Kathmandu"]
# (zone, first and last month without a change of clocks)
QUIET = [
    ("Europe/Berlin", 4, 9),
    ("America/New_York", 4, 10),
    ("Australia/Sydney", 5, 9),
    ("Europe/Berlin", 11, 2),
]
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
DAYS = "SUN MON TUE WED THU FRI SAT".split()
PRESETS = ["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"]


def drawn_part(draw, low, high, names=()):
    def spelt(value):
        if names and draw.random() < 0.3:
            return draw.choice([str.lower, str.upper, str.title])(names[value - low])
        return str(value)

    first = draw.randint(low, high)
    kind = draw.random()
    # A range of one value ("5-5") is none to croniter: it takes the whole field.
    if kind < 0.5 or first == high:
        return spelt(first)
    last = draw.randint(first + 1, high)
    if kind < 0.8:
        return f"{spelt(first)}-{spelt(last)}"
    return f"{first}-{last}/{draw.randint(1, max(1, high // 3))}"


def drawn_field(draw, low, high, names=()):
    kind = draw.random()
    if kind < 0.45:
        return "*"
    if kind < 0.6:
        # Beside another restricted day field croniter takes "*/1" for "*" or for every day, as it comes.
        return f"*/{draw.randint(2, max(3, high // 2))}"
    return ",".join(drawn_part(draw, low, high, names) for _ in range(draw.choice([1, 1, 2, 3])))


def drawn_cron(draw):
    if draw.random() < 0.1:
        return draw.choice(PRESETS)
    fields = [(0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, MONTHS), (0, 6, DAYS)]
    drawn = [drawn_field(draw, *field) for field in fields]
    if draw.random() < 0.4:
        drawn[2], drawn[4] = drawn_days(draw, drawn[4])
    return " ".join(drawn)


def drawn_days(draw, weekday):
    """Days that are another date in each month, in the combinations that croniter has (cron_days.h
    says which it does not)."""
    kind = draw.random()
    if kind < 0.3:
        return draw.choice(["L", "l", "L,1", "10-12,L"]), weekday
    if kind < 0.5:
        return f"{draw.randint(1, 31)}{draw.choice('Ww')}", "*"
    day = draw.randint(0, 6)
    if kind < 0.65:
        return "*", f"L{day}"
    nth = [f"{draw.choice([str(day), DAYS[day]])}#{draw.randint(1, 5)}" for _ in range(2)]
    return "*", draw.choice([nth[0], ",".join(nth)])


def drawn_question(seed):
    draw = random.Random(seed)
    if draw.random() < 0.6:
        zone, month = draw.choice(FIXED), draw.randint(1, 12)
        until = None
    else:
        zone, month, last = draw.choice(QUIET)
        until = last
    day, minute = draw.randint(1, 28), draw.randint(0, 24 * 60 - 1)
    after = datetime.datetime(draw.randint(2024, 2030), month, day, tzinfo=datetime.UTC)
    after += datetime.timedelta(minutes=minute, seconds=draw.choice([0, 0, 30]))
    text = after.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"cron": drawn_cron(draw), "zone": zone, "after": text, "count": TICKS}, after, until


def croniters(cron, zone, after):
    """The next ticks, in UTC; nothing where the expression never matches within croniter's horizon."""
    found = croniter.croniter(cron, after.astimezone(zoneinfo.ZoneInfo(zone)))
    for _ in range(TICKS):
        yield found.get_next(datetime.datetime).astimezone(datetime.UTC)


def judged(ticks, zone, after, until):
    """Those before the zone's next change of clocks."""
    if until is None:
        return ticks
    end = after.astimezone(zoneinfo.ZoneInfo(zone))
    end = end.replace(year=end.year + (until < end.month), month=until, day=28, hour=0)
    return [tick for tick in ticks if tick < end]


def test_drawn_crons_tick_when_croniter_says():
    drawn = [drawn_question(seed) for seed in range(ROUNDS)]
    found = answers("cron_ticks", [question for question, _, _ in drawn])
    compared, refused, wrong = 0, 0, []
    for (question, after, until), answer in zip(drawn, found, strict=True):
        cron, zone = question["cron"], question["zone"]
        try:
            theirs = list(croniters(cron, zone, after))
        except croniter.CroniterBadDateError:
            refused += 1  # "0 0 31 2 *" never comes
            if "never" not in answer.get("error", ""):
                wrong.append((question, answer, "croniter: never"))
            continue
        ours = [
            datetime.datetime.fromisoformat(t.replace("Z", "+00:00"))
            for t in answer.get("ticks", [])
        ]
        if judged(ours, zone, after, until) != judged(theirs, zone, after, until):
            wrong.append((question, answer, [t.isoformat() for t in theirs]))
        compared += len(judged(theirs, zone, after, until))
    assert wrong == []
    assert compared > ROUNDS * TICKS / 2
