"""What is asked and answered about customers."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from domain.channels import Channel
from domain.conversation.keywords import Meaning
from domain.conversation.reader import name_of
from domain.law.terms import Window
from domain.model import Instant
from workers.api.reading import Asked
from workers.api.standing_models import (
    AttachedFile,
    DeciderOfAttempt,
    Dispute,
    FileOfCustomer,
    Hardship,
    Keeping,
    Party,
    PersonsContact,
    Plan,
    PromisePart,
    SettlementOffer,
    StandsFor,
)
from workers.api.work_models import Answer, WorkItemAnswer

MEANINGS = tuple(sorted({name_of(meaning) for meaning in Meaning}))
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_AMOUNT = r"^[0-9]{1,16}(\.[0-9]{1,2})?$"


class CustomerWanted(Asked):
    """How much of a customer's record."""

    words: bool = False
    """With what the customer wrote. Each look is logged."""
    since: AwareDatetime | None = None
    """What happened from here on; what stands is always there."""


class MessagesWanted(Asked):
    """Which messages."""

    words: bool = False
    """With what the customer wrote. Each look is logged."""
    since: AwareDatetime | None = None
    """From here on."""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    """At most so many, the newest."""


def _not_stated(schema: dict[str, Any]) -> None:
    """What is left away is not stated: that is another thing than null, which takes back."""
    for field in schema["properties"].values():
        del field["default"]


class Wish(Asked):
    """How a customer wants to be reached, as they have told it. Only what is given is stated; null,
    and no windows, take back what was stated before."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, json_schema_extra=_not_stated
    )

    channel: Literal["sms", "whatsapp", "email", "voice"] | None = None
    """The channel that is tried first."""
    windows: Annotated[tuple[Window, ...], Field(max_length=50)] = ()
    """Hours of their week, by their own clock, outside of which nobody may reach them."""
    locale: Annotated[str, Field(pattern=r"^(?:en|es|pt)(?:-[A-Z]{2})?$")] | None = None
    """The language of messages: `pt`, `es-CO`."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("must state one of channel, windows and locale")
        return self


class Correction(Asked):
    """What a message says, where it was read otherwise."""

    intents: Annotated[
        tuple[Literal[MEANINGS], ...],  # type: ignore[valid-type]
        Field(min_length=1, max_length=len(MEANINGS)),
    ]
    """All that it says."""
    amount: Annotated[str, Field(pattern=_AMOUNT)] | None = None
    """What is offered or said to be paid."""
    date: Annotated[str, Field(pattern=_DAY)] | None = None
    """The day that is meant."""

    @model_validator(mode="after")
    def _is_a_day(self) -> Self:
        if self.date is not None:
            try:
                date.fromisoformat(self.date)
            except ValueError:
                raise ValueError("date: must be a day such as 2026-12-04") from None
        return self


class WishAnswer(Answer):
    """How a customer wants to be reached."""

    channel: Channel | None
    """The channel that is tried first."""
    windows: tuple[Window, ...]
    """Hours outside of which nobody may reach them; none: any."""
    locale: str | None
    """The language of messages."""


class Preferred(WishAnswer):
    """What is in force now, and what it has done."""

    customer_id: str
    """Whose wish it is."""
    since: Instant
    """From when on."""
    plan_anew: int | None
    """How many accounts plan again; null where only some creditors' accounts may be seen."""
    can_be_met: bool
    """Whether they have an address on the channel that they ask for; until then others are used."""


class Corrected(Answer):
    """What a person says that a message says."""

    message: str
    """`<provider>/<id>`."""
    intents: tuple[str, ...]
    """All that it says."""
    amount: str | None
    """What is offered or said to be paid."""
    date: str | None
    """The day that is meant."""
    by: str
    """Who says so."""


class StatedWish(Answer):
    """One time that the customer said how they want to be reached."""

    preference_id: str
    """By which message, or person."""
    said_at: Instant
    """When."""
    preference: dict[str, Any]
    """What was stated."""
    recorded_by: str
    """The provider of the message, or who recorded it."""


class Point(Answer):
    """One address, as it may be shown, and its consent."""

    channel: str
    """The channel."""
    kind: str
    """Mobile, landline, e-mail."""
    current: bool
    """Whether the last file lists it."""
    address: str
    """The address, masked."""
    consented: bool | None = None
    """Whether the last file brings a consent."""
    suppressed: str | None = None
    """Why it must not be used any more."""
    suppressed_at: Instant | None = None
    """Since when."""
    consent_at: Instant | None = None
    """When the latest consent was given."""
    consent_recorded_at: Instant | None = None
    """When it went on file."""
    consent_recorded_by: str | None = None
    """By which door."""
    not_used: dict[str, str | None]
    """For each open account that may be seen why it is not used; null: it may be."""


class Account(Answer):
    """One account."""

    account: str
    """`<creditor>/<account_id>`."""
    creditor: str
    """To whom it is owed."""
    account_id: str
    """The creditor's id."""
    formerly: tuple[str, ...]
    """Ids that it had before."""
    status: str
    """Open or closed."""
    close_reason: str | None
    """Why it was closed."""
    closed_at: Instant | None
    """When."""
    since: Instant | None
    """When the present delinquency began."""
    currency: str
    """ISO 4217."""
    balance: Decimal
    """What is owed."""
    balance_as_of: Instant
    """The instant that the balance is from."""
    oldest_due_date: date
    """When the oldest unpaid instalment was due, as the creditor tells it."""
    counted_from: date
    """Since when days past due count: then, or the date that part payments or a plan have left."""
    days_past_due: int
    """Days since that, by the customer's calendar."""
    strategy: str
    """The strategy it is collected by."""
    segment: str | None
    """The segment that it was in when that was last chosen; null: no segments were configured."""
    chosen_by: str | None
    """By what it was chosen: `pin`, `arm`, `segment`, `default`; null: nobody has."""
    chosen_because: str | None
    """Why, in words."""
    policy: str | None
    """The policy of its arm, in the place of the strategy's; null: that one, if there is one."""
    pinned: str | None
    """The strategy that an upstream system wants."""
    attributes: dict[str, str | bool | int | float] | None
    """Facts of the portfolio's own, as they were told."""
    phase: str | None
    """Its phase."""
    standing: str | None
    """What keeps it, as the Temporal UI's `Standing`."""
    hold_until: Instant | None
    """Until when it is silent on request."""
    hold_reason: str | None
    """Why."""
    next_kind: str | None
    """The next step."""
    next_at: Instant | None
    """When it is due."""
    next_summary: str | None
    """What it is, and by which law."""
    planned_at: Instant | None
    """When that was planned."""


class Promise(Answer):
    """A promise to pay."""

    account: str
    """`<creditor>/<account_id>`."""
    promise_id: str
    """Its id."""
    amount: Decimal
    """How much, all of it."""
    currency: str
    """ISO 4217."""
    due_on: date
    """By when, at the latest."""
    parts: tuple[PromisePart, ...]
    """How much by when, where it is of several dates."""
    made_at: Instant
    """When it was made."""
    recorded_by: str | None
    """The person who recorded it, where one did."""
    state: str
    """Open, kept or broken."""
    settled_at: Instant | None
    """Since when."""
    paid: Decimal
    """What came until then."""


class Payment(Answer):
    """Money that came."""

    account: str
    """`<creditor>/<account_id>`."""
    payment_id: str
    """Its id."""
    amount: Decimal
    """How much."""
    currency: str
    """ISO 4217."""
    paid_at: Instant
    """When."""


class Hold(Answer):
    """A request to be silent, or to go on."""

    account: str
    """`<creditor>/<account_id>`."""
    at: Instant
    """When it was made."""
    kind: str
    """`hold` or `resume`."""
    message_id: str
    """Its id."""
    until: Instant | None
    """Until when."""
    reason: str | None
    """Why."""


class OnFile(Answer):
    """A fact that the law knows, and that holds for them."""

    event_id: str
    """Its id."""
    kind: str
    """What it is: `opt_out`, `cease`, `dispute` ..."""
    at: Instant
    """The instant that it is dated with."""
    recorded_at: Instant | None
    """When it went on file."""
    recorded_by: str | None
    """By which door."""
    channel: str | None
    """For one channel; null: for all."""
    account: str | None
    """For one account; null: for all."""
    this_person: bool
    """Whether this person said it, or another who has the address."""
    said_as: str | None
    """Under which of their ids."""
    address: str | None
    """At which address, masked."""
    text: str | None
    """Their words, where they were asked for."""
    detail: dict[str, Any] | None
    """What else is known of it."""


class Message(Answer):
    """A message of the customer's, or one of ours. Of ours no words are kept, but of calls."""

    direction: Literal["in", "out"]
    """`in`: the customer wrote; `out`: they were contacted."""
    id: str
    """`<provider>/<id>`, or the attempt's id."""
    at: Instant
    """When."""
    channel: str
    """By which channel."""
    address: str | None
    """From or to which address, masked."""
    shared: bool | None = None
    """In: whether several customers have the address, so that any of them may have written."""
    recorded_as: str | None = None
    """In: what was done for it."""
    text: str | None = None
    """In: their words, where they were asked for."""
    media: tuple[FileOfCustomer, ...] | None = None
    """In: files that came with it, by reference; where they are only with the words."""
    reading: dict[str, Any] | None = None
    """In: what was read in it."""
    corrected: dict[str, Any] | None = None
    """In: what a person says that it said."""
    account: str | None = None
    """Out: the account that it was about."""
    covers: tuple[str, ...] | None = None
    """Out: other accounts that it spoke of."""
    purpose: str | None = None
    """Out: what it was to say."""
    phase: str | None = None
    """Out: in which phase."""
    provider: str | None = None
    """Out: by which provider."""
    state: str | None = None
    """Out: what became of it."""
    outcome: str | None = None
    """Out: what became of a call."""
    refusal: str | None = None
    """Out: why it was refused."""
    code: str | None = None
    """Out: the provider's code."""
    segments: int | None = None
    """Out: segments of an SMS."""
    by_whom: str | None = None
    """Out: which person wrote it; null: nobody did, the machine."""
    own_words: str | None = None
    """Out: what that person wrote, where words were asked for."""
    rule: str | None = None
    """Out: the rule that it was allowed by."""
    cite: str | None = None
    """Out: where that is written."""
    decided_by: tuple[DeciderOfAttempt, ...] | None = None
    """Out: by which strategy, law and words; null: unknown."""
    segment: str | None = None
    """Out: the segment that its account was in; null: unknown, or none."""
    policy: str | None = None
    """Out: the policy that chose its way, as `id@digest`; null: none was asked, or unknown."""
    probability: float | None = None
    """Out: how probable its way was; 1 where no policy was asked; null: unknown."""
    reserved_at: Instant | None = None
    """Out: when it was reserved."""
    dispatched_at: Instant | None = None
    """Out: when it left."""
    settled_at: Instant | None = None
    """Out: when its fate was known."""
    script: str | None = None
    """Out: what a call had to say, where words were asked for."""
    attached: tuple[AttachedFile, ...] | None = None
    """Out: the files that a strategy wanted with it."""


class Happened(Answer):
    """One line of what happened."""

    at: Instant
    """When."""
    kind: str
    """What kind of thing."""
    account: str | None
    """To which account."""
    what: str | None
    """In words of ours."""


class CustomerRecord(Answer):
    """All that is on record of one customer, over all accounts that may be seen."""

    customer_id: str
    """Their id."""
    country: str
    """ISO 3166."""
    region: str | None
    """State or province."""
    zones: tuple[str, ...]
    """Time zones that they may be in."""
    locale: str
    """The language that a file names."""
    preferred_channel: str | None
    """The channel that a file names."""
    other_ids: tuple[str, ...]
    """Other ids of the same person."""
    wishes: WishAnswer
    """How they want to be reached: what is in force."""
    preferences: tuple[StatedWish, ...]
    """Each time that they said so."""
    seen_at: Instant
    """When this was read, on the customer's clock."""
    since: Instant | None
    """What happened before is left out."""
    words: bool
    """Whether it has the customer's words."""
    contact_points: tuple[Point, ...]
    """Addresses, masked, with consent and why each is not used."""
    accounts: tuple[Account, ...]
    """Accounts, the open ones first."""
    parties: tuple[Party, ...]
    """Who stands for their accounts beside them."""
    stands_for: tuple[StandsFor, ...]
    """The accounts of others that they stand for."""
    promises: tuple[Promise, ...]
    """Promises, and how they were kept."""
    keeping: Keeping
    """How many they have kept and broken, over all accounts."""
    plans: tuple[Plan, ...]
    """Payment plans, and how they were kept."""
    disputes: tuple[Dispute, ...]
    """What they say is wrong, and how it was resolved."""
    hardships: tuple[Hardship, ...]
    """Why they cannot pay as agreed."""
    vulnerable: bool | None
    """Whether nobody but persons may contact them; none without `words=true`."""
    settlement_offers: tuple[SettlementOffer, ...]
    """Settlement offers, and what came of them."""
    payments: tuple[Payment, ...]
    """Money that came."""
    holds: tuple[Hold, ...]
    """Requests to be silent."""
    on_file: tuple[OnFile, ...]
    """What the law knows."""
    work: tuple[WorkItemAnswer, ...]
    """What people were asked to do."""
    messages: tuple[Message, ...]
    """Messages both ways, the oldest first."""
    by_people: tuple[PersonsContact, ...]
    """Contacts that people made."""
    timeline: tuple[Happened, ...]
    """All that happened."""


class Messages(Answer):
    """Messages both ways."""

    messages: tuple[Message, ...]
    """The newest first."""
    more: bool
    """Whether there are older ones than those that are shown."""
