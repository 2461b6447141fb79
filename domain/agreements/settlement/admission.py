"""Which requests about a settlement are refused, and in which words."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from domain.agreements.settlement.offer import (
    LIVE,
    OfferState,
    SettlementOffer,
    amount_at,
    discount,
    is_within,
)
from domain.agreements.settlement.terms import Case, SettlementTerms
from domain.calendar import days_past_due, local_date
from domain.entry.bounds import LATEST
from domain.entry.money import fault
from domain.facts import (
    AcceptSettlement,
    ApproveSettlement,
    DeclineSettlement,
    OfferSettlement,
    OfSettlement,
    WithdrawSettlement,
)
from domain.planning.limits.standing import Standing
from domain.planning.reasons.dust import dust
from domain.situation import Situation
from domain.strategy import Strategy

_ENDED: Final = {
    OfferState.LAPSED: "has lapsed",
    OfferState.UNPAID: "was accepted, and not paid in its time",
    OfferState.DECLINED: "was declined",
    OfferState.WITHDRAWN: "was withdrawn",
    OfferState.REPLACED: "was replaced by a later agreement",
    OfferState.PROPOSED: "waits to be approved",
    OfferState.OFFERED: "is offered already",
    OfferState.ACCEPTED: "is accepted already",
    OfferState.PAID: "is paid already",
}

ACCEPTED: Final = frozenset({OfferState.ACCEPTED, OfferState.PAID})
"""Accepted again, it is answered as the first time: nothing changes."""


def case_of(situation: Situation, strategy: Strategy, now: datetime) -> Case:
    """The debt, as authorities are judged by it."""
    account = situation.account
    days = days_past_due(situation.due_date(strategy.part_payments), now, situation.customer.zones)
    told = (one for one in situation.own_contacts() if not one.released)
    phase = strategy.stands_in(days, Standing(situation, strategy, told).holds)
    return Case(account.currency, account.balance, phase.name if phase else None, days)


def settlement_refused(
    asked: OfSettlement,
    situation: Situation,
    strategy: Strategy,
    now: datetime,
    least: Mapping[str, Decimal] | None,
) -> str | None:
    """Why a request about a settlement cannot be taken, naming field and rule; None when it can.

    ``situation``: with all that has ended by now settled.
    """
    case, terms = case_of(situation, strategy, now), strategy.settlement
    if isinstance(asked, OfferSettlement):
        today = local_date(now, situation.customer.zones)
        return (
            _form_refused(asked)
            or _accepted_stands(situation)
            or _sum_refused(asked, case, least)
            or _expiry_refused(asked.expires, today, terms)
            or _beyond_all(asked, case, terms)
            or _approver_refused(asked, case, terms)
        )
    offer = named(situation, asked.offer)
    if offer is None:
        return f"offer: there is no offer {asked.offer}" if asked.offer else "offer: none stands"
    match asked:
        case ApproveSettlement():
            return _decision_refused(asked, offer, case, terms) or _outgrown(offer, case)
        case DeclineSettlement():
            return _decision_refused(asked, offer, case, terms)
        case AcceptSettlement():
            if offer.state in ACCEPTED:
                return None
            if offer.state is not OfferState.OFFERED:
                return f"offer: {offer.offer_id} {_ENDED[offer.state]}"
            return _outgrown(offer, case)
        case WithdrawSettlement():
            if offer.state not in LIVE:
                return f"offer: {offer.offer_id} {_ENDED[offer.state]}"
    return None


def named(situation: Situation, offer_id: str | None) -> SettlementOffer | None:
    """The offer of an id; without one, whichever stands."""
    return next(
        (
            one
            for one in situation.offers
            if (one.offer_id == offer_id if offer_id is not None else one.state in LIVE)
        ),
        None,
    )


def amount_of(asked: OfferSettlement, case: Case) -> Decimal:
    """What is to be paid by an offer."""
    if asked.amount is not None:
        return asked.amount
    assert asked.discount is not None  # noqa: S101 - one of the two is said
    return amount_at(case.balance, asked.discount, case.currency)


def authorized(asked: OfferSettlement, case: Case, terms: SettlementTerms) -> Decimal | None:
    """The largest discount of the authority under which it is offered; None: nobody's yet.

    Of who offers, where that reaches, or else of who has approved.
    """
    own, amount = terms.most_for(asked.role, case), amount_of(asked, case)
    if is_within(case.balance, amount, own):
        return own
    if asked.approved_by is None or asked.approver_role is None:
        return None
    other = terms.most_for(asked.approver_role, case)
    return other if is_within(case.balance, amount, other) else None


def reaching(case: Case, balance: Decimal, amount: Decimal, terms: SettlementTerms) -> str | None:
    """The roles whose authority reaches, in words; None: nobody's does."""
    roles = [
        f"{role} (up to {most:f} %)"
        for role, most in terms.roles(case)
        if is_within(balance, amount, most)
    ]
    return " or ".join(roles) or None


def same_person(one: str, other: str) -> bool:
    """Whether two ids are of one person: they differ in case at most."""
    return one.lower() == other.lower()


def _form_refused(asked: OfferSettlement) -> str | None:
    if (asked.discount is None) is (asked.amount is None):
        return "discount: give either discount or amount"
    if (asked.approved_by is None) is not (asked.approver_role is None):
        return "approved_by: goes with approver_role, neither without the other"
    return None


def _accepted_stands(situation: Situation) -> str | None:
    offer = named(situation, None)
    if offer is None or offer.state is not OfferState.ACCEPTED:
        return None
    return f"offer: {offer.offer_id} is accepted: withdraw it before another is made"


def _sum_refused(
    asked: OfferSettlement, case: Case, least: Mapping[str, Decimal] | None
) -> str | None:
    if asked.amount is not None and (why := fault(asked.amount, case.currency)) is not None:
        return f"amount: {why}"
    field, amount = "amount" if asked.amount is not None else "discount", amount_of(asked, case)
    if amount >= case.balance:
        return (
            f"{field}: must leave less to pay than the balance, {case.balance} {case.currency}, "
            f"it leaves {amount:f}"
        )
    if (why := dust(amount, case.currency, least)) is not None:
        return f"{field}: {why}"
    return None


def _expiry_refused(expires: date | None, today: date, terms: SettlementTerms) -> str | None:
    if expires is None:
        latest = today + timedelta(days=terms.expires_days + terms.pay_within_days)
        too_late = latest > LATEST.date()
        return f"expires: must not lie beyond {LATEST:%Y-%m-%d}" if too_late else None
    if expires < today:
        return f"expires: must not lie in the past, {expires} does (today is {today})"
    if (ahead := (expires - today).days) > terms.expires_days:
        return f"expires: at most {terms.expires_days} days ahead, {expires} is {ahead}"
    return None


def _beyond_all(asked: OfferSettlement, case: Case, terms: SettlementTerms) -> str | None:
    """That nobody may offer it: then there is nobody to wait for."""
    amount = amount_of(asked, case)
    if reaching(case, case.balance, amount, terms) is not None:
        return None
    field, given = _given(asked), discount(case.balance, amount)
    said = f"{given:f} % of {case.balance} {case.currency}, {_where(case)}"
    known = ", ".join(f"{role} up to {most:f} %" for role, most in terms.roles(case))
    return f"{field}: nobody has authority over {said}: {known or 'no role has any for this debt'}"


def _approver_refused(asked: OfferSettlement, case: Case, terms: SettlementTerms) -> str | None:
    """That who is said to have approved may not. Within one's own authority nobody needs to."""
    if asked.approved_by is None or asked.approver_role is None:
        return None
    if same_person(asked.approved_by, asked.by):
        return "approved_by: must be another person than who offers"
    amount = amount_of(asked, case)
    if authorized(asked, case, terms) is not None:
        return None
    needed = reaching(case, case.balance, amount, terms)
    return f"approver_role: {_lacks(asked.approver_role, case, terms)}: it needs {needed}"


def _decision_refused(
    asked: ApproveSettlement | DeclineSettlement,
    offer: SettlementOffer,
    case: Case,
    terms: SettlementTerms,
) -> str | None:
    """Who offered, and whose authority does not reach, decides nothing."""
    if offer.state is not OfferState.PROPOSED:
        return f"offer: {offer.offer_id} {_ENDED[offer.state]}"
    if same_person(asked.by, offer.offered_by):
        return "by: must be another person than who offered it"
    if is_within(offer.balance, offer.amount, terms.most_for(asked.role, case)):
        return None
    needed = reaching(case, offer.balance, offer.amount, terms)
    told = f"it needs {needed}" if needed else "by now nobody's does"
    return f"role: {_lacks(asked.role, case, terms)} ({_where(case)}): {told}"


def _outgrown(offer: SettlementOffer, case: Case) -> str | None:
    """More is owed than was offered upon, or less than was to be paid."""
    owed = f"{case.balance} {case.currency}"
    if case.balance > offer.balance:
        return (
            f"offer: {owed} are owed by now, more than the {offer.balance} of the offer: withdraw "
            "it, and offer anew"
        )
    if case.balance < offer.amount:
        return f"offer: only {owed} are owed by now, less than the {offer.amount} of the offer"
    return None


def _given(asked: OfferSettlement) -> str:
    return "discount" if asked.amount is None else "amount"


def _where(case: Case) -> str:
    where = f"day {case.days_past_due}"
    return f"phase {case.phase}, {where}" if case.phase else where


def _lacks(role: str, case: Case, terms: SettlementTerms) -> str:
    most = terms.most_for(role, case)
    return (
        f"{role} may give no discount on this debt"
        if most is None
        else (f"{role} may give up to {most:f} %")
    )
