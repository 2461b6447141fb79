"""What the stand-in providers share: the people, the record, the clock, the faults."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from lab.sandbox.clock import Clock, wall
from lab.sandbox.faults import SLOTS, Effect, Effects, FaultBox
from lab.sandbox.persons.agenda import Action, Agenda, Performer
from lab.sandbox.persons.bank import Bank
from lab.sandbox.persons.conversation import Said
from lab.sandbox.persons.people import Heard, Intent, Kind, Person, Persona
from lab.sandbox.persons.players import Introductions, Players, payment
from lab.sandbox.persons.reading import Amount, amount_in
from lab.sandbox.persons.topics import Topic
from lab.sandbox.record import Meant, Message, Record, State, Stop
from lab.sandbox.seed import digest
from lab.sandbox.settings import Settings
from lab.sandbox.webhooks import Poster
from people.worlds import WORLDS

START_WORDS: Final = frozenset(["START", "UNSTOP"])


class World:
    """Everything behind the wire."""

    def __init__(self, settings: Settings, clock: Clock, bank: Bank) -> None:
        self.settings = settings
        self.clock = clock
        self.bank = bank
        self.state = State(settings.state_path)
        self.record = Record(self.state, settings.received_file, settings.stops_path)
        self.faults = FaultBox(settings.faults, settings.seed)
        self.poster = Poster(settings.callback_retries, settings.callback_backoff)
        self.agenda = Agenda(self.state, settings.seed)
        self.agenda.performers[Kind.PAY] = self._pay
        self.agenda.performers[Kind.PROMISE] = self._promise
        self._performers: dict[tuple[str, Kind], Performer] = {}
        self._people: dict[str, Person] = {}
        known = WORLDS[settings.people] if settings.people else None
        self.players = Players(self.state, known, settings.seed) if known else None
        self._paying: dict[str, asyncio.Lock] = {}

    def performs(self, provider: str, kind: Kind, performer: Performer) -> None:
        """Let one provider do what people do about its own messages."""
        self._performers[provider, kind] = performer
        self.agenda.performers[kind] = self._perform

    async def _perform(self, action: Action) -> str:
        message = self.record.messages[action.message]
        return await self._performers[message.provider, action.kind](action)

    def person(self, address: str) -> Person:
        """Who is behind an address."""
        address = address.removeprefix("whatsapp:")
        if address not in self._people:
            met = Person.meet(
                address,
                self.settings.seed,
                self.settings.personas,
                self.settings.default_zone,
                self.state.get("owner", address),
            )
            fixed = self.state.get("persona", address) or self.settings.fixed_personas.get(address)
            if fixed:
                met = replace(met, persona=Persona(fixed))
            zone = self.state.get("zone", address) or self.settings.zones.get(address)
            if zone:
                met = replace(met, zone=ZoneInfo(zone))
            if self.players is not None and self.players.plays(address):
                met = replace(met, persona=Persona.IGNORER)  # whatever they do, a model says
            self._people[address] = met
        return self._people[address]

    def settle(self, address: str, zone: str) -> None:
        """Say where whoever owns an address lives: an IANA zone."""
        address = address.removeprefix("whatsapp:")
        if self.state.get("zone", address) != zone:
            self.state.put("zone", address, zone)
            self._people.pop(address, None)

    def own(self, owner: str, addresses: Mapping[str, str]) -> None:
        """Say that these addresses, by channel, are one person's."""
        if self.state.get("addresses", owner) == dict(addresses):
            return
        self.state.put("addresses", owner, dict(addresses))
        for address in set(addresses.values()):
            self.state.put("owner", address, owner)
            self._people.pop(address, None)

    def _who(self, address: str) -> str:
        """The person behind an address: their name if it is known, else the address."""
        address = address.removeprefix("whatsapp:")
        return str(self.state.get("owner", address) or address)

    def introduce(self, told: Introductions) -> None:
        """Say who people are whom models play: they begin to live."""
        if self.players is None:
            return
        for player, act in self.players.introduce(told):
            self._intends(payment(act), told.began, player.told.customer, act.account, "")
        for place in (place for one in told.customers for place in one.places):
            self._people.pop(place.address, None)

    def has_said(self, address: str, meant: Meant, at: datetime) -> None:
        """Keep what somebody said last; what they hear next may be the answer."""
        said = {"topic": meant.topic, "at": at.isoformat()}
        self.state.put("talk", self._who(address), said)

    def _heard(self, message: Message) -> Heard:
        who = self._who(message.to)
        said = self.state.get("talk", who)
        owed, amount = self.state.get("owed", message.account or ""), None
        if owed is not None:
            amount = Amount(Decimal(owed["amount"]), owed["currency"])
        return Heard(
            message.channel,
            message.account,
            message.text,
            message.at,
            message.nth,
            Said(Topic(said["topic"]), datetime.fromisoformat(said["at"])) if said else None,
            amount,
            self.state.get("addresses", who) or {},
        )

    def _notes_debt(self, message: Message) -> None:
        """People remember what they were last told that they owe."""
        amount = amount_in(message.text, message.to.removeprefix("whatsapp:"))
        if amount is None or message.account is None:
            return
        told = {"amount": str(amount.value), "currency": amount.currency}
        if self.state.get("owed", message.account) != told:
            self.state.put("owed", message.account, told)

    def cast(self, address: str, persona: Persona) -> None:
        """Give an address its part, from now on."""
        address = address.removeprefix("whatsapp:")
        self.state.put("persona", address, persona.value)
        self._people.pop(address, None)

    async def heed(
        self, key: str, message: Message, words: str, asks: str | None, said: str | None = None
    ) -> None:
        """Put on record what somebody asked for, once our side has taken it.

        ``asks``: what they meant, as `record.Stop` has it; None: nothing, but for a bare START.
        ``said``: the id of the message in which they said it, if there is one.
        """
        if asks is None and words.strip().upper() in START_WORDS:
            asks = "start"
        if asks is None:
            return
        reading = await self.clock.now(message.account)
        stop = {
            "kind": asks,
            "at": reading.at,
            "said_at": self.record.messages[said].at if said else None,
            "address": message.person.removeprefix("whatsapp:"),
            "channel": message.channel,
            "words": words,
            "account": message.account,
            "clock": "account" if reading.exact else "estimate",
        }
        self.record.heed(key, Stop.model_validate(stop))

    def meaning(self, action: Action) -> str | None:
        """What somebody means by an answer: as their intent says, else by who they are."""
        stops = self.person(action.person).persona is Persona.OPT_OUTER
        return action.details.get("asks") or ("stop" if stops else None)

    def name(self, *about: object) -> str:
        """Hexadecimal digits for an id, the same in every run."""
        return digest(self.settings.seed, *about)

    def trouble(self, channel: str, address: str, effects: Effects) -> Effect | None:
        """What keeps a message from its person: a fault of this request, or a bad address."""
        if self.players is not None and self.players.plays(address):
            do = self.players.trouble(channel, address)
        else:
            do = self.person(address).trouble(channel)
        own = Effect.of(do) if do else None
        if own and SLOTS[own.fault] == "answer":
            return own
        return effects.get("fate") or own

    def deliver(self, message: Message) -> None:
        """Record an accepted message and, if it reached somebody, let them react."""
        if not message.reached:
            self.record.add(message)
            return
        message.nth = self.record.heard(message.to, message.account) + 1
        self.record.add(message)
        self._notes_debt(message)
        if self.players is not None and (came := self.players.hears(message)) is not None:
            for intent in self.players.intents(came, message):
                self.plan(intent, message)
            return
        for intent in self.person(message.to).hears(self._heard(message)):
            self.plan(intent, message)

    def plan(self, intent: Intent, message: Message) -> None:
        """Put an intent on the agenda; in real time on the wall's clock, as fast as people live."""
        key = message.provider_message_id
        self._intends(intent, message.at, message.person, message.account, key)

    def _intends(
        self, intent: Intent, since: datetime, person: str, account: str | None, message: str
    ) -> None:
        at = intent.at
        if not self.settings.fast_time:
            at = wall() + (intent.at - since) / self.settings.people_speed
        self.agenda.add(Intent(intent.kind, at, intent.details), person, account, message)

    async def shown(self, messages: Iterable[Message]) -> list[Message]:
        """Those old enough, on their own clock, to be in a provider's lists and logs."""
        asked = list(messages)  # before anything is awaited: others are being accepted meanwhile
        lag = timedelta(seconds=self.settings.list_lag)
        if not lag:
            return asked
        found, present = [], dict[str | None, datetime]()
        for message in asked:
            account = message.account
            if account not in present:  # asked once: a long list must not outlast its caller
                present[account] = (await self.clock.now(account)).at
            if message.at + lag <= present[account]:
                found.append(message)
        return found

    async def moment(self, account: str | None, at: datetime) -> datetime:
        """The time on an account's clock for something that acts on a message of `at`."""
        reading = await self.clock.now(account)
        return reading.at if account else max(reading.at, at)

    async def _pay(self, action: Action) -> str:
        if action.account is None:
            return "no account"
        # One person may have two addresses: what the one has paid the other does not pay again.
        async with self._paying.setdefault(action.account, asyncio.Lock()):
            if self.players is not None and "share" in action.details:
                return await self._pay_share(self.players, action, action.account)
            return await self._pay_unless_paid(action, action.account)

    async def _pay_unless_paid(self, action: Action, account: str) -> str:
        paid = self.state.get("paid", account)
        heard_at = action.details["heard_at"]
        if paid and datetime.fromisoformat(paid) >= datetime.fromisoformat(heard_at):
            return "already paid"
        at = await self.moment(account, action.at)
        payment = {
            "id": f"pay-{action.id}",
            "amount": action.details["amount"],
            "paid_at": at.isoformat(),
        }
        if "currency" in action.details:
            payment["currency"] = action.details["currency"]
        outcome = await self.bank.pay(account, payment)
        self.state.put("paid", account, at.isoformat())
        self.state.put("bank", payment["id"], {"account": account, "kind": "pay", **payment})
        return outcome

    async def _pay_share(self, players: Players, action: Action, account: str) -> str:
        """A model's payment: so much of what is owed by now."""
        if (amount := players.pays(account, action.at, action.details)) is None:
            return "not paid after all"
        at = await self.moment(account, action.at)
        payment = {"id": f"pay-{action.id}", "amount": str(amount), "paid_at": at.isoformat()}
        outcome = await self.bank.pay(account, payment)
        players.paid(account, amount)
        self.state.put("bank", payment["id"], {"account": account, "kind": "pay", **payment})
        return outcome

    async def _promise(self, action: Action) -> str:
        if action.account is None:
            return "no account"
        promise = {
            "id": f"promise-{action.id}",
            "amount": action.details["amount"],
            "date": action.details["date"],
        }
        outcome = await self.bank.promise(action.account, promise)
        entry = {"account": action.account, "kind": "promise", "outcome": outcome, **promise}
        self.state.put("bank", promise["id"], entry)
        return outcome

    async def close(self) -> None:
        """Stop everything and close the files."""
        await self.agenda.close()
        await self.poster.close()
        self.record.close()
