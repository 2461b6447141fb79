"""One reading of the database's address, for whoever connects: workers, migrations, the lab.

libpq's form (https://www.postgresql.org/docs/current/libpq-connect.html), of which asyncpg and
SQLAlchemy each understand another part. No message repeats the address: it holds a password.
"""

import difflib
import re
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from domain.failures import Misconfigured

VARIABLE: Final = "CONTRAPUNTO_DATABASE_URL"
FORM: Final = "postgresql://user:password@host:5432/database"

_SCHEME: Final = re.compile(r"(postgres|postgresql)(\+[a-z0-9]+)?://", re.IGNORECASE)

_DRIVER: Final = frozenset(
    {"host", "port", "user", "password", "dbname", "database", "passfile", "sslmode", "sslcert"}
    | {"sslkey", "sslrootcert", "sslcrl", "sslpassword", "ssl_min_protocol_version"}
    | {"ssl_max_protocol_version", "target_session_attrs", "krbsrvname", "gsslib"}
)
"""What asyncpg reads in an address by itself."""
_FILES: Final = frozenset({"sslcert", "sslkey", "sslrootcert", "sslcrl"})
_SERVER: Final = frozenset({"application_name", "options", "search_path", "timezone"})
"""What goes to the server as it is."""
_HARMLESS: Final = frozenset(
    {"fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval"}
    | {"keepalives_count", "tcp_user_timeout", "gssencmode", "sslcompression", "sslsni"}
    | {"client_encoding", "load_balance_hosts"}
)
"""What libpq knows and asyncpg has no need of."""
_NAMES: Final = sorted(_DRIVER | _SERVER | _HARMLESS | {"connect_timeout", "channel_binding"})


class Address(NamedTuple):
    """What ``asyncpg.connect`` and ``create_pool`` take."""

    dsn: str
    timeout: float | None
    """Seconds to wait for a connection; None: the driver's own."""
    server_settings: dict[str, str]

    def arguments(self) -> dict[str, Any]:
        """As keyword arguments; what is not said is left to the driver."""
        said = {"dsn": self.dsn, "server_settings": self.server_settings}
        return said if self.timeout is None else {**said, "timeout": self.timeout}


def read_address(text: str) -> Address:
    """The address that a text gives; raises Misconfigured, naming the variable and the rule."""
    url = text.strip().strip("\"'").strip()
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise _wrong(f"must begin with postgresql://, as in {FORM}")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise _wrong("must be without blanks and line ends: write a blank in a password as %20")
    # No address of PostgreSQL has a fragment, so this is part of a password, as libpq takes it.
    rest, _, query = url[scheme.end() :].replace("#", "%23").partition("?")
    # The last @ ends the user's part: one in a password stands before it.
    user, at, place = rest.rpartition("@")
    _check_place(place)
    kept, server = {}, dict[str, str]()
    timeout: float | None = None
    # A plus is a plus, as libpq has it, and no blank.
    for name, value in parse_qsl(query.replace("+", "%2B"), keep_blank_values=True):
        if name == "connect_timeout":
            timeout = _seconds(value)
        elif name == "channel_binding":
            _check_binding(value)
        elif name in _SERVER:
            server[name] = value
        elif name in _DRIVER:
            _check_file(name, value)
            kept[name] = value
        elif name not in _HARMLESS:
            # What stands there may be part of a password: only names that we know are said.
            near = difflib.get_close_matches(name, _NAMES, n=1, cutoff=0.8)
            raise _wrong(
                "has a parameter after the ? that is none of libpq's that we know"
                + (f": did you mean {near[0]}?" if near else "")
                + " (a ? in the password is to be written as %3F)"
            )
    dsn = "postgresql://" + _quoted_user(user) + at + place
    return Address(f"{dsn}?{urlencode(kept, quote_via=quote)}" if kept else dsn, timeout, server)


def _quoted_user(user: str) -> str:
    """User and password with every mark that means something in an address written as one."""
    return re.sub(r"[/\[\]@ ]", lambda mark: quote(mark[0], safe=""), user)


def _check_place(place: str) -> None:
    hosts, _, _ = place.partition("/")
    try:
        urlsplit(f"//{hosts}")
    except ValueError:
        raise _wrong("has a host that cannot be read") from None
    several = hosts.split(",")
    if len(several) > 1 and not all(several):
        raise _wrong("has a comma too many between its hosts")
    for host in several:
        _, colon, port = host.rpartition("]")[2].partition(":")
        if colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise _wrong(
                "has a port that is no number from 1 to 65535: is a mark in the password (: / ? #) "
                "to be written as %3A %2F %3F %23?"
            )


def _seconds(value: str) -> float | None:
    """As libpq: nothing and zero are no limit of the caller's."""
    try:
        seconds = int(value or 0)
    except ValueError:
        raise _wrong("has a connect_timeout that is no whole number of seconds") from None
    return float(seconds) if seconds > 0 else None


def _check_file(name: str, value: str) -> None:
    """Without it nobody connects, however long they wait for the server."""
    if name in _FILES and value and not Path(value).expanduser().is_file():
        raise _wrong(f"names a file in {name} that is not there")


def _check_binding(value: str) -> None:
    if value == "require":
        raise _wrong(
            "asks for channel_binding=require, which the driver cannot do: leave it away, and have "
            "the server known by its certificate with sslmode=verify-full"
        )
    if value not in ("prefer", "disable", ""):
        raise _wrong("has a channel_binding that is none of disable, prefer, require")


def _wrong(rule: str) -> Misconfigured:
    return Misconfigured(f"{VARIABLE} {rule}")
