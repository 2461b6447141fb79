"""``contrapunto contact message`` and ``show``: a person writes, and reads what became of it."""

import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from domain.channels import Channel, Purpose
from workers.cli.contact.commands import Address, By, Party, Point, account_of
from workers.cli.shell import AsJson, console, database, output, run, user
from workers.cli.status import ExitStatus
from workers.cli.typed import Text, text

if TYPE_CHECKING:
    from store.database import Pool
    from workers.contacts.writing import Writing

T = TypeVar("T")

Wait = Annotated[float, typer.Option(min=0, max=120, help="seconds to wait for what becomes of it")]
_MOST = 200_000
"""Bytes of a file that can be a message."""


def add_to(contact: typer.Typer) -> None:
    """The commands about messages, beside those about calls."""
    contact.command("message")(contact_message)
    contact.command("show")(contact_show)


def contact_message(
    account: Text,
    channel: Annotated[Channel, typer.Option(help="by what: sms, whatsapp or email")],
    text_file: Annotated[
        Path | None, typer.Option(help="your own words, in UTF-8; -: standard input")
    ] = None,
    template: Annotated[
        Purpose | None, typer.Option(help="or what is said in the operator's words, by its purpose")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(parser=text, help="of an e-mail in your own words")
    ] = None,
    point: Point = None,
    address: Address = None,
    party: Party = None,
    by: By = None,
    name: Annotated[
        str | None,
        typer.Option("--id", parser=text, help="names it: told again, nothing is sent twice"),
    ] = None,
    wait: Wait = 10,
    as_json: AsJson = False,
) -> None:
    """Write to a customer, if the law lets a person: sent once, by the door of all messages.

    Exit status 3 where it is not sent: the answer says by which rule, and when it may be.
    """

    async def act(writing: "Writing", pool: "Pool") -> bool:
        from workers.cli.contact.telling import tell_written
        from workers.contacts.writing import Draft

        creditor, account_id = await account_of(pool, account)
        draft = Draft(
            message_id=name or f"cli:{secrets.token_hex(8)}",
            creditor=creditor,
            account_id=account_id,
            channel=channel,
            by=by or user(),
            text=None if text_file is None else _words(text_file),
            template=template,
            subject=subject,
            point=point,
            address=address,
            party=party,
        )
        new = (await writing.write(draft)).new
        found = await writing.became(draft.message_id, patience=wait)
        told = found.model_copy(update={"new": new})
        tell_written(told, console, output(), as_json=as_json)
        return told.may_reach

    if not run(_with_writing(act)):
        raise SystemExit(ExitStatus.IN_PART)


def contact_show(message_id: Text, wait: Wait = 0, as_json: AsJson = False) -> None:
    """Show what became of a message that a person wrote; never its words."""

    async def act(writing: "Writing", pool: "Pool") -> None:
        from workers.cli.contact.telling import tell_written

        found = await writing.became(message_id, patience=wait)
        tell_written(found, console, output(), as_json=as_json)

    run(_with_writing(act))


async def _with_writing(act: "Callable[[Writing, Pool], Awaitable[T]]") -> T:
    from config.settings import load
    from workers.accounts import Accounts
    from workers.connection import client_and_clock
    from workers.contacts.writing import Writing

    settings = load()
    client, clock = await client_and_clock(settings)
    async with database(settings) as pool:
        return await act(Writing(pool, Accounts(client), clock, settings.pay_url), pool)


def _words(file: Path) -> str:
    """What a file says. Raises BadInput."""
    from domain.failures import BadInput

    try:
        if str(file) == "-":
            read = sys.stdin.buffer.read(_MOST + 1)
        else:
            with file.open("rb") as opened:
                read = opened.read(_MOST + 1)
        if len(read) > _MOST:
            raise BadInput(f"text_file: {file} is too long to be a message")
        return read.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"text_file: {file} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"text_file: {file} is no UTF-8") from error
