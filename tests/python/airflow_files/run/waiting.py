"""Deferrable operators, triggers that fail or take too long, sensors in mode `reschedule`."""

from __future__ import annotations

import asyncio
import datetime
import pathlib
import time

from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
from airflow.providers.standard.sensors.time_delta import TimeDeltaSensorAsync
from airflow.providers.standard.triggers.temporal import DateTimeTrigger, TimeDeltaTrigger
from airflow.sdk import DAG, BaseOperator, BaseSensorOperator, PokeReturnValue, Variable, task
from airflow.sdk.exceptions import TaskDeferralError
from airflow.triggers.base import BaseTrigger, TriggerEvent


class Breaks(BaseTrigger):
    def serialize(self):
        return "waiting.Breaks", {}

    async def run(self):
        await asyncio.sleep(0.1)
        raise LookupError("the trigger broke")
        yield TriggerEvent("never")


class Says(BaseTrigger):
    def __init__(self, text):
        super().__init__()
        self.text = text

    def serialize(self):
        return "waiting.Says", {"text": self.text}

    async def run(self):
        await asyncio.sleep(0.1)
        yield TriggerEvent({"text": self.text})


class Waits(BaseOperator):
    def __init__(self, trigger, timeout=None, **more):
        super().__init__(**more)
        self.trigger = trigger
        self.seconds = timeout

    def execute(self, context):
        timeout = None if self.seconds is None else datetime.timedelta(seconds=self.seconds)
        self.defer(trigger=self.trigger(), method_name="again", kwargs={"number": 1}, timeout=timeout)

    def again(self, context, number, event):
        if number < 3:
            self.defer(trigger=Says(f"{number}"), method_name="again", kwargs={"number": number + 1})
        return [number, event]


class Recovers(Waits):
    def resume_execution(self, next_method, next_kwargs, context):
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralError:
            return "recovered"


class Pokes(BaseSensorOperator):
    def poke(self, context):
        path = pathlib.Path(Variable.get("folder")) / f"{self.task_id}.pokes"
        with path.open("a") as file:
            file.write("x")
        return path.stat().st_size >= 3


FAR = datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc)

with DAG("waiting", schedule=None, is_paused_upon_creation=False):

    @task
    def soon() -> str:
        return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)).isoformat()

    soon() >> DateTimeSensorAsync(task_id="date_time", target_time="{{ ti.xcom_pull(task_ids='soon') }}")
    TimeDeltaSensorAsync(task_id="time_delta", delta=datetime.timedelta(seconds=1))
    Waits(task_id="several", trigger=lambda: TimeDeltaTrigger(datetime.timedelta(seconds=0.2)))
    Waits(task_id="breaks", trigger=Breaks)
    Recovers(task_id="recovers", trigger=Breaks)
    Waits(task_id="too_long", trigger=lambda: DateTimeTrigger(FAR), timeout=1)
    Pokes(task_id="rescheduled", mode="reschedule", poke_interval=0.2, timeout=60)
    Pokes(task_id="soft", mode="reschedule", poke_interval=5, timeout=0.1, soft_fail=True)

    @task.sensor(mode="reschedule", poke_interval=0.1, timeout=1)
    def never() -> bool:
        return False

    @task.sensor(poke_interval=0.1, timeout=60)
    def tells() -> PokeReturnValue:
        return PokeReturnValue(is_done=time.time() > 0, xcom_value="found")

    never()
    tells()
