"""An Airflow timetable as the keys `schedule` and `timezone` of a DAG file, or a named error."""

from __future__ import annotations

import datetime
from typing import Any


class NoCounterpart(ValueError):
    """Signalbox has nothing that means the same. The text says what of the DAG."""


def duration(value: datetime.timedelta | float) -> str:
    """As our files write it: `1d2h`, `90s`; what is below a second is rounded up to one."""
    seconds = value.total_seconds() if isinstance(value, datetime.timedelta) else float(value)
    left = int(seconds) if seconds == int(seconds) else int(seconds) + 1
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if left >= size:
            parts.append(f"{left // size}{unit}")
            left %= size
    return "".join(parts) or "0s"


def zone_name(zone: Any) -> str:
    """The IANA name of a time zone of pendulum."""
    name = getattr(zone, "name", None) or getattr(zone, "key", None) or str(zone)
    if name in ("UTC", "Etc/UTC", "Z", "+00:00"):
        return "UTC"
    if name[:1] in "+-" or name.startswith("UTC"):
        raise NoCounterpart(f"the time zone '{name}' is an offset, and not a zone of the IANA database")
    return name


def moment(value: datetime.datetime, zone: str) -> str:
    """A time on the clock of its zone, with the offset."""
    import pendulum

    return pendulum.instance(value).in_timezone(zone).isoformat()


def asset_name(asset: Any) -> str:
    """An asset's name; of a reference by URI, the URI, which Airflow takes for the name too."""
    name = getattr(asset, "name", None) or getattr(asset, "uri", None)
    if not isinstance(name, str):
        raise NoCounterpart(f"an asset by {type(asset).__name__} has no counterpart")
    return name


def _condition(condition: Any) -> Any:
    kind = type(condition).__name__
    if kind in ("AssetAll", "AssetAny"):
        parts = [_condition(part) for part in condition.objects]
        return parts[0] if len(parts) == 1 else {"all" if kind == "AssetAll" else "any": parts}
    if kind == "AssetAlias":
        raise NoCounterpart(f"a schedule by an asset alias ('{condition.name}') has no counterpart")
    if kind in ("Asset", "Dataset", "Model", "AssetNameRef", "AssetUriRef"):
        if getattr(condition, "watchers", None):
            raise NoCounterpart(f"a watcher of an asset ('{condition.name}') has no counterpart")
        return asset_name(condition)
    raise NoCounterpart(f"a schedule by {kind} has no counterpart")


def _cron(timetable: Any) -> str:
    for attribute in ("expression", "_expression", "cron"):
        text = getattr(timetable, attribute, None)
        if isinstance(text, str):
            return text
    raise NoCounterpart(f"the timetable {type(timetable).__name__} has no counterpart")


def _refuse_interval(timetable: Any) -> None:
    if getattr(timetable, "interval", datetime.timedelta()) != datetime.timedelta():
        raise NoCounterpart(f"the argument 'interval' of {type(timetable).__name__} has no counterpart")


def _delta(timetable: Any) -> str:
    delta = getattr(timetable, "delta", None) or getattr(timetable, "_delta", None)
    if not isinstance(delta, datetime.timedelta):
        raise NoCounterpart(f"a schedule by {type(delta).__name__}, which is no fixed length of time, has no counterpart")
    return duration(delta)


def _zone(timetable: Any) -> str:
    return zone_name(getattr(timetable, "timezone", None) or getattr(timetable, "_timezone", "UTC"))


def of_timetable(timetable: Any, default_zone: Any) -> dict[str, Any]:
    """The keys `schedule` and `timezone`; other keys follow from them elsewhere."""
    zone = zone_name(default_zone)
    kind = type(timetable).__name__
    if kind in ("NullTimetable", "PartitionedAtRuntime"):
        return {"schedule": None, "timezone": zone}
    if kind == "OnceTimetable":
        return {"schedule": "@once", "timezone": zone}
    if kind == "ContinuousTimetable":
        return {"schedule": "@continuous", "timezone": zone}
    if kind in ("CronTriggerTimetable", "CronDataIntervalTimetable"):
        _refuse_interval(timetable)
        schedule: dict[str, Any] = {"cron": _cron(timetable)}
        if kind == "CronDataIntervalTimetable":
            schedule["timetable"] = "data_interval"
        return {"schedule": schedule, "timezone": _zone(timetable)}
    if kind == "MultipleCronTriggerTimetable":
        parts = getattr(timetable, "timetables", None) or timetable._timetables
        for part in parts:
            _refuse_interval(part)
        return {"schedule": {"cron": [_cron(part) for part in parts]}, "timezone": _zone(parts[0])}
    if kind in ("DeltaTriggerTimetable", "DeltaDataIntervalTimetable"):
        _refuse_interval(timetable)
        schedule = {"interval": _delta(timetable)}
        if kind == "DeltaDataIntervalTimetable":
            schedule["timetable"] = "data_interval"
        return {"schedule": schedule, "timezone": zone}
    if kind == "EventsTimetable":
        dates = [moment(date, zone) for date in timetable.event_dates]
        return {"schedule": {"dates": dates}, "timezone": zone}
    if kind == "AssetTriggeredTimetable":
        return {"schedule": {"assets": _condition(timetable.asset_condition)}, "timezone": zone}
    if kind == "AssetOrTimeSchedule":
        inner = of_timetable(timetable.timetable, default_zone)
        if not isinstance(inner["schedule"], dict):
            raise NoCounterpart(f"AssetOrTimeSchedule with {type(timetable.timetable).__name__} has no counterpart")
        inner["schedule"]["assets"] = _condition(timetable.asset_condition)
        return inner
    raise NoCounterpart(f"the timetable {kind} has no counterpart")


def has_ticks(schedule: Any) -> bool:
    """Whether `catchup` says something about it."""
    return isinstance(schedule, dict) and bool(schedule.keys() & {"cron", "interval", "dates"})
