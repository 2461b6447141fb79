"""A deployment, a gate and what is left of a version, in words."""

from typing import Any, Final

from rich.console import Console

from workers.cli.output import folding, shown
from workers.codec import UnreadablePayload
from workers.rollout.deployments import Deployment, Version
from workers.rollout.moving import Stuck
from workers.rollout.replaying import Failed, Replayed

_TOLD: Final = 5
"""Histories that are told of one by one."""


def as_dict(deployment: Deployment) -> dict[str, Any]:
    """For programs."""
    return {
        "deployment": deployment.name,
        "current": deployment.current,
        "ramping": deployment.ramping,
        "percent": deployment.percent,
        "unversioned": deployment.unversioned,
        "versions": [
            {
                "build_id": one.build_id,
                "status": one.status,
                "open": one.open,
                "pinned": one.pinned,
                "backlog": one.backlog,
                "needed": one.needed,
                "labels": dict(one.labels),
                "queues": [vars(queue) for queue in one.queues],
            }
            for one in deployment.versions
        ],
    }


def show(deployment: Deployment, out: Console) -> None:
    """As a table, the newest version first."""
    table = folding("version", "status", "open", "pinned", "backlog", "workers poll", "of")
    for one in deployment.versions:
        share = f" {deployment.percent:g} %" if one.build_id == deployment.ramping else ""
        silent = ", ".join(f"not {queue.name} ({queue.kind})" for queue in one.silent)
        polls = silent or ("all queues" if one.queues else "none yet")
        if not one.polls:
            polls = "none"
        labels = one.labels
        of = " ".join(labels[key] for key in ("contrapunto", "commit") if key in labels)
        figures = (one.open, one.pinned, one.backlog)
        table.add_row(one.build_id, one.status + share, *map(str, figures), polls, shown(of))
    out.print(table)
    if deployment.unversioned:
        told = f"{deployment.unversioned} accounts have had no task of any version yet"
        out.print(told, highlight=False)
    if deployment.current is None:
        out.print("no version is current: workers without a version have all the rest")


def stuck_accounts(one: Stuck) -> str:
    """Accounts that could not go on."""
    why = "does not know" if one.told else "has not told that it knows"
    return (
        f"{one.accounts} accounts of {one.build_id} have taken a patch "
        f"({', '.join(one.patches)}) that the other version {why}: there they would be stuck "
        "until a version that does. --pin "
        f"leaves them with {one.build_id}"
    )


def needs(version: Version) -> list[str]:
    """What still needs a version's workers."""
    said = []
    if version.status in ("current", "ramping"):
        said.append(f"{version.build_id} is {version.status}: it is given tasks")
    if version.pinned:
        said.append(
            f"{version.pinned} accounts are pinned to it: `contrapunto rollout release "
            f"{version.build_id}`, when a version that knows its patches is current"
        )
    if version.backlog:
        said.append(f"{version.backlog} tasks wait in its queues")
    if said:
        return said
    asleep = f"; {version.open} accounts that it had go over at their next task"
    return [
        f"nothing needs the workers of {version.build_id}: they may be stopped"
        + (asleep if version.open else "")
    ]


def replayed(found: Replayed) -> list[str]:
    """What the gate has found, and what to do."""
    counted = f"{found.histories} histories of {found.kinds} kinds, {found.events:,} events"
    if found.passed:
        return [f"replay gate: {counted}: all can be replayed with the code at hand"]
    broken = [one for one in found.failed if one.nondeterminism]
    lines = [f"replay gate: {counted}: {len(found.failed)} cannot be replayed"]
    for one in found.failed[:_TOLD]:
        lines.append(f"  {one.workflow_id} (run {one.run_id}; {one.kind}): {one.why}")
    if len(found.failed) > _TOLD:
        lines.append(f"  and {len(found.failed) - _TOLD} more")
    return [*lines, _todo(found.failed[0], broken[:1])]


def replayed_dict(found: Replayed) -> dict[str, Any]:
    """For programs."""
    return {
        "passed": found.passed,
        "histories": found.histories,
        "kinds": found.kinds,
        "events": found.events,
        "failed": [{**vars(one), "kind": str(one.kind)} for one in found.failed],
    }


def _todo(first: Failed, broken: list[Failed]) -> str:
    if broken:
        return (
            "The workflow gives other commands than these accounts have lived: put the change "
            "behind workflow.patched with an id of its own in workflows/options.py "
            "(docs/guide/rollout.md), or the accounts would be stuck"
        )
    if first.why == UnreadablePayload.__name__:
        return "Are CONTRAPUNTO_PAYLOAD_KEYS those with which these accounts were encrypted?"
    return (
        "The code at hand raises where the running one did not. Get the history (temporal "
        f"workflow show -w {first.workflow_id} -o json) and replay it in a debugger"
    )
