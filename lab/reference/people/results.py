"""docs/reference/results.md: what people do to reach customers, and what comes of it."""

from config.results.catalogue import load_results
from config.settings import Settings
from domain.contacts.results import ASKED, FACTS, OUTCOMES, Action, Needs, Result
from lab.reference.text import GENERATED, described, table


def page() -> str:
    """The shipped codes, and the words that an operator has to say what one means."""
    results = load_results(Settings.model_fields["results"].default)
    needs = described(Needs)
    return "\n".join(
        [
            GENERATED,
            "# Results",
            "",
            "What a person does to reach a customer (`--action`), and what comes of it"
            " (`--result`), as shipped in `config/results/results.yaml`. An operator's own file"
            " is named by `CONTRAPUNTO_RESULTS`. How they are used:"
            " [What people do](../guide/people.md).",
            "",
            "## Actions",
            "",
            *table(
                ("Code", "By", "Direction", "es", "pt", "en"),
                (
                    (f"`{code}`", one.channel, one.direction, *_names(one))
                    for code, one in results.actions.items()
                ),
            ),
            "",
            "## Results",
            "",
            *table(
                ("Code", "To the law", "Right party", "What follows", "es", "pt", "en"),
                (
                    (
                        *(f"`{code}`", f"`{one.outcome}`", "yes" if one.right_party else "no"),
                        *(_follows(one), *_names(one)),
                    )
                    for code, one in results.results.items()
                ),
            ),
            "",
            "## Fields",
            "",
            "A code is small letters, digits and `_`. A file that breaks a rule is refused at start"
            " and by `contrapunto config check`, by field.",
            "",
            *table(
                ("Field", "Meaning"),
                (
                    *((f"action: `{n}`", words) for n, words in described(Action).items()),
                    *((f"result: `{n}`", words) for n, words in described(Result).items()),
                    *((f"`needs: {one}`", needs[one.name]) for one in Needs),
                ),
            ),
            "",
            f"`fact` is one of {_list(FACTS)}; an `opt_out` is of the channel of the contact."
            f" `asks` is one of {_list(ASKED)}. What can come of a contact:",
            "",
            *table(
                ("By", "`outcome`"),
                ((f"`{channel}`", _list(outcomes)) for channel, outcomes in OUTCOMES.items()),
            ),
            "",
            "`right_party` is true for `conversation` and `replied`, and for nothing else. Of what"
            " comes in only these can come, and `dropped`; `replied` of nothing that went out.",
            "",
        ]
    )


def _names(one: Action | Result) -> tuple[str, str, str]:
    return one.name.es, one.name.pt, one.name.en


def _follows(one: Result) -> str:
    if one.fact is not None:
        return f"on file: `{one.fact}`"
    if one.asks is not None:
        return f"asks a person: `{one.asks}`"
    return f"needs `{one.needs}`" if one.needs is not None else ""


def _list(words: frozenset[str]) -> str:
    return ", ".join(f"`{one}`" for one in sorted(words))
