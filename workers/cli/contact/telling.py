"""What is said of a person's contact: to people, and as JSON. Never an address, never a note."""

import json
from collections.abc import Iterable, Sequence

from rich.console import Console

from domain.planning.by_person import MayContact
from domain.planning.words import short_cite
from store.contacts.manual import ContactRecord
from workers.cli.output import account_shown, folding, line, shown
from workers.contacts.acting import Done
from workers.contacts.writing import Written

_WITHIN = {"note", "address_key"}
"""What stays in the database."""


def show_may(answers: Iterable[MayContact], console: Console, *, as_json: bool) -> None:
    """Print which contact points may be used now, a line each."""
    if as_json:
        for one in answers:
            console.file.write(json.dumps(one.model_dump(mode="json"), ensure_ascii=False) + "\n")
        return
    table = folding("Contact point", "Now", "Why", "Until", "Next allowed", lines=True)
    for one in answers:
        cite = f"\n[dim]{shown(short_cite(one.cite))}" if one.cite else ""
        table.add_row(
            f"{one.contact_point_id or 'none on record'}\n[dim]{one.channel}, {one.kind}",
            "[green]may be contacted" if one.allowed else "[red]no",
            f"{shown(one.why)}{cite}",
            f"{one.until:%Y-%m-%d %H:%M} UTC" if one.until else "",
            f"{one.next_allowed_at:%Y-%m-%d %H:%M:%S} UTC" if one.next_allowed_at else "",
        )
    console.print(table)


def tell_done(done: Done, console: Console, out: Console, *, as_json: bool) -> None:
    """Say what was done."""
    if as_json:
        told = done.model_dump(mode="json", exclude={"contact": _WITHIN})
        out.file.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    contact = done.contact
    ended = f": {contact.result}" if contact.result else " has begun, and counts"
    words = [f"contact {contact.contact_id}{ended}" + ("" if done.new else " (known already)")]
    if done.may is not None and done.may.until is not None:
        words.append(f"it may last until {done.may.until:%Y-%m-%d %H:%M} UTC")
    if contact.against is not None:
        words.append(f"it should not have been made: {contact.against}")
    words += [*done.follows, f"{done.plan_anew} accounts plan anew"]
    for said in words:
        console.print(said, highlight=False, markup=False, soft_wrap=True)


def show_begun(contacts: Sequence[ContactRecord], console: Console, *, as_json: bool) -> None:
    """Print contacts that have no end yet, a line each."""
    if as_json:
        for one in contacts:
            console.file.write(line(one.model_dump(mode="json", exclude=_WITHIN)) + "\n")
        return
    table = folding("Contact", "Account", "Action", "By", "Begun (UTC)")
    for one in contacts:
        table.add_row(
            *(shown(one.contact_id), account_shown(f"{one.creditor}/{one.account_id}"), one.action),
            *(shown(one.by_whom), f"{one.began_at:%Y-%m-%d %H:%M}"),
        )
    console.print(table)


def tell_written(written: Written, console: Console, out: Console, *, as_json: bool) -> None:
    """Say what became of a message that a person wrote."""
    if as_json:
        out.file.write(json.dumps(written.model_dump(mode="json"), ensure_ascii=False) + "\n")
        return
    words = [f"message {written.message_id}: {written.became.replace('_', ' ')}"]
    if written.why is not None:
        words.append(f"{written.why} ({written.cite})" if written.cite else written.why)
    if written.next_allowed_at is not None:
        words.append(f"allowed from {written.next_allowed_at:%Y-%m-%d %H:%M:%S} UTC")
    if written.may_reach and written.provider is not None:
        words.append(f"by {written.channel} through {written.provider} ({written.attempt_id})")
    for said in words:
        console.print(said, highlight=False, markup=False, soft_wrap=True)
