"""``contrapunto learn ...``: policies made of what came of touches, and what they are worth."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.failures import BadInput
from workers.cli.learn.score import score
from workers.cli.shell import AsJson, output, run
from workers.cli.typed import Text, instant, named, text

if TYPE_CHECKING:
    from domain.learning.policy import Policy
    from domain.learning.windows import Window

learn = typer.Typer(no_args_is_help=True, help="Policies that learn which way to a customer works.")
learn.add_typer(score, name="score")

Since = Annotated[
    datetime | None, typer.Option("--from", parser=instant, help="touches from here on (UTC)")
]
Until = Annotated[
    datetime | None, typer.Option("--to", parser=instant, help="and before here (default: now)")
]
Rows = Annotated[
    Path | None, typer.Option("--rows", help="windows from a file, as `learn rows` writes them")
]
WithoutArms = Annotated[
    list[str] | None,
    typer.Option("--without-arm", parser=text, help="experiment:arm, such as a hold-out"),
]


@learn.command("key")
def learn_key() -> None:
    """A new pair of keys: the private one signs policies, the public one takes them."""
    from config.learning.signing import KEYS, SIGNING_KEY, new_pair

    pair = new_pair()
    typer.echo(f"{SIGNING_KEY}={pair.private}")
    typer.echo(f"{KEYS}={pair.public}")


@learn.command("rows")
def learn_rows(since: Since = None, until: Until = None, without: WithoutArms = None) -> None:
    """The decision windows of the ledger as lines of JSON; nothing personal."""
    from workers.learning.rows import as_row

    async def write() -> None:
        async for one in _windows(since, until, without or []):
            typer.echo(as_row(one))

    run(write())


@learn.command("fit")
def learn_fit(
    out: Annotated[Path, typer.Option("--out", help="where the policy goes, such as FILE.json")],
    since: Since = None,
    until: Until = None,
    name: Annotated[
        str | None, typer.Option("--id", parser=text, help="its id (default: the file's name)")
    ] = None,
    version: Annotated[int, typer.Option(min=1, help="its version")] = 1,
    context: Annotated[
        str, typer.Option(parser=text, help="of phase, country, segment, band, score; or none")
    ] = "phase,country",
    band: Annotated[
        list[str] | None,
        typer.Option("--band", parser=text, help="such as COP=200000,1000000; once a currency"),
    ] = None,
    blocks: Annotated[
        str, typer.Option(parser=text, help="parts of the day; or none")
    ] = "7-10,10-13,13-16,16-19,19-22",
    floor: Annotated[
        float, typer.Option(min=0.02, max=0.5, help="least probability of each allowed way")
    ] = 0.02,
    half_life: Annotated[float, typer.Option(min=1, max=3650, help="in days")] = 75,
    prior: Annotated[
        float, typer.Option(min=1, max=10_000, help="tries that all contexts count for in one")
    ] = 20,
    without: WithoutArms = None,
    rows: Rows = None,
    as_json: AsJson = False,
) -> None:
    """Make a policy of what came of past touches, and sign it. The ledger is only read."""
    from domain.learning.fitting import Fitting

    given = {"floor": floor, "prior_strength": prior, "half_life": half_life}
    first, last = _days(rows, since, until)
    blank = _blank(name or out.stem, version, (first, last), context, band or [], blocks, **given)
    fitting = Fitting(blank)
    _each(fitting.add, rows, since, until, without or [])
    if not fitting.windows:
        raise BadInput("no touch has left in that time whose 72 hours are over: nothing to learn")
    made = fitting.made()
    if since is None:
        days = made.made.model_copy(update={"since": fitting.first})
        made = made.model_copy(update={"made": days})
    _write(made, out)
    _show(made, as_json=as_json)


@learn.command("sign")
def learn_sign(
    file: Annotated[Path, typer.Argument(help="a policy whose author you are, or have looked at")],
) -> None:
    """Sign a policy anew, after it was changed by hand or a key was changed."""
    from config.learning.policy_files import load_policy

    made = load_policy(file, None)
    _write(made, file)
    _show(made, as_json=False)


@learn.command("show")
def learn_show(policy: Text, as_json: AsJson = False) -> None:
    """What a policy, by its id or its file, would choose in each context, and of what it is."""
    _show(_named(policy), as_json=as_json)


@learn.command("evaluate")
def learn_evaluate(
    policy: Text,
    since: Since = None,
    until: Until = None,
    without: WithoutArms = None,
    rows: Rows = None,
    in_sample: Annotated[
        bool, typer.Option("--in-sample", help="also the days it was made of: it looks too good")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What a policy, by its id or its file, would have come to, from what others have tried.

    The days that it was made of are left out. No answer where too little was tried: that is exit
    status 1.
    """
    from domain.learning.evaluation import Decision, decision, evaluate
    from domain.learning.policy import Ranking
    from workers.cli.output import line, shown
    from workers.cli.status import ExitStatus
    from workers.learning.told import as_json as told
    from workers.learning.told import own_days, words

    made = _named(policy)
    ranking, seen, own = Ranking.of(made), list[Decision](), 0

    def look(one: "Window") -> None:
        nonlocal own
        told_by = decision(one, ranking)
        if told_by is None:
            return
        if made.made.windows and made.made.since <= one.day <= made.made.until:
            own += 1
            if not in_sample:
                return
        seen.append(told_by)

    _each(look, rows, since, until, without or [])
    found = evaluate(seen)
    if as_json:
        days = {"of_its_own_days": own, "in_sample": in_sample}
        typer.echo(line({**told(made, found), **days}))
    else:
        if own:
            output().print(own_days(made, own, in_sample=in_sample), highlight=False)
        for one in words(made, found):
            output().print(shown(one), highlight=False, soft_wrap=True)
    if found.refused is not None:
        raise typer.Exit(ExitStatus.FAILED)


def _each(
    do: "Callable[[Window], object]",
    rows: Path | None,
    since: datetime | None,
    until: datetime | None,
    without: list[str],
) -> None:
    """Do something with each window, of a file or else of the ledger."""
    if rows is not None:
        from workers.learning.rows import read_rows

        for one in _within(read_rows(rows), since, until):
            do(one)
        return

    async def read() -> None:
        async for one in _windows(since, until, without):
            do(one)

    run(read())


def _within(
    windows: "Iterable[Window]", since: datetime | None, until: datetime | None
) -> "Iterator[Window]":
    for one in windows:
        if (since is None or one.at >= since) and (until is None or one.at < until):
            yield one


async def _windows(
    since: datetime | None, until: datetime | None, without: list[str]
) -> "AsyncIterator[Window]":
    from config.settings import load
    from store.learning.windows import read_windows
    from workers.cli.shell import database
    from workers.clock import SystemClock

    now = await SystemClock().now(None)
    first = since or datetime(2000, 1, 1, tzinfo=UTC)
    async with database(load()) as pool:
        async for one in read_windows(pool, first, until or now, now, without):
            yield one


def _days(rows: Path | None, since: datetime | None, until: datetime | None) -> tuple[date, date]:
    """Of which days a policy is made; of a file without an end, up to its last window."""
    if until is not None:
        last = (until - timedelta(microseconds=1)).date()
    elif rows is not None:
        from workers.learning.rows import read_rows

        last = max((one.day for one in _within(read_rows(rows), since, until)), default=date.min)
    else:
        from workers.cli.shell import wall_clock

        last = wall_clock().date()
    return min(since.date(), last) if since else last, last


def _blank(
    name: str,
    version: int,
    days: tuple[date, date],
    context: str,
    bands: list[str],
    blocks: str,
    *,
    floor: float,
    prior_strength: float,
    half_life: float,
) -> "Policy":
    """A policy that has learnt nothing yet. Raises BadInput, which names what is wrong."""
    from pydantic import ValidationError

    from domain.entry.broken_rule import broken_rule
    from domain.learning.policy import Policy

    made = {"since": days[0], "until": days[1], "windows": 0, "half_life_days": half_life}
    told = {
        "id": name,
        "version": version,
        "made": made,
        "floor": floor,
        "prior_strength": prior_strength,
        "context": _list(context),
        "bands": dict(map(_band, bands)),
        "blocks": [_block(one) for one in _list(blocks)],
    }
    try:
        return Policy.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "policy"
        raise BadInput(f"{where}: {broken_rule(first)}") from None


def _list(typed: str) -> list[str]:
    return [] if typed == "none" else [one.strip() for one in typed.split(",")]


def _block(typed: str) -> list[int]:
    try:
        since, until = map(int, typed.split("-"))
    except ValueError:
        raise BadInput(f"--blocks: {typed!r} is none; write 7-10,10-13") from None
    return [since, until]


def _band(typed: str) -> tuple[str, list[float]]:
    currency, _, limits = typed.partition("=")
    try:
        return currency, [float(one) for one in limits.split(",")]
    except ValueError:
        raise BadInput(f"--band: {typed!r} is none; write COP=200000,1000000") from None


def _named(policy: str) -> "Policy":
    """By its id or file; whoever has signed a file, for it is only looked at."""
    from config.learning.policy_files import load_policies, load_policy
    from config.settings import load
    from domain.failures import NotFound

    if "/" in policy or policy.endswith(".json"):
        return load_policy(Path(policy), None)
    settings = load()
    known = load_policies(settings)
    if policy not in known:
        there = ", ".join(sorted(known)) or "there is none"
        raise NotFound(f"no policy {policy!r} in {settings.policies}: {there}; or name a file")
    return known[policy].policy


def _write(made: "Policy", out: Path) -> None:
    from config.learning.policy_files import signed
    from config.settings import load

    said = signed(made, load().policy_signing_key)
    with named("--out", out):
        out.write_text(said, encoding="utf-8")


def _show(made: "Policy", *, as_json: bool) -> None:
    from workers.cli.output import line, shown
    from workers.learning.told import learnt

    if as_json:
        typer.echo(line(made.model_dump(mode="json")))
        return
    for one in learnt(made):
        output().print(shown(one), highlight=False, soft_wrap=True)
