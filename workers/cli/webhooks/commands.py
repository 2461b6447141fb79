"""``contrapunto webhooks ...``: who is told of what happened, how far, and what was not taken."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.failures import BadInput, Unavailable
from workers.cli.shell import AsJson, console, output, run, wall_clock, with_database
from workers.cli.typed import text

if TYPE_CHECKING:
    from config.webhooks.endpoints import Endpoint, Webhooks
    from store.database import Pool
    from store.outgoing.lanes import Lanes

webhooks = typer.Typer(no_args_is_help=True, help="Webhooks that go out to upstream systems.")

Name = Annotated[str, typer.Argument(parser=text, help="an endpoint of the file, by name")]
OfEndpoint = Annotated[
    str | None, typer.Option("--endpoint", parser=text, help="of one endpoint only, by name")
]


@webhooks.callback()
def _group() -> None:
    pass


def _say(line: str) -> None:
    output().print(line, markup=False, highlight=False, soft_wrap=True)


def _say_json(told: dict[str, Any]) -> None:
    import json

    from telemetry.links import linked

    typer.echo(json.dumps(linked(told), ensure_ascii=False, default=str))


def _file() -> "Webhooks":
    from config.settings import load
    from workers.relay.app import configured

    return configured(load())[0]


@webhooks.command("check")
def webhooks_check() -> None:
    """Read the endpoints and their secrets, say all that is wrong, and call nobody."""
    found = _file()
    for one in found.endpoints:
        whom, kinds = ", ".join(one.creditors), len(one.wants)
        more = "; with words" if one.words else ""
        _say(f"{one.name}: {one.url}: {whom}; {kinds} types; {len(one.secrets)} secrets{more}")
    _say(f"feed: {', '.join(found.feed) or 'nobody'}")
    if not found.creditors:
        _say("nobody is told of anything: no event is noted")


@webhooks.command("status")
def webhooks_status(as_json: AsJson = False) -> None:
    """Show how far each endpoint is: accounts and events that wait, and why."""
    configured = {one.name for one in _file().endpoints}

    async def act(pool: "Pool") -> None:
        from store.outgoing.lanes import Lanes
        from store.outgoing.stream import Stream

        waiting, oldest = await Stream(pool).delay()
        for one in await Lanes(pool).standing(sorted(configured)):
            if as_json:
                _say_json({**one._asdict(), "configured": one.endpoint in configured})
                continue
            state = "told" if one.disabled_at is None else f"disabled ({one.disabled_why})"
            if one.endpoint not in configured:
                state = "not in the file"
            behind = f", behind by {one.behind:.0f} s" if one.behind else ""
            why = f"; last: {one.problem}" if one.problem else ""
            _say(
                f"{one.endpoint}: {state}; {one.accounts} accounts wait{behind}, of these "
                f"{one.failing} after a failure; {one.dead} events given up{why}"
            )
        if as_json:
            _say_json({"waiting": waiting, "oldest": oldest})
        else:
            _say(f"{waiting} events wait for a number, the oldest for {oldest:.0f} s")
            if waiting and oldest > 60:
                console.print("is a relay running? start `contrapunto relay`", markup=False)

    run(with_database(act))


@webhooks.command("failed")
def webhooks_failed(
    endpoint: OfEndpoint = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="at most so many")] = 100,
    as_json: AsJson = False,
) -> None:
    """List events that were given up, the latest first."""

    async def act(lanes: "Lanes") -> None:
        for one in await lanes.failed(endpoint, limit):
            if as_json:
                _say_json(one._asdict())
                continue
            _say(
                f"{one.endpoint} {one.event_id} {one.type} {one.creditor}/{one.account_id}: "
                f"{one.problem}, {one.tries} tries, given up {one.dead_at:%Y-%m-%d %H:%M} UTC"
            )

    run(_with_lanes(act))


@webhooks.command("redrive")
def webhooks_redrive(
    endpoint: OfEndpoint = None,
    event: Annotated[str | None, typer.Option(parser=text, help="one event, by id")] = None,
    account: Annotated[
        str | None, typer.Option(parser=text, help="of one account: creditor/account")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="whatever was given up")] = False,
) -> None:
    """Deliver events that were given up all the same, before the newer ones of their account."""
    if not (endpoint or event or account or everything):
        raise BadInput("say which: --endpoint, --event, --account or --all")

    async def act(lanes: "Lanes") -> None:
        count = await lanes.redrive(endpoint, event, account)
        _say(f"{count} events will be delivered again")

    run(_with_lanes(act))


@webhooks.command("enable")
def webhooks_enable(name: Name) -> None:
    """Tell an endpoint again that answered 410, and try at once what waits for it."""

    async def act(lanes: "Lanes") -> None:
        enabled = await lanes.enable(name)
        _say(f"{name} is told again" if enabled else f"{name} was not disabled; tried at once")

    _endpoint(name)
    run(_with_lanes(act))


@webhooks.command("send-test")
def webhooks_send_test(name: Name) -> None:
    """Send one endpoint an event of type webhook.test, signed, and say what it answers."""
    endpoint = _endpoint(name)
    run(_send_test(endpoint))


async def _send_test(endpoint: "Endpoint") -> None:
    from config.settings import load
    from domain.outgoing.events import TEST, VERSION, Event, checked
    from store.outgoing.lanes import written
    from workers.relay.app import configured
    from workers.relay.posting import post, session_for

    _, secrets = configured(load())
    now = wall_clock()
    event = Event(
        id=f"evt_test_{int(now.timestamp())}",
        type=TEST,
        version=VERSION,
        time=now,
        creditor=endpoint.creditors[0],
        account="",
        customer=None,
        data={"endpoint": endpoint.name},
    )
    keys, body = secrets.of(endpoint.name), written(checked(event))
    async with session_for(endpoint) as session:
        answer = await post(session, endpoint, keys, event.id, body, now)
    if answer.problem is not None:
        raise Unavailable(f"{endpoint.name}: {answer.problem}")
    _say(f"{endpoint.name} answers {answer.status}: it has {event.id}")


def _endpoint(name: str) -> "Endpoint":
    found = {one.name: one for one in _file().endpoints}
    if name not in found:
        known = ", ".join(found) or "it names none"
        raise BadInput(f"{name!r} is no endpoint of the file: {known}")
    return found[name]


async def _with_lanes(act: "Callable[[Lanes], Awaitable[None]]") -> None:
    async def work(pool: "Pool") -> None:
        from store.outgoing.lanes import Lanes

        await act(Lanes(pool))

    await with_database(work)
