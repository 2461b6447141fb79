"""TLS to whatever is not on this machine, or a setting that says where it may be done without."""

import os
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, urlsplit

from config.database_url import Address
from domain.failures import Misconfigured

ALLOW: Final = "CONTRAPUNTO_ALLOW_PLAINTEXT"
CONNECTIONS: Final = ("database", "temporal", "public")
"""What may be allowed to do without."""
_DEMANDED: Final = frozenset({"require", "verify-ca", "verify-full"})
"""Modes of libpq in which nothing is sent without TLS; its default, `prefer`, is none of them."""


def is_here(host: str | None) -> bool:
    """Whether a host is this machine: a loopback address, localhost, or a socket in a folder."""
    if not host or host.startswith("/"):
        return True
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return False


def demand_of_database(variable: str, address: Address, allowed: tuple[str, ...]) -> None:
    """Raises Misconfigured for a database elsewhere to which a password, and names and addresses
    of customers, might go in clear."""
    parts = urlsplit(address.dsn)
    said = parse_qs(parts.query)
    hosts = [one.rpartition(":")[0] or one for one in parts.netloc.rpartition("@")[2].split(",")]
    hosts += [one for several in said.get("host", ()) for one in several.split(",")]
    environ = os.environ.get("PGSSLMODE", "")  # noqa: TID251 - the driver's own
    mode = said.get("sslmode", [environ])[-1]
    if "database" in allowed or mode in _DEMANDED or all(map(is_here, hosts)):
        return
    raise Misconfigured(
        f"{variable} names a server elsewhere without TLS: add sslmode=verify-full and sslrootcert "
        f"(what they are: docs/guide/security.md), or set {ALLOW}=database where the way there is "
        "nobody else's"
    )


def demand_of_temporal(address: str, *, tls: bool, allowed: tuple[str, ...]) -> None:
    """Raises Misconfigured for a Temporal elsewhere to which all would go in clear."""
    host = urlsplit(address if "://" in address else f"//{address}").hostname
    if tls or "temporal" in allowed or is_here(host):
        return
    raise Misconfigured(
        f"Temporal at {address} is elsewhere and without TLS: set TEMPORAL_TLS=true with "
        "TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or TEMPORAL_API_KEY; or "
        f"set {ALLOW}=temporal where the way there is nobody else's"
    )
