"""Links to the Temporal UI, wherever an account is named: in commands, logs, errors, answers.

A process begins with the address once (``begin``); without it there are no links, and nothing is
looked for.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

VARIABLE: Final = "CONTRAPUNTO_TEMPORAL_UI"
FIELD: Final = "temporal_ui"
"""What the link is called where messages have fields."""
ADDRESS: Final = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_NAMESPACES: Final = "/namespaces/"
_LATELY: Final = 64
"""Accounts that messages are searched for: of more nobody has just been told."""


class _Links:
    def __init__(self) -> None:
        self.prefix: str | None = None
        self.noted: deque[str] = deque(maxlen=_LATELY)


_links: Final = _Links()


def begin(environ: Mapping[str, str]) -> None:
    """Take the address from ``CONTRAPUNTO_TEMPORAL_UI``, and the namespace from there or from
    Temporal's own variable; nothing where it is no address."""
    _links.noted.clear()
    base = environ.get(VARIABLE, "").strip().rstrip("/")
    if not ADDRESS.fullmatch(base):
        _links.prefix = None
        return
    if _NAMESPACES not in base:
        base += f"{_NAMESPACES}{quote(environ.get('TEMPORAL_NAMESPACE') or 'default', safe='')}"
    _links.prefix = f"{base}/workflows/"


def note(account: str) -> None:
    """``<creditor>/<account_id>`` is dealt with: messages that name it are about it from now on."""
    if _links.prefix is not None and account not in _links.noted:
        _links.noted.append(account)


def to(account: str) -> str | None:
    """Where the UI shows the account ``<creditor>/<account_id>``; None without an address."""
    if _links.prefix is None or "/" not in account:
        return None
    return f"{_links.prefix}{quote(f'account/{account}', safe='')}"


def named_in(message: str) -> Iterator[tuple[str, str]]:
    """The accounts lately dealt with that a message names, each with its link."""
    for account in reversed(_links.noted):
        if account in message and (link := to(account)) is not None:
            yield account, link


def linked(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row that names an account, or several, with the link or links beside; else as it was."""
    told = dict(row)
    if _links.prefix is None or FIELD in told:
        return told
    creditor, account_id, key = (told.get(name) for name in ("creditor", "account_id", "account"))
    if isinstance(creditor, str) and isinstance(account_id, str):
        key = f"{creditor}/{account_id}"
    if isinstance(key, str) and "/" in key:
        told[FIELD] = to(key)
    elif isinstance(told.get("accounts"), list | tuple):
        several = [link for one in told["accounts"] if (link := to(str(one))) is not None]
        if several:
            told[FIELD] = several
    return told
