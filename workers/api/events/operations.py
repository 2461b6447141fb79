"""The feed: what happened, for a system that would rather ask than be called."""

from typing import Annotated, Literal

from pydantic import Field

from domain.outgoing.events import Event, chosen, unknown_in
from store.outgoing.stream import Stream
from workers.api.operations import Call, Operation, Unaudited
from workers.api.people import Right
from workers.api.problems import Kind, Refusal, WrongField
from workers.api.reading import Asked, Text
from workers.api.work import Rooms
from workers.api.work_models import Answer

TAG = "events"


class EventsWanted(Asked):
    """Which events."""

    after: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] = "0"
    """The `next` of the page before. It stays valid, however long you keep it; 410 once events
    after it are kept no more. Without it: from the oldest that is kept."""
    types: Text | None = None
    """Types, separated by commas: `contact.*,promise.kept`; without it all."""
    creditor: Text | None = None
    """Of one creditor."""
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    """At most so many."""


class EventAnswer(Answer, Event):
    """One event, as a webhook brings it."""

    version: Literal[1]
    """Of the form of `data`."""


class EventsPage(Answer):
    """Events, in the order in which they are told of an account."""

    items: tuple[EventAnswer, ...]
    """At most as many as are wanted; the form of `data`, by type:
    [events](../reference/webhooks.md)."""
    next: str
    """The cursor after these: keep it once you have done with them, and ask on with it."""
    more: bool
    """Whether there are more already; else ask again in a second or later."""


class Feed:
    """The feed."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def read(self, call: Call) -> EventsPage:
        """A page of events."""
        query: EventsWanted = call.query
        creditors = call.person.creditors
        if query.creditor is not None:
            creditors = frozenset({query.creditor} if call.person.sees(query.creditor) else ())
        stream, after = Stream(self._rooms.pool), int(query.after)
        types = _types(query.types)
        found = await stream.read(after, query.limit + 1, creditors, types)
        # Looked at afterwards: what was forgotten while it was read is missing, too.
        bounds = await stream.bounds()
        if after > bounds.last:
            why = "this cursor is of events that are not here: the database was put back"
            raise Refusal(410, Kind.GONE, f"{why}; begin again, without `after`")
        if "after" in query.model_fields_set and after < bounds.forgotten:
            why = "events after this cursor are kept no more"
            raise Refusal(410, Kind.GONE, f"{why}; begin again, without `after`")
        page = found[: query.limit]
        return EventsPage(
            items=tuple(EventAnswer.model_validate(one.event.model_dump()) for one in page),
            next=str(page[-1].position if page else max(after, bounds.forgotten)),
            more=len(found) > query.limit,
        )

    def operations(self) -> list[Operation]:
        """All of them."""
        return [
            Operation(
                "GET",
                "/v1/events",
                "read_events",
                "What happened",
                "Events of the creditors whom the token names, the oldest first, each once: who "
                "goes on with `next` misses nothing. Codes, ids and amounts; nothing that a "
                "customer wrote. They are there once a relay has numbered them, where "
                "`config/webhooks` names their creditor.",
                Right.FOLLOW,
                self.read,
                EventsPage,
                TAG,
                audit=Unaudited("codes, ids and amounts, without words"),
                query=EventsWanted,
                problems=(410,),
            )
        ]


def _types(given: str | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    patterns = [one.strip() for one in given.split(",")]
    if wrong := unknown_in(patterns):
        rule = f"{wrong[0]!r} is no type of event"
        raise Refusal(
            422, Kind.INVALID, rule, [WrongField(where="query", field="types", rule=rule)]
        )
    return chosen(patterns)
