"""What time it is for a process that is no activity: the wall's, or an account's virtual time."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from domain.failures import Unavailable

_PATIENCE: Final = 5.0
_KNOWN: Final = 100_000


class Clock(Protocol):
    """Tells the time of an account's workflow; of the world when none is named."""

    by_workflow: bool
    """Whether workflows have clocks of their own; else nobody need find out which is meant."""

    async def now(self, workflow_id: str | None) -> datetime:
        """The present instant, UTC. Raises Unavailable if it cannot be asked."""
        ...


async def moment(at: "datetime | Clock", workflow_id: str) -> datetime:
    """An instant that somebody named; or else the present one of an account, by its workflow."""
    return at if isinstance(at, datetime) else await at.now(workflow_id)


class SystemClock:
    """Everybody lives in real time."""

    by_workflow = False

    async def now(self, workflow_id: str | None) -> datetime:
        """The real time, whatever the workflow."""
        return datetime.now(UTC)  # noqa: TID251 - the one clock of the gateway


class FastClock:
    """On a Temporal server that skips time each workflow has a clock of its own.

    What cannot be read any more (a workflow past its retention, one that is paused) keeps its
    last known distance from real time.
    """

    by_workflow = True

    def __init__(self, skipper: TimeSkipper) -> None:
        self._skipper = skipper
        self._wall = SystemClock()
        self._ahead: dict[str, timedelta] = {}

    async def now(self, workflow_id: str | None) -> datetime:
        """The workflow's virtual time; real time without a workflow."""
        wall = await self._wall.now(None)
        if workflow_id is None:
            return wall
        handle = self._skipper.client.get_workflow_handle(workflow_id)
        try:
            async with asyncio.timeout(_PATIENCE):
                at = await self._skipper.get_current_time(handle)
        except RPCError as error:
            if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
                raise Unavailable(f"Temporal does not tell the time: {error.status.name}") from None
            return wall + self._ahead.get(workflow_id, timedelta())
        except ValueError:  # the SDK cannot name the status of a paused workflow
            return wall + self._ahead.get(workflow_id, timedelta())
        except TimeoutError:
            raise Unavailable("Temporal does not tell the time: no answer") from None
        if len(self._ahead) < _KNOWN:
            self._ahead[workflow_id] = at - wall
        return at
