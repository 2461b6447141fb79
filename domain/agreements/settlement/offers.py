"""What requests, payments and time do to settlement offers of a situation: pure.

``store/agreements/offers.py`` writes what these have made, so that both ledgers say the same.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from domain.account import Promise, PromiseState
from domain.agreements.settlement import admission
from domain.agreements.settlement.offer import (
    LIVE,
    OfferState,
    SettlementOffer,
    is_within,
    settle,
)
from domain.calendar import local_date
from domain.facts import (
    AcceptSettlement,
    ApproveSettlement,
    DeclineSettlement,
    OfferSettlement,
    OfSettlement,
)
from domain.ledger import plans
from domain.situation import Situation
from domain.strategy import Strategy

_Change = Callable[[SettlementOffer], Mapping[str, object] | None]


def asked(
    situation: Situation, request: OfSettlement, strategy: Strategy, at: datetime
) -> Situation:
    """The situation once a request that was not refused is on record."""
    match request:
        case OfferSettlement():
            if any(one.offer_id == request.id for one in situation.offers):
                return situation  # told before, under another number of the debt
            others = replaced(situation).offers
            made = _made(situation, request, strategy, at)
            return situation.model_copy(update={"offers": (*others, made)})
        case ApproveSettlement(by=by, role=role):
            most = strategy.settlement.most_for(role, admission.case_of(situation, strategy, at))
            approved = {
                "state": OfferState.OFFERED,
                "authorized": most and most.quantize(Decimal("0.01")),
                "approved_by": by,
                "approved_as": role,
                "approved_at": at,
            }
            return _named(situation, request.offer, lambda _: approved)
        case DeclineSettlement():
            return _named(situation, request.offer, lambda _: {"state": OfferState.DECLINED})
        case AcceptSettlement():
            return _accepted(situation, request, at)
        case _:
            offer = admission.named(situation, request.offer)
            withdrawn = {"state": OfferState.WITHDRAWN}
            return (
                situation
                if offer is None
                else _named(situation, offer.offer_id, lambda _: withdrawn)
            )


def replaced(situation: Situation) -> Situation:
    """Whatever offer stands gives way."""
    return _each(
        situation, lambda one: {"state": OfferState.REPLACED} if one.state in LIVE else None
    )


def settled(situation: Situation, now: datetime) -> Situation:
    """What time and money have made of the offers."""

    def became(one: SettlementOffer) -> Mapping[str, object] | None:
        state = settle(one, situation.account, now, situation.customer.zones)
        return None if state is one.state else {"state": state}

    return _each(situation, became)


def paid(
    offers: Iterable[SettlementOffer], amount: Decimal, arrived: datetime
) -> tuple[SettlementOffer, ...]:
    """Money has arrived: it is of every offer that had been accepted by then."""
    return tuple(
        one.model_copy(update={"paid": one.paid + amount})
        if one.accepted_at is not None and arrived >= one.accepted_at
        else one
        for one in offers
    )


def told(before: Situation, after: Situation, strategy: Strategy, at: datetime) -> str | None:
    """What the sender of a request should know of what it did."""
    known = {one.offer_id: one for one in before.offers}
    changed = [one for one in after.offers if known.get(one.offer_id) != one]
    if not changed:
        return "nothing changed: it was so before"
    notes = [_told(one, after, strategy, at) for one in changed]
    gone = [f"the promise {one.promise_id}" for one in _gave_way(before, after)]
    gone += [f"the plan {one.plan_id}" for one in before.plans if one not in after.plans]
    if gone:
        notes.append(f"it takes the place of {', '.join(gone)}")
    return "; ".join(notes)


def _gave_way(before: Situation, after: Situation) -> list[Promise]:
    return [one for one in before.promises if one not in after.promises]


def _told(offer: SettlementOffer, situation: Situation, strategy: Strategy, at: datetime) -> str:
    sum_ = f"{offer.amount:f} {situation.account.currency} for {offer.balance:f}"
    match offer.state:
        case OfferState.PROPOSED:
            case = admission.case_of(situation, strategy, at)
            needed = admission.reaching(case, offer.balance, offer.amount, strategy.settlement)
            return f"proposed, {sum_} ({offer.discount:f} %): waits for {needed}, another person"
        case OfferState.OFFERED:
            return f"offered, {sum_} ({offer.discount:f} %), until {offer.expires_on}"
        case OfferState.ACCEPTED:
            return f"accepted, {sum_}, to be paid by {offer.due_on}"
        case state:
            return f"{offer.offer_id} is {state}"


def _made(
    situation: Situation, request: OfferSettlement, strategy: Strategy, at: datetime
) -> SettlementOffer:
    terms, case = strategy.settlement, admission.case_of(situation, strategy, at)
    most = admission.authorized(request, case, terms)
    today = local_date(at, situation.customer.zones)
    amount = admission.amount_of(request, case)
    kept = Decimal("0.01")  # as PostgreSQL keeps them
    needed = most is not None and not is_within(
        case.balance, amount, terms.most_for(request.role, case)
    )
    return SettlementOffer(
        offer_id=request.id,
        balance=case.balance.quantize(kept),
        amount=amount.quantize(kept),
        offered_at=at,
        offered_by=request.by,
        offered_as=request.role,
        authorized=None if most is None else most.quantize(kept),
        approved_by=request.approved_by if needed else None,
        approved_as=request.approver_role if needed else None,
        approved_at=at if needed else None,
        expires_on=request.expires or today + timedelta(days=terms.expires_days),
        pay_within_days=terms.pay_within_days,
        grace_days=terms.grace_days,
        state=OfferState.PROPOSED if most is None else OfferState.OFFERED,
    )


def _accepted(situation: Situation, request: AcceptSettlement, at: datetime) -> Situation:
    """Once: an active plan and open promises give way to it."""
    offer = admission.named(situation, request.offer)
    if offer is None or offer.state is not OfferState.OFFERED:
        return situation
    since = (one.amount for one in situation.own_payments if one.paid_at >= at)
    today = local_date(at, situation.customer.zones)
    accepted = {
        "state": OfferState.ACCEPTED,
        "accepted_at": at,
        "accepted_how": request.how,
        "due_on": today + timedelta(days=offer.pay_within_days),
        "paid": sum(since, Decimal(0)),
    }
    promises = tuple(
        one.model_copy(update={"state": PromiseState.REPLACED})
        if one.state is PromiseState.OPEN
        else one
        for one in situation.promises
    )
    found = _named(plans.cancelled(situation), request.offer, lambda _: accepted)
    return found.model_copy(update={"promises": promises})


def _named(situation: Situation, offer_id: str, change: _Change) -> Situation:
    return _each(situation, lambda one: change(one) if one.offer_id == offer_id else None)


def _each(situation: Situation, change: _Change) -> Situation:
    offers = tuple(
        one if (update := change(one)) is None else one.model_copy(update=dict(update))
        for one in situation.offers
    )
    return (
        situation if offers == situation.offers else situation.model_copy(update={"offers": offers})
    )
