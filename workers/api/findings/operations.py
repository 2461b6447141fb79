"""Operations on the findings of reports: the functions of `contrapunto report`, over HTTP."""

from typing import Annotated

from pydantic import Field

from store.report.findings import Findings as Kept
from store.report.findings import KeptFinding
from workers.api.operations import Audited, Call, Operation, Unaudited
from workers.api.people import Right
from workers.api.problems import Kind, Refusal
from workers.api.reading import Asked, Text, path_number
from workers.api.work import Rooms
from workers.api.work_models import Answer

_ID = {"finding_id": "The number of the finding."}
TAG = "findings"


class FindingsWanted(Asked):
    """Which findings."""

    done: bool = False
    """What somebody has looked at, too, after the rest."""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    """At most so many."""


class FindingDone(Asked):
    """What came of it. It may be left away, the body too."""

    note: Text | None = None
    """In words."""


class FindingAnswer(KeptFinding, Answer):
    """Something that a report found. Nothing in it is of one customer."""


class FindingsPage(Answer):
    """Findings, the newest first."""

    items: tuple[FindingAnswer, ...]
    """At most as many as are wanted."""


class Findings:
    """All operations on findings."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms, self._kept = rooms, Kept(rooms.pool)

    async def listed(self, call: Call) -> FindingsPage:
        """Those that are open."""
        _whole_house(call)
        found = await self._kept.listed(done=call.query.done, limit=call.query.limit)
        return FindingsPage(items=tuple(map(_told, found)))

    async def done(self, call: Call) -> FindingAnswer:
        """Somebody has looked."""
        _whole_house(call)
        finding_id = path_number(call.path, "finding_id", "finding")
        now = await self._rooms.clock.now(None)
        await self._kept.done(finding_id, call.person.name, call.body.note, now)
        return _told(await self._kept.one(finding_id))

    def operations(self) -> list[Operation]:
        """All of them."""
        return [
            Operation(
                "GET",
                "/v1/findings",
                "list_findings",
                "What reports found",
                "What the daily reports found and nobody has looked at yet, the newest first. They "
                "are of all creditors: whoever sees only some is refused.",
                Right.LIST,
                self.listed,
                FindingsPage,
                TAG,
                audit=Unaudited("figures of reports, of nobody"),
                query=FindingsWanted,
            ),
            Operation(
                "POST",
                "/v1/findings/{finding_id}/done",
                "finish_finding",
                "Somebody has looked",
                "It comes back only by days after this one. 409 where somebody had looked before.",
                Right.DO,
                self.done,
                FindingAnswer,
                TAG,
                audit=Audited(),
                body=FindingDone,
                problems=(404, 409),
                parameters=_ID,
            ),
        ]


def _told(finding: KeptFinding) -> FindingAnswer:
    return FindingAnswer.model_validate(finding.model_dump())


def _whole_house(call: Call) -> None:
    """Raises Refusal for who sees the accounts of some creditors only."""
    if call.person.creditors is not None:
        raise Refusal(403, Kind.FORBIDDEN, "findings are of all creditors, and you see only some")
