"""Whatever is asked, in whatever order: nobody gives what they may not, and nothing twice."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.agreements.settlement.admission import case_of
from domain.agreements.settlement.offer import LIVE, OfferState
from domain.calendar import day_start
from domain.ledger.states import OFFER
from tests.unit.agreements.settlement.support import NOON, Desk, owing

ROLES = st.sampled_from(["agent", "supervisor", "manager", "cleaner"])
PEOPLE = st.sampled_from(["ana", "Ana", "eva", "luz"])
PERCENT = st.decimals("0.01", "99.99", places=2)
CENTS = st.decimals("0.01", "250000", places=2)
ENTRY = st.fixed_dictionaries(
    {"role": ROLES, "max_discount": st.decimals("0.01", "99.99", places=2)},
    optional={
        "phases": st.lists(st.sampled_from(["mid", "late", "pre-legal"]), min_size=1, unique=True),
        "min_days_past_due": st.integers(40, 90),
        "max_days_past_due": st.integers(60, 120),
        "balance": st.fixed_dictionaries(
            {"COP": st.fixed_dictionaries({"least": st.integers(0, 120_000)})}
        ),
    },
)
ANY_OFFER = st.sampled_from(["m1", "m2", "m3", "m9"])
ASKED = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("offer_settlement"), "by": PEOPLE, "role": ROLES},
        optional={"discount": PERCENT, "amount": CENTS},
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("offer_settlement"),
            "discount": PERCENT,
            "by": PEOPLE,
            "role": ROLES,
            "approved_by": PEOPLE,
            "approver_role": ROLES,
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["approve_settlement", "decline_settlement"]),
            "offer": ANY_OFFER,
            "by": PEOPLE,
            "role": ROLES,
        }
    ),
    st.fixed_dictionaries(
        {"kind": st.just("accept_settlement"), "offer": ANY_OFFER, "how": st.just("call")}
    ),
    st.just({"kind": "withdraw_settlement"}),
    st.fixed_dictionaries({"kind": st.just("payment_received"), "amount": CENTS}),
    st.fixed_dictionaries({"kind": st.just("account_updated"), "balance": CENTS}),
)
WAITS = st.sampled_from([timedelta(minutes=1), timedelta(days=1), timedelta(days=9)])
OPEN = {OfferState.OFFERED, OfferState.ACCEPTED, OfferState.PAID, OfferState.UNPAID}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(ENTRY, max_size=4),
    CENTS.filter(lambda it: it > 5000),
    st.integers(31, 130),
    st.lists(st.tuples(ASKED, WAITS), min_size=1, max_size=12),
)
def test_no_offer_goes_beyond_an_authority_and_each_goes_its_published_way(
    authority: list[dict[str, Any]],
    balance: Decimal,
    days: int,
    lived: list[tuple[dict[str, Any], timedelta]],
) -> None:
    desk = Desk(owing(str(balance), days), authority=authority)
    for asked, wait in lived:
        desk.at += wait
        before = {one.offer_id: one for one in desk.situation.offers}
        told = {name: str(value) if name != "kind" else value for name, value in asked.items()}
        refused = desk.ask(**told)
        after, case = desk.situation, case_of(desk.situation, desk.strategy, desk.at)
        terms = desk.strategy.settlement
        assert sum(one.state in LIVE for one in after.offers) <= 1
        for one in after.offers:
            old = before.get(one.offer_id)
            if old == one:
                continue
            if old is None or old.state is not one.state:
                assert (old.state.value if old else "", one.state.value) in OFFER.pairs
            if one.state in OPEN:
                assert one.authorized is not None
                # Reckoned otherwise than the code does.
                assert one.amount >= one.balance * (1 - one.authorized / 100)
            if one.state is OfferState.OFFERED and refused is None and one.authorized is not None:
                # Whoever made it has the authority by which it stands, or another who approved.
                own = terms.most_for(one.offered_as, case)
                if one.approved_by is None:
                    assert own is not None and own >= one.authorized
                else:
                    assert one.approved_by.lower() != one.offered_by.lower()
                    other = terms.most_for(one.approved_as or "", case)
                    assert other is not None and other >= one.authorized
            accepted = old is not None and old.accepted_at is None and one.accepted_at is not None
            if accepted:
                over = day_start(one.expires_on + timedelta(days=1), after.customer.zones)
                assert desk.at < over and asked["kind"] == "accept_settlement"
            if old is not None and old.accepted_at is not None:
                kept = (old.accepted_at, old.due_on, old.amount, old.accepted_how)
                assert (one.accepted_at, one.due_on, one.amount, one.accepted_how) == kept


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 40), st.integers(0, 30))
def test_an_offer_is_accepted_in_its_time_alone(expires_days: int, later: int) -> None:
    desk = Desk(owing(days=66), expires_days=expires_days)
    assert desk.offer() is None
    desk.at = NOON + timedelta(days=later)
    refused = desk.ask("accept_settlement", offer="m1", how="page")
    assert (refused is None) is (later <= expires_days)
    assert desk.last.state == ("accepted" if later <= expires_days else "lapsed")
