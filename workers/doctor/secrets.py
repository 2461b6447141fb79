"""Secrets that we choose ourselves, and the files that hold any: present, strong, not for all."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

from config.settings import PREFIX, Settings
from workers.doctor.findings import Finding, fault, ok, warning

SHORTEST: Final = 16
"""Characters; shorter ones are found by trying."""
FEWEST: Final = 8
"""Different characters: a text of one key held down is no secret however long it is."""

_OURS: Final = (
    *("unsubscribe_key", "payment_link_key", "infobip_webhook_secret"),
    "sendgrid_inbound_secret",
)
"""Secrets that somebody here has thought of, not a provider."""
_FILES: Final = (
    *("TEMPORAL_CONFIG_FILE", "TEMPORAL_TLS_CLIENT_KEY_PATH", "PGPASSFILE", "PGSSLKEY"),
    f"{PREFIX}API_TOKENS",
)
_IN_ADDRESS: Final = ("sslkey", "passfile")


def examine(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """Everything that is wrong, or one line that nothing is."""
    found = [*_weak(settings), *_missing(settings), *_open_files(settings, environ)]
    if not any(one.verdict == "fault" for one in found):
        found.append(ok("secrets of our own are long, and no file with secrets is open to all"))
    return found


def _weak(settings: Settings) -> Iterator[Finding]:
    for name in _OURS:
        value: SecretStr | None = getattr(settings, name)
        if value is None:
            continue
        text = value.get_secret_value()
        if len(text) < SHORTEST or len(set(text)) < FEWEST:
            what = f"{PREFIX}{name.upper()} can be guessed: it must be {SHORTEST} characters or "
            yield fault(f"{what}more, and not of a few only", "openssl rand -hex 32 makes one")
    if settings.policy_signing_key is not None:
        what = f"{PREFIX}POLICY_SIGNING_KEY is here: whoever reads it can sign policies"
        yield warning(what, "keep it where policies are fitted; no process needs it")


def _missing(settings: Settings) -> Iterator[Finding]:
    mails = settings.sendgrid_api_key is not None or settings.resend_api_key is not None
    if mails and settings.unsubscribe_key is None:
        todo = "openssl rand -hex 32 makes one"
        what = f"{PREFIX}UNSUBSCRIBE_KEY is not set: no e-mail has a way to unsubscribe"
        yield warning(what, todo)
    if settings.twilio_previous_auth_token is not None:
        what = f"{PREFIX}TWILIO_PREVIOUS_AUTH_TOKEN still lets an old token in"
        yield warning(what, "take it away once the rotation is over")


def _open_files(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    for name, path in _named(settings, environ):
        try:
            mode = path.expanduser().stat().st_mode
        except OSError as error:
            yield fault(f"{name} names a file that cannot be read ({error.strerror})", "")
            continue
        if not os.access(path.expanduser(), os.R_OK):
            yield fault(f"{name} names a file that this user may not read", "change its owner")
        if mode & (stat.S_IROTH | stat.S_IWOTH):
            yield fault(f"{name} names a file that everybody on this machine may read", "chmod 640")
        elif mode & stat.S_IWGRP:
            yield warning(f"{name} names a file that its whole group may change", "chmod 640")


def _named(settings: Settings, environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    for name in _FILES:
        if environ.get(name):
            yield name, Path(environ[name])
    address = settings.database_url
    if address is not None:
        try:
            query: Any = urlsplit(address.get_secret_value()).query
        except ValueError:
            return  # told with the settings
        for name, value in parse_qsl(query):
            if name in _IN_ADDRESS and value:
                yield f"{name} in {PREFIX}DATABASE_URL", Path(value)
