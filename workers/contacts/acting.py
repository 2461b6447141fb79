"""Begin, end and record the contacts that people make.

Beginning asks the law under the customer's lock and writes the contact in the same transaction: of
two who begin at once, or of one and a reservation of the machine's, one finds the other. What is
recorded afterwards has happened: it counts, whatever the law says of it, and is marked.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from config.rules import RulesFactory
from domain.calendar import wall
from domain.channels import Channel
from domain.contacts.manual import ContactState
from domain.contacts.results import Action, Needs, Result, Results
from domain.conversation.work_words import WorkOutcome, WorkReason
from domain.failures import BadInput, Failure, NotFound
from domain.law.terms import Direction, EventKind
from domain.model import Model
from domain.names import workflow_id
from domain.planning.by_person import MayContact, judged_at, lawful_from, may_contact
from domain.planning.request import medium
from store.contacts import manual
from store.contacts.manual import Begun, ContactRecord, Place, Said
from store.conversation import work
from store.database import Connection, Pool
from store.law_events import Reach, concerned
from store.situations import lock_contact
from workers.accounts import Accounts
from workers.clock import Clock
from workers.contacts.asking import (
    Came,
    Ending,
    New,
    check_id,
    read_began,
    read_ending,
    read_new,
)
from workers.contacts.cases import OPENS, open_for_each
from workers.contacts.whose import Found, locked, nowhere, point_of, seen_from, situation_of
from workers.intake.event_lines import Whose
from workers.intake.events import record_one, wake_all

NAMED: Final = "contact:{}"
"""What goes on file by a contact is told under this name."""

_CALLBACK_WITHIN: Final = timedelta(days=1)
"""How long after the time that they named the call they asked for is still that one."""


class Forbidden(BadInput):
    """A person may not make this contact now."""

    def __init__(self, answer: MayContact) -> None:
        said, at = f"not now: {answer.why}", answer.next_allowed_at
        if answer.cite:
            said += f" ({answer.cite})"
        super().__init__(said if at is None else f"{said}; allowed from {at:%Y-%m-%d %H:%M:%S} UTC")
        self.answer = answer


class Done(Model):
    """What was done."""

    contact: ContactRecord
    new: bool
    """False: it was told before, and nothing has changed."""
    may: MayContact | None = None
    """Of one that was begun: until when, and by what it is allowed."""
    follows: tuple[str, ...] = ()
    """What else it has done, in words."""
    plan_anew: int = 0
    """How many accounts plan again."""


class People:
    """The contacts of people, on a database, with the rules and codes of one configuration."""

    def __init__(
        self, pool: Pool, accounts: Accounts, clock: Clock, rules: RulesFactory, results: Results
    ) -> None:
        self.pool, self.accounts, self.clock = pool, accounts, clock
        self.rules, self.results = rules, results

    async def begin(self, new: New) -> Done:
        """Begin a contact, if it may be made now: it counts from here on.

        Raises Forbidden with the rule, BadInput where it is none, or its id another contact's.
        """
        action = read_new(new, self.results)
        if action.direction is not Direction.OUTBOUND:
            raise BadInput(f"action: {new.action} is begun by the customer: record it")
        now = await self._now(new.creditor, new.account_id)
        async with self.pool.acquire() as connection, connection.transaction():
            found = await locked(connection, new, action)
            if (known := await manual.find(connection, new.contact_id)) is not None:
                _same(known, new, action, found)
                return Done(contact=known, new=False)
            situation, rules = await situation_of(
                connection, self.rules, new.creditor, new.account_id, now
            )
            side, _ = seen_from(situation, rules, new.party)
            place = point_of(side, action, found.place)
            may = may_contact(situation, rules, now, place, new.party)
            if not may.allowed:
                raise Forbidden(may)
            await self._write(connection, new, action, found, now, None, now)
            contact = await self._found(connection, new.contact_id)
            whom = await _concerned(connection, contact)
        woken = await self._wake(whom, contact)
        return Done(contact=contact, new=True, may=may, plan_anew=woken)

    async def end(self, contact_id: str, came: Came) -> Done:
        """Say what came of a contact that was begun; what follows is done.

        Raises NotFound, and BadInput where another end is on record.
        """
        check_id(contact_id)
        known = await manual.find(self.pool, contact_id)
        if known is None:
            raise NotFound(f"no contact {contact_id!r} is on record: begin or record it")
        now = await self._now(known.creditor, known.account_id)
        action = self._action_of(known)
        ending = self._ending(known, came, action, now)
        async with self.pool.acquire() as connection, connection.transaction():
            await lock_contact(connection, known.creditor, known.account_id)
            return_to = await self._end(connection, known.contact_id, ending, now)
        return await self._after(*return_to, ending)

    async def record(self, new: New, began_at: datetime, came: Came) -> Done:
        """Record a contact that is over, as a dialler reports it: it happened, and counts.

        Where the law forbade it, that is kept with it.
        """
        action = read_new(new, self.results)
        now = await self._now(new.creditor, new.account_id)
        at = read_began(began_at, now)
        known = await manual.find(self.pool, new.contact_id)
        ending = (
            read_ending(came, action, new.action, self.results, now)
            if known is None
            else self._ending(known, came, action, now)
        )
        async with self.pool.acquire() as connection, connection.transaction():
            found = await locked(connection, new, action)
            known = await manual.find(connection, new.contact_id)
            if known is not None:
                _same(known, new, action, found, at)
            else:
                against = await self._against(connection, new, action, found.place, at, now)
                await self._write(connection, new, action, found, at, against, now)
            return_to = await self._end(connection, new.contact_id, ending, now)
        return await self._after(*return_to, ending)

    # --- within the transaction -----------------------------------------------------------------

    async def _against(
        self,
        connection: Connection,
        new: New,
        action: Action,
        place: Place,
        at: datetime,
        now: datetime,
    ) -> tuple[str, str] | None:
        """What stood against a contact that was made all the same."""
        if action.direction is Direction.INBOUND:
            return None
        situation, rules = await situation_of(
            connection, self.rules, new.creditor, new.account_id, now
        )
        situation, rules = seen_from(situation, rules, new.party)
        said = judged_at(situation, rules, at, point_of(situation, action, place))
        cite = f" ({said.cite})" if said.cite else ""
        return None if said.allowed else (said.rule or "", f"{said.why}{cite}")

    async def _write(
        self,
        connection: Connection,
        new: New,
        action: Action,
        found: Found,
        at: datetime,
        against: tuple[str, str] | None,
        now: datetime,
    ) -> None:
        begun = Begun(
            new.contact_id,
            found.customer_id,
            new.creditor,
            new.account_id,
            found.covers,
            new.action,
            action.channel,
            action.direction,
            found.place,
            at,
            new.by,
        )
        if not await manual.begin(connection, begun, against, now):
            raise _taken(new.contact_id)

    async def _end(
        self, connection: Connection, contact_id: str, ending: Ending, now: datetime
    ) -> "tuple[ContactRecord, bool, tuple[str, ...], list[str]]":
        """Write the end, or find the same one, and do in the transaction what follows."""
        told = (ending.callback_at, ending.promised, ending.note)
        if ending.promised:
            await self._is_debtors(connection, contact_id)
        said = Said(ending.code, ending.result.outcome, *told)
        new = await manual.end(connection, contact_id, said, now)
        contact = await self._found(connection, contact_id)
        whom, follows = await _concerned(connection, contact), tuple[str, ...]()
        if new:
            follows, more = await self._follow(connection, contact, ending.result, now)
            whom = list(dict.fromkeys([*whom, *more]))
        else:
            await self._same_end(connection, contact, ending)
        return contact, new, follows, whom

    async def _is_debtors(self, connection: Connection, contact_id: str) -> None:
        """Raises BadInput for a promise that one who stands for the account makes: kept or broken,
        it would be told to the debtor as theirs."""
        one = await self._found(connection, contact_id)
        if await manual.stands_for(connection, one.creditor, one.account_id, one.customer_id):
            raise BadInput(
                "promise: is the debtor's to make: say what came of it otherwise, and what was "
                "agreed with the debtor by `contrapunto account promise`"
            )

    async def _follow(
        self, connection: Connection, contact: ContactRecord, result: Result, now: datetime
    ) -> tuple[tuple[str, ...], list[str]]:
        """What a result puts on file and asks of people."""
        follows, whom, message = list[str](), list[str](), f"contact/{contact.contact_id}"
        changes, said = dict[str, list[str]](), None
        if result.fact is not None:
            said = _event(contact, result.fact)
            follows.append(f"on file for customer {contact.customer_id}: {result.fact}")
        if contact.callback_at is not None and result.right_party:
            said = _consent(contact, contact.callback_at)
        if said is not None:
            name = NAMED.format(contact.contact_id)
            whose = Whose(id=name, customer_id=contact.customer_id)
            taken = await record_one(connection, whose, said, self.clock, self.rules, {})
            whom, changes = taken.accounts, taken.effects
        if result.fact is EventKind.DISPUTE:
            name = NAMED.format(contact.contact_id)
            # Not of those that they stand for: there the debt is another's to dispute.
            theirs = await manual.of_same_person(connection, contact.customer_id, tuple(whom))
            told = (WorkOutcome.DISPUTE, sorted(theirs), name, now)
            if opened := await open_for_each(connection, self.rules, *told):
                changes = {**changes, OPENS[WorkOutcome.DISPUTE]: opened}
        follows += [f"{', '.join(keys)}: {what}" for what, keys in changes.items()]
        if result.asks is not None:
            who = {contact.customer_id: contact.contact_point_id if _doubts(result) else None}
            await work.open_items(connection, who, (result.asks,), message, now)
            follows.append(f"a person is asked: {result.asks}")
        if contact.callback_at is not None:
            due, words = await self._due(connection, contact, now)
            await work.call_back(connection, contact.customer_id, due, message, now)
            follows.append(words)
        elif result.right_party and contact.direction is Direction.OUTBOUND:
            done = ((WorkReason.CALLBACK,), WorkOutcome.HANDLED, now)
            await work.close(connection, contact.customer_id, *done)
        return tuple(follows), whom

    async def _due(
        self, connection: Connection, contact: ContactRecord, now: datetime
    ) -> tuple[datetime, str]:
        """When a callback is due: when they asked for it, or as soon after as the law opens."""
        assert contact.callback_at is not None  # noqa: S101
        owner = (contact.creditor, contact.account_id)
        whole = await situation_of(connection, self.rules, *owner, now)
        situation, rules = seen_from(*whole, contact.customer_id)
        wanted, zones = contact.callback_at, situation.customer.zones
        points = [one for one in situation.customer.points if one.channel is Channel.VOICE]
        asked = points or [nowhere(Channel.VOICE)]
        opens = lawful_from(situation, rules, asked, wanted) if rules.packs else None
        words = f"a person is asked to call {wall(wanted, zones, now)}"
        if opens is None:
            return wanted, f"{words}, though no lawful time for it is known"
        if opens > wanted:
            words = f"a person is asked to call {wall(opens, zones, now)}, the first lawful time"
            words += f" after {wall(wanted, zones, now)}"
        return opens, words

    async def _same_end(self, connection: Connection, known: ContactRecord, ending: Ending) -> None:
        """An end that is told again is the one on record; of a promise that was refused the figures
        may be others."""
        alike = (known.result, known.callback_at) == (ending.code, ending.callback_at)
        figures = known.promised == ending.promised
        if alike and ending.promised and not figures:
            name = _promise_id(known)
            if name is None or not await manual.is_promised(connection, known.creditor, name):
                await manual.promise_otherwise(connection, known.contact_id, ending.promised)
                figures = True
        if not (alike and figures):
            ended = f"{known.ended_at:%Y-%m-%d %H:%M} UTC"
            raise BadInput(
                f"id: contact {known.contact_id} ended as {known.result} at {ended}: what came of "
                "it is told once; what is otherwise by now goes on file by `contrapunto events`"
            )

    # --- after it -------------------------------------------------------------------------------

    async def _after(
        self,
        contact: ContactRecord,
        new: bool,
        follows: tuple[str, ...],
        whom: list[str],
        ending: Ending,
    ) -> Done:
        """Have the promise recorded, and everybody concerned plan anew."""
        woken = await self._wake(whom, contact)
        known = await manual.find(self.pool, contact.contact_id)
        assert known is not None  # noqa: S101
        if ending.result.needs is Needs.PROMISE:
            follows = (*follows, await self._promise(known))
        return Done(contact=known, new=new, follows=follows, plan_anew=woken)

    async def _promise(self, contact: ContactRecord) -> str:
        name, parts = _promise_id(contact), contact.promised
        assert name is not None  # noqa: S101
        listed = [{"amount": f"{one.amount:f}", "date": str(one.due_on)} for one in parts]
        payload = {"id": name, **(listed[0] if len(listed) == 1 else {"parts": listed})}
        workflow = workflow_id(contact.creditor, contact.account_id)
        try:
            await self.accounts.ask(workflow, "record_promise", payload)
        except Failure as error:
            words = f"contact {contact.contact_id} is on record, its promise is not: {error}"
            raise type(error)(words) from error
        return ", ".join(f"{one['amount']} promised for {one['date']}" for one in listed)

    async def _wake(self, whom: Iterable[str], contact: ContactRecord) -> int:
        name = NAMED.format(f"{contact.contact_id}:{contact.state}")
        return await wake_all(self.accounts, dict.fromkeys(whom, name))

    # --- small things ---------------------------------------------------------------------------

    async def _now(self, creditor: str, account_id: str) -> datetime:
        return await self.clock.now(workflow_id(creditor, account_id))

    async def _found(self, connection: Connection, contact_id: str) -> ContactRecord:
        found = await manual.find(connection, contact_id)
        assert found is not None, "it has just been written"  # noqa: S101
        return found

    def _action_of(self, contact: ContactRecord) -> Action:
        action = self.results.actions.get(contact.action)
        if action is None:
            raise BadInput(f"action: {contact.action} of this contact is no code any more")
        return action

    def _ending(self, known: ContactRecord, came: Came, action: Action, now: datetime) -> Ending:
        """What is told of a contact on record: as of then, if it ended already."""
        as_of = known.ended_at if known.state is ContactState.ENDED and known.ended_at else now
        return read_ending(came, action, known.action, self.results, as_of)


async def _concerned(connection: Connection, contact: ContactRecord) -> list[str]:
    points = [contact.contact_point_id] if contact.contact_point_id else []
    return await concerned(connection, Reach((contact.customer_id,), contact.covers, points))


def _event(contact: ContactRecord, fact: EventKind) -> dict[str, object]:
    """What goes on file by a contact: as of when it began."""
    said: dict[str, object] = {"kind": fact.value, "at": contact.began_at.isoformat()}
    by = medium(contact.channel)
    if fact is EventKind.WRONG_NUMBER:
        if contact.contact_point_id is None:
            raise BadInput("result: a wrong number is one on record: say which contact point it is")
        return said | {"contact_point_id": contact.contact_point_id}
    if fact is EventKind.DISPUTE:
        said["in_writing"] = contact.channel not in (Channel.VOICE, Channel.HUMAN)
    return said | {"channel": by.value}


def _consent(contact: ContactRecord, callback_at: datetime) -> dict[str, object]:
    """Who asks to be called consents to that call: to the one, about then."""
    said = {
        "kind": EventKind.CONSENT_CALL.value,
        "at": contact.began_at.isoformat(),
        "channel": medium(Channel.VOICE).value,
        "valid_from": callback_at.isoformat(),
        "valid_until": (callback_at + _CALLBACK_WITHIN).isoformat(),
    }
    if contact.channel is Channel.VOICE and contact.contact_point_id is not None:
        said["contact_point_id"] = contact.contact_point_id
    return dict[str, object](said)


def _doubts(result: Result) -> bool:
    """Whether its item is about the address."""
    return result.asks is WorkReason.WRONG_PERSON


def _promise_id(contact: ContactRecord) -> str | None:
    if not contact.promised:
        return None
    listed = [f"{one.amount.normalize():f}:{one.due_on}" for one in contact.promised]
    figures = listed[0]
    if len(listed) > 1:  # they may be longer than an id
        figures = hashlib.sha256(",".join(listed).encode()).hexdigest()[:24]
    return NAMED.format(f"{contact.contact_id}:{figures}")


def _same(
    known: ContactRecord, new: New, action: Action, found: Found, at: datetime | None = None
) -> None:
    """Raises BadInput where the contact on record is another."""
    told: Mapping[str, tuple[object, object]] = {
        "account": ((known.creditor, known.account_id), (new.creditor, new.account_id)),
        "action": ((known.action, known.direction), (new.action, action.direction)),
        "by": (known.by_whom, new.by),
        "party": (known.customer_id if new.party else None, new.party),
        "also": (set(known.covers), set(found.covers)),
        "point": (
            (known.contact_point_id, known.address_key),
            (found.place.contact_point_id, found.place.address_key),
        ),
        "at": (at and known.began_at, at),
    }
    if other := [name for name, (one, another) in told.items() if one != another]:
        raise _taken(known.contact_id, other)


def _taken(contact_id: str, other: Iterable[str] = ()) -> BadInput:
    differs = f" (other {', '.join(other)})" if other else ""
    return BadInput(f"id: {contact_id} is another contact's{differs}: give each an id of its own")
