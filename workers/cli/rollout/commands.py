"""``contrapunto rollout ...``: how a version of the worker follows another, step by step."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from domain.failures import BadInput
from workers.cli.shell import AsJson, console, output, run, user, wall_clock
from workers.cli.status import ExitStatus
from workers.cli.typed import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workers.rollout.deployments import Deployment, Version
    from workers.rollout.moving import Moving, Stuck
    from workers.rollout.replaying import Replayed

rollout = typer.Typer(
    help="Bring a new version of the worker in while accounts wait, and take it back."
)

_LOOK = 5
"""Seconds between two looks at what is left."""

Build = Annotated[str, typer.Argument(metavar="BUILD", parser=text, help="build id of a version")]
Name = Annotated[
    str | None,
    typer.Option("--deployment", parser=text, help="TEMPORAL_DEPLOYMENT_NAME, if not that"),
]
Each = Annotated[int, typer.Option(min=1, max=1000, help="histories of every kind of account")]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="although something stands against it, which is told")
]
Pin = Annotated[
    bool, typer.Option("--pin", help="leave accounts that cannot go back with what they have")
]
NoReplay = Annotated[bool, typer.Option("--no-replay", help="without the replay gate")]


@rollout.command("build-id")
def build_id_here() -> None:
    """Print the build id of the code at hand: it changes with what a replay depends on, alone."""
    from workers.rollout.build_id import build_id

    typer.echo(build_id())


@rollout.command("status")
def status(name: Name = None, as_json: AsJson = False) -> None:
    """Say which versions there are, who works for them, and how many accounts each has."""
    run(_status(name, as_json=as_json))


async def _status(name: str | None, *, as_json: bool) -> None:
    from workers.cli.rollout.telling import as_dict, show

    _, deployment = await _read(name)
    if as_json:
        typer.echo(json.dumps(as_dict(deployment)))
    else:
        show(deployment, output())


@rollout.command("replay")
def replay(
    each: Each = 3,
    query: Annotated[
        str, typer.Option(parser=text, help="only of these: a query of Temporal's")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Replay the histories of running accounts with the code at hand; 1 if one cannot be.

    Some of every standing, age and phase. Nothing is changed, and no worker is needed.
    """
    found = run(_replay(each, query))
    _tell_replayed(found, as_json=as_json)
    if not found.passed:
        raise typer.Exit(ExitStatus.FAILED)


async def _replay(each: int, query: str) -> "Replayed":
    from temporalio.service import RPCError, RPCStatusCode

    from workers.connection import temporal_client
    from workers.rollout.replaying import replay as gate
    from workers.worker import WORKFLOWS

    client = await temporal_client()
    try:
        return await gate(client, WORKFLOWS, wall_clock(), each, query)
    except RPCError as error:
        if error.status is RPCStatusCode.INVALID_ARGUMENT:
            raise BadInput(f"--query: Temporal refuses it: {error.message}") from None
        raise


def _tell_replayed(found: "Replayed", *, as_json: bool) -> None:
    from workers.cli.rollout.telling import replayed, replayed_dict

    if as_json:
        typer.echo(json.dumps(replayed_dict(found)))
        return
    for line in replayed(found):
        output().print(line, markup=False, highlight=False, soft_wrap=True)


@rollout.command("plan")
def plan(
    build: Annotated[
        str | None, typer.Argument(metavar="BUILD", parser=text, help="default: the code's own")
    ] = None,
    name: Name = None,
    each: Each = 3,
    no_replay: NoReplay = False,
) -> None:
    """Say what would happen if a version were set, and what stands against it; 1 if anything."""
    if not run(_plan(build, name, each, no_replay=no_replay)):
        raise typer.Exit(ExitStatus.FAILED)


async def _plan(build: str | None, name: str | None, each: int, *, no_replay: bool) -> bool:
    from workers.cli.rollout.telling import show

    moving, deployment = await _read(name)
    show(deployment, output())
    target = moving.version(deployment, build or _build_here())
    wrong = await _against(moving, deployment, target, each, no_replay=no_replay)
    stays = [one for one in deployment.versions if one.build_id != target.build_id and one.pinned]
    goes = sum(one.open - one.pinned for one in deployment.versions if one is not target)
    lines = [
        f"set {target.build_id}: {goes + deployment.unversioned} accounts go over to it, each at "
        f"its next task; {target.open} are there already",
        *(
            f"{one.pinned} accounts stay with {one.build_id}: they are pinned to it"
            for one in stays
        ),
        *(f"stands against it: {one}" for one in wrong),
    ]
    _say(lines if wrong else [*lines, "nothing stands against it"])
    return not wrong


@rollout.command("set")
def set_current(
    build: Annotated[
        str,
        typer.Argument(
            metavar="BUILD", parser=text, help="build id of a version; unversioned: of none"
        ),
    ],
    name: Name = None,
    each: Each = 3,
    no_replay: NoReplay = False,
    pin: Pin = False,
    anyway: Anyway = False,
) -> None:
    """Give all accounts to a version: each goes over at its next task.

    A former one takes them back. Refused where it would leave accounts without a worker, or stuck.
    """
    run(_set(build, name, each, no_replay=no_replay, pin=pin, anyway=anyway))


async def _set(
    build: str, name: str | None, each: int, *, no_replay: bool, pin: bool, anyway: bool
) -> None:
    from workers.rollout.moving import UNVERSIONED

    moving, deployment = await _read(name)
    if build == (deployment.current or UNVERSIONED) and deployment.ramping is None:
        _say([f"{build} is current already"])
        return
    target = None if build == UNVERSIONED else moving.version(deployment, build)
    stuck = await _stuck(moving, deployment, target, pin=pin, anyway=anyway)
    if target is not None:
        wrong = await _against(
            moving,
            deployment,
            target,
            each,
            no_replay=no_replay,
            stuck=False,
            pinning=stuck if pin else [],
        )
        _refuse(wrong, anyway=anyway)
    pinned = await moving.pin(deployment, stuck, again=False) if pin else 0
    await moving.set_current(deployment, build, anyway=anyway)
    if deployment.ramping is not None and deployment.ramping != build:
        _, deployment = await _read(name)
        await moving.ramp(deployment, None, 0, anyway=True)
    if pin:
        pinned += await moving.pin(deployment, stuck, again=True)
    _say([f"{build} is current: accounts go over to it, each at its next task", *_left(pinned)])


@rollout.command("ramp")
def ramp(
    build: Build,
    percent: Annotated[float, typer.Argument(min=0, max=100, help="0 takes it back")],
    name: Name = None,
    each: Each = 3,
    no_replay: NoReplay = False,
    pin: Pin = False,
    anyway: Anyway = False,
) -> None:
    """Give a share of the accounts to a version; the same ones while the share grows.

    With a smaller share than before, the others go back, as by `set`.
    """
    run(_ramp(build, percent, name, each, no_replay=no_replay, pin=pin, anyway=anyway))


async def _ramp(
    build: str,
    percent: float,
    name: str | None,
    each: int,
    *,
    no_replay: bool,
    pin: bool,
    anyway: bool,
) -> None:
    moving, deployment = await _read(name)
    target = moving.version(deployment, build)
    if build == deployment.current:
        raise BadInput(f"{build} is current and has all accounts; ramp another beside it")
    if deployment.ramping not in (None, build):
        raise BadInput(
            f"{deployment.ramping} is being ramped ({deployment.percent:g} %): take it back first "
            f"(contrapunto rollout ramp {deployment.ramping} 0)"
        )
    if percent == 0 and deployment.ramping is None:
        raise BadInput(f"{build} has no share that could be taken back")
    pinned = 0
    if percent < deployment.percent:
        current = deployment.of(deployment.current) if deployment.current else None
        if current is not None:
            _refuse(list(moving.against(deployment, current)), anyway=anyway)
        stuck = await _stuck(moving, deployment, current, pin=pin, anyway=anyway)
        pinned = await moving.pin(deployment, stuck, again=False) if pin else 0
        await moving.ramp(deployment, build if percent else None, percent, anyway=True)
        pinned += await moving.pin(deployment, stuck, again=True) if pin else 0
    else:
        wrong = await _against(moving, deployment, target, each, no_replay=no_replay, stuck=False)
        _refuse(wrong, anyway=anyway)
        await moving.ramp(deployment, build, percent, anyway=anyway)
    _say([f"{build} has {percent:g} % of the accounts, each from its next task on", *_left(pinned)])


@rollout.command("release")
def release(build: Build, name: Name = None, anyway: Anyway = False) -> None:
    """Let accounts that were pinned to a version go on to the current one."""
    run(_release(build, name, anyway=anyway))


async def _release(build: str, name: str | None, *, anyway: bool) -> None:
    moving, deployment = await _read(name)
    version = moving.version(deployment, build)
    current = deployment.of(deployment.current) if deployment.current else None
    if version.patches is not None and version is not current and not anyway:
        knows = frozenset() if current is None else current.patches or frozenset()
        if unknown := version.patches - knows:
            where = deployment.current or "workers without a version"
            raise BadInput(
                f"{where} does not know {', '.join(sorted(unknown))}, which accounts of {build} "
                "may have taken: set a version that does first"
            )
    _say([f"{await moving.release(deployment, version)} accounts go on, each at its next task"])


@rollout.command("drain")
def drain(
    build: Build,
    name: Name = None,
    wait: Annotated[int, typer.Option(min=0, help="look again for so many seconds")] = 0,
) -> None:
    """Say what still needs the workers of a version; 0 when nothing does: they may be stopped."""
    if not run(_drain(build, name, wait)):
        raise typer.Exit(ExitStatus.FAILED)


async def _drain(build: str, name: str | None, wait: int) -> bool:
    import asyncio

    from workers.cli.rollout.telling import needs

    left = wait
    while True:
        moving, deployment = await _read(name)
        version = moving.version(deployment, build)
        if not version.needed or left < _LOOK:
            break
        await asyncio.sleep(_LOOK)
        left -= _LOOK
    _say(needs(version))
    return not version.needed


async def _read(name: str | None) -> "tuple[Moving, Deployment]":
    from workers.connection import temporal_client
    from workers.rollout.deployment import NAME, deployment_name
    from workers.rollout.moving import Moving

    wanted = name or deployment_name()
    if wanted is None:
        raise BadInput(f"say --deployment, or set {NAME}: which deployment is meant?")
    moving = Moving(await temporal_client(), f"contrapunto rollout ({user()})")
    return moving, await moving.deployments.read(wanted, wall_clock())


def _build_here() -> str:
    from workers.rollout.build_id import build_id
    from workers.rollout.deployment import version_here

    here = version_here()
    return build_id() if here is None else here.build_id


async def _against(
    moving: "Moving",
    deployment: "Deployment",
    target: "Version",
    each: int,
    *,
    no_replay: bool,
    stuck: bool = True,
    pinning: "Sequence[Stuck]" = (),
) -> list[str]:
    """All that stands against a version, the replay gate included where it can be asked here."""
    wrong = list(moving.against(deployment, target))
    if stuck:
        from workers.cli.rollout.telling import stuck_accounts

        wrong += map(stuck_accounts, await moving.stuck(deployment, target))
    if no_replay:
        return wrong
    if target.build_id != (here := _build_here()):
        console.print(
            f"the replay gate is not asked: the code at hand is {here}, not {target.build_id}",
            style="dim",
            highlight=False,
        )
        return wrong
    staying = await moving.staying(deployment, target, pinning)
    found = (await _replay(each, "")).without(staying)
    _tell_replayed(found, as_json=False)
    if not found.passed:
        wrong.append("histories of running accounts cannot be replayed (above)")
    return wrong


async def _stuck(
    moving: "Moving",
    deployment: "Deployment",
    target: "Version | None",
    *,
    pin: bool,
    anyway: bool,
) -> "list[Stuck]":
    from workers.cli.rollout.telling import stuck_accounts

    found = await moving.stuck(deployment, target)
    if found and not pin:
        _refuse([stuck_accounts(one) for one in found], anyway=anyway)
    return found


def _refuse(wrong: list[str], *, anyway: bool) -> None:
    if wrong and not anyway:
        raise BadInput("\n".join([*wrong, "nothing was changed; --anyway does it all the same"]))
    for one in wrong:
        console.print(f"all the same: {one}", markup=False, highlight=False, soft_wrap=True)


def _left(pinned: int) -> list[str]:
    if not pinned:
        return []
    return [
        f"{pinned} accounts stay with the version that they have: keep its workers, and "
        "`contrapunto rollout release` them when a version that knows its patches is current"
    ]


def _say(lines: list[str]) -> None:
    for line in lines:
        output().print(line, markup=False, highlight=False, soft_wrap=True)
