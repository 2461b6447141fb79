"""Reads back what a restored ledger has forgotten: out of Temporal's histories and the providers'
lists.

Nothing is sent, and nothing that is on record changes; doing it again finds what is new. While it
is done the ledger must be halted. What happened goes in by the order of its time, since a contact
that only a provider knows of is taken for what was planned at its time.
"""

import asyncio
import hashlib
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import Client
from temporalio.service import RPCError

from activities.channels.base import NotAskedError, Provider
from activities.channels.lists.base import Listed, Lists, NotListedError
from activities.dependencies import Dependencies
from activities.orders import AccountRef
from activities.planning import UNPLANNABLE, decide, situation_of
from domain.channels import Channel, Purpose
from domain.conversation.keywords import Intent, Keywords
from domain.conversation.work_words import WorkReason
from domain.entry.addresses import canonical
from domain.facts import LONGEST_ID
from domain.failures import BadInput, Failure
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from domain.ledger.attempt import AttemptState
from domain.names import attempt_id
from domain.planning.step import Status, Step, StepKind, View
from store.conversation.work import open_items
from store.law_events import DifferentEventError, record
from store.ledger_mark import LedgerMark
from store.restoring.forgotten import Candidate, Forgotten, Outcome, Place
from workers.accounts import Accounts
from workers.gateway.facts import customer_message
from workers.gateway.flow import Flow
from workers.restoring.found import NOT_NOW, Found, OfProvider
from workers.restoring.histories import Ordered, Said, Told, told_since

BEFORE: Final = timedelta(minutes=2)
AFTER: Final = timedelta(minutes=15)
"""How long before and after it was ordered a message may have been made, by another's clock."""
_NUDGE: Final = re.compile(r"(?:elsewhere|refused|restored|settled|opened):")
"""Ids of news that only say that another account's fact, or the outcome of an attempt, is new."""
_INTAKE: Final = "intake:"
_PATIENCE: Final = 20.0
_GONE: Final = "forgotten with the ledger; told of by Temporal, and in no provider's list"

log = logging.getLogger(__name__)


@dataclass
class _Happened:
    """One thing of the forgotten time: a contact, or what a customer wrote."""

    at: datetime
    ordered: Ordered | None = None
    listed: Listed | None = None


class ReadBack:
    """One reading of a stretch of time."""

    def __init__(
        self, dependencies: Dependencies, client: Client, flow: Flow, keywords: Keywords
    ) -> None:
        self.dependencies, self.client, self.flow = dependencies, client, flow
        self.keywords = keywords
        self.pool = dependencies.pool
        self.store = Forgotten(self.pool)
        self.accounts = Accounts(client)
        self.found = Found()
        self.news: dict[str, str] = {}
        self._held: dict[str, str] = {}

    async def read(self, since: datetime, until: datetime) -> Found:
        """All that happened between two instants, written or told again.

        Raises BadInput unless the ledger is halted, and Failure where Temporal does not answer.
        """
        if (await LedgerMark(self.pool).read()).halted_at is None:
            raise BadInput(
                "the ledger is not halted: contacts go on, and nothing can be read back beside "
                "them; `contrapunto restore hold` first"
            )
        try:
            told = await told_since(self.client, since)
        except RPCError as error:
            raise Failure(f"Temporal does not tell its histories: {error.status.name}") from error
        listed = await self._listed(since, until)
        self.found.accounts = len(told)
        self.news = {"id": f"restored:{since:%Y-%m-%dT%H:%M:%S}"}
        happened = await self._ordered(told, listed)
        happened += [_Happened(one.at, listed=one) for one in listed]
        for one in sorted(happened, key=lambda one: one.at):
            if one.ordered is not None:
                await self._contact(one.ordered, one.listed)
            elif one.listed is not None and one.listed.inbound:
                await self._heard(one.listed)
            elif one.listed is not None:
                await self._sent(one.listed)
        for account in told:
            await self._facts(account)
            self.found.unreadable += account.unreadable
            if account.unreadable:
                await self._hold(account, f"restored:unreadable:{since.isoformat()}", until)
        self.found.held = sorted(self._held)
        return self.found

    # --- the providers' lists -------------------------------------------------------------------

    async def _listed(self, since: datetime, until: datetime) -> list[Listed]:
        """What providers list and the ledger does not know."""
        left: list[Listed] = []
        for channel, providers in self.dependencies.providers.items():
            for provider in providers:
                left += await self._of(provider, channel, since, until)
        return left

    async def _of(
        self, provider: Provider, channel: Channel, since: datetime, until: datetime
    ) -> list[Listed]:
        of = self.found.providers.setdefault(f"{provider.name}/{channel.value}", OfProvider())
        if not isinstance(provider, Lists):
            of.cannot = "has no list that can be asked for"
            return []
        try:
            found = await asyncio.to_thread(lambda: list(provider.listed(since, until)))
        except NotAskedError:
            of.cannot = NOT_NOW
            return []
        except NotListedError as error:
            of.cannot = str(error)
            return []
        of.listed = len(found)
        sent = [one for one in found if not one.inbound]
        named = await self.store.named(provider.name, [one.name for one in sent])
        heard = await self.store.heard(provider.name, [one.name for one in found if one.inbound])
        known = await self.store.known([one.attempt_id for one in sent if one.attempt_id])
        new = [
            one
            for one in found
            if not (
                one.name in heard if one.inbound else one.name in named or one.attempt_id in known
            )
        ]
        of.known = len(found) - len(new)
        return new

    def _count(self, one: Listed) -> OfProvider:
        return self.found.providers[f"{one.provider}/{one.channel.value}"]

    # --- contacts that Temporal knows of --------------------------------------------------------

    async def _ordered(self, told: Iterable[Told], listed: list[Listed]) -> list[_Happened]:
        """Contacts that were ordered and are not in the ledger; what lists show of them is taken
        out of ``listed``."""
        made = [one for account in told for one in account.ordered if one.made is not False]
        known = await self.store.known([one.attempt for one in made])
        made = [one for one in made if one.attempt not in known]
        by_attempt = {one.attempt_id: one for one in listed if one.attempt_id}
        by_place: dict[tuple[Channel, str], list[Listed]] = defaultdict(list)
        for one in sorted(listed, key=lambda one: one.at):
            if not one.inbound and one.attempt_id is None:
                by_place[one.channel, canonical(one.channel, one.address)].append(one)
        found = []
        for order in sorted(made, key=lambda one: one.at):
            shown = by_attempt.get(order.attempt) or await self._shown(order, by_place)
            if shown is not None:
                listed.remove(shown)
            found.append(_Happened(shown.at if shown else order.at, order, shown))
        self.found.contacts = len(found)
        return found

    async def _shown(
        self, order: Ordered, by_place: dict[tuple[Channel, str], list[Listed]]
    ) -> Listed | None:
        """The message at the order's address that was made about when it was ordered."""
        step = order.step
        place = await self.store.place(step.contact_point_id or "")
        if place is None or step.channel is None:
            return None
        there = by_place.get((step.channel, canonical(step.channel, place.address)), [])
        end = max(order.ended or order.at, order.at) + AFTER
        for one in there:
            if order.at - BEFORE <= one.at <= end:
                there.remove(one)
                return one
        return None

    async def _contact(self, order: Ordered, shown: Listed | None) -> None:
        """Write a contact that was ordered, as it was listed, else as one nobody is sure of."""
        step = order.step
        came = (
            Outcome(shown.provider, shown.at, shown.state, shown.name)
            if shown
            else Outcome(self._provider(step), order.at, AttemptState.UNKNOWN, None, _GONE)
        )
        key = (order.creditor, order.account_id)
        if not await self._write(order.attempt, key, step, came):
            self.found.unwritten.append(order.attempt)
            await self._hold_account(*key, f"restored:{order.attempt}", came.at)
        elif shown is None:
            self.found.unknown.append(order.attempt)
        else:
            self.found.confirmed += 1
            self._count(shown).imported += 1

    def _provider(self, step: Step) -> str:
        """Through whom it would have gone: where the plan does not say, the channel's first."""
        first = self.dependencies.served.get(step.channel, ()) if step.channel else ()
        return step.provider or next(iter(first), "unknown")

    async def _write(self, attempt: str, key: tuple[str, str], step: Step, came: Outcome) -> bool:
        async with self.pool.acquire() as connection, connection.transaction():
            return await self.store.write(connection, attempt, key, step, came)

    # --- what only a provider knows -------------------------------------------------------------

    async def _sent(self, one: Listed) -> None:
        """A message that no history tells of: what was planned then, or what is likeliest."""
        count = self._count(one)
        places = await self.store.places(one.channel, canonical(one.channel, one.address))
        if not places:
            count.strangers += 1
            return
        for place in places:
            if await self.store.in_doubt_near(place.contact_point_id, one.at):
                count.known += 1  # it is asked about by itself
                return
        for place in places:
            if await self._place(one, place):
                count.imported += 1
                return
        count.unplaced.append(one.name)
        for place in places:
            await self._ask_a_person(place.customer_id, f"{one.provider}/{one.name}", one.at)

    async def _place(self, one: Listed, place: Place) -> bool:
        candidates = await self.store.accounts(place.customer_id)
        if one.attempt_id is not None:
            candidates = [
                each
                for each in candidates
                if attempt_id(each.creditor, each.account_id, each.number) == one.attempt_id
            ] or candidates
        for each in candidates:
            step = await self._planned_then(one, place, each)
            if step is not None and await self._put(one, each, step):
                return True
        for each in sorted(candidates, key=lambda each: not _names(each, one.channel)):
            if await self._put(one, each, _likeliest(one, place, each)):
                return True
        return False

    async def _put(self, one: Listed, each: Candidate, step: Step) -> bool:
        key = (each.creditor, each.account_id)
        attempt = one.attempt_id or attempt_id(*key, each.number)
        came = Outcome(one.provider, one.at, one.state, one.name)
        if not await self._write(attempt, key, step, came):
            return False
        self.found.placed.append(attempt)
        return True

    async def _planned_then(self, one: Listed, place: Place, each: Candidate) -> Step | None:
        """The contact that was planned at that instant, if it is by this channel, to this place."""
        ref = AccountRef(creditor=each.creditor, account_id=each.account_id)
        try:
            async with self.pool.acquire() as connection:
                found = await situation_of(self.dependencies, connection, ref, one.at)
                if found is None:
                    return None
                situation = found[0].model_copy(update={"halted": None})
                step = decide(self.dependencies, situation, found[1], one.at)
        except UNPLANNABLE:
            return None
        here = (step.kind, step.channel, step.contact_point_id)
        if here != (StepKind.CONTACT, one.channel, place.contact_point_id):
            return None
        return step.model_copy(update={"number": each.number})

    async def _heard(self, one: Listed) -> None:
        """What a customer wrote goes the way of every message."""
        known = await self.store.places(one.channel, canonical(one.channel, one.address))
        if not known:
            self._count(one).strangers += 1
        fact = customer_message(
            one.provider, one.name, one.channel, one.address, [one.text], self.keywords
        )
        await self.flow.accept(fact, one.at)
        self.found.heard += 1
        self._count(one).imported += 1

    # --- facts that Temporal knows of -----------------------------------------------------------

    async def _facts(self, account: Told) -> None:
        """Tell an account's workflow again what it was told and the ledger has forgotten."""
        owner = await self.store.owner(*account.key)
        if owner is None:
            self.found.only_temporal.append("/".join(account.key))
            return
        ids = [name for one in account.said for name in (one.id, again(one.id))]
        known = await self.store.messages(*account.key, ids)
        for one in account.said:
            if not one.id or one.id in known or again(one.id) in known:
                continue
            if one.is_request:
                await self._ask_again(account, one)
                continue
            await self._remember(account, owner, one)
            await self._tell(account, one.name, one.payload)
            self.found.told += 1
        await self.store.raise_plans(*account.key, account.plans)
        # What it waits for was planned by what is known again only now, or is not even shown here.
        await self._tell(account, "account_updated", self.news)

    async def _tell(self, account: Told, signal: str, payload: Mapping[str, Any]) -> None:
        """Its workflow may have ended in the time that was forgotten, by what is told again: then
        the account, which is open here, has one anew."""
        workflow = f"account/{'/'.join(account.key)}"
        if await self.accounts.tell(workflow, signal, payload):
            return
        if await self.store.is_open(*account.key):
            await self.accounts.start(*account.key)
            await self.accounts.tell(workflow, signal, payload)

    async def _ask_again(self, account: Told, one: Said) -> None:
        """Under another id: under its own, Temporal and the workflow answer as the first time."""
        workflow = f"account/{'/'.join(account.key)}"
        payload = {**one.payload, "id": again(one.id)}
        try:
            await self.accounts.ask(workflow, one.name, payload, patience=_PATIENCE)
        except Failure as error:
            log.warning("%s was not taken again by %s: %s", one.id, workflow, error)
            self.found.refused.append(f"{workflow} {one.name} {one.id}")
        else:
            self.found.told += 1

    async def _remember(self, account: Told, owner: str, one: Said) -> None:
        """What stands behind news that name only an event: PostgreSQL had the rest of it."""
        if one.name == "message_received":
            if await self._on_record(one.id):
                return
            if one.payload.get("intent") in (Intent.OPT_OUT, Intent.WRONG_PERSON):
                await self._stop(owner, one)
            else:
                await self._hold(account, one.id, one.at)
        elif one.name == "account_updated" and set(one.payload) <= {"id", "as_of"}:
            if one.id.startswith(_INTAKE):
                run = one.id.removeprefix(_INTAKE)
                if run not in self.found.files:
                    self.found.files.append(run)
            elif not _NUDGE.match(one.id) and not await self._on_record(one.id):
                await self._hold(account, one.id, one.at)

    async def _on_record(self, message: str) -> bool:
        """Whether the event of which a workflow was told is (again) in the ledger."""
        provider, _, event = message.partition(":")
        return bool(event) and bool(await self.store.heard(provider, [event]))

    async def _stop(self, owner: str, one: Said) -> None:
        """A stop of which only the fact, the channel and the time are left."""
        event = LawEvent(
            kind=EventKind.OPT_OUT, at=one.at, channel=Channel(str(one.payload["channel"]))
        )
        async with self.pool.acquire() as connection, connection.transaction():
            try:
                new = await record(
                    connection, f"restored/{one.id}/{owner}", owner, event, one.at, "restore"
                )
            except DifferentEventError:
                new = False
        self.found.stops += new

    # --- holding --------------------------------------------------------------------------------

    async def _hold(self, account: Told, news: str, at: datetime) -> None:
        await self._hold_account(*account.key, news, at)

    async def _hold_account(self, creditor: str, account_id: str, news: str, at: datetime) -> None:
        owner = await self.store.owner(creditor, account_id)
        if owner is not None:
            await self._ask_a_person(owner, news, at)

    async def _ask_a_person(self, customer: str, news: str, at: datetime) -> None:
        """Nobody contacts the customer until a person has decided: it may have been a stop."""
        async with self.pool.acquire() as connection, connection.transaction():
            asks = (WorkReason.STOP,)
            await open_items(connection, {customer: None}, asks, f"restored/{news}", at)
        self._held[customer] = news


def again(message: str) -> str:
    """The id under which a request is asked once more."""
    name = f"restored:{message}"
    return name if len(name) <= LONGEST_ID else hashlib.sha256(name.encode()).hexdigest()


def _names(each: Candidate, channel: Channel) -> bool:
    """Whether the ledger had planned a contact by this channel for the account."""
    return channel.value in (each.next_key or "").split("|")


def _likeliest(one: Listed, place: Place, each: Candidate) -> Step:
    """A contact of which nothing is known but its place and time: what the ledger had planned by
    that channel, else a reminder beside the cadence. It counts under every cap and distance."""
    planned = (each.next_key or "").split("|")
    purpose, touch, phase = Purpose.REMINDER, 0, each.phase
    if _names(each, one.channel) and len(planned) >= 7:
        phase = planned[3] or phase
        purpose = Purpose(planned[5]) if planned[5] in set(Purpose) else purpose
        touch = int(planned[6]) if planned[6].isdecimal() else 0
    view = View(
        status=Status.COLLECTING,
        phase=phase,
        jurisdiction="",
        days_past_due=0,
        bucket="",
        balance="0",
        currency="USD",
    )
    return Step(
        kind=StepKind.CONTACT,
        not_before=one.at,
        not_after=one.at,
        summary="read back",
        why="restored",
        view=view,
        number=each.number,
        phase=phase,
        touch=touch,
        channel=one.channel,
        contact_point_id=place.contact_point_id,
        purpose=purpose,
        covers=(f"{each.creditor}/{each.account_id}",),
    )
