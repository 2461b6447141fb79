"""What a message is made from, and what comes out: plain facts in, words out."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from domain.account import Currency
from domain.channels import TO_PARTIES, Channel, Purpose, Tone
from domain.conversation.helplines import Helpline
from domain.conversation.text import Segments

_URL: Final = re.compile(r"https?://[^\s<>\"'\\]+")

WITHOUT_DEBTS: Final = frozenset(
    {
        Purpose.OPT_OUT_CONFIRMATION,
        Purpose.PAYMENT_THANKS,
        Purpose.IDENTITY_ANSWER,
        Purpose.CRISIS_ANSWER,
        Purpose.PREFERENCE_CONFIRMATION,
        Purpose.PERSON,
        *TO_PARTIES,
    }
)
"""Purposes that speak of no debt, or may not say what it is."""
ABOUT_PROMISE: Final = frozenset(
    {Purpose.PROMISE_REMINDER, Purpose.PROMISE_BROKEN, Purpose.PROMISE_CONFIRMATION}
)
"""Those that need a promise."""
ABOUT_PLAN: Final = frozenset({Purpose.PLAN_REMINDER, Purpose.PLAN_MISSED})
"""Those that need an instalment of a payment plan, as a promised amount and date."""

ABOUT_SETTLEMENT: Final = frozenset({Purpose.SETTLEMENT_OFFER, Purpose.SETTLEMENT_REMINDER})
"""Those that need a settlement offer."""


def fault_of_address(url: str) -> str | None:
    """Which rule an address breaks that customers are to follow; None: none."""
    return None if _URL.fullmatch(url) else "must be one http(s) address without spaces or quotes"


def _checked_url(url: str) -> str:
    if (rule := fault_of_address(url)) is not None:
        raise ValueError(rule)
    return url


WebAddress = Annotated[str, AfterValidator(_checked_url)]
NotNegative = Annotated[Decimal, Field(ge=0)]


class DebtLine(BaseModel):
    """One account that a message speaks of."""

    model_config = ConfigDict(frozen=True)

    reference: str = Field(min_length=1)
    """How the customer knows the account, already masked (``*4821``)."""

    amount: NotNegative
    currency: Currency
    due_date: date
    days_past_due: int
    """Negative before the due date."""


class MessageContext(BaseModel):
    """Everything a template may speak of. Several debts of one creditor fit in one message."""

    model_config = ConfigDict(frozen=True)

    locale: str
    """``es``, ``es-CO`` or ``es_CO``: the words come by language, amounts and dates by region."""

    purpose: Purpose
    channel: Channel
    tone: Tone = Tone.FRIENDLY
    customer_name: str
    creditor_name: str = Field(min_length=1)
    agency_name: str | None = None
    """Who writes, when it is not the creditor itself."""

    debts: tuple[DebtLine, ...] = ()
    promised_amount: NotNegative | None = None
    promised_date: date | None = None
    promised_parts: tuple[tuple[NotNegative, date], ...] = ()
    """What is promised for each of several dates, where a promise of such is read back."""
    instalment: int | None = None
    """Which instalment of a payment plan the promised amount is, from 1."""
    instalments: int | None = None
    """How many the plan has."""
    settlement_amount: NotNegative | None = None
    """What ends the debt: of an offer all of it, of a reminder what is still to be paid."""
    settlement_until: date | None = None
    """The last day to accept an offer; of a reminder, to pay."""
    settlement_days: int | None = None
    """Within how many days of its acceptance an offer is to be paid."""
    paid_amount: NotNegative | None = None
    wished_channel: Channel | None = None
    """By which the customer wants to be reached, where that is read back."""
    wished_hours: tuple[tuple[str, str], ...] = ()
    """In which hours of the day, ``HH:MM`` to ``24:00``."""
    pay_url: WebAddress | None = None
    payment_url: WebAddress | None = None
    """The creditor's signed address, which ends; it is the ``pay_url`` then, too."""
    payment_until: date | None = None
    """The last whole day on which it holds."""
    pix_code: str | None = None
    """Brazil: what is copied into a bank's app to pay."""
    opt_out_url: WebAddress | None = None
    preferences_url: WebAddress | None = None
    """E-mails: where the customer says how they want to be reached."""
    phone: str | None = None
    helpline: Helpline | None = None
    """Whom somebody can call who speaks of ending their life."""
    caller_name: str | None = None
    """Calls: the business name said before anybody is known to be the customer."""
    own_words: str | None = None
    """What a person says in their own words: a value, in which nothing is evaluated."""
    own_subject: str | None = None
    """E-mails in a person's own words: their subject."""
    caller_person: str | None = None
    """Calls: whom a voicemail asks to call back."""

    @property
    def currencies(self) -> tuple[str, ...]:
        """The debts' currencies, each once, in the order of the debts."""
        return tuple(dict.fromkeys(debt.currency for debt in self.debts))

    @model_validator(mode="after")
    def _says_what_its_purpose_needs(self) -> Self:
        if not self.debts and self.purpose not in WITHOUT_DEBTS:
            raise ValueError(f"a message of purpose {self.purpose} needs at least one debt")
        promise = (self.promised_amount, self.promised_date)
        if self.purpose in ABOUT_PROMISE | ABOUT_PLAN and None in promise:
            raise ValueError(f"purpose {self.purpose} needs promised_amount and promised_date")
        if self.purpose in ABOUT_PLAN and None in (self.instalment, self.instalments):
            raise ValueError(f"purpose {self.purpose} needs instalment and instalments")
        settled = (self.settlement_amount, self.settlement_until, self.settlement_days)
        if self.purpose in ABOUT_SETTLEMENT and None in settled:
            raise ValueError(
                f"purpose {self.purpose} needs settlement_amount, settlement_until and "
                "settlement_days"
            )
        if self.purpose is Purpose.CRISIS_ANSWER and self.helpline is None:
            raise ValueError(f"purpose {self.purpose} needs helpline")
        wished = self.wished_channel or self.wished_hours
        if self.purpose is Purpose.PREFERENCE_CONFIRMATION and not wished:
            raise ValueError(f"purpose {self.purpose} needs wished_channel or wished_hours")
        sums = (self.promised_amount, self.paid_amount, self.settlement_amount)
        told = (*self.debts, *sums, self.pay_url, self.payment_url, self.pix_code)
        if self.purpose in TO_PARTIES and any(one is not None for one in told):
            # Not by whatever template: what is not there cannot be said.
            raise ValueError(f"purpose {self.purpose} has no debts, no sums and nothing to pay by")
        if any(one is not None for one in sums) and len(self.currencies) != 1:
            raise ValueError(
                "promised_amount, paid_amount and settlement_amount are in the currency of the"
                " debts: give debts of exactly one currency"
            )
        return self


class ApprovedTemplate(BaseModel):
    """A template that WhatsApp has approved, with what fills its places."""

    model_config = ConfigDict(frozen=True)

    content_sid: str
    variables: dict[str, str]


class CallScript(BaseModel):
    """All that the gateway needs to hold a call, fixed when it was reserved. Personal."""

    model_config = ConfigDict(frozen=True)

    context: MessageContext
    message: str
    """What is said once the customer is known, duties of the law included."""
    lead: DebtLine | None
    """The debt that a promise is about; None: who is called owes nothing that may be named."""
    max_days: int
    """How far ahead a promise may lie."""


class RenderedMessage(BaseModel):
    """The words of one message, duties included."""

    model_config = ConfigDict(frozen=True)

    subject: str | None = None
    text: str
    segments: Segments | None = None
    """Of an SMS: what it will cost."""
    html: str | None = None
    template: ApprovedTemplate | None = None
    """WhatsApp outside the customer's window: what is sent in place of the text."""
    script: CallScript | None = None
    """Of a call: what the gateway goes by."""
    pix_code: str | None = None
    """What it gives to pay with, to be drawn where a file of it is wanted."""
