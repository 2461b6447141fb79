"""Where else something of a person may be, and the file that is handed out."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from domain.failures import BadInput
from workers.cli.output import jsonable
from workers.cli.shell import output


def write(told: Mapping[str, Any], out: Path | None) -> None:
    """To a new file that its owner alone may read, or to standard output. Raises BadInput."""
    text = json.dumps(told, default=jsonable, ensure_ascii=False, indent=2) + "\n"
    if out is None:
        output().file.write(text)
        return
    try:
        opened = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadInput(f"--out: {out} cannot be written ({error.strerror})") from error
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(text)


def beside(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Where else something of an exported person may be."""
    tables = found["tables"]
    attempts = tables.get("attempts", ())
    sent = [one["provider"] for one in attempts if one["provider_message_id"]]
    files = [one["url"] or one["file"] for one in tables.get("documents", ())]
    accounts = [f"{one['creditor']}/{one['account_id']}" for one in tables.get("accounts", ())]
    return elsewhere(accounts, files, {one: sent.count(one) for one in sorted(set(sent))})


def elsewhere(
    accounts: Iterable[str], files: Iterable[str], providers: Mapping[str, int]
) -> list[dict[str, Any]]:
    """What this database does not hold, and what to do about it."""
    workflows = [f"account/{one}" for one in accounts]
    at = ", ".join(f"{name} ({count})" for name, count in providers.items())
    listed = ", ".join(files)
    delete = "; ".join(f"temporal workflow delete --workflow-id {one}" for one in workflows)
    places = [
        (
            "Temporal",
            "histories hold ids, amounts and instants, no name, address or word; they go with the "
            f"namespace's retention, or by: {delete}"
            if workflows
            else "",
        ),
        ("files that went with messages", listed and f"delete them where they lie: {listed}"),
        (
            "providers",
            at
            and "each has the messages it sent, with number or mailbox and words: ask for their "
            f"deletion by the provider_message_id of an export made before: {at}",
        ),
        (
            "intake files, and their rejects",
            "as they were sent, wherever you keep them: delete them by their age; take the person "
            "out at the source",
        ),
        (
            "backups, and replicas",
            "a backup holds the person until it expires; after a restore run this again for "
            "whoever was erased since (table erasures of the database before, or your own list)",
        ),
        ("logs, metrics, traces", "hold ids at most, and go by your retention of them"),
        ("reports, and ledger exports", "ids and figures; delete exports by their age"),
        (
            "upstream systems",
            "were told events by id; the creditor's own systems are the creditor's to erase",
        ),
    ]
    return [{"where": where, "todo": todo} for where, todo in places if todo]
