"""Failover between the providers of a channel, on real parts, and what they themselves took."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from activities.dependencies import Dependencies
from domain.ledger.circuit import FIRST, OPENS_AFTER
from domain.planning.step import Step, StepKind
from lab.builders.parts import dependencies_for, second_providers, settings_for
from lab.local.postgres import free_port
from store.database import Pool
from store.views.gauges import provider_figures
from tests.support.activities import Actor, accepted, fault
from tests.support.rows import add_account, add_customer, attempts

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DUE = timedelta(days=10)


@pytest.fixture
async def dependencies(pool: Pool, sandbox_url: str) -> AsyncIterator[Dependencies]:
    """Two providers on each channel."""
    told = settings_for(
        sandbox_url, provider_timeout=0.7, whole_orders=True, **second_providers(sandbox_url)
    )
    with dependencies_for(pool, told) as made:
        yield made


@pytest.fixture
async def actor(pool: Pool, dependencies: Dependencies) -> Actor:
    """One account whose customer has a mobile alone."""
    return await with_mobile(dependencies, "A1")


async def with_mobile(dependencies: Dependencies, account: str) -> Actor:
    customer = f"C{account}"
    number = f"+57300{int(account[1:]):07d}"
    await add_customer(dependencies.pool, customer, points=(("sms", "mobile", number),))
    await add_account(dependencies.pool, account, customer, due=datetime.now(UTC).date() - DUE)
    return Actor(dependencies, account)


async def story(pool: Pool) -> list[tuple[str, str, str | None]]:
    return [(row["provider"], row["state"], row["refusal"]) for row in await attempts(pool)]


async def signs(pool: Pool) -> list[tuple[str, str]]:
    rows = await pool.fetch("SELECT provider, sign FROM provider_health ORDER BY at, sign")
    return [(row["provider"], row["sign"]) for row in rows]


async def down(sandbox_url: str, *names: str, times: int | None = None) -> None:
    for name in names:
        await fault(sandbox_url, "429", times, provider=name)


# --- one touch ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("do", "refusal"), [("429", "rate"), ("refuse:20003", "configuration")])
async def test_a_refusal_for_the_providers_sake_goes_on_at_once_through_the_next(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime, do: str, refusal: str
) -> None:
    await fault(sandbox_url, do, provider="twilio")
    step = await actor.planned(now)
    again = await actor.contact(step)
    assert (again.kind, again.number, again.touch) == (StepKind.CONTACT, 2, step.touch)
    assert again.provider == "infobip"
    assert again.not_before <= step.not_before + SECOND
    await actor.contact(again, step.not_before + SECOND)
    assert await story(pool) == [("twilio", "refused", refusal), ("infobip", "accepted", None)]
    [taken] = await accepted(sandbox_url)
    rows = await attempts(pool)
    assert (taken["provider"], taken["attempt"]) == ("infobip", rows[1]["attempt_id"])
    assert taken["id"] == rows[1]["provider_message_id"] == rows[1]["attempt_id"]


async def test_a_provider_that_cannot_be_reached_is_left_for_the_next(
    pool: Pool, sandbox_url: str, now: datetime
) -> None:
    told = settings_for(
        sandbox_url,
        **second_providers(sandbox_url),
        twilio_base_url=f"http://127.0.0.1:{free_port()}",
    )
    with dependencies_for(pool, told) as dependencies:
        actor = await with_mobile(dependencies, "A1")
        step = await actor.planned(now)
        again = await actor.contact(step)
        await actor.contact(again, step.not_before + SECOND)
    assert await story(pool) == [("twilio", "refused", "temporary"), ("infobip", "accepted", None)]


@pytest.mark.parametrize("do", ["hang_before", "5xx_before", "reset_after", "5xx_after"])
async def test_what_is_unknown_never_moves(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime, do: str
) -> None:
    await fault(sandbox_url, do, provider="twilio")
    await fault(sandbox_url, "silent", provider="twilio")
    step = await actor.planned(now)
    after = await actor.contact(step)
    assert after.kind is StepKind.RECONCILE
    assert await story(pool) == [("twilio", "unknown", None)]
    assert len(await accepted(sandbox_url)) == (1 if do.endswith("after") else 0)
    # A day of asking later it is a contact made, whatever became of it.
    for at in (MINUTE * 3, MINUTE * 16, MINUTE * 121, timedelta(days=1, minutes=1)):
        after = await actor.reconcile(attempt_of(await attempts(pool)), step.not_before + at)
    assert (after.kind, after.touch) == (StepKind.CONTACT, 2)
    assert {provider for provider, _, _ in await story(pool)} == {"twilio"}


def attempt_of(rows: list[dict[str, Any]]) -> str:
    name: str = rows[0]["attempt_id"]
    return name


@pytest.mark.parametrize("do", ["refuse:21610", "refuse:21211"])
async def test_an_opt_out_or_a_wrong_number_is_so_at_every_provider(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime, do: str
) -> None:
    await fault(sandbox_url, do, provider="twilio")
    step = await actor.planned(now)
    after = await actor.contact(step)
    assert (after.kind, after.why) == (StepKind.WAIT, "no_channel")
    assert len(await story(pool)) == 1
    assert await signs(pool) == [], "the provider is well"


async def test_an_attempt_in_doubt_is_asked_about_where_it_went(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    await down(sandbox_url, "twilio", times=1)
    await fault(sandbox_url, "5xx_after", provider="infobip")
    step = await actor.planned(now)
    again = await actor.contact(step)
    after = await actor.contact(again, step.not_before + SECOND)
    assert after.kind is StepKind.RECONCILE and after.attempt_id is not None
    await actor.reconcile(after.attempt_id, after.not_before)
    assert (await story(pool))[1] == ("infobip", "accepted", None)


# --- the circuit ----------------------------------------------------------------------------------


async def broken(actor: Actor, sandbox_url: str, now: datetime, *names: str) -> datetime:
    """Enough other accounts have met providers that are down; the actor is due, too, by then."""
    await down(sandbox_url, *names)
    others = [await with_mobile(actor.dependencies, f"A{100 + nth}") for nth in range(OPENS_AFTER)]
    steps = [await other.planned(now) for other in others]
    at = max(step.not_before for step in (*steps, await actor.planned(now)))
    for other, step in zip(others, steps, strict=True):
        for nth in range(len(names)):
            # One after the other: the ledger of a person never goes back in time.
            step = await other.contact(step, at + nth * SECOND)  # noqa: PLW2901
    return at + len(names) * SECOND


async def test_after_some_failures_in_a_row_a_provider_is_left_out_by_all_workers(
    actor: Actor, dependencies: Dependencies, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    at = await broken(actor, sandbox_url, now, "twilio")
    with dependencies_for(pool, dependencies.settings) as another:
        step = await Actor(another).planned(at)
        assert step.provider == "infobip"
        await Actor(another).contact(step, max(at, step.not_before))
    assert (await story(pool))[-1] == ("infobip", "accepted", None)
    state = {
        name: value for _, name, value in await provider_figures(pool, dependencies.served, at)
    }
    assert state == {"twilio": 0, "infobip": 1, "sendgrid": 1, "resend": 1}


async def test_one_send_probes_and_a_success_closes_the_circuit(
    actor: Actor, dependencies: Dependencies, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    at = await broken(actor, sandbox_url, now, "twilio")
    others = [actor, *[await with_mobile(dependencies, f"A{nth}") for nth in range(2, 6)]]
    due = [await one.planned(at) for one in others]
    at = max(at + FIRST + SECOND, *(step.not_before for step in due))
    await forget_faults(sandbox_url)
    # The probe is still on its way while the others are sent: nobody knows yet that it succeeds.
    await fault(sandbox_url, "slow:3", provider="twilio")
    patient = dependencies.settings.model_copy(update={"provider_timeout": 20})
    with dependencies_for(pool, patient) as made:
        for one in others:
            one.dependencies = made
        contacts = [one.contact(step, at) for one, step in zip(others, due, strict=True)]
        await asyncio.gather(*contacts)
    taken = sorted(message["provider"] for message in (await accepted(sandbox_url))[-5:])
    assert taken == ["infobip"] * 4 + ["twilio"], "one probed, the others did not wait for it"
    assert (await signs(pool))[-2:] == [("twilio", "probe"), ("twilio", "worked")]
    last = await with_mobile(dependencies, "A9")
    step = await last.planned(at + MINUTE)
    assert step.provider == "twilio"


async def test_a_probe_that_fails_goes_on_through_the_next_provider(
    actor: Actor, dependencies: Dependencies, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    at = await broken(actor, sandbox_url, now, "twilio") + FIRST + SECOND
    step = await actor.planned(at)
    again = await actor.contact(step, max(at, step.not_before))
    assert again.provider == "infobip"
    await actor.contact(again, max(at, step.not_before) + SECOND)
    assert (await story(pool))[-2:] == [
        ("twilio", "refused", "rate"),
        ("infobip", "accepted", None),
    ]
    assert (await signs(pool))[-2:] == [("twilio", "probe"), ("twilio", "failed")]


async def test_an_address_that_is_refused_shows_that_the_provider_is_there(
    actor: Actor, dependencies: Dependencies, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    at = await broken(actor, sandbox_url, now, "twilio") + FIRST + SECOND
    await forget_faults(sandbox_url)
    await fault(sandbox_url, "refuse:21211", provider="twilio")
    step = await actor.planned(at)
    await actor.contact(step, max(at, step.not_before))
    assert (await signs(pool))[-2:] == [("twilio", "probe"), ("twilio", "worked")]


async def test_while_all_is_well_nothing_is_written(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.contact(await actor.planned(now))
    assert await signs(pool) == []


# --- everything down ------------------------------------------------------------------------------


async def test_with_both_down_a_touch_is_held_says_so_and_goes_out_when_one_is_back(
    actor: Actor, dependencies: Dependencies, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    at = await broken(actor, sandbox_url, now, "twilio", "infobip")
    step = await actor.planned(at)
    if step.why != "held":  # its place in the day is still ahead
        step = await actor.planned(step.not_before)
    tries = len(await story(pool))
    held = await waits_out(actor, step, at)
    assert len(await story(pool)) <= tries + 2 * len(held), "probes, and nothing else"
    assert [s for s in (one.summary for one in held) if "are down, next probe" not in s] == []
    await forget_faults(sandbox_url)
    step = held[-1]
    after = await actor.contact(step)
    mine = [row for row in await attempts(pool) if row["account_id"] == "A1"]
    assert mine[-1]["state"] == "accepted"
    assert (after.kind, after.touch) == (StepKind.CONTACT, step.touch + 1)
    assert len([m for m in await accepted(sandbox_url) if m["account"] == "bank/A1"]) == 1


async def waits_out(actor: Actor, step: Step, at: datetime) -> list[Step]:
    """The plans of one account while nothing works, each at its time."""
    held: list[Step] = []
    for _ in range(8):
        at = max(at + SECOND, step.not_before)
        step = await actor.contact(step, at)
        assert step.kind is StepKind.CONTACT
        if step.why == "held":
            held.append(step)
        if len(held) == 3:
            return held
    raise AssertionError(f"never held: {step.summary}")


async def forget_faults(sandbox_url: str) -> None:
    async with httpx.AsyncClient(base_url=sandbox_url, trust_env=False) as sandbox:
        (await sandbox.delete("/_sandbox/faults")).raise_for_status()
