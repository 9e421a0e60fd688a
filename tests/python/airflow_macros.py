"""What Airflow's templates can call, stated once more in Python's datetime and dateutil: `macros.ds_add`,
`macros.ds_format`, `macros.timedelta`, and the methods of a logical date (pendulum's `add`,
`subtract`, `start_of`, `end_of`)."""

import datetime
import types

from dateutil.relativedelta import relativedelta

LENGTHS = {
    "year": relativedelta(years=1),
    "quarter": relativedelta(months=3),
    "month": relativedelta(months=1),
    "week": datetime.timedelta(days=7),
    "day": datetime.timedelta(days=1),
    "hour": datetime.timedelta(hours=1),
    "minute": datetime.timedelta(minutes=1),
    "second": datetime.timedelta(seconds=1),
}


class Time(datetime.datetime):
    """As Airflow's (pendulum): the text of a time is ISO 8601."""

    def __str__(self):
        return self.isoformat()

    @property
    def quarter(self):
        return (self.month + 2) // 3

    def add(self, years=0, months=0, **spans):
        return self + relativedelta(years=years, months=months) + datetime.timedelta(**spans)

    def subtract(self, **spans):
        return self.add(**{name: -count for name, count in spans.items()})

    def start_of(self, unit):
        start = self.replace(microsecond=0)
        if unit == "second":
            return start
        start = start.replace(second=0)
        if unit == "minute":
            return start
        start = start.replace(minute=0)
        if unit == "hour":
            return start
        start = start.replace(hour=0)
        if unit == "day":
            return start
        if unit == "week":
            return start - datetime.timedelta(days=start.weekday())
        months = {"month": self.month, "quarter": (self.month - 1) // 3 * 3 + 1, "year": 1}
        return start.replace(day=1, month=months[unit])

    def end_of(self, unit):
        return self.start_of(unit) + LENGTHS[unit] - datetime.timedelta(microseconds=1)


def ds_add(ds, days):
    if not days:
        return str(ds)
    moved = datetime.datetime.strptime(str(ds), "%Y-%m-%d") + datetime.timedelta(days=days)
    return moved.strftime("%Y-%m-%d")


def ds_format(ds, input_format, output_format):
    return datetime.datetime.strptime(str(ds), input_format).strftime(output_format)


MACROS = types.SimpleNamespace(ds_add=ds_add, ds_format=ds_format, timedelta=datetime.timedelta)


def add_filters(made, zone):
    """The filters that Airflow and Signalbox add to Jinja's."""
    made.filters["local"] = lambda time: time.astimezone(zone)
    made.filters["ds"] = lambda time: time.strftime("%Y-%m-%d")
    made.filters["ds_nodash"] = lambda time: time.strftime("%Y%m%d")
    made.filters["ts"] = lambda time: time.isoformat()
    made.filters["ts_nodash"] = lambda time: time.strftime("%Y%m%dT%H%M%S")
    made.filters["ts_nodash_with_tz"] = lambda time: time.isoformat().replace("-", "").replace(":", "")
    made.filters["strftime"] = lambda time, format: time.strftime(format)
    for name in ("add", "subtract", "start_of", "end_of"):
        made.filters[name] = getattr(Time, name)
