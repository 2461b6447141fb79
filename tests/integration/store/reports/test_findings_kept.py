"""Findings stay on record until somebody has looked, and do not nag."""

from datetime import timedelta

import pytest

from domain.failures import BadInput, NotFound
from domain.report.findings import Finding, FindingKind
from domain.report.period import Period
from store.database import Pool
from store.report.findings import Findings
from tests.integration.store.reports.ledger import at


def fell(rate: float = 0.8, subject: str = "sms/twilio") -> Finding:
    return Finding(
        kind=FindingKind.DELIVERY_FELL,
        subject=subject,
        what=f"delivery fell to {rate}",
        why="not by chance",
        todo="look",
        figures={"rate": rate},
    )


def week(last: str) -> Period:
    day = at(last).date()
    return Period(first=day - timedelta(days=6), last=day)


async def test_the_same_report_twice_changes_nothing(pool: Pool) -> None:
    kept = Findings(pool)
    assert await kept.keep([fell()], week("10"), at("11")) == 1
    assert await kept.keep([fell()], week("10"), at("11")) == 0
    (one,) = await kept.listed(done=False)
    assert (one.subject, one.seen, one.last_day) == ("sms/twilio", 1, at("10").date())


async def test_the_next_day_it_is_the_same_finding_with_new_figures(pool: Pool) -> None:
    kept = Findings(pool)
    await kept.keep([fell(0.8), fell(0.5, "email/sendgrid")], week("10"), at("11"))
    await kept.keep([fell(0.7)], week("11"), at("12"))
    found = {one.subject: one for one in await kept.listed(done=False)}
    assert found["sms/twilio"].seen == 2
    assert found["sms/twilio"].figures == {"rate": 0.7}
    assert found["sms/twilio"].opened_at == at("11")
    assert found["email/sendgrid"].seen == 1, "it stays until somebody has looked"


async def test_an_older_report_writes_nothing_over_a_newer(pool: Pool) -> None:
    kept = Findings(pool)
    await kept.keep([fell(0.7)], week("11"), at("12"))
    await kept.keep([fell(0.8)], week("10"), at("12"))
    (one,) = await kept.listed(done=False)
    assert one.figures == {"rate": 0.7}


async def test_what_is_done_comes_back_by_new_days_only(pool: Pool) -> None:
    kept = Findings(pool)
    await kept.keep([fell()], week("10"), at("11"))
    (one,) = await kept.listed(done=False)
    await kept.done(one.finding_id, "ana", "the provider had an outage", at("11"))
    assert await kept.listed(done=False) == []
    assert await kept.keep([fell()], week("12"), at("13")) == 0, "of 6 to 12 November"
    assert await kept.keep([fell()], week("18"), at("19")) == 1, "of 12 to 18 November"
    told = [(one.done_by, one.note) for one in await kept.listed(done=True)]
    assert told == [(None, None), ("ana", "the provider had an outage")]


async def test_done_by_another_and_of_what_is_not_there_is_refused(pool: Pool) -> None:
    kept = Findings(pool)
    await kept.keep([fell()], week("10"), at("11"))
    (one,) = await kept.listed(done=False)
    for hour in ("12:00", "13:00"):
        await kept.done(one.finding_id, "ana", None, at("11", hour))
    assert (await kept.one(one.finding_id)).done_at == at("11", "12:00"), "said twice, it is once"
    with pytest.raises(BadInput, match="ana has looked"):
        await kept.done(one.finding_id, "eva", None, at("11"))
    with pytest.raises(NotFound):
        await kept.done(one.finding_id + 1, "eva", None, at("11"))
