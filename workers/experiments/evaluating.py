"""Looking at all experiments now and then, and doing what follows: an arm that does harm is closed.

Each worker does it, one at a time; what is found is written once, so that it does not matter who
looks, how often, or who went away in between.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from asyncpg import InterfaceError, PostgresError

from domain.experiments.experiment import Experiment, Plan
from domain.experiments.judging import Kind
from domain.failures import Misconfigured, Unavailable
from domain.report.findings import Trial, of_trial
from domain.report.period import Period
from store.conversation.untold import to_hear, told
from store.database import Connection, Pool
from store.experiments import findings
from store.experiments.findings import Kept
from store.report.findings import keep_one
from workers.accounts import Accounts
from workers.clock import Clock
from workers.experiments.looking import as_json, look
from workers.experiments.words import in_words
from workers.intake.events import wake_all
from workers.process.background import in_background

log = logging.getLogger(__name__)

NEWS = "experiment:"
"""How the name begins of what accounts hear of here."""


async def evaluate(
    pool: Pool, experiments: Sequence[Experiment], now: datetime
) -> list[Kept] | None:
    """Look at each that has taken somebody in; what was new. None: somebody else is looking.

    Whoever is in an arm that is closed, or in an experiment that is over, has to plan anew: that is
    written with it, and told by ``tell``.
    """
    async with pool.acquire() as connection, connection.transaction():
        if not await findings.alone(connection):
            return None
        registered = await findings.registered(connection)
        for one in experiments:
            if one.id in registered and not one.ended:
                plan = registered[one.id].plan
                await _evaluate(connection, one.id, plan, now)
        acting = [one.id for one in experiments if one.acts(now)]
        await findings.have_left(connection, acting)
        return [one for one in await findings.kept(connection) if one.found_at == now]


async def _evaluate(connection: Connection, experiment: str, plan: Plan, now: datetime) -> None:
    seen = await look(connection, experiment, plan, await findings.kept(connection), now)
    for finding in seen.new:
        if not await findings.keep(connection, experiment, finding, as_json(seen), now):
            continue
        log.warning("experiment %s: %s", experiment, in_words(finding))
        # To the rest that an operator has to look at; a report of this day finds it again as one.
        subject = f"{experiment}:{finding.arm}" if finding.arm else experiment
        told_as = of_trial(Trial(finding.kind.value, subject, finding.why))
        day = Period(first=now.date(), last=now.date())
        await keep_one(connection, told_as, day, now)
        if finding.kind is Kind.CLOSED:
            await findings.have_told(connection, f"{experiment}:{finding.arm}", "closed")


async def tell(pool: Pool, accounts: Accounts) -> int:
    """Have the accounts plan anew that have to; how many have heard. What Temporal does not take
    now is told the next time, or by whoever tells what is left.

    Raises Unavailable or Misconfigured where Temporal cannot be used.
    """
    count = 0
    while news := await to_hear(pool, NEWS):
        by_news: dict[str, list[str]] = {}
        for one in news:
            by_news.setdefault(one.news, []).append(one.account)
        for name, whom in by_news.items():
            await wake_all(accounts, dict.fromkeys(whom, name))
            await told(pool, name, whom)
            count += len(whom)
    return count


@asynccontextmanager
async def evaluating(
    pool: Pool, experiments: Sequence[Experiment], accounts: Accounts, clock: Clock, every: float
) -> AsyncIterator[None]:
    """Look every ``every`` seconds until left; never, where there are no experiments."""
    if not experiments:
        yield
        return
    async with in_background(_for_ever(pool, experiments, accounts, clock, every)):
        yield


async def _for_ever(
    pool: Pool, experiments: Sequence[Experiment], accounts: Accounts, clock: Clock, every: float
) -> None:
    while True:
        try:
            await evaluate(pool, experiments, await clock.now(None))
            if heard := await tell(pool, accounts):
                log.info("%d accounts plan anew: their experiment or its arm is over", heard)
        except (Unavailable, Misconfigured) as error:
            log.warning("accounts of experiments could not be told: %s", error)
        except (OSError, PostgresError, InterfaceError, TimeoutError) as error:
            log.warning("experiments were not looked at: %s", type(error).__name__)
        await asyncio.sleep(every)
