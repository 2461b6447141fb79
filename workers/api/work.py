"""Operations on the queue of work: the functions of `contrapunto work`, over HTTP."""

import base64
import binascii
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from config.rules import RulesFactory
from domain.entry.bounds import fault_of_instant
from domain.failures import NotFound
from store.conversation.queue import Place, Wanted, WorkQueue
from store.conversation.work import WorkItem, WorkItems
from store.database import Pool
from workers.accounts import Accounts
from workers.api.operations import Call, Operation
from workers.api.people import Person, Right, seen_of
from workers.api.problems import Kind, Refusal, WrongField
from workers.api.reading import path_number
from workers.api.work_models import (
    Change,
    Claim,
    Done,
    DoneAnswer,
    NextWanted,
    Release,
    Words,
    WordsWanted,
    WorkItemAnswer,
    WorkPage,
    WorkWanted,
)
from workers.cli.work_items.items import as_dict, as_words, finish, words_of
from workers.clock import Clock

_ID = {"work_id": "The number of the item."}
TAG = "work"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rooms:
    """What the operations need."""

    pool: Pool
    accounts: Accounts
    clock: Clock
    rules: RulesFactory
    pay_url: str | None = None
    """To whose host alone a person's words may link."""


class Work:
    """All operations on work."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms, self._items = rooms, WorkItems(rooms.pool)

    async def listed(self, call: Call) -> WorkPage:
        """A page of the queue."""
        query: WorkWanted = call.query
        wanted = Wanted(
            *(query.customer, query.reason, query.creditor, query.claimed_by, query.done)
        )
        now = await self._rooms.clock.now(None)
        after = _place(query.cursor) if query.cursor is not None else None
        found = await self._queue(call.person).page(wanted, after, now, query.limit + 1)
        items, more = found[: query.limit], len(found) > query.limit
        cursor = _cursor(Place.of(items[-1])) if more else None
        return WorkPage(
            items=tuple(self._told(one, call.person, now) for one in items), next=cursor
        )

    async def one(self, call: Call) -> WorkItemAnswer:
        """One item, with the customer's words where they are asked for."""
        item = await self._seen(call)
        now = await self._rooms.clock.now(None)
        if not call.query.words:
            return self._told(item, call.person, now)
        call.needs(Right.WORDS)
        written = await words_of(self._items, item, call.person.name)
        words = tuple(Words.model_validate(as_words(one)) for one in written)
        return self._told(item, call.person, now, words)

    async def next(self, call: Call) -> WorkItemAnswer | None:
        """Claim the most urgent item that is free."""
        body: NextWanted = call.body
        now = await self._rooms.clock.now(None)
        wanted = Wanted(reason=body.reason, creditor=body.creditor)
        until = now + timedelta(hours=body.hours)
        found = await self._queue(call.person).claim_next(wanted, call.person.name, now, until)
        if found is None:
            return None
        return self._told(await self._items.one(found), call.person, now)

    async def claim(self, call: Call) -> WorkItemAnswer:
        """Take an item for a time."""
        item = await self._seen(call)
        now = await self._rooms.clock.now(None)
        length = timedelta(hours=call.body.hours)
        taken = await self._items.claim(item.work_id, call.person.name, now, length)
        return self._told(taken, call.person, now)

    async def release(self, call: Call) -> WorkItemAnswer:
        """Give an item back; a supervisor also one that another has."""
        item = await self._seen(call)
        now = await self._rooms.clock.now(None)
        holder, name = item.holder(now), call.person.name
        whose = name
        if holder not in (None, name) and holder is not None:
            call.needs(Right.RELEASE_OTHERS)
            log.info("%s gives work %d back, which was %s's", name, item.work_id, holder)
            whose = holder
        free = await self._items.release(item.work_id, whose, now)
        return self._told(free, call.person, now)

    async def done(self, call: Call) -> DoneAnswer:
        """Say what came of an item."""
        item, person = await self._seen(call), call.person
        # Temporal first, as the command does: what is recorded must be told.
        await self._rooms.accounts.ping()
        parts = (self._rooms.pool, self._rooms.accounts, self._rooms.clock, self._rooms.rules)
        about = (item.work_id, person.name, call.body.outcome, call.body.note)
        finished = await finish(*parts, *about)
        changes = [
            Change(what=what, accounts=tuple(seen))
            for what, whose in finished.changes.items()
            if (seen := seen_of(person, whose))
        ]
        return DoneAnswer(
            work_id=item.work_id,
            outcome=call.body.outcome,
            recorded=finished.event,
            changes=tuple(changes),
            plan_anew=finished.plan_anew if person.creditors is None else None,
        )

    def _queue(self, person: Person) -> WorkQueue:
        return WorkQueue(self._rooms.pool, person.creditors)

    async def _seen(self, call: Call) -> WorkItem:
        """The item that the address names. Raises NotFound, also for one that is not to be seen."""
        number = path_number(call.path, "work_id", "work item")
        none = NotFound(f"no work item {number}")
        try:
            item = await self._items.one(number)
        except NotFound:
            raise none from None
        if not await self._queue(call.person).sees(item.customer_id):
            raise none
        return item

    def _told(
        self, item: WorkItem, person: Person, now: datetime, words: Sequence[Words] | None = None
    ) -> WorkItemAnswer:
        told = as_dict(item, now)
        told["accounts"] = seen_of(person, item.accounts)
        told["stands_for"] = seen_of(person, item.stands_for)
        if not person.may(Right.READ):
            told["note"] = None
        return WorkItemAnswer.model_validate(told | {"words": words})

    def operations(self) -> list[Operation]:
        """All of them."""
        return [
            Operation(
                "GET",
                "/v1/work-items",
                "list_work",
                "Work that waits",
                "What people are asked to do, the most urgent first, in pages.",
                Right.LIST,
                self.listed,
                WorkPage,
                TAG,
                query=WorkWanted,
            ),
            Operation(
                "POST",
                "/v1/work-items/next",
                "claim_next_work",
                "Take the next item",
                "Claims the most urgent item that is free. 204 where none is. Whoever asks at the "
                "same time has another.",
                Right.DO,
                self.next,
                WorkItemAnswer,
                TAG,
                body=NextWanted,
                may_be_nothing=True,
            ),
            Operation(
                "GET",
                "/v1/work-items/{work_id}",
                "show_work",
                "One item",
                "One item; with `words=true` what the customer wrote, for roles that may read it: "
                "each look is logged with who looked, and at whom.",
                Right.LIST,
                self.one,
                WorkItemAnswer,
                TAG,
                query=WordsWanted,
                problems=(404,),
                parameters=_ID,
            ),
            Operation(
                "POST",
                "/v1/work-items/{work_id}/claim",
                "claim_work",
                "Take an item",
                "No other can take it until it is given back, done, or its time is over. Whoever "
                "has it may take it for longer.",
                Right.DO,
                self.claim,
                WorkItemAnswer,
                TAG,
                body=Claim,
                problems=(404, 409),
                parameters=_ID,
            ),
            Operation(
                "POST",
                "/v1/work-items/{work_id}/release",
                "release_work",
                "Give an item back",
                "A supervisor may give back what another has.",
                Right.DO,
                self.release,
                WorkItemAnswer,
                TAG,
                body=Release,
                problems=(404, 409),
                parameters=_ID,
            ),
            Operation(
                "POST",
                "/v1/work-items/{work_id}/done",
                "finish_work",
                "Say what came of an item",
                "What the law gives weight to goes on file, as of when the customer wrote, and "
                "accounts plan anew. The same outcome by the same person again is answered the "
                "same. With 503 it may be on record already: the same request again tells those "
                "accounts that have not heard.",
                Right.DO,
                self.done,
                DoneAnswer,
                TAG,
                body=Done,
                body_needed=True,
                problems=(404, 409),
                parameters=_ID,
            ),
        ]


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(place.model_dump_json().encode()).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = Place.model_validate_json(base64.b64decode(padded, b"-_", validate=True))
    except (ValueError, binascii.Error, ValidationError):
        place = None
    if (
        place is None
        or not (0 <= place.work_id < 2**63 and 0 <= place.priority < 2**15)
        or fault_of_instant(place.due_at) is not None
    ):
        wrong = WrongField(where="query", field="cursor", rule="is none of ours")
        raise Refusal(422, Kind.INVALID, "cursor: is none of ours", [wrong])
    return place
