"""What ``contrapunto restore`` says."""

from typing import TYPE_CHECKING, Final

from rich.console import Console

from workers.cli.output import line

if TYPE_CHECKING:
    from workers.restoring.found import Found
    from workers.restoring.standing import Standing

SHOWN: Final = 20
"""Ids that are told of a kind; all of them are in --json, and in ledger_readbacks."""


def show(found: "Standing", out: Console, *, as_json: bool) -> None:
    """How the ledger stands."""
    if as_json:
        out.file.write(line(found.as_dict()) + "\n")
        return
    mark = found.mark
    halted = "no"
    if mark.halted_at is not None:
        halted = f"since {mark.halted_at:%Y-%m-%d %H:%M:%S} UTC: {mark.halted_why}"
    rows = [
        ("halted", halted),
        ("would be halted", found.suspected or "no"),
        ("whole until", f"{found.reaches:%Y-%m-%d %H:%M:%S} UTC" if found.reaches else "now"),
        ("mark", f"{mark.mark}; Temporal remembers {found.remembered.mark or 'none'}"),
        ("epoch", f"{mark.here}; of the mark {mark.epoch or 'none yet'}"),
        ("open accounts", f"{found.open_accounts}; workflows that run {found.workflows}"),
        ("unknown", f"{found.unknown} attempts (contrapunto ledger unknown)"),
    ]
    rows += [
        (
            "read back",
            f"{one.read_at:%Y-%m-%d %H:%M:%S} UTC by {one.by_whom}, from "
            f"{one.since:%Y-%m-%d %H:%M:%S}: {'all answered' if one.complete else 'not all'}",
        )
        for one in found.readings
    ]
    rows += [("next", todo) for todo in found.todo or ["nothing"]]
    for name, words in rows:
        _print(out, f"{name:<17}{words}")


def show_found(found: "Found", out: Console, *, as_json: bool) -> None:
    """What was read back."""
    if as_json:
        out.file.write(line(found.as_dict()) + "\n")
        return
    for name, one in sorted(found.providers.items()):
        told = (
            f"{one.listed} listed, {one.known} known, {one.imported} taken in, "
            f"{one.strangers} of strangers"
        )
        _print(out, f"{name:<17}{told if one.cannot is None else one.cannot}")
        _ids(out, "  of nobody's account", one.unplaced)
    _print(
        out,
        f"{'temporal':<17}{found.accounts} accounts; {found.contacts} contacts forgotten, "
        f"{found.confirmed} of them listed, {len(found.unknown)} unknown; {found.told} facts told "
        f"again, {found.stops} stops recorded",
    )
    _print(out, f"{'messages':<17}{found.heard} of customers taken in again")
    _ids(out, "unknown", found.unknown)
    _ids(out, "placed", found.placed)
    _ids(out, "not written", found.unwritten)
    _ids(out, "refused", found.refused)
    _ids(out, "held (work list)", found.held)
    _ids(out, "only in Temporal", found.only_temporal)
    _ids(out, "files to take in", found.files)
    if found.unreadable:
        _print(out, f"{'unreadable':<17}{found.unreadable} events (are the payload keys here?)")


def _ids(out: Console, name: str, ids: list[str]) -> None:
    if ids:
        more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
        _print(out, f"{name:<17}{len(ids)}: {', '.join(ids[:SHOWN])}{more}")


def _print(out: Console, words: str) -> None:
    out.print(words, markup=False, highlight=False, soft_wrap=True)
