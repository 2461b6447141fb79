"""``contrapunto account plan``, ``cancel-plan`` and ``promise``."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from domain.agreements.intervals import Every, after, equal_parts
from domain.failures import BadInput
from workers.cli.account import ask
from workers.cli.agreements.typed import parted
from workers.cli.shell import AsJson, run, user, with_database
from workers.cli.typed import Text, text


def add_to(accounts: typer.Typer) -> None:
    """Add the commands."""
    accounts.command("plan")(account_plan)
    accounts.command("cancel-plan")(account_cancel_plan)
    accounts.command("promise")(account_promise)


def account_plan(
    account: Text,
    instalment: Annotated[
        list[str] | None,
        typer.Option(parser=text, help="DATE=AMOUNT, for each one: then nothing else is given"),
    ] = None,
    number: Annotated[
        int | None, typer.Option(min=1, max=250, help="how many, without a down payment")
    ] = None,
    first: Annotated[
        str | None, typer.Option(parser=text, help="the date of the first, as 2026-12-01")
    ] = None,
    every: Annotated[Every, typer.Option(help="how far apart they are")] = Every.MONTH,
    amount: Annotated[
        str | None,
        typer.Option(
            parser=text, help="of each (default: the balance in equal parts, the last the rest)"
        ),
    ] = None,
    down: Annotated[
        str | None, typer.Option(parser=text, help="DATE=AMOUNT of a down payment")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Agree that the customer pays in parts: in the place of an active plan and an open promise.

    The strategy says what may be agreed (`plan`); what is not, is refused in words.
    """
    way = (instalment or [], number, first, amount, down)
    run(ask(account, "agree_plan", lambda row: planned(row, *way, every=every), as_json=as_json))


def account_cancel_plan(
    account: Text,
    reason: Annotated[str, typer.Option(parser=text, help="in a few plain words")] = "operator",
    as_json: AsJson = False,
) -> None:
    """Take the active payment plan back: the account goes on in its phase."""
    run(ask(account, "cancel_plan", lambda _: {"reason": reason}, as_json=as_json))


def account_promise(
    account: Text,
    amount: Annotated[
        str | None, typer.Option(parser=text, help="what they promise to pay, such as 150000")
    ] = None,
    by_date: Annotated[
        str | None,
        typer.Option("--date", parser=text, help="the last day on which they keep it"),
    ] = None,
    part: Annotated[
        list[str] | None,
        typer.Option(parser=text, help="AMOUNT:DATE of each, where they promise several dates"),
    ] = None,
    by: Annotated[
        str | None, typer.Option(parser=text, help="who was told (default: the user)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Record that the customer will pay: an amount by a date, or parts on several dates.

    The strategy says what may be promised (`promise`); what is not, is refused in words.
    """
    asked = promised(amount, by_date, part or [])
    run(_promise(account, asked, by or user(), as_json=as_json))


async def _promise(account: str, asked: dict[str, Any], by: str, *, as_json: bool) -> None:
    from store.agreements.promises import recorded_by

    key, name = await ask(account, "record_promise", lambda _: asked, as_json=as_json)
    creditor, _, account_id = key.partition("/")
    await with_database(lambda pool: recorded_by(pool, (creditor, account_id), name, by))


def promised(amount: str | None, by_date: str | None, parts: Sequence[str]) -> dict[str, Any]:
    """The request for a promise, as it is typed. Raises BadInput for what cannot be read."""
    if parts:
        if amount is not None or by_date is not None:
            raise BadInput("--part: lists all of it: give it without --amount and --date")
        return {"parts": [parted("--part", one) for one in parts]}
    if amount is None or by_date is None:
        raise BadInput("give --amount and --date, or --part for each of several dates")
    return {"amount": amount, "date": by_date}


def planned(
    row: Mapping[str, Any],
    listed: Sequence[str],
    number: int | None,
    first: str | None,
    amount: str | None,
    down: str | None,
    *,
    every: Every = Every.MONTH,
) -> dict[str, Any]:
    """The request for a plan, as it is typed. Raises BadInput for what cannot be read."""
    if listed:
        if any(one is not None for one in (number, first, amount, down)):
            raise BadInput("--instalment: lists them all: give it alone")
        return {"instalments": [_part("--instalment", one) for one in listed]}
    if number is None or first is None:
        raise BadInput("give --number and --first, or --instalment for each one")
    paid_down = None if down is None else _part("--down", down)
    if amount is None:
        return {"instalments": _equal(row, number, first, paid_down, every)}
    asked = {"number": number, "first_date": first, "every": every.value, "amount": amount}
    return asked if paid_down is None else {**asked, "down_payment": paid_down}


def _equal(
    row: Mapping[str, Any], number: int, first: str, down: dict[str, str] | None, every: Every
) -> list[dict[str, str]]:
    """The balance, less a down payment, in equal parts."""
    from domain.entry.money import decimals

    try:
        begins = date.fromisoformat(first)
        left = row["balance"] - (Decimal(down["amount"]) if down else 0)
        sums = equal_parts(left, number, decimals(row["currency"]))
        parts = [
            {"date": after(begins, every, step).isoformat(), "amount": f"{one:f}"}
            for step, one in enumerate(sums)
        ]
    except (ValueError, OverflowError, InvalidOperation):
        raise BadInput(
            "--first must be a date such as 2026-12-01, an amount a number such as 1234.50"
        ) from None
    return [*([down] if down else []), *parts]


def _part(option: str, typed: str) -> dict[str, str]:
    due, equals, amount = typed.partition("=")
    if not (due and equals and amount):
        raise BadInput(
            f"{option}: must be DATE=AMOUNT such as 2026-12-01=50000.00, {typed!r} is not"
        )
    return {"date": due, "amount": amount}
