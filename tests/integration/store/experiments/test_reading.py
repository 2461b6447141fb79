"""What came of the people of an experiment, counted by hand and by PostgreSQL."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.experiments.experiment import Experiment, Harm
from domain.experiments.judging import Finding, Kind, Verdict
from domain.experiments.sequences import Group
from store.database import Pool
from store.experiments import figures, findings
from store.experiments.people import take_in
from tests.integration.store.experiments.conftest import trial
from tests.support.rows import add_account, add_customer
from workers.experiments.evaluating import evaluate
from workers.experiments.looking import as_json, look
from workers.experiments.words import standing

DAY = timedelta(days=1)
BOTH = {"usual": 5_000, "gentle": 5_000}
CHANCES = tuple(sorted(BOTH.items()))


def tried(**more: Any) -> Experiment:
    rails = [
        {"harm": "opt_outs", "within_days": 10, "tolerated": "0.01"},
        {"harm": "complaints", "within_days": 10, "tolerated": "0.01"},
        {"harm": "disputes", "within_days": 10, "tolerated": "0.01"},
    ]
    primary = {"metric": "cured", "within_days": 30}
    return trial(**{"guardrails": rails, "primary": primary, "late_days": 3, **more}).experiment


async def enter(
    pool: Pool, who: str, arm: str, at: datetime, came_with: str | None = None, **more: str
) -> None:
    """A customer with one debt of 100, or several, who was taken into an arm."""
    await add_customer(pool, who, points=())
    for number, balance in enumerate(more.get("balances", "100").split(), start=1):
        await add_account(pool, f"{who}-{number}", who, balance=balance, due=at.date() - 5 * DAY)
    async with pool.acquire() as connection:
        await take_in(connection, tried(), ("bank", who), arm, BOTH, came_with, at)


async def pay(pool: Pool, account: str, amount: str, at: datetime) -> None:
    await pool.execute(
        "INSERT INTO payments (creditor, account_id, payment_id, amount, paid_at) "
        "VALUES ('bank', $1, $2, $3, $4)",
        *(account, f"p{at.isoformat()}", Decimal(amount), at),
    )


async def close(pool: Pool, account: str, why: str, at: datetime) -> None:
    await pool.execute(
        "INSERT INTO plan_changes (creditor, account_id, plan, at, kind, why, state, next_at, "
        "summary) VALUES ('bank', $1, 1, $2, 'close', $3, 'closed', $2, '')",
        *(account, at, why),
    )


async def outcomes(pool: Pool, now: datetime, **more: Any) -> dict[str, tuple[int, float]]:
    async with pool.acquire() as connection:
        made = await figures.outcomes(connection, "gentle-start", tried(**more).plan, now)
    return {one.arm: (one.people, round(one.total, 4)) for one in made}


async def test_who_is_cured_is_counted_by_what_happened_in_their_days(
    now: datetime, pool: Pool
) -> None:
    at = now - 40 * DAY
    for who in ("paid", "late", "before", "closed", "tardy", "recalled", "back", "some", "along"):
        await enter(pool, who, "usual", at, "paid" if who == "along" else None)
    await enter(pool, "two", "gentle", at, balances="100 300")
    await enter(pool, "both", "gentle", at, balances="100 300")
    await enter(pool, "young", "gentle", now - 32 * DAY)
    await pay(pool, "paid-1", "60", at + DAY)
    await pay(pool, "paid-1", "40", at + 30 * DAY)
    await pay(pool, "late-1", "100", at + 30 * DAY + timedelta(seconds=1))
    await pay(pool, "before-1", "100", at)
    await close(pool, "closed-1", "cured", at + 2 * DAY)
    await close(pool, "tardy-1", "cured", at + 31 * DAY)
    await close(pool, "recalled-1", "recalled", at + 2 * DAY)
    await close(pool, "back-1", "settled", at + 2 * DAY)  # and fell behind again
    await pay(pool, "some-1", "99.99", at + 2 * DAY)
    await pay(pool, "along-1", "100", at + 2 * DAY)
    await pay(pool, "two-1", "100", at + 2 * DAY)
    await pay(pool, "both-1", "500", at + 2 * DAY)
    await close(pool, "both-2", "cured", at + 2 * DAY)
    await pay(pool, "young-1", "100", at + 20 * DAY)
    assert await outcomes(pool, now) == {"usual": (8, 3), "gentle": (2, 1)}
    # paid 1, closed 1, some 0.9999, settled without money 0; two 0.5, both 1.
    money = {"metric": "money", "within_days": 30}
    assert await outcomes(pool, now, primary=money) == {"usual": (8, 2.9999), "gentle": (2, 1.5)}
    async with pool.acquire() as connection:
        paid = await figures.money(connection, "gentle-start", tried().plan, now)
        taken = await figures.taken_in(connection, "gentle-start")
    assert [(one.arm, one.currency, one.people, one.owed, one.paid) for one in paid] == [
        ("gentle", "COP", 2, Decimal(800), Decimal(600)),
        ("usual", "COP", 8, Decimal(800), Decimal("199.99")),
    ]
    assert [(one.drawn.arm, one.drawn.people, one.came_along) for one in taken] == [
        ("gentle", 3, 0),
        ("usual", 8, 1),
    ]


async def test_people_are_counted_once_their_days_and_what_is_told_late_are_over(
    now: datetime, pool: Pool
) -> None:
    await enter(pool, "one", "usual", now - 33 * DAY)
    assert await outcomes(pool, now - timedelta(seconds=1)) == {}
    assert await outcomes(pool, now) == {"usual": (1, 0)}


async def test_an_account_that_has_another_number_by_now_is_followed(
    now: datetime, pool: Pool
) -> None:
    at = now - 40 * DAY
    await enter(pool, "one", "usual", at)
    await pool.execute("UPDATE accounts SET status = 'closed' WHERE account_id = 'one-1'")
    await add_account(pool, "new", "one", balance="100", due=at.date())
    await pool.execute("UPDATE accounts SET formerly = '{one-1}' WHERE account_id = 'new'")
    await pay(pool, "new", "100", at + DAY)
    assert await outcomes(pool, now) == {"usual": (1, 1)}


async def test_harms_are_counted_of_the_person_within_their_days(now: datetime, pool: Pool) -> None:
    at = now - 40 * DAY
    for who in ("stop", "letter", "lawyer", "dispute", "later", "spam", "nothing"):
        await enter(pool, who, "gentle", at)
    await add_customer(pool, "point")
    await pool.execute(
        "INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, "
        "phase, purpose, channel, provider, contact_point_id, state, jurisdictions, zones, "
        "not_before, not_after, reserved_at, facts_seen) SELECT 't', 'bank', 'spam-1', 'spam', "
        "'{}', 1, 1, 'early', 'reminder', 'email', 'sendgrid', contact_point_id, 'reserved', "
        "'{}', '{}', $1, $1, $1, 1 FROM contact_points LIMIT 1",
        at + DAY,
    )
    await pool.execute(
        "INSERT INTO provider_events (provider, event_id, attempt_id, status, at, code) "
        "VALUES ('sendgrid', 'e', 't', 'undelivered', $1, 'spamreport')",
        at + 2 * DAY,
    )
    await enter(pool, "young", "gentle", now - 9 * DAY)
    for who, kind, day in (
        *(("stop", "opt_out", 1), ("letter", "cease", 10), ("lawyer", "attorney", 3)),
        *(("later", "opt_out", 11), ("young", "opt_out", 35)),
    ):
        await pool.execute(
            "INSERT INTO law_events (event_id, customer_id, kind, at) VALUES ($1, $1, $2, $3)",
            *(who, kind, at + day * DAY),
        )
    await pool.execute(
        "INSERT INTO disputes (creditor, account_id, dispute_id, reason, opened_at, answer_due) "
        "VALUES ('bank', 'dispute-1', 'd', 'amount', $1, $2)",
        *(at + 2 * DAY, at.date() + 30 * DAY),
    )
    async with pool.acquire() as connection:
        made = await figures.harms(connection, "gentle-start", tried().plan, now)
    assert made == {
        (harm, 10): [Group("gentle", CHANCES, 7, total, total)]
        for harm, total in ((Harm.OPT_OUTS, 2), (Harm.COMPLAINTS, 3), (Harm.DISPUTES, 1))
    }


async def many(
    pool: Pool, arm: str, now: datetime, people: int, cured: int, stopped: int = 0
) -> None:
    """People who have all been there for forty days; some cured, some said stop."""
    at = now - 40 * DAY
    await pool.execute(
        "INSERT INTO experiments VALUES ('gentle-start', $1, $2) ON CONFLICT DO NOTHING",
        *(tried().plan.model_dump(mode="json"), at),
    )
    await pool.execute(
        """
        WITH who AS (SELECT $1 || '-' || n AS name, n FROM generate_series(1, $2::int) AS n),
        held AS (
            INSERT INTO accounts (creditor, account_id, customer_id, currency, balance,
                balance_as_of, oldest_due_date, since, arms)
            SELECT 'bank', name, name, 'COP', 100, $5::timestamptz, ($5::timestamptz)::date,
                $5::timestamptz, ARRAY['gentle-start:' || $1]
            FROM who),
        taken AS (
            INSERT INTO experiment_people (experiment, creditor, customer_id, arm, version,
                taken_in_at, chances, owed)
            SELECT 'gentle-start', 'bank', name, $1, 1, $5, $6, jsonb_build_array(
                jsonb_build_object('account_id', name, 'currency', 'COP', 'balance', '100'))
            FROM who),
        paid AS (
            INSERT INTO payments SELECT 'bank', name, 'p', 100, $5 + interval '1 day'
            FROM who WHERE n <= $3)
        INSERT INTO law_events (event_id, customer_id, kind, at)
        SELECT name, name, 'opt_out', $5 + interval '1 day' FROM who WHERE n <= $4
        """,
        *(arm, people, cured, stopped, at, BOTH),
    )


async def test_an_arm_that_does_harm_is_closed_once_and_its_accounts_plan_anew(
    now: datetime, pool: Pool
) -> None:
    await many(pool, "usual", now, 2_000, 1_000, stopped=20)
    await many(pool, "gentle", now, 2_000, 1_000, stopped=120)
    found = await evaluate(pool, [tried()], now)
    assert found is not None
    [closed] = found
    assert (closed.kind, closed.arm) == (Kind.CLOSED, "gentle")
    assert closed.why.startswith("more opt-outs within 10 days: +5.0% against the champion")
    told = await pool.fetch("SELECT news, count(*) AS n FROM untold GROUP BY news")
    assert [dict(row) for row in told] == [
        {"news": "experiment:gentle-start:gentle:closed", "n": 2_000}
    ]
    assert await evaluate(pool, [tried()], now + DAY) == []
    kept = await pool.fetchval("SELECT figures FROM experiment_findings")
    [gentle] = [one for one in kept["arms"] if one["arm"] == "gentle"]
    assert gentle["guardrails"][0]["happened"] == 120


async def test_a_verdict_is_kept_and_shown_and_nobody_is_told(now: datetime, pool: Pool) -> None:
    await many(pool, "usual", now, 2_000, 900)
    await many(pool, "gentle", now, 2_000, 1_200)
    found = await evaluate(pool, [tried()], now)
    assert found is not None
    assert [(one.kind, one.verdict) for one in found] == [(Kind.DECIDED, Verdict.BETTER)]
    assert await pool.fetchval("SELECT count(*) FROM untold") == 0
    async with pool.acquire() as connection:
        kept = await findings.kept(connection)
        seen = await look(connection, "gentle-start", tried().plan, kept, now)
    assert seen.is_over
    said = "\n".join(standing(seen, tried(), now))
    assert "decided, nobody more is taken in" in said
    assert "gentle: 2000 drawn, 2000 count, 60.0%" in said
    assert "COP: 120000.00 of 200000.00 paid, 60.0%" in said
    assert "better: +15.0% against the champion, certainly between +" in said
    assert as_json(seen)["over"] is True


async def test_a_draw_that_loses_people_is_found_and_gives_no_verdict(
    now: datetime, pool: Pool
) -> None:
    await many(pool, "usual", now, 2_000, 900)
    await many(pool, "gentle", now, 1_600, 1_100)
    found = await evaluate(pool, [tried()], now)
    assert found is not None
    assert [one.kind for one in found] == [Kind.MISMATCH]
    assert await evaluate(pool, [tried()], now + DAY) == []


async def test_it_is_read_by_what_stood_before_the_first_look(now: datetime, pool: Pool) -> None:
    """A margin that is made wide afterwards makes nothing equivalent."""
    await many(pool, "usual", now, 2_000, 1_000)
    await many(pool, "gentle", now, 2_000, 1_000)
    wide = tried(margin="0.2")
    assert await evaluate(pool, [wide], now) == []
    async with pool.acquire() as connection:
        known = await findings.registered(connection)
        plan = known["gentle-start"].plan
        seen = await look(connection, "gentle-start", plan, (), now)
    assert plan == tried().plan
    assert any(
        "has changed what stood" in line and "margin" in line for line in standing(seen, wide, now)
    )


async def test_what_was_found_first_stays(now: datetime, pool: Pool) -> None:
    await many(pool, "usual", now, 10, 1)
    async with pool.acquire() as connection:
        for why, is_new in (("first", True), ("second", False)):
            finding = Finding(Kind.CLOSED, "gentle", None, why)
            assert await findings.keep(connection, "gentle-start", finding, {}, now) is is_new
        assert [one.why for one in await findings.kept(connection)] == ["first"]


async def test_who_looks_while_another_looks_has_nothing_to_do(now: datetime, pool: Pool) -> None:
    await many(pool, "usual", now, 10, 1)
    async with pool.acquire() as connection, connection.transaction():
        assert await findings.alone(connection)
        assert await evaluate(pool, [tried()], now) is None
    assert await evaluate(pool, [tried()], now) == []


@pytest.mark.parametrize("files", [[], [tried(ended=True)]], ids=["no file", "ended"])
async def test_accounts_of_an_experiment_that_is_over_plan_anew(
    now: datetime, pool: Pool, files: list[Experiment]
) -> None:
    await many(pool, "usual", now, 5, 1)
    assert await evaluate(pool, files, now) == []
    told = await pool.fetch("SELECT DISTINCT news FROM untold")
    assert [row["news"] for row in told] == ["experiment:gentle-start:usual:over"]
    await pool.execute("DELETE FROM untold")
    assert await evaluate(pool, [tried()], now) == []
    assert await pool.fetchval("SELECT count(*) FROM untold") == 0
