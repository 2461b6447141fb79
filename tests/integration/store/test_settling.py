"""What a person must look at, and what follows from what they say."""

import io
import json
from datetime import datetime, timedelta

import pytest
from rich.console import Console

from domain.channels import Channel
from domain.failures import BadInput, NotFound
from domain.ledger.attempt import AttemptState
from domain.names import attempt_id
from domain.planning.step import Step, StepKind
from store.database import Pool
from store.settlements import Settling
from tests.support.activities import Actor, accepted, fault
from tests.support.rows import attempts
from workers.cli.output import show_timeline, show_unknown

ATTEMPT = attempt_id("bank", "A1", 1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ACCEPTED, REFUSED = AttemptState.ACCEPTED, AttemptState.REFUSED


async def in_doubt(actor: Actor, sandbox_url: str, now: datetime) -> Step:
    """An attempt whose request nobody answered; the reconciliation that follows."""
    await fault(sandbox_url, "hang_before", op="send")
    step = await actor.contact(await actor.planned(now))
    assert step.kind is StepKind.RECONCILE
    return step


async def given_up(actor: Actor, sandbox_url: str, now: datetime) -> datetime:
    """The same after the deadline, and when that was."""
    step = await in_doubt(actor, sandbox_url, now)
    at = step.not_before
    while step.kind is StepKind.RECONCILE:
        at = step.not_before
        step = await actor.reconcile(ATTEMPT, at)
    return at


async def shown(pool: Pool, now: datetime, *, as_json: bool = False) -> str:
    out = io.StringIO()
    await show_unknown(pool, now, Console(file=out, width=200), as_json=as_json)
    return out.getvalue()


async def test_while_the_provider_is_asked_the_wait_says_so_and_nobody_is_bothered(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    step = await in_doubt(actor, sandbox_url, now)
    assert step.summary.startswith("SMS 1 of early may have been accepted: nothing is sent, the")
    assert "nothing is unknown" in await shown(pool, step.not_before)


async def test_after_the_deadline_a_person_sees_what_was_tried(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    at = await given_up(actor, sandbox_url, now)
    told = await shown(pool, at + HOUR)
    assert ATTEMPT in told and "bank/A1" in told and "sms (twilio)" in told
    assert "twilio: ReadTimeout; twilio was asked 4 times in vain" in told
    (line,) = (await shown(pool, at + HOUR, as_json=True)).splitlines()
    said = json.loads(line)
    assert (said["attempt_id"], said["provider"], said["asked"]) == (ATTEMPT, "twilio", 4)
    assert "+57" not in line and "Ana" not in line


async def test_a_doubt_that_a_closed_account_left_behind_is_shown(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    step = await in_doubt(actor, sandbox_url, now)
    await actor.record(step.not_before, {"kind": "close", "id": "c1"})
    assert ATTEMPT in await shown(pool, step.not_before + 2 * HOUR)
    settling = Settling(pool)
    with pytest.raises(BadInput, match="only --accepted"):
        await settling.settle(ATTEMPT, REFUSED, "no trace", "ana", step.not_before + 2 * HOUR)
    await settling.settle(ATTEMPT, REFUSED, "no trace", "ana", step.not_before + DAY)
    assert "nothing is unknown" in await shown(pool, step.not_before + DAY)


async def test_a_run_that_was_never_heard_of_again_is_shown(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    step = await actor.planned(now)
    await actor.reserve(step)
    execution = (await attempts(pool))[0]["execution"]
    await actor.dependencies.ledger.dispatch(ATTEMPT, execution, step.not_before, "d")
    assert "nothing is unknown" in await shown(pool, step.not_before + HOUR / 2)
    assert "has not been heard of since" in await shown(pool, step.not_before + 2 * HOUR)


async def test_refused_by_a_persons_word_goes_on_by_another_channel(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    at = await given_up(actor, sandbox_url, now)
    await Settling(pool).settle(ATTEMPT, REFUSED, "no trace at twilio", "ana", at + HOUR)
    again = await actor.planned(at + HOUR)
    assert (again.kind, again.why, again.channel) == (StepKind.CONTACT, "failover", Channel.EMAIL)
    await actor.contact(again)
    assert [message["channel"] for message in await accepted(sandbox_url)] == ["email"]
    kept = await pool.fetchrow("SELECT outcome, note, settled_by FROM settlements")
    assert kept is not None
    assert tuple(kept.values()) == ("refused", "no trace at twilio", "ana")
    out = io.StringIO()
    await show_timeline(pool, "C1", Console(file=out, width=200))
    assert "sms was refused, says ana: no trace at twilio" in out.getvalue()


async def test_accepted_by_a_persons_word_stays_a_contact(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    at = await given_up(actor, sandbox_url, now)
    await Settling(pool).settle(ATTEMPT, ACCEPTED, "SM123 in the console", "ana", at)
    again = await actor.planned(at)
    assert (again.kind, again.touch) == (StepKind.CONTACT, 2)


async def test_who_comes_second_is_told_what_the_first_one_said(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    at = await given_up(actor, sandbox_url, now)
    settling = Settling(pool)
    first = await settling.settle(ATTEMPT, ACCEPTED, "seen", "ana", at)
    second = await settling.settle(ATTEMPT, ACCEPTED, "seen, too", "luis", at)
    assert (first.repeated, second.repeated) == (False, True)
    with pytest.raises(BadInput, match="ana has settled it as accepted"):
        await settling.settle(ATTEMPT, REFUSED, "not seen", "luis", at)
    assert await pool.fetchval("SELECT note FROM settlements") == "seen"


async def test_only_what_is_unknown_can_be_settled(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    settling = Settling(pool)
    with pytest.raises(NotFound, match="contrapunto ledger unknown"):
        await settling.settle(ATTEMPT, REFUSED, "note", "ana", now)
    await actor.contact(await actor.planned(now))
    with pytest.raises(BadInput, match="is accepted, not unknown"):
        await settling.settle(ATTEMPT, REFUSED, "note", "ana", now + DAY)
    with pytest.raises(BadInput, match="must not be blank"):
        await settling.settle(ATTEMPT, REFUSED, "  ", "ana", now + DAY)
    assert await pool.fetchval("SELECT count(*) FROM settlements") == 0
