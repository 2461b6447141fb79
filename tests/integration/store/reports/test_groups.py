"""Whatever the ledger holds, its groups add up to it, and its days are those of the zone."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from activities.reporting.forms import as_csv, as_json
from activities.reporting.page import as_html
from domain.report.figures import Dimension, Tally
from domain.report.period import Period
from store.database import Pool
from tests.integration.store.reports.ledger import Book, at

STATES = (
    *("delivered", "accepted", "undelivered", "refused"),
    *("unknown", "dispatching", "reserved", "released"),
)


async def at_random(pool: Pool, seed: int) -> Book:
    chance, book = random.Random(seed), Book(pool)
    places = [("bank/A1", "C1", "COP"), ("bank/A2", "C1", "USD"), ("shop/A1", "C2", "MXN")]
    for account, customer, currency in places:
        await book.account(account, customer, currency, "MX" if customer == "C2" else "CO")
    for number in range(60):
        account, customer, _ = chance.choice([*places, ("gone/A9", "C9", "")])
        moment = at("10-18") + timedelta(hours=chance.uniform(0, 24 * 26))
        channel = chance.choice(["sms", "email", "whatsapp", "voice"])
        phase = chance.choice(["early", "middle", "late"])
        await book.attempt(account, customer, moment, channel, chance.choice(STATES), phase=phase)
        creditor, _, account_id = account.partition("/")
        owner = {"creditor": creditor, "account_id": account_id}
        amount = Decimal(chance.randrange(1, 1000))
        await book.row("payments", **owner, payment_id=str(number), amount=amount, paid_at=moment)
        said = {"provider": "twilio", "inbound_id": str(number), "channel": channel, "text": "-"}
        whose = chance.choice([customer, None])
        await book.row(
            "inbound", **said, customer_id=whose, address="+57", intent="other", at=moment
        )
    return book


@pytest.mark.parametrize("seed", range(3))
async def test_the_groups_of_every_dimension_add_up_to_the_whole(pool: Pool, seed: int) -> None:
    report = await (await at_random(pool, seed)).report()
    whole = report.whole()
    assert whole[True].counts["contacts"] > 10
    for by in Dimension:
        together = {True: Tally(), False: Tally()}
        for sides in report.grouped(by).values():
            for flag in together:
                together[flag].add(sides[flag])
        assert together == whole, by


@pytest.mark.parametrize("seed", range(3))
async def test_the_whole_is_what_the_tables_hold(pool: Pool, seed: int) -> None:
    report = await (await at_random(pool, seed)).report()
    span = (report.period.begins, report.period.ends)
    counts = report.whole()[True].counts
    told = {"attempts": "attempts", "payments": "payments", "replies": "inbound"}
    moments = {"attempts": "reserved_at", "payments": "paid_at", "inbound": "at"}
    for figure, table in told.items():
        moment = moments[table]
        ask = f"SELECT count(*) FROM {table} WHERE {moment} >= $1 AND {moment} < $2"
        assert counts[figure] == await pool.fetchval(ask, *span), figure
    paid = await pool.fetch(
        "SELECT currency, sum(amount) AS amount FROM payments p JOIN accounts a "
        "USING (creditor, account_id) WHERE paid_at >= $1 AND paid_at < $2 GROUP BY 1",
        *span,
    )
    money = report.whole()[True].money
    assert {one["currency"]: one["amount"] for one in paid} == {
        currency: amount for (name, currency), amount in money.items() if name == "collected"
    }


async def test_segments_and_arms_are_those_on_record(pool: Pool) -> None:
    book = Book(pool)
    await book.account("bank/A1", "C1", segment="young", arms=["tone:warm"])
    arms = ["tone:warm", "hours:late"]
    await book.attempt("bank/A1", "C1", at("05", "15:00"), segment="young", arms=arms)
    await book.attempt("bank/A1", "C1", at("05", "16:00"), segment="old", arms=[])
    await book.attempt("bank/A1", "C1", at("05", "17:00"))
    paid = {"payment_id": "p", "amount": Decimal(5), "paid_at": at("05")}
    await book.row("payments", creditor="bank", account_id="A1", **paid)
    report = await book.report()
    told = {
        by: {
            name: (sides[True].counts["contacts"], sides[True].counts["payments"])
            for name, sides in report.grouped(by).items()
        }
        for by in (Dimension.SEGMENT, Dimension.ARM)
    }
    assert told[Dimension.SEGMENT] == {"young": (1, 1), "old": (1, 0), "unknown": (1, 0)}
    assert told[Dimension.ARM] == {
        "tone:warm hours:late": (1, 0),
        "tone:warm": (0, 1),
        "none": (1, 0),
        "unknown": (1, 0),
    }


async def test_an_arm_that_was_closed_in_the_period_is_to_be_looked_at(pool: Pool) -> None:
    book = Book(pool)
    for arm, found in (("warm", at("05")), ("cold", at("10-05"))):
        row = {"experiment": "tone", "arm": arm, "kind": "closed", "found_at": found}
        await book.row("experiment_findings", **row, why="too many stopped", figures={})
    (finding,) = (await book.report()).findings
    assert (finding.kind, finding.subject) == ("arm_closed", "tone:warm")
    assert finding.why == "too many stopped"


async def test_an_empty_ledger_has_a_report_in_every_form(pool: Pool) -> None:
    report = await Book(pool).report()
    assert not report.findings
    assert not any(report.whole()[True].counts.values())
    assert "Nothing stands out" in as_html(report)
    assert as_json(report)["whole"]["period"]["rates"]["delivery_rate"] is None
    assert "all,all,contacts,,0,0" in as_csv(report)


async def test_a_period_without_anything_stands_beside_a_full_one(pool: Pool) -> None:
    book = Book(pool)
    await book.account("bank/A1", "C1")
    for minute in range(3):
        await book.attempt("bank/A1", "C1", at("10-25", f"15:0{minute}"))
    whole = (await book.report()).whole()
    assert (whole[True].counts["contacts"], whole[False].counts["contacts"]) == (0, 3)


async def test_amounts_of_two_currencies_stand_apart_in_every_form(pool: Pool) -> None:
    book = Book(pool)
    for account, currency, amount in (("bank/A1", "COP", 5000), ("bank/A2", "USD", 7)):
        await book.account(account, "C1", currency)
        owner = {"creditor": "bank", "account_id": account[5:]}
        paid = {"payment_id": "p", "amount": Decimal(amount), "paid_at": at("05")}
        await book.row("payments", **owner, **paid)
    report = await book.report()
    assert report.whole()[True].money == {("collected", "COP"): 5000, ("collected", "USD"): 7}
    told = as_json(report)["whole"]["period"]["money"]
    assert told == {"COP": {"collected": "5000.00"}, "USD": {"collected": "7.00"}}
    assert "5007" not in as_html(report) + as_csv(report)


@pytest.mark.parametrize(
    ("zone", "first", "last", "hours"),
    [
        ("Europe/Madrid", date(2026, 10, 24), date(2026, 10, 26), 73),  # clocks go back
        ("America/Santiago", date(2026, 9, 5), date(2026, 9, 6), 47),  # forward, at midnight
        ("America/Bogota", date(2026, 10, 24), date(2026, 10, 26), 72),
    ],
)
async def test_a_period_in_which_clocks_change_has_all_its_instants_once(
    pool: Pool, zone: str, first: date, last: date, hours: int
) -> None:
    period, book = Period.checked(first, last, zone), Book(pool)
    begins, ends, second = period.begins, period.ends, timedelta(seconds=1)
    assert (ends - begins) == timedelta(hours=hours)
    await book.account("bank/A1", "C1")
    for moment in (begins - second, begins, ends - second, ends):
        await book.attempt("bank/A1", "C1", moment)
    hour = begins
    while hour < ends:
        await book.attempt("bank/A1", "C1", hour + timedelta(minutes=30))
        hour += timedelta(hours=1)
    report = await book.report(first.isoformat()[5:], last.isoformat()[5:], zone)
    whole = report.whole()
    assert whole[True].counts["contacts"] == hours + 2
    assert whole[False].counts["contacts"] == 1
    bounds = period.bounds()
    by_day = {one.day: one.contacts for one in report.trend if one.now}
    for place, day in enumerate(sorted(by_day)):
        length = (bounds[place + 1] - bounds[place]) // timedelta(hours=1)
        at_the_ends = (place == 0) + (place == len(by_day) - 1)
        assert by_day[day] == length + at_the_ends, day


def test_a_day_begins_when_its_zone_says() -> None:
    period = Period.checked(date(2026, 9, 6), date(2026, 9, 6), "America/Santiago")
    # There is no midnight: at 24:00 of the 5th it is 01:00 of the 6th.
    assert period.begins == datetime(2026, 9, 6, 4, tzinfo=UTC)
    assert period.before.ends == period.begins
