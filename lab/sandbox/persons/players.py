"""People who do what the models of ``people/`` say: those of a dry run of the same world and seed.

A model decides whether somebody sees a message, and what they do about it; here that becomes what
they do on the wire: words in their language, a click, a key on the telephone, a payment. Whoever
starts the sandbox says who they are and what they owe. Nobody else is played by a model.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict

from lab.sandbox.persons.conversation import Line, line
from lab.sandbox.persons.people import Asks, Intent, Kind
from lab.sandbox.persons.phrases import unaccented
from lab.sandbox.persons.reading import Amount, language_of
from lab.sandbox.persons.topics import Topic
from lab.sandbox.persons.wordings import STOPS, WRONG_PERSON
from lab.sandbox.record import Json, Message, State
from lab.sandbox.seed import pick
from people import acts
from people.acts import Act, Became, Debt, Reception, Says, Told
from people.person import Person
from people.worlds import World

_LEAST: Final = Decimal("0.01")
_TABLE: Final = "model"

_TOPICS: Final = {
    Says.PROMISE: Topic.PROMISE,
    Says.PLAN: Topic.PLAN_REQUEST,
    Says.DISPUTE: Topic.DISPUTE,
    Says.BALANCE: Topic.BALANCE,
    Says.PERSON: Topic.WANTS_PERSON,
    Says.WISH: Topic.CHANNEL,
}
_KEYS: Final[Mapping[Says, tuple[str, ...]]] = {
    Says.STOP: ("stop",),
    Says.WRONG_PERSON: ("wrong",),
    Says.PROMISE: ("when", "all of it", "yes"),
}
"""What somebody presses on the telephone; who wants anything else asks for a person."""

_ASKS_NOTHING: Final = re.compile(
    r"received your payment|recibimos su pago|recebemos seu pagamento"
    r"|noted, thank you\. from now on|anotado, gracias\. desde ahora|anotado, obrigado\. a partir"
    r"|won't send any more|no le enviaremos mas|nao enviaremos mais"
    r"|think of hurting yourself|piensa en hacerse dano|pensa em se machucar"
)
_INVITES: Final = re.compile(
    r"split the|payment plan for this balance|pay in part, and choose|dividir en cuotas"
    r"|acuerdo de pago en cuotas|pagar una parte y elegir|acordo em parcelas"
    r"|podemos parcelar (?!\.)|pagar uma parte e escolher"
    r"|close (?:your|this) debt|cerrar (?:su|esta) deuda|encerrar (?:sua|esta) divida"
)
"""In our own words of all three languages, without accents: an SMS may leave them out."""


def purpose_of(text: str) -> str:
    """What a message asks of somebody, as far as it makes a difference to them: nothing, to come to
    terms, or to pay."""
    plain = unaccented(text).lower()
    if _ASKS_NOTHING.search(plain):
        return "payment_thanks"
    return "help_to_pay" if _INVITES.search(plain) else "reminder"


class Place(BaseModel):
    """Where somebody can be reached."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: str
    address: str
    name: str
    """By which the luck of an address is drawn: as a dry run calls it."""


class Owed(BaseModel):
    """One account of theirs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str
    due: date
    amount: Decimal
    currency: str


class Introduction(BaseModel):
    """Who somebody is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer: str
    country: str
    zone: str
    prefers: str | None = None
    places: tuple[Place, ...]
    owes: tuple[Owed, ...]


class Introductions(BaseModel):
    """Whoever the sandbox is told of, and since when they live."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    began: AwareDatetime
    customers: tuple[Introduction, ...]


class Player:
    """One customer with all their accounts and addresses."""

    def __init__(self, told: Introduction, world: World, seed: int) -> None:
        self.told, self._seed = told, seed
        self.person = Person(
            *(world, seed, told.customer),
            country=told.country,
            zone=told.zone,
            channels=sorted({place.channel for place in told.places}),
            stated=told.prefers,
        )
        self.names = {_bare(place.address): place.name for place in told.places}
        self.money = {one.account: one.currency for one in told.owes}

    def begins(self, now: datetime) -> list[Act]:
        """What they would do if nobody ever contacted them."""
        return self.person.begins([Debt(one.account, one.due) for one in self.told.owes], now)

    def hears(self, message: Message) -> Reception:
        """What becomes of a message or a machine's call, and what they do about it."""
        assert message.account is not None  # noqa: S101 - else nobody knows whom it is about
        return self.person.receives(
            Told(
                message.account,
                message.channel,
                self.names.get(_bare(message.to), _bare(message.to)),
                purpose_of(message.text),
                message.at,
            )
        )

    def line(self, act: Act, message: Message, owed: Decimal) -> Line:
        """Their words for what they mean."""
        language = language_of(message.text)
        about = (self._seed, self.told.customer, act.account, act.at.isoformat())
        if act.says in (Says.STOP, Says.WRONG_PERSON):
            stops = act.says is Says.STOP
            topic, words = (Topic.STOP, STOPS) if stops else (Topic.WRONG_PERSON, WRONG_PERSON)
            return Line(topic, pick(words[language], *about), language)
        assert act.says is not None  # noqa: S101 - who writes says something
        return line(
            _TOPICS[act.says],
            language,
            act.at.astimezone(self.person.zone).date(),
            Amount(owed, self.money[act.account]) if owed > 0 else None,
            [act.wish] if act.wish else [],
            *about,
            on=act.on,
            whole=act.says is Says.PROMISE,
        )

    def keys(self, act: Act) -> tuple[str, ...]:
        """What they want by the keys of a telephone."""
        if act.kind is acts.Kind.PAY or act.says is None:
            return ()
        return _KEYS.get(act.says, ("person",))


class Players:
    """All who are played by a model, and what has happened to them so far."""

    def __init__(self, state: State, world: World, seed: int) -> None:
        self._state, self._world, self._seed = state, world, seed
        self._of_account: dict[str, Player] = {}
        self._at: dict[str, Player] = {}
        self._happened = 0
        for _, entry in sorted(state.tables[_TABLE].items()):
            self._again(entry)

    def _again(self, entry: Json) -> None:
        """After a restart: they live through it once more, and are who they were."""
        self._happened += 1
        if "introduced" in entry:
            player = self._known(Introduction.model_validate(entry["introduced"]))
            player.begins(datetime.fromisoformat(entry["at"]))
        else:
            message = Message.model_validate(entry["message"])
            self._of_account[entry["message"]["account"]].hears(message)

    def _note(self, entry: Json) -> None:
        self._happened += 1
        self._state.put(_TABLE, f"{self._happened:09}", entry)

    def introduce(self, told: Introductions) -> Iterator[tuple[Player, Act]]:
        """Whoever is new; what they would do by themselves."""
        for one in told.customers:
            if any(owed.account in self._of_account for owed in one.owes):
                continue
            self._note({"introduced": one.model_dump(mode="json"), "at": told.began.isoformat()})
            for owed in one.owes:
                self._owes(owed.account, owed.amount)
            player = self._known(one)
            for act in player.begins(told.began):
                yield player, act

    def _known(self, one: Introduction) -> Player:
        player = Player(one, self._world, self._seed)
        self._of_account |= dict.fromkeys(player.money, player)
        self._at |= dict.fromkeys(player.names, player)
        return player

    def of(self, account: str | None) -> Player | None:
        """Whose an account is; None: nobody's who is played by a model."""
        return self._of_account.get(account or "")

    def trouble(self, channel: str, address: str) -> str | None:
        """The fault that meets every message to an address that reaches nobody."""
        player = self._at.get(_bare(address))
        if player is None or not player.person.unreachable_at(player.names[_bare(address)]):
            return None
        numbers = {"whatsapp": "undelivered:63024", "email": "undelivered"}
        return numbers.get(channel, "undelivered:30005")

    def plays(self, address: str) -> bool:
        """Whether a model plays who is behind an address."""
        return _bare(address) in self._at

    def hears(self, message: Message) -> Reception | None:
        """What somebody makes of a message or a call; None: no model plays them."""
        player = self.of(message.account)
        if player is None or not self.plays(message.to):
            return None
        kept = {"provider_message_id", "provider", "channel", "account", "to", "sender", "text"}
        entry = message.model_dump(mode="json", include=kept | {"at", "status", "fate"})
        self._note({"message": entry})
        return player.hears(message)

    def intents(self, reception: Reception, message: Message) -> list[Intent]:
        """What they do about a message, as the agenda has it."""
        return [one for act in reception.acts if (one := self._intent(act, message)) is not None]

    def _intent(self, act: Act, message: Message) -> Intent | None:
        if act.kind is acts.Kind.PAY:
            return payment(act)
        player = self.of(message.account)
        assert player is not None  # noqa: S101 - whose reaction this is
        if act.says is Says.STOP and message.channel == "email":
            return Intent(Kind.SPAM_REPORT if act.complains else Kind.UNSUBSCRIBE, act.at)
        said = player.line(act, message, self.owes(act.account))
        details: dict[str, Any] = {"text": said.text, "meant": said.meant}
        asks = {Says.STOP: Asks.STOP, Says.WRONG_PERSON: Asks.WRONG_PERSON}
        if act.says in asks:
            details["asks"] = asks[act.says].value
        return Intent(Kind.REPLY, act.at, details)

    # --- money ------------------------------------------------------------------------------------

    def owes(self, account: str) -> Decimal:
        """What somebody owes who has counted what they paid."""
        return Decimal(self._state.get("owes", account) or 0)

    def _owes(self, account: str, amount: Decimal) -> None:
        self._state.put("owes", account, str(amount))

    def pays(self, account: str, at: datetime, details: Mapping[str, Any]) -> Decimal | None:
        """How much of it they pay now; None: they do not, after all."""
        player, owed = self.of(account), self.owes(account)
        act = Act(at, acts.Kind.PAY, account, because=str(details["because"]))
        if player is None or owed <= 0 or not player.person.still(act):
            return None
        if (share := float(details["share"])) >= 1:
            return owed
        part = (owed * Decimal(str(round(share, 4)))).quantize(_LEAST)
        return max(min(part, owed), _LEAST)

    def paid(self, account: str, amount: Decimal) -> None:
        """They have."""
        self._owes(account, self.owes(account) - amount)


def payment(act: Act) -> Intent:
    """A payment, as the agenda has it: how much it is they know when they make it."""
    details = {"share": str(act.share), "because": act.because, "of": act.account}
    return Intent(Kind.PAY, act.at, details)


def wanted(player: Player, told: Sequence[Act]) -> tuple[str, ...]:
    """What somebody wants on the telephone, in the order in which they press it."""
    return tuple(key for act in told for key in player.keys(act))


FATES: Final[Mapping[Became, str]] = {
    Became.CONVERSATION: "human",
    Became.VOICEMAIL: "machine",
    Became.NO_ANSWER: "no-answer",
    Became.BUSY: "busy",
    Became.NOT_IN_SERVICE: "failed",
}
"""Who takes a call, as the telephone calls it."""


def _bare(address: str) -> str:
    return address.removeprefix("whatsapp:").lower()
