"""What is found of an experiment is something for an operator to look at, at once."""

from datetime import datetime, timedelta

import pytest

from domain.report.findings import FindingKind, Trial, of_trial
from domain.report.period import Period
from store.database import Pool
from store.report.findings import Findings
from tests.integration.store.experiments.test_reading import many, tried
from workers.experiments.evaluating import evaluate

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("people", "cured", "stopped", "kind", "subject"),
    [
        (2_000, 1_000, 120, FindingKind.ARM_CLOSED, "gentle-start:gentle"),
        (1_600, 1_100, 0, FindingKind.ARMS_MISMATCH, "gentle-start"),
        (2_000, 1_200, 0, FindingKind.EXPERIMENT_DECIDED, "gentle-start:gentle"),
    ],
)
async def test_what_is_found_stands_among_the_findings_of_reports_once(
    now: datetime,
    pool: Pool,
    people: int,
    cured: int,
    stopped: int,
    kind: FindingKind,
    subject: str,
) -> None:
    await many(pool, "usual", now, 2_000, 1_000 if stopped else 900, stopped=20 if stopped else 0)
    await many(pool, "gentle", now, people, cured, stopped=stopped)
    await evaluate(pool, [tried()], now)
    kept = Findings(pool)
    [one] = await kept.listed(done=False)
    assert (one.kind, one.subject, one.opened_at) == (kind, subject, now)
    assert one.why and one.todo
    await evaluate(pool, [tried()], now + DAY)
    # A report of that day finds it, too.
    again = of_trial(Trial(_code(kind), subject, one.why))
    week = Period(first=now.date() - 6 * DAY, last=now.date())
    assert await kept.keep([again], week, now + DAY) == 0
    [one] = await kept.listed(done=False)
    await kept.done(one.finding_id, "ana", None, now + DAY)
    assert await kept.keep([again], week, now + 2 * DAY) == 0, "somebody has looked"
    assert await kept.listed(done=False) == []


async def test_what_is_not_found_is_no_finding(now: datetime, pool: Pool) -> None:
    await many(pool, "usual", now, 300, 100)
    await many(pool, "gentle", now, 300, 100)
    await evaluate(pool, [tried()], now)
    assert await Findings(pool).listed(done=False) == []


def _code(kind: FindingKind) -> str:
    return {"arm_closed": "closed", "arms_mismatch": "mismatch"}.get(kind.value, "decided")
