"""Where time is skipped each account has a clock of its own, and another's may be ahead."""

from datetime import datetime, timedelta

from activities.dependencies import Dependencies
from domain.channels import Channel
from domain.ledger.circuit import OPENS_AFTER, Sign, health
from domain.names import attempt_id
from domain.planning.step import StepKind
from store.database import Pool
from tests.support.activities import Actor, accepted

TWILIO = (Channel.SMS, "twilio")
MINUTE = timedelta(minutes=1)


async def test_a_probe_that_an_account_ahead_has_taken_is_not_planned_over_and_over(
    actor: Actor, dependencies: Dependencies, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    """Found by the campaign: the text was refused, as that probe was taken; the e-mail planned in
    its place was refused too, as planning did not see the probe; and so on, at full speed."""
    due = (await actor.planned(now)).not_before
    for n in range(OPENS_AFTER):
        at = due - (OPENS_AFTER - n + 1) * MINUTE
        await dependencies.health.note(TWILIO, Sign.FAILED, f"failed {n}", at)
    opens = health(await dependencies.health.signs(due), due)[TWILIO].next_at
    assert opens is not None and opens <= due, "half open when the account's text is due"
    async with pool.acquire() as connection:
        taken = await dependencies.health.claim(
            connection, TWILIO, "other", opens, due + timedelta(hours=5)
        )
    assert taken
    step = await actor.planned(due)
    for _ in range(4):
        if step.kind is StepKind.CONTACT and step.not_before <= due + MINUTE:
            step = await actor.contact(step, due + MINUTE)
    assert len(await accepted(sandbox_url)) == 1


async def test_a_probe_that_never_left_does_not_bar_the_next_one_of_the_same_attempt(
    actor: Actor, dependencies: Dependencies, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    """Found by the campaign: an attempt had claimed the probe of one channel and was then planned
    anew; its claim on another channel was refused for it, as was what was planned instead, for
    ever, at full speed."""
    step = await actor.planned(now)
    due = step.not_before
    for n in range(OPENS_AFTER):
        at = due - (OPENS_AFTER - n + 1) * MINUTE
        await dependencies.health.note(TWILIO, Sign.FAILED, f"failed {n}", at)
    async with pool.acquire() as connection:
        attempt = attempt_id(actor.creditor, actor.account_id, step.number)
        served = (Channel.WHATSAPP, "twilio")
        assert await dependencies.health.claim(
            connection, served, attempt, due - MINUTE, due - MINUTE
        )
    await actor.contact(step, due)
    assert [message["channel"] for message in await accepted(sandbox_url)] == ["sms"]
