"""What was measured, in words and tables: once, for the terminal, the page and the docs."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple

from domain.failures import BadInput
from lab.headline.pictures import frontier
from lab.headline.verdict import DEARER, MARGIN

BEGIN: Final = "<!-- figures: written by `make headline` with --docs; edit the code, not these -->"
END: Final = "<!-- end of figures -->"
_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0;font-size:13px}
td,th{border-bottom:1px solid #d9dee3;padding:.25rem .6rem;text-align:left}
figure{margin:1rem 0}
"""


class Part(NamedTuple):
    """A heading, words, and perhaps a table."""

    heading: str
    words: Sequence[str]
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def parts(told: Mapping[str, Any]) -> Iterator[Part]:
    """In the order in which they are to be read: where it fails comes first."""
    yield _what(told)
    for one in told["maps"]:
        yield _worst(one)
        yield from _grids(one)
    yield _claims(told)
    yield _prices(told)
    yield _frontier(told)
    yield _countries(told)
    yield _levers(told)
    yield _controls(told)


def _what(told: Mapping[str, Any]) -> Part:
    asked = told["asked"]
    words = (
        f"{_many_of(asked)} worlds drawn from the stated ranges ({asked['split']}), "
        f"{asked['people']} clients with {asked['accounts']} accounts, "
        f"{_many(asked['seeds'], 'luck')} in each world, days 1 to {asked['days']} past "
        f"due; levers in the first {asked['levers_in']} worlds."
    )
    short = ""
    if asked["worlds"] < 60 or asked["people"] < 1000:
        short = (
            " A short run: with so few worlds and people, luck alone moves a share of worlds by "
            "tens of points. It shows that the measurement works, and what it looks like."
        )
    return Part("What was run", (words + short,))


def _many_of(asked: Mapping[str, Any]) -> str:
    done, drawn = asked["worlds"], asked["drawn"]
    return str(done) if done == drawn else f"The first {done} of {drawn}"


def _worst(one: Mapping[str, Any]) -> Part:
    worst, gaps = one["worst"], one["gaps"]
    values = ", ".join(f"{_spelt(name)} {value:.3g}" for name, value in worst["values"].items())
    goes = ", ".join(f"{_spelt(name)} {value:+.2f}" for name, value in one["goes_with"].items())
    return Part(
        f"Where it fails: `{one['ours']}` for half of `{one['base']}`",
        (
            _failing(one),
            f"The worst world ({worst['world']}): {_signed(worst['gap'])} points of cures "
            f"(± {1.96 * worst['error']:.1f} by luck), {worst['ours']['cured']:.1f} % where "
            f"`{one['base']}` has {worst['base']['cured']:.1f} %, with "
            f"{worst['ours']['contacts']:.1f} contacts an account in the place of "
            f"{worst['base']['contacts']:.1f}. There: {values}.",
            f"Over all worlds the difference is {_signed(gaps['median'])} points in the middle and "
            f"{_signed(gaps['low'])} or worse in one of twenty. With it go (rank correlation, "
            f"minus: the higher, the more is lost): {goes}.",
        ),
    )


def _failing(one: Mapping[str, Any]) -> str:
    fails = {name: number for name, number in one["fails"].items() if number}
    if not fails:
        return f"In none of {one['worlds']} worlds it fails; that says nothing of others."
    names = {"opt_outs": "stops"}
    by = ", ".join(
        f"{names.get(name, name)} in {number}" for name, number in fails.items() if name != "all"
    )
    return f"It fails in {fails['all']} of {one['worlds']} worlds: by {by}."


def _grids(one: Mapping[str, Any]) -> Iterator[Part]:
    for grid in one["grids"]:
        down, across = grid["ends"][grid["down"]], grid["ends"][grid["across"]]
        rows = [
            [
                f"{_spelt(grid['down'])} {_stretch(down, row)}",
                *(f"{held} of {number}" if number else "-" for held, number in cells),
            ]
            for row, cells in enumerate(grid["cells"])
        ]
        head = ["", *(f"{_spelt(grid['across'])} {_stretch(across, n)}" for n in range(3))]
        words = (f"Worlds in which cures are within {MARGIN:g} point, by two parameters:",)
        yield Part("", words, head, rows)


def _claims(told: Mapping[str, Any]) -> Part:
    rows = [
        [
            f"`{one['ours']}` / `{one['base']}`" + (" *" if one["made_for"] else ""),
            _share(one["contacts"]),
            _share(one["cost"]) if one["asks_cost"] else f"({_share(one['cost'])})",
            _share(one["cures"]),
            _share(one["opt_outs"]),
            f"**{_share(one['all'])}**",
            _share(one["cures_without_luck"]),
            _share(one["surely"]),
            _share(one["surely_not"]),
        ]
        for one in told["claims"]
    ]
    words = (
        "Of each of ours beside each baseline, the share of worlds in which it makes at most half "
        "of the contacts, costs at most half, cures at most one point less, and draws no more stops"
        " than `heavy`; and in which all of that holds (beside `default`, cost is not asked). In "
        "the next column what the share of `cures` would be if luck were taken out (empirical "
        "Bayes, as if differences were normal); in the last two the share of worlds in which the "
        "cures are within the point, or are not, whatever luck did (95 %). * is what each was made "
        "for.",
    )
    head = (
        *("ours / baseline", "contacts", "cost", "cures", "stops", "all"),
        *("cures, no luck", "surely", "surely not"),
    )
    return Part("In how many worlds it holds", words, head, rows)


def _prices(told: Mapping[str, Any]) -> Part:
    made_for = [one for one in told["claims"] if one["made_for"] and one["asks_cost"]]
    rows = [
        [
            f"`{one['ours']}` / `{one['base']}`",
            _share(one["cost"]),
            *map(_share, one["cost_if"].values()),
        ]
        for one in made_for
    ]
    words = (
        "Most prices are one large provider's, or assumed. The share of worlds in which ours costs "
        "at most half, were they otherwise:",
    )
    return Part(
        "Cost, were prices otherwise", words, ("ours / baseline", "as they are", *DEARER), rows
    )


def _frontier(told: Mapping[str, Any]) -> Part:
    rows = [
        [
            f"`{name}`",
            f"{one['contacts']:.2f}",
            f"{one['calls_by_person']:.2f}",
            f"{one['read']:.2f}",
            f"{one['cost']:.3f}",
            f"{one['cured']:.1f} ({one['cured_low']:.0f}..{one['cured_high']:.0f})",
            f"{one['on_plan']:.1f}",
            f"{one['money']:.1f}",
            f"{one['opt_outs']:.1f}",
            f"{one['complaints']:.2f}",
            f"{one['inbound']:.1f}",
        ]
        for name, one in sorted(told["frontier"].items(), key=lambda each: -each[1]["contacts"])
    ]
    words = [
        "Means over worlds, for an account: contacts (people's calls among them), those that were "
        "read or taken, cost in USD; in a hundred accounts: cured (in brackets, from the 5th to "
        "the 95th of a hundred worlds), paying by a plan and not cured yet, money of what was "
        "owed, messages that came in; in a thousand: stops and complaints.",
        *_cannot(told["frontier"]),
    ]
    head = (
        *("", "contacts", "by people", "read", "cost", "cured", "on plan", "money", "stops"),
        *("complaints", "inbound"),
    )
    return Part("The frontier", words, head, rows)


def _cannot(points: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """What cannot be had at once, and why."""
    for ours, base in (("calls", "heavy-agents"), ("lean", "default"), ("best", "heavy")):
        mine, theirs = points[ours], points[base]
        lost = theirs["cured"] - mine["cured"]
        if lost <= MARGIN:
            continue
        why = (
            "each conversation moves some more, and half of the calls have fewer conversations: "
            "what a person's call does in these worlds cannot be had without calling"
            if base == "heavy-agents"
            else "words that are read move somebody, each less than the one before it, and half of "
            "the words are read by fewer"
        )
        yield (
            f"Not to be had: `{base}`'s cures at `{ours}`'s {mine['contacts']:.1f} contacts in the "
            f"place of {theirs['contacts']:.1f}: {lost:.1f} points are missing in the mean, since "
            f"{why}."
        )


def _countries(told: Mapping[str, Any]) -> Part:
    names = sorted(next(iter(told["countries"].values())))
    rows = [
        [f"`{who}`", *(f"{of[c]['contacts']:.2f} / {100 * of[c]['cured']:.1f} %" for c in names)]
        for who, of in told["countries"].items()
    ]
    words = (
        "Messages and machines' calls for an account, and cured: the law makes a baseline light "
        "where it counts contacts by week (Colombia), and there is little to be halved.",
    )
    return Part("By country", words, ["", *names], rows)


def _levers(told: Mapping[str, Any]) -> Part:
    rows = [_lever(one, one["what"]) for one in told["levers"] if one["worlds"]]
    words = (
        "`best` without one of them each: what is otherwise then, in the mean over worlds (± 95 % "
        "of it). A lever that is worth having costs cures, or adds contacts, where it is "
        "taken away.",
    )
    head = ("without", "contacts", "cost", "cures", "on plan", "money", "stops")
    return Part("What each lever gives", words, head, rows)


def _lever(one: Mapping[str, Any], name: str) -> list[str]:
    digits = {"contacts": 2, "cost": 3, "cured": 2, "on_plan": 2, "money": 2, "opt_outs": 2}
    return [
        name,
        *(f"{one[m]['mean']:+.{n}f} ± {one[m]['half']:.{n}f}" for m, n in digits.items()),
    ]


def _controls(told: Mapping[str, Any]) -> Part:
    found = told["controls"]
    nothing, shuffled, scores = found["nothing"], found["shuffled"], found["scores"]
    words = [
        "A strategy against itself: "
        + ("no difference in anything." if found["again"]["same"] else "**A DIFFERENCE: wrong.**"),
        "A world in which contacts do nothing: "
        + (
            f"every strategy cures the same {nothing['cured']['best'][0]}; no effect is reported."
            if nothing["same"]
            else f"**{nothing['cured']}: an effect where there is none; wrong.**"
        ),
        "Outcomes shuffled between `best` and `heavy`, person by person: "
        f"{_signed(shuffled['gap']['mean'], 2)} ± {shuffled['gap']['half']:.2f} points; beyond the "
        f"95 % of luck in {_share(shuffled['beyond'])} of {shuffled['worlds']} worlds (about 5 % "
        "is to be expected).",
    ]
    if scores["worlds"]:
        words.append(
            "Scores dealt out anew among the same people: cures "
            f"{_signed(scores['cured']['mean'], 2)} ± {scores['cured']['half']:.2f} points, "
            f"contacts {_signed(scores['contacts']['mean'], 2)} for an account."
        )
    return Part("Controls", words)


def markdown(told: Mapping[str, Any]) -> str:
    """As Markdown."""
    lines: list[str] = []
    for one in parts(told):
        lines += [f"### {one.heading}", ""] if one.heading else []
        for words in one.words:
            lines += [words, ""]
        if one.rows:
            lines += [_row(one.head), _row(["---"] * len(one.head)), *map(_row, one.rows), ""]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def page(told: Mapping[str, Any]) -> str:
    """As a page that needs nothing else."""
    body = []
    for one in parts(told):
        body += [f"<h2>{_html(one.heading)}</h2>"] if one.heading else []
        body += [f"<p>{_html(words)}</p>" for words in one.words]
        if one.heading == "The frontier":
            body.append(frontier(told["frontier"]))
        if one.rows:
            top = "".join(f"<th>{_html(cell)}</th>" for cell in one.head)
            rows = (
                f"<tr>{''.join(f'<td>{_html(cell)}</td>' for cell in row)}</tr>" for row in one.rows
            )
            body.append(f"<table><tr>{top}</tr>{''.join(rows)}</table>")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>The headline, measured</title>'
        f"<style>{_STYLE}</style><h1>The headline, measured</h1><p>Models of people: what follows "
        f"from assumptions, and nothing of real debtors.</p>{''.join(body)}</html>\n"
    )


def _html(words: str) -> str:
    return escape(words).replace("**", "").replace("`", "")


def into_page(file: Path, text: str) -> None:
    """Put the figures in the place of those before. Raises BadInput where there is no place."""
    before = file.read_text("utf-8") if file.is_file() else ""
    head, begin, rest = before.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise BadInput(f"{file}: has no lines {BEGIN!r} and {END!r} between which figures stand")
    file.write_text(f"{head}{BEGIN}\n\n{text}\n{END}{tail}", encoding="utf-8")


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _signed(value: float, digits: int = 1) -> str:
    return f"{value:+.{digits}f}"


def _many(number: int, what: str) -> str:
    return f"one {what}" if number == 1 else f"{number} {what}s"


def _spelt(name: str) -> str:
    return name.replace("_", " ")


def _stretch(ends: Sequence[float], place: int) -> str:
    return f"{ends[place]:.3g}..{ends[place + 1]:.3g}"
