"""A small ledger, and every figure of its report worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.report.figures import Dimension, rates
from domain.report.report import Failed, Report, Roll, cost_to_collect
from domain.report.statistics import Share
from store.database import Pool
from tests.integration.store.reports.ledger import PRICES, Book, at

FIRST, SECOND, THIRD = "bank/A1", "shop/A2", "bank/A3"


async def written(pool: Pool) -> Book:
    """The period is 1 to 10 November, the one before 22 to 31 October."""
    book = Book(pool)
    await book.account(FIRST, "C1", oldest_due_date=date(2026, 10, 1), since=at("10-05"))
    await book.account(
        SECOND, "C2", "MXN", "MX", oldest_due_date=date(2026, 9, 1), since=at("09-05")
    )
    await book.account(
        THIRD,
        "C3",
        oldest_due_date=date(2026, 10, 20),
        since=at("10-21"),
        status="closed",
        close_reason="cured",
        closed_at=at("04"),
    )
    await book.row("deciders", digest="d1", kind="strategy", name="gentle", version=1)
    gentle = ["d1", "law", "words"]

    # The machine. In: 10 attempts, 8 contacts. Before: 2 contacts.
    await book.attempt(FIRST, "C1", at("01", "00:00"), segments=2, decided_by=gentle)
    await book.attempt(FIRST, "C1", at("02", "15:30"), segments=1, decided_by=gentle)
    await book.attempt(
        SECOND, "C2", at("03"), "sms", "undelivered", refusal="recipient", code="30003"
    )
    await book.attempt(SECOND, "C2", at("04"), "email", "accepted", phase="middle")
    await book.attempt(FIRST, "C1", at("05"), "whatsapp", purpose="balance_answer")
    await book.attempt(SECOND, "C2", at("06"), "voice", outcome="conversation", phase="middle")
    await book.attempt(SECOND, "C2", at("07"), "voice", outcome="no_answer", phase="middle")
    await book.attempt(FIRST, "C1", at("08"), "sms", "refused", refusal="recipient", code="21610")
    await book.attempt(FIRST, "C1", at("09"), "sms", "unknown")
    await book.attempt(FIRST, "C1", at("10", "23:59"), "sms", "released")
    await book.attempt(FIRST, "C1", at("10-31", "23:59"))
    await book.attempt(FIRST, "C1", at("10-22", "00:00"), "sms", "dispatching")
    await book.attempt(FIRST, "C1", at("11", "00:00"))  # after
    await book.attempt(FIRST, "C1", at("10-21", "23:59"))  # before that

    # People: a call of 5 minutes, a visit of 10, and a call that came in, of 3.
    await book.row("manual_contacts", **called(FIRST, "C1", "02", 5, "conversation"))
    await book.row("manual_contacts", **called(FIRST, "C1", "03", 10, "no_answer", channel="human"))
    await book.row(
        "manual_contacts",
        **called(SECOND, "C2", "04", 3, "conversation", direction="inbound"),
    )

    # What customers wrote: the question that was answered on the 5th came 10 minutes earlier.
    await book.row("inbound", **wrote("SM1", "C1", at("05", "14:50"), "whatsapp"))
    await book.row("inbound", **wrote("SM2", "C2", at("06"), "sms"))
    await book.row("inbound", **wrote("SM3", "C2", at("06"), "email", intent="automatic"))
    await book.row("inbound", **wrote("SM4", "C1", at("10-25"), "sms"))
    stop = {"kind": "opt_out", "customer_id": "C2"}
    await book.row("law_events", event_id="e1", at=at("03", "18:00"), channel="sms", **stop)
    await book.row(
        "provider_events",
        provider="sendgrid",
        event_id="v1",
        attempt_id=await pool.fetchval("SELECT attempt_id FROM attempts WHERE channel = 'email'"),
        status="opt_out",
        at=at("05"),
        code="spamreport",
    )

    # Promises: 300 made and kept, 200 broken of those made before, in pesos; 50 made in MXN.
    promise = {"due_on": date(2026, 11, 5), "state": "open"}
    kept = {**promise, "state": "kept", "settled_at": at("05")}
    broken = {**promise, "state": "broken", "settled_at": at("06")}
    await book.row("promises", **promised(FIRST, "r1", 300, at("02")), **kept)
    await book.row("promises", **promised(FIRST, "r2", 200, at("10-25")), **broken)
    await book.row("promises", **promised(SECOND, "r3", 50, at("09")), **promise)

    # Money: 300 + 700 pesos and 40 MXN in the period, 90 pesos before. Of A3 700, and 90.
    await book.row("payments", **paid(FIRST, "p1", 300, at("05")))
    await book.row("payments", **paid(THIRD, "p2", 700, at("04")))
    await book.row("payments", **paid(SECOND, "p3", 40, at("09")))
    await book.row("payments", **paid(THIRD, "p4", 90, at("10-30")))

    await book.row(
        "payment_plans",
        **of(FIRST),
        plan_id="l1",
        instalments=[{"due_on": "2026-12-01", "amount": "10"}],
        grace_days=1,
        broken_after=1,
        agreed_at=at("03"),
        state="kept",
        ended_at=at("08"),
    )
    offer = {"balance": Decimal(100), "amount": Decimal(60), "offered_by": "ana"}
    await book.row(
        "settlement_offers",
        **of(SECOND),
        **offer,
        offer_id="s1",
        offered_as="agent",
        authorized=Decimal(50),
        offered_at=at("10-30"),
        expires_on=date(2026, 11, 9),
        pay_within_days=3,
        grace_days=0,
        accepted_at=at("02"),
        accepted_how="call",
        due_on=date(2026, 11, 5),
        state="paid",
        ended_at=at("04"),
    )
    await book.row(
        "disputes",
        **of(FIRST),
        dispute_id="d1",
        reason="amount",
        opened_at=at("02"),
        answer_due=date(2026, 12, 1),
        state="withdrawn",
        resolved_at=at("04"),
    )
    await book.row(
        "hardships",
        **of(SECOND),
        hardship_id="h1",
        reason="illness",
        began_at=at("10-23"),
        review_date=date(2026, 12, 1),
        state="ended",
        ended_at=at("04"),
        ended_why="over",
    )

    # Work: one done by a person after 2 hours, one by itself, one open and late when it ends.
    done = {"outcome": "handled", "done_by": "ana", "done_at": at("05", "17:00")}
    await book.row("work_items", **asked("C1", "balance", 4, at("05")), **done)
    itself = {**done, "done_by": "contrapunto", "done_at": at("07")}
    await book.row("work_items", **asked("C2", "identity", 4, at("06")), **itself)
    await book.row("work_items", **asked("C2", "dispute", 2, at("07")))
    return book


def of(account: str) -> dict[str, str]:
    creditor, _, account_id = account.partition("/")
    return {"creditor": creditor, "account_id": account_id}


def called(
    account: str, customer: str, day: str, minutes: int, outcome: str, **more: str
) -> dict[str, Any]:
    began = at(day)
    told = {"channel": "voice", "direction": "outbound", **more}
    return {
        **of(account),
        **told,
        "contact_id": f"{account} {day}",
        "customer_id": customer,
        "covers": [account],
        "action": "call",
        "began_at": began,
        "state": "ended",
        "result": outcome,
        "outcome": outcome,
        "ended_at": began + timedelta(minutes=minutes),
        "by_whom": "ana",
        "recorded_at": began,
    }


def wrote(name: str, customer: str, when: Any, channel: str, **more: str) -> dict[str, Any]:
    told = {"intent": "other", **more}
    where = {"provider": "twilio", "inbound_id": name, "channel": channel, "address": "+57"}
    return {**told, **where, "customer_id": customer, "text": "-", "at": when}


def promised(account: str, name: str, amount: int, when: Any) -> dict[str, Any]:
    return {**of(account), "promise_id": name, "amount": Decimal(amount), "made_at": when}


def paid(account: str, name: str, amount: int, when: Any) -> dict[str, Any]:
    return {**of(account), "payment_id": name, "amount": Decimal(amount), "paid_at": when}


def asked(customer: str, reason: str, priority: int, when: Any) -> dict[str, Any]:
    due = when + timedelta(hours=24)
    told = {"customer_id": customer, "reason": reason, "priority": priority}
    return {**told, "opened_at": when, "due_at": due, "messages": []}


@pytest.fixture
async def report(pool: Pool) -> Report:
    return await (await written(pool)).report()


async def test_every_count_is_as_by_hand(report: Report) -> None:
    whole = report.whole()
    counted = {name: (whole[True].counts[name], whole[False].counts[name]) for name in COUNTS}
    assert counted == COUNTS
    known = {name for side in whole.values() for name, number in side.counts.items() if number}
    assert known <= COUNTS.keys()


COUNTS = {
    "attempts": (10, 2),
    "contacts": (8, 2),
    "delivered": (5, 1),
    "no_receipt": (1, 0),
    "undelivered": (1, 0),
    "unknown": (1, 1),
    "refused": (1, 0),
    "not_sent": (1, 0),
    "calls": (2, 0),
    "by_people": (2, 0),  # the call and the visit
    "people_calls": (1, 0),
    "conversations": (3, 0),  # one by the machine, two by people
    "people_seconds": (18 * 60, 0),
    "answered": (1, 0),
    "replies": (2, 1),
    "opt_outs": (1, 0),
    "complaints": (1, 0),
    "promises": (2, 1),
    "promises_kept": (1, 0),
    "promises_broken": (1, 0),
    "plans": (1, 0),
    "plans_kept": (1, 0),
    "offers": (0, 1),
    "offers_accepted": (1, 0),
    "offers_paid": (1, 0),
    "disputes": (1, 0),
    "disputes_over": (1, 0),
    "hardships": (0, 1),
    "hardships_over": (1, 0),
    "payments": (3, 1),
    "cures": (1, 0),
    "work_opened": (3, 0),
    "work_done": (1, 0),
}


async def test_every_rate_is_as_by_hand(report: Report) -> None:
    told = rates(report.whole()[True])
    assert told == {
        "delivery_rate": 5 / 7,  # five delivered, one undelivered, one refused
        "right_party_rate": 3 / 3,  # of two calls by the machine and one by a person
        "reply_rate": 2 / 8,
        "opt_out_rate": 1 / 8,
        "complaint_rate": 1 / 8,
        "unknown_rate": 1 / 8,
        "kept_rate": 1 / 2,
    }


async def test_money_is_by_currency_and_as_by_hand(report: Report) -> None:
    whole = report.whole()
    assert whole[True].money == {
        ("promised", "COP"): 300,
        ("promised", "MXN"): 50,
        ("kept", "COP"): 300,
        ("broken", "COP"): 200,
        ("settlements", "MXN"): 60,
        ("cured", "COP"): 790,  # all that was paid to A3 since it fell behind on 21 October
        ("collected", "COP"): 1000,
        ("collected", "MXN"): 40,
    }
    assert whole[False].money == {("promised", "COP"): 200, ("collected", "COP"): 90}


async def test_costs_are_as_by_hand(report: Report) -> None:
    now = report.whole()[True]
    # COP: SMS of 2, 1 and 1 segments at 0.05, a WhatsApp at 0.01. MXN: an SMS at 0.10, although it
    # did not arrive, a mail at 0.001, a conversation of 2 minutes at 0.06, no answer for nothing.
    providers = {"COP": Decimal("0.21"), "MXN": Decimal("0.221")}
    people = {"COP": Decimal("3.00"), "MXN": Decimal("0.60")}  # 15 and 3 minutes at 0.20
    inbound = {"COP": Decimal("1.20"), "MXN": Decimal()}  # one item of 6 minutes
    assert now.costs == {
        "providers": sum(providers.values()),
        "people": sum(people.values()),
        "inbound": sum(inbound.values()),
    }
    of_each = {one: providers[one] + people[one] + inbound[one] for one in ("COP", "MXN")}
    assert now.cost_of == of_each
    # 4.41 USD are 17,640 pesos at 4,000, for 1,000 that came in. For MXN no rate is known.
    assert cost_to_collect(now, PRICES) == {"COP": pytest.approx(17.64), "MXN": None}


async def test_what_did_not_arrive_is_told_with_its_code(report: Report) -> None:
    assert report.failed == [
        Failed("sms", "twilio", "refused", "recipient", "21610", 1, 0),
        Failed("sms", "twilio", "undelivered", "recipient", "30003", 1, 0),
    ]


async def test_lawful_hours_are_counted_by_the_law_of_the_customers_country(
    report: Report,
) -> None:
    """1 to 10 November in Colombia: two Sundays, a holiday, a Saturday and six weekdays."""
    now = {(one.channel, one.country): one for one in report.lawful[True]}
    assert set(now) == {
        *(("sms", "CO"), ("sms", "MX"), ("email", "MX"), ("whatsapp", "CO"), ("voice", "MX"))
    }
    sms = now["sms", "CO"]
    assert sms.hours == 6 * 12 + 7
    # The one at 10:30 on the 2nd, a holiday, and the one at 19:00 are beside; the 9th counts.
    assert (sum(sms.used), sum(sms.contacts), sms.beside) == (1, 1, 2)
    everything = [*report.lawful[True]]
    counted = sum(sum(one.contacts) + one.beside for one in everything)
    assert counted == report.whole()[True].counts["contacts"]


async def test_hours_are_those_of_the_customers_clock(report: Report) -> None:
    # Noon in Bogotá is 17:00 UTC: 00:00 UTC is 19:00 of the day before.
    hours = report.hours
    assert [(hour, n) for hour, n in enumerate(hours["sms"]) if n] == [(10, 3), (19, 1)]
    assert [(hour, n) for hour, n in enumerate(hours["voice"]) if n] == [(10, 2)]
    assert sum(map(sum, hours.values())) == COUNTS["contacts"][0]


async def test_every_day_has_its_contacts(report: Report) -> None:
    days = [(one.day.isoformat(), one.now, one.contacts, one.delivered) for one in report.trend]
    assert days[0] == ("2026-10-22", False, 1, 0)
    assert days[9] == ("2026-10-31", False, 1, 1)
    assert days[10] == ("2026-11-01", True, 1, 1)
    assert days[12] == ("2026-11-03", True, 1, 0)
    assert days[19] == ("2026-11-10", True, 0, 0)
    assert len(days) == 20
    assert sum(one[2] for one in days) == 10


async def test_accounts_roll_from_bucket_to_bucket(report: Report) -> None:
    # A1: 31 days on 1 November, 40 on the 10th. A2: 61 and 70. A3: 12, and cured on the 4th.
    assert report.rolls[True] == [
        Roll("1-30", "cured", 1),
        Roll("31-60", "31-60", 1),
        Roll("61-90", "61-90", 1),
    ]
    # On 22 October: 21 days, and 30 on the 31st; 51, and 60; A3: 2, and 11.
    assert report.rolls[False] == [Roll("1-30", "1-30", 2), Roll("31-60", "31-60", 1)]


async def test_an_answer_and_an_item_took_as_long_as_by_hand(report: Report) -> None:
    assert report.answers[True] == (1, 601.0, 601.0)  # 14:50:00 to 15:00:01
    assert report.work[True] == (1, 7200.0, 7200.0)
    assert report.work[False] == (0, None, None)
    (late,) = report.late[True]
    assert (late.reason, late.open, late.late, late.since) == ("dispute", 1, 1, at("08"))
    assert report.late[False] == []


async def test_a_stop_is_of_the_template_before_it(report: Report) -> None:
    assert report.templates["reminder", "sms", "es"] == Share(1, 4)


async def test_groups_are_as_by_hand(report: Report) -> None:
    by_channel = report.grouped(Dimension.CHANNEL)
    contacts = {name: one[True].counts["contacts"] for name, one in by_channel.items()}
    told = {"sms": 4, "voice": 2, "email": 1, "whatsapp": 1, "human": 0, "none": 0}
    assert contacts == told
    assert by_channel["none"][True].counts["payments"] == 3
    by_creditor = report.grouped(Dimension.CREDITOR)
    assert {name: one[True].counts["cures"] for name, one in by_creditor.items()} == {
        "bank": 1,
        "shop": 0,
    }
    by_strategy = report.grouped(Dimension.STRATEGY)
    assert by_strategy["gentle"][True].counts["contacts"] == 2
    assert by_strategy["unknown"][True].counts["contacts"] == 6, "from before it was recorded"
    by_phase = report.grouped(Dimension.PHASE)
    assert by_phase["middle"][True].counts["contacts"] == 3


async def test_late_work_that_silences_is_to_be_looked_at(report: Report) -> None:
    (finding,) = report.findings
    assert (finding.kind, finding.subject) == ("work_waits", "dispute")
    assert finding.figures == {"open": 1, "late": 1, "hours": 57.0}  # 8 Nov 15:00 to 11 Nov 00:00
