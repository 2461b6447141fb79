"""The endpoints that an operator names, read and checked at start-up.

No secret stands in the file or in the database: the file says in which variable or file one is.
"""

import base64
import binascii
import ipaddress
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from config.yaml_files import read_checked
from domain.failures import Fault, Misconfigured
from domain.model import Key, Strict
from domain.outgoing.events import chosen, unknown_in

EVERYBODY: Final = "*"
_PREFIX: Final = "whsec_"
_SHORTEST: Final = 24
_LONGEST: Final = 64
"""Bytes of a secret, as Standard Webhooks has them."""
_LONGEST_FILE: Final = 4_096

Environ = Mapping[str, str]


def fault_of_url(url: str, *, private: bool) -> str | None:
    """What is wrong with the address of an endpoint; no name is looked up. None: nothing."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "cannot be read"
    host = parts.hostname
    if host is None or not url.isprintable() or " " in url:
        return "must be an address such as https://hooks.example.com/contrapunto"
    if parts.username is not None or parts.password is not None:
        return "must not have a user or password: the signature says who we are"
    if parts.fragment:
        return "must not have a fragment"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        loopback = host == "localhost" or host.endswith(".localhost")
    else:
        loopback = address.is_loopback
        if not private and not loopback and not is_public(host):
            return "is a private address: say `private: true` if it is meant"
    if parts.scheme == "http" and loopback:
        return None if private else "is on this machine: say `private: true` if it is meant"
    if parts.scheme != "https":
        return "must begin with https:// (http:// only on this machine)"
    return (
        "is on this machine: say `private: true` if it is meant"
        if loopback and not private
        else None
    )


def is_public(address: str) -> bool:
    """Whether an IP address lies on the public network: neither ours nor a cloud's own."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if (inner := found.ipv4_mapped or found.sixtofour) is not None:
            return is_public(str(inner))
        if found.teredo is not None or found in _TRANSLATED:
            return False
    return found.is_global and not found.is_multicast


_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that mean one of IPv4, which may be any."""


def _types(found: tuple[str, ...]) -> tuple[str, ...]:
    if wrong := unknown_in(found):
        raise ValueError(f"{wrong[0]}: no event has such a type")
    if not found:
        raise ValueError("must name at least one type")
    return found


def _some(found: tuple[str, ...]) -> tuple[str, ...]:
    if not found:
        raise ValueError("must have at least one")
    return found


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]


class Endpoint(Strict):
    """Where one upstream system is told."""

    name: Name
    url: str
    creditors: Annotated[tuple[Key, ...], AfterValidator(_some)]
    types: Annotated[tuple[str, ...], AfterValidator(_types)] = ("*",)
    secrets: Annotated[tuple[str, ...], AfterValidator(_some)]
    words: bool = False
    private: bool = False
    timeout: Annotated[float, Field(gt=0, le=30)] = 10
    concurrency: Annotated[int, Field(ge=1, le=256)] = 32

    @property
    def wants(self) -> tuple[str, ...]:
        """The types that it is told of."""
        return chosen(self.types)


class Webhooks(Strict):
    """The whole file."""

    feed: tuple[str, ...] = ()
    keep_days: Annotated[float, Field(gt=0, le=3_660)] = 30
    give_up_after_days: Annotated[float, Field(gt=0, le=365)] = 7
    endpoints: tuple[Endpoint, ...] = ()

    @property
    def creditors(self) -> list[str]:
        """Whose events are noted."""
        told = {creditor for one in self.endpoints for creditor in one.creditors}
        return sorted({*told, *self.feed})


class Secrets:
    """The keys of all endpoints: by name, the newest first."""

    def __init__(self, keys: Mapping[str, Sequence[bytes]]) -> None:
        self._keys = keys

    def of(self, endpoint: str) -> Sequence[bytes]:
        """The keys that an endpoint's events are signed with."""
        return self._keys[endpoint]

    def __repr__(self) -> str:
        return f"Secrets of {', '.join(self._keys) or 'nobody'}"


def load_webhooks(file: Path) -> Webhooks:
    """The endpoints of a file. Raises Misconfigured with each thing that is wrong."""
    found = read_checked(file, lambda told: Webhooks.model_validate(told or {}))
    if faults := list(_faults(file, found)):
        raise Misconfigured.of(faults)
    return found


def _faults(file: Path, found: Webhooks) -> list[Fault]:
    faults: list[Fault] = []
    seen: set[str] = set()
    for place, one in enumerate(found.endpoints):
        at = f"endpoints.{place}"
        if one.name in seen:
            faults.append(Fault(file.name, f"{at}.name", f"stands twice: {one.name}", "rename one"))
        seen.add(one.name)
        if (rule := fault_of_url(one.url, private=one.private)) is not None:
            faults.append(Fault(file.name, f"{at}.url", rule))
        if EVERYBODY in one.creditors:
            todo = "name them: an endpoint must not be told of others' accounts by mistake"
            faults.append(Fault(file.name, f"{at}.creditors", "must be names, not *", todo))
    if found.keep_days < found.give_up_after_days:
        rule = "must be at least `give_up_after_days`: what is kept no more cannot be delivered"
        faults.append(Fault(file.name, "keep_days", rule))
    return faults


def load_secrets(file: Path, found: Webhooks, environ: Environ | None = None) -> Secrets:
    """The keys that the file refers to. Raises Misconfigured, which never quotes one."""
    known = os.environ if environ is None else environ  # noqa: TID251 - names of the operator's own
    keys: dict[str, list[bytes]] = {}
    faults: list[Fault] = []
    for place, one in enumerate(found.endpoints):
        for number, reference in enumerate(one.secrets):
            where = f"endpoints.{place}.secrets.{number}"
            try:
                keys.setdefault(one.name, []).append(_key(reference, known))
            except ValueError as error:
                faults.append(Fault(file.name, where, str(error)))
    if faults:
        raise Misconfigured.of(faults)
    return Secrets(keys)


def _key(reference: str, environ: Environ) -> bytes:
    scheme, _, name = reference.partition(":")
    read: dict[str, Callable[[str], str]] = {
        "env": lambda one: _variable(one, environ),
        "file": _file,
    }
    if scheme not in read or not name:
        # Not what stands there: it may be a secret that was pasted into the wrong place.
        raise ValueError("must be env:VARIABLE or file:/path: a secret itself does not stand here")
    text = read[scheme](name).strip()
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _SHORTEST <= len(key) <= _LONGEST:
        form = f"{_PREFIX} and {_SHORTEST} to {_LONGEST} random bytes in base64"
        raise ValueError(f"what {scheme}:{name} holds must be {form}")
    return key


def _variable(name: str, environ: Environ) -> str:
    if not environ.get(name):
        raise ValueError(f"the variable {name} is not set")
    return environ[name]


def _file(name: str) -> str:
    try:
        with Path(name).open(encoding="utf-8") as opened:
            return opened.read(_LONGEST_FILE)
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"the file {name} cannot be read") from None
