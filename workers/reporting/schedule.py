"""The schedule in Temporal by which a report is made every day."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.reporting.orders import ReportOrder
from domain.calendar import is_zone
from domain.failures import BadInput, NotFound, Unavailable
from domain.names import DAILY_REPORT, TASK_QUEUE

LATE: Final = timedelta(hours=12)
"""After an outage a report that was due within it is still made."""


class Every(StrEnum):
    """On which days."""

    DAY = "day"
    WEEKDAY = "weekday"
    """Monday to Friday."""
    WEEK = "week"
    """On Mondays."""


_DAYS: Final = {
    Every.DAY: [ScheduleRange(0, 6)],
    Every.WEEKDAY: [ScheduleRange(1, 5)],
    Every.WEEK: [ScheduleRange(1)],
}


@dataclass(frozen=True)
class Standing:
    """A schedule as Temporal has it."""

    name: str
    next: datetime | None
    paused: bool


def read_time(typed: str) -> time:
    """``06:00``. Raises BadInput."""
    try:
        at = time.fromisoformat(typed)
    except ValueError:
        at = None
    if at is None or at.tzinfo or at.second or at.microsecond:
        raise BadInput(f"--at: must be a time of the day such as 06:00; {typed!r} is none")
    return at


def schedule(order: ReportOrder, every: Every, at: time) -> Schedule:
    """The schedule itself. Raises BadInput for a zone that there is not."""
    if not is_zone(order.zone):
        raise BadInput(f"--zone: there is no time zone {order.zone!r}: name one such as UTC")
    return Schedule(
        action=ScheduleActionStartWorkflow(DAILY_REPORT, order, id="report", task_queue=TASK_QUEUE),
        spec=ScheduleSpec(
            calendars=[
                ScheduleCalendarSpec(
                    hour=[ScheduleRange(at.hour)],
                    minute=[ScheduleRange(at.minute)],
                    day_of_week=_DAYS[every],
                    comment=f"every {every} at {at:%H:%M} {order.zone}",
                )
            ],
            time_zone_name=order.zone,
        ),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=LATE),
    )


async def put(client: Client, name: str, wanted: Schedule) -> bool:
    """Make the schedule of this name what is wanted; whether there was none. A schedule that
    somebody has paused stays so."""
    try:
        await client.create_schedule(name, wanted)
    except ScheduleAlreadyRunningError:

        def changed(known: ScheduleUpdateInput) -> ScheduleUpdate:
            wanted.state = known.description.schedule.state
            return ScheduleUpdate(wanted)

        await client.get_schedule_handle(name).update(changed)
        return False
    except RPCError as error:
        raise Unavailable(f"Temporal does not take the schedule: {error.message}") from error
    return True


async def remove(client: Client, name: str) -> bool:
    """Remove it; whether there was one."""
    try:
        await client.get_schedule_handle(name).delete()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise Unavailable(f"Temporal does not remove the schedule: {error.message}") from error
    return True


async def standing(client: Client, name: str) -> Standing:
    """How it stands. Raises NotFound where there is none."""
    try:
        found = await client.get_schedule_handle(name).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NotFound(
                f"there is no schedule {name!r}: `contrapunto report schedule`"
            ) from None
        raise Unavailable(f"Temporal does not tell of the schedule: {error.message}") from error
    coming = found.info.next_action_times
    return Standing(name, coming[0] if coming else None, found.schedule.state.paused)
