"""A settlement offer: what it says, what has been paid of it, and how time and money end it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from domain.account import Account, AccountStatus
from domain.agreements.settlement.words import Acceptance
from domain.amounts import Money
from domain.calendar import day_start
from domain.entry.money import decimals
from domain.model import Instant, Model


class OfferState(StrEnum):
    """Where an offer is."""

    PROPOSED = "proposed"
    """Above the authority of who made it: it waits for another person."""
    OFFERED = "offered"
    """The customer may accept it."""
    ACCEPTED = "accepted"
    """Its amount is to be paid."""
    PAID = "paid"
    UNPAID = "unpaid"
    """Accepted, and not paid by its day and grace."""
    LAPSED = "lapsed"
    """Not accepted in its time, or there is nothing left that it could settle."""
    DECLINED = "declined"
    """Not approved."""
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    """Another offer, or a payment plan, took its place."""


LIVE: Final = frozenset({OfferState.PROPOSED, OfferState.OFFERED, OfferState.ACCEPTED})
"""An account has one of these at most."""


class SettlementOffer(Model):
    """An offer with the terms and the authority under which it was made."""

    offer_id: str
    balance: Money
    """What was owed when it was made."""
    amount: Money
    """What is to be paid instead of it."""
    offered_at: Instant
    offered_by: str
    offered_as: str
    """The role of who made it."""
    authorized: Decimal | None = None
    """The largest discount, in percent, of the authority under which it stands: of who made it, or
    of who approved it. None: nobody's yet."""
    approved_by: str | None = None
    approved_as: str | None = None
    approved_at: Instant | None = None
    expires_on: date
    """The last day, on the customer's calendar, on which it may be accepted."""
    pay_within_days: int
    grace_days: int
    accepted_at: Instant | None = None
    accepted_how: Acceptance | None = None
    due_on: date | None = None
    """Once accepted: the last day on which it is paid in time."""
    state: OfferState
    paid: Money = Decimal(0)
    """What has arrived since it was accepted."""

    @property
    def open_since(self) -> datetime:
        """Since when the customer may accept it."""
        return self.approved_at or self.offered_at

    @property
    def discount(self) -> Decimal:
        """Percent of the balance that is let go, to two decimals."""
        return discount(self.balance, self.amount)

    @property
    def fulfilled(self) -> bool:
        """Whether it was paid as accepted: what is left of the debt is let go."""
        return self.state is OfferState.PAID and self.paid >= self.amount

    def fits(self, balance: Decimal) -> bool:
        """Whether it could still be accepted with this owed: not more than it was made upon, and
        not less than is to be paid."""
        return self.amount <= balance <= self.balance

    @property
    def until(self) -> date:
        """The last day to accept it, or to pay it once it is accepted."""
        return self.due_on or self.expires_on

    def over(self, zones: Sequence[str]) -> datetime:
        """When the last day to accept it, or to pay it, is over, in every zone of the customer."""
        return day_start(self.until + timedelta(days=1), zones)

    def ends(self, zones: Sequence[str]) -> datetime:
        """The same, with the grace for the payment."""
        grace = self.grace_days if self.due_on else 0
        return day_start(self.until + timedelta(days=grace + 1), zones)


def discount(balance: Decimal, amount: Decimal) -> Decimal:
    """Percent of a balance that is let go if an amount is paid, to two decimals."""
    if balance <= 0:
        return Decimal(0)
    return ((balance - amount) * 100 / balance).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def amount_at(balance: Decimal, percent: Decimal, currency: str) -> Decimal:
    """What is to be paid at a discount: rounded up, so that never more is let go."""
    unit = Decimal(1).scaleb(-decimals(currency))
    return (balance * (100 - percent) / 100).quantize(unit, rounding=ROUND_CEILING)


def is_within(balance: Decimal, amount: Decimal, authorized: Decimal | None) -> bool:
    """Whether an amount lets go no more of a balance than an authority allows; without rounding."""
    return authorized is not None and (balance - amount) * 100 <= balance * authorized


def settle(
    offer: SettlementOffer, account: Account, now: datetime, zones: Sequence[str]
) -> OfferState:
    """What has become of an offer: accepted, it is paid as soon as its amount is."""
    if offer.state not in LIVE:
        return offer.state
    if account.since is not None and offer.offered_at < account.since:
        return OfferState.LAPSED  # it was of an earlier delinquency
    if offer.state is OfferState.ACCEPTED:
        if offer.paid >= offer.amount or account.balance <= 0:
            return OfferState.PAID
        over = account.status is AccountStatus.OPEN and now >= offer.ends(zones)
        # While closed it is not judged: what a file left out for a day goes on.
        return OfferState.UNPAID if over else OfferState.ACCEPTED
    if account.balance <= 0 or now >= offer.ends(zones):
        return OfferState.LAPSED
    return offer.state


def live(
    offers: Iterable[SettlementOffer], account: Account, now: datetime, zones: Sequence[str]
) -> SettlementOffer | None:
    """The offer that waits for somebody at an instant: its approver, the customer, or the money."""
    return next(
        (one for one in offers if one.state in LIVE and settle(one, account, now, zones) in LIVE),
        None,
    )


def fulfilled(offers: Iterable[SettlementOffer], account: Account) -> SettlementOffer | None:
    """The offer by whose payment the present delinquency is over."""
    since = account.since
    return next(
        (one for one in offers if one.fulfilled and (since is None or one.offered_at >= since)),
        None,
    )
