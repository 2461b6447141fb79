"""``contrapunto account dispute``, ``resolve-dispute``, ``hardship``, ``extend-hardship``,
``end-hardship``, and ``contrapunto customer vulnerable``."""

from typing import Annotated, Any

import typer

from domain.cases.words import DisputeReason, HardshipReason, Resolution
from workers.cli.account import ask
from workers.cli.shell import AsJson, console, database, output, run, user
from workers.cli.typed import Text, text


def add_to(accounts: typer.Typer, customers: typer.Typer) -> None:
    """Add the commands."""
    accounts.command("dispute")(account_dispute)
    accounts.command("resolve-dispute")(account_resolve_dispute)
    accounts.command("hardship")(account_hardship)
    accounts.command("extend-hardship")(account_extend_hardship)
    accounts.command("end-hardship")(account_end_hardship)
    customers.command("vulnerable")(customer_vulnerable)


def account_dispute(
    account: Text,
    reason: Annotated[
        DisputeReason, typer.Option(help="what they say is wrong")
    ] = DisputeReason.OTHER,
    document: Annotated[
        list[str] | None,
        typer.Option(parser=text, help="where something that they sent is to be found"),
    ] = None,
    answer_due: Annotated[
        str | None,
        typer.Option(
            parser=text, help="the last day to answer, as 2026-12-01 (default: by the strategy)"
        ),
    ] = None,
    written: Annotated[
        bool | None, typer.Option("--written/--spoken", help="how they said it")
    ] = None,
    note: Annotated[
        str | None, typer.Option(parser=text, help="in a few plain words, nothing personal")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The customer says that something is wrong with the debt: nobody is contacted until it is
    resolved.

    It goes on file as a dispute, and a person is asked when the day to answer is over.
    """
    asked: dict[str, Any] = {"reason": reason.value, "documents": document or []}
    asked |= {"answer_due": answer_due, "in_writing": written, "note": note}
    _ask(account, "open_dispute", asked, as_json=as_json)


def account_resolve_dispute(
    account: Text,
    outcome: Annotated[Resolution, typer.Option(help="how it ends; the docs say what each does")],
    reason: Annotated[
        str | None, typer.Option(parser=text, help="in a few plain words, nothing personal")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A dispute ends: for the customer, against them, taken back; or after `for` it is corrected.

    After `against`, `withdrawn` and `corrected` the account goes on, where its law lets it.
    """
    asked = {"outcome": outcome.value, "reason": reason}
    _ask(account, "resolve_dispute", asked, as_json=as_json)


def account_hardship(
    account: Text,
    reason: Annotated[
        HardshipReason, typer.Option(help="why they cannot pay as agreed")
    ] = HardshipReason.OTHER,
    review: Annotated[
        str | None,
        typer.Option(
            parser=text, help="when a person looks again, as 2026-12-01 (default: by the strategy)"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The customer cannot pay as agreed: the account is collected softly, and by a person first.

    What is softer, the strategy says (`hardship`).
    """
    asked = {"reason": reason.value, "review_date": review}
    _ask(account, "begin_hardship", asked, as_json=as_json)


def account_extend_hardship(
    account: Text,
    review: Annotated[
        str, typer.Option(parser=text, help="when a person looks again, as 2026-12-01")
    ],
    as_json: AsJson = False,
) -> None:
    """A hardship goes on, and a person looks at it again on another day."""
    _ask(account, "extend_hardship", {"review_date": review}, as_json=as_json)


def account_end_hardship(
    account: Text,
    reason: Annotated[
        str, typer.Option(parser=text, help="in a few plain words, nothing personal")
    ] = "operator",
    as_json: AsJson = False,
) -> None:
    """A hardship ends: the account is collected as its strategy has it."""
    _ask(account, "end_hardship", {"reason": reason}, as_json=as_json)


def _ask(account: str, update: str, asked: dict[str, Any], *, as_json: bool) -> None:
    told = {name: value for name, value in asked.items() if value not in (None, [])}
    run(ask(account, update, lambda _: told, as_json=as_json))


def customer_vulnerable(
    customer: Text,
    over: Annotated[bool, typer.Option("--over", help="they are no longer")] = False,
    by: Annotated[
        str | None, typer.Option(parser=text, help="who says so (default: the user)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A customer is vulnerable: nobody but persons contacts them, for any of their accounts.

    In the place of each message a person is asked (`person_first`). It stays in PostgreSQL: nothing
    of it goes to Temporal.
    """
    run(_vulnerable(customer, by or user(), over=over, as_json=as_json))


async def _vulnerable(customer: str, by: str, *, over: bool, as_json: bool) -> None:
    from config.settings import load
    from workers.accounts import Accounts
    from workers.cli.cases.vulnerable import as_dict, tell, vulnerable
    from workers.cli.output import line
    from workers.connection import client_and_clock

    settings = load()
    client, clock = await client_and_clock(settings)
    async with database(settings) as pool:
        done = await vulnerable(pool, Accounts(client), clock, customer, by, over=over)
    if as_json:
        output().file.write(line(as_dict(done)) + "\n")
        return
    console.print(tell(done), highlight=False, markup=False)
