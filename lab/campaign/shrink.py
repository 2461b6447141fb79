"""Finding less that still fails: fewer customers, fewer cases; each guess is a whole run.

First only the customers that the breaches name, with their own cases and those of the system; then
halves of the cases are left out as long as it still fails (ddmin, bounded by the number of runs).
"""

import argparse
import re
from pathlib import Path

from rich.console import Console

from lab.campaign.people import Account
from lab.campaign.plan import Case, Plan
from lab.campaign.run import Ran, fresh, run
from lab.campaign.verdict import Verdict, judge
from lab.proof.record import read_lines


class _Shrinker:
    """The smallest failing pair so far, and how many runs are left."""

    def __init__(
        self, given: argparse.Namespace, plan: Plan, days: float, console: Console
    ) -> None:
        self.given, self.plan, self.days, self.console = given, plan, days, console
        self.left: int = given.shrink

    async def fails(self, accounts: list[Account], cases: list[Case]) -> bool:
        """Run so much of it, and see."""
        self.left -= 1
        folder: Path = self.given.folder.with_name(self.given.folder.name + "-shrink")
        fresh(folder)
        plan = self.plan.only(case.id for case in cases)
        ran = await run(folder, accounts, plan, days=self.days, mutant=self.given.mutant)
        broken = judge(folder, accounts, plan, ran).violations
        self.console.print(
            f"  {len(accounts)} accounts, {len(cases)} cases: {len(broken)} breaches "
            f"({self.left} runs left)"
        )
        return bool(broken)

    async def halve(self, accounts: list[Account], cases: list[Case]) -> list[Case]:
        """Leave out as many cases as possible."""
        parts = 2
        while len(cases) > 1 and self.left > 0:
            size = -(-len(cases) // parts)
            for start in range(0, len(cases), size):
                rest = cases[:start] + cases[start + size :]
                if self.left > 0 and await self.fails(accounts, rest):
                    cases, parts = rest, max(2, parts - 1)
                    break
            else:
                if parts >= len(cases):
                    return cases
                parts = min(len(cases), parts * 2)
        return cases


async def shrink(
    given: argparse.Namespace,
    accounts: list[Account],
    plan: Plan,
    ran: Ran,
    verdict: Verdict,
    console: Console,
) -> None:
    """Shrink a failed run and say how to run what is left of it."""
    days = (ran.until - ran.began).total_seconds() / 86400
    shrinker = _Shrinker(given, plan, days, console)
    console.print(f"[bold]Shrinking[/], at most {shrinker.left} runs of {days:.1f} virtual days")
    cases = list(plan.cases)
    named = _named(verdict, accounts, given.folder)
    keys = {account.key for account in named}
    fewer = [case for case in cases if not case.account or case.account in keys]
    if named and len(named) < len(accounts) and await shrinker.fails(named, fewer):
        accounts, cases = named, fewer
    cases = await shrinker.halve(accounts, cases)
    customers = ",".join(sorted({account.customer for account in accounts}))
    console.print(
        f"make campaign SEED={plan.seed} CONTACTS={plan.contacts} ARGS='--days {days:.2f} "
        f"--only-fault {','.join(case.id for case in cases)} --customers {customers}'",
        highlight=False,
        soft_wrap=True,
    )


def _named(verdict: Verdict, accounts: list[Account], folder: Path) -> list[Account]:
    """The accounts of all customers whom a breach names, by account, customer or attempt."""
    text = "\n".join(verdict.violations)
    attempts = set(re.findall(r"\b[0-9a-f]{24}\b", text))
    customers = {
        row["customer_id"]
        for row in read_lines(folder / "ledger.jsonl")
        if row["attempt_id"] in attempts
    }
    customers |= {a.customer for a in accounts if a.key in text or a.customer in text}
    return [account for account in accounts if account.customer in customers]
