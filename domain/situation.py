"""All that planning looks at, read in one go, and the little arithmetic it all shares."""

import re
from datetime import date, datetime, timedelta
from typing import Final

from domain.account import Account, Currency, Customer, Payment, Promise
from domain.agreements.arrears import DueSchedule, oldest_due
from domain.agreements.plan import PaymentPlan, active, counted_from
from domain.agreements.settlement.offer import SettlementOffer, live
from domain.agreements.terms import PartPayments
from domain.amounts import Money
from domain.bulk.order import BulkOrder
from domain.cases.case import Dispute, Hardship
from domain.channels import Channel
from domain.contacts.message import PersonMessage
from domain.conversation.wishes.preference import StatedPreference
from domain.conversation.work import Work
from domain.law.request import LawEvent
from domain.law.terms import Medium, Party
from domain.ledger.attempt import PastContact
from domain.ledger.circuit import HealthSign
from domain.model import Instant, Model

WHATSAPP_WINDOW: Final = timedelta(hours=24)
"""https://www.twilio.com/docs/whatsapp/key-concepts, customer service window."""

WINDOW_MARGIN: Final = timedelta(minutes=30)
"""Free text on WhatsApp leaves, and stops being tried, this long before the window closes."""


class Sibling(Model):
    """Another open account of the customer with the same creditor."""

    account: str
    balance: Money
    silent: bool
    """On hold, with an open promise, an active payment plan, an accepted settlement, a dispute or a
    hardship: not to be spoken of."""
    currency: Currency | None = None
    """None: as the account's own."""
    due: date | None = None
    """Due date of its oldest unpaid instalment, as it is told."""
    schedule: DueSchedule | None = None
    """What of it fell due when."""
    said_by_others: tuple[LawEvent, ...] = ()
    """What earlier holders of the account said of it: it stays with it, and binds nothing else."""

    def due_date(self, rule: PartPayments) -> date | None:
        """Since when its days past due count, after part payments by ``rule``."""
        told = self.due
        return None if told is None else oldest_due(self.schedule, told, self.balance, rule)


_MESSAGE_ID: Final = re.compile(r"[!-;=?A-~]{1,200}@[A-Za-z0-9._\[\]-]{1,200}")
"""Of a mail, without its angles: no blank, no control, nothing that would end a header. What we
call a mail that had none is none."""


class Reply(Model):
    """The customer wrote to us."""

    at: Instant
    channel: Channel
    contact_point_id: str | None = None
    message: str | None = None
    """``<provider>/<inbound_id>``; None: it is not known."""


class AddressFact(Model):
    """What somebody said from, or of, an address: it holds for whoever has the address now.

    A stop that came before the customer's file did, one of the same person under an earlier id, of
    a spouse with the same telephone, of the number's holder before.
    """

    contact_point_id: str
    """This customer's own contact point with that address."""
    channel: Medium | None = None
    """The channel it speaks of, be it one that we never use; None: every use of the address."""
    at: Instant
    """When it was known: what was known later outweighs it."""
    since: Instant | None = None
    """From when it holds, of what gives leave; None: from ``at`` on."""
    stops: bool
    """A stop or a wrong number; False: the address said start, or this customer opted in anew."""


class DayTaken(Model):
    """How many contacts by a channel are reserved in a day of the operation."""

    channel: Channel
    day: date
    taken: int


class Standing(Model):
    """As what somebody stands for the account, and on which days of their own calendar."""

    customer_id: str
    role: Party
    since: date
    until: date | None = None


class Situation(Model):
    """One account among everything the customer's other accounts have lived through.

    Also seen from another who stands for it: then the customer, and all that is said of them, is
    the party, and ``account`` is the debtor's all the same.
    """

    key: str
    party: Party = Party.DEBTOR
    """As whom the customer would be contacted about the account."""
    standings: tuple[Standing, ...] = ()
    """Who stands for the account beside its debtor, and could be contacted."""
    parties: tuple["Situation", ...] = ()
    """The account seen from each of them, in the order of ``standings``."""
    account: Account
    customer: Customer
    contacts: tuple[PastContact, ...] = ()
    """All attempts to reach this customer, over all accounts, and whatever else went to one of
    their addresses or spoke of this account, oldest first."""
    replies: tuple[Reply, ...] = ()
    payments: tuple[Instant, ...] = ()
    """When money arrived on any of the customer's accounts."""
    own_payments: tuple[Payment, ...] = ()
    """Those on this account, with amounts."""
    promises: tuple[Promise, ...] = ()
    plans: tuple[PaymentPlan, ...] = ()
    """Payment plans of this account, in the order in which they were agreed."""
    dispute: Dispute | None = None
    """The one that stands: open, or resolved for the customer."""
    hardship: Hardship | None = None
    """The one that is active."""
    persons_only: bool = False
    """Whether nobody but a person may contact this customer. It never leaves PostgreSQL."""
    person_asked_at: Instant | None = None
    """When a person was last asked to, for that."""
    offers: tuple[SettlementOffer, ...] = ()
    """Settlement offers of this account, in the order in which they were made."""
    schedule: DueSchedule | None = None
    """What of this account fell due when, as it was last told."""
    law_events: tuple[LawEvent, ...] = ()
    address_facts: tuple[AddressFact, ...] = ()
    siblings: tuple[Sibling, ...] = ()
    health: tuple[HealthSign, ...] = ()
    """How the last sends of the providers went, whoever they were to."""
    work: tuple[Work, ...] = ()
    """What waits for a person to do for this customer."""
    preferences: tuple[StatedPreference, ...] = ()
    """How this customer wants to be reached, each time that they said so."""
    to_send: tuple[PersonMessage, ...] = ()
    """What people have written to this customer for this account and has not left yet, the oldest
    first."""
    choose_again_at: Instant | None = None
    """When the days alone may make another strategy right: nothing is waited for beyond it."""
    taken_of_days: tuple[DayTaken, ...] = ()
    """What is taken of the operation's capacity, read only where the strategy names one."""
    halted: str | None = None
    """Why nobody at all may be contacted: the database was restored from an older backup."""
    orders: tuple[BulkOrder, ...] = ()
    """Orders in bulk that cover this account, or its customer's place, and stand or have ended
    within a day."""
    next_step: int = 1
    """Number of the next attempt of this account, counted over its whole life."""

    def own_contacts(self) -> tuple[PastContact, ...]:
        """Attempts of the present delinquency that spoke of this account."""
        key, since = self.key, self.account.since
        ours = [c for c in self.contacts if key in (c.covers or (c.account,))]
        return tuple(ours if since is None else [c for c in ours if c.at >= since])

    def latest_contact(self) -> datetime | None:
        """When this customer was last contacted, or is about to be, on any account."""
        made = (c.at for c in self.contacts if not c.released)
        return max(made, default=None)

    def worked(self) -> dict[Channel, int]:
        """How often the customer wrote or paid within five days of a contact, by channel."""
        days, good = timedelta(days=5), [*self.payments, *(reply.at for reply in self.replies)]
        if not good:
            return {}
        counts: dict[Channel, int] = {}
        for contact in self.contacts:
            if contact.missed:
                continue
            if any(contact.at <= moment <= contact.at + days for moment in good):
                counts[contact.channel] = counts.get(contact.channel, 0) + 1
        return counts

    def whatsapp_open_until(self, contact_point_id: str) -> datetime | None:
        """When the window closes that the customer's last WhatsApp message opened; None: never
        wrote. Until then free text may be sent, at any other time only an approved template."""
        wrote = (
            reply.at
            for reply in self.replies
            if reply.channel is Channel.WHATSAPP and reply.contact_point_id == contact_point_id
        )
        return max((at + WHATSAPP_WINDOW for at in wrote), default=None)

    def answers_mail(self, contact_point_id: str) -> str | None:
        """The Message-ID of the last mail that came from there, in angles; None where there is
        none, or one that could be more in a header than a Message-ID."""
        mails = [
            one
            for one in self.replies
            if one.channel is Channel.EMAIL and one.contact_point_id == contact_point_id
        ]
        last = max(mails, key=lambda one: one.at, default=None)
        name = (last.message or "").partition("/")[2] if last else ""
        return f"<{name}>" if _MESSAGE_ID.fullmatch(name) else None

    def whatsapp_is_free(self, contact_point_id: str, now: datetime) -> bool:
        """Whether the customer's own message lets us write to them freely on WhatsApp."""
        until = self.whatsapp_open_until(contact_point_id)
        return until is not None and now < until - WINDOW_MARGIN

    def open_promise(self, now: datetime) -> Promise | None:
        """The promise that silences the account, if any (the latest, when there are several)."""
        still = [p for p in self.promises if p.state == "open" and p.made_at <= now]
        return max(still, key=lambda p: (p.due_on, p.made_at), default=None)

    def active_plan(self, now: datetime) -> PaymentPlan | None:
        """The payment plan that is kept so far, if there is one."""
        return active(self.plans, self.account, now, self.customer.zones)

    def live_offer(self, now: datetime) -> SettlementOffer | None:
        """The settlement offer that waits for its approver, the customer or the money."""
        return live(self.offers, self.account, now, self.customer.zones)

    def due_date(self, rule: PartPayments) -> date:
        """Since when days past due count: the account's own date, after part payments by ``rule``,
        or one that a plan re-aged."""
        account = self.account
        own = oldest_due(self.schedule, account.oldest_due_date, account.balance, rule)
        return counted_from(self.plans, own, account.since)
