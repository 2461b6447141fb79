"""Plain HTTP to a provider: one request, never repeated, never redirected, always with a timeout.

For providers whose own clients repeat requests, or bring nothing that ``requests`` does not.
"""

import time
from collections.abc import Mapping
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
import requests.adapters
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from activities.channels.answers import ErrorForm, RawAnswer, own_word, unsuccessful
from activities.channels.base import (
    UNREACHABLE,
    NotAskedError,
    Refused,
    Sent,
    Unknown,
    causes,
    certificate_refused,
    untrusted,
)
from domain.ledger.attempt import RefusalKind

MOST_IDLE: Final = 2.0
"""Seconds for which a connection that nothing uses is kept. Servers close theirs after some more,
and what stands between forgets them: a request that leaves just then is reset, and whether it
arrived nobody knows. A new connection costs milliseconds, such a contact is in doubt for ever."""

_now = time.monotonic


class NoAnswer(Exception):
    """No readable answer; ``sent`` is what that means for a send."""

    def __init__(self, sent: Sent) -> None:
        super().__init__(type(sent).__name__)
        self.sent = sent


class Http:
    """One provider's API; safe to share between threads."""

    def __init__(
        self,
        name: str,
        base: str,
        form: ErrorForm,
        headers: Mapping[str, str],
        timeout: float,
        connections: int,
    ) -> None:
        self._name, self._base, self._form, self._timeout = name, base, form, timeout
        self._session = session(connections)
        self._session.headers.update({"Accept": "application/json", **headers})

    def post(
        self, path: str, body: object, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """POST JSON once; the JSON object of a success. Raises NoAnswer."""
        try:
            raw = self._request("POST", path, json=body, headers=dict(headers or {}))
        except requests.RequestException as error:
            raise NoAnswer(unanswered(self._name, error)) from None
        if not raw.ok:
            raise NoAnswer(unsuccessful(self._name, raw, self._form))
        found = raw.json()
        if found is None:
            raise NoAnswer(Unknown(f"{self._name}: unreadable success"))
        return found

    def get(
        self, path: str, query: Mapping[str, str], *, most: int | None = None
    ) -> Mapping[str, Any]:
        """GET what the provider knows; empty where it says itself that this is not ours to read.

        ``most``: octets of an answer that are read; a longer one is empty, too. Raises
        NotAskedError where it does not tell now.
        """
        try:
            raw = self._request("GET", path, params=dict(query), stream=most is not None, most=most)
            if most is not None and len(raw.body) > most:
                return {}
        except requests.RequestException:
            raise NotAskedError from None
        found = raw.json() if raw.ok else None
        if found is not None:
            return found
        if not unreadable_by_us(raw, self._form):
            raise NotAskedError
        return {}

    def look(self, path: str, query: Mapping[str, str]) -> RawAnswer:
        """GET, for what the provider itself says of our key. Raises NotAskedError where it is not
        the provider who answers, or not now."""
        try:
            raw = self._request("GET", path, params=dict(query))
        except requests.RequestException:
            raise NotAskedError from None
        if (raw.ok and raw.json() is None) or not (raw.ok or unreadable_by_us(raw, self._form)):
            raise NotAskedError
        return raw

    def _request(
        self, method: str, path: str, *, most: int | None = None, **more: Any
    ) -> RawAnswer:
        url = f"{self._base}{path}"
        answer = self._session.request(
            method, url, timeout=self._timeout, allow_redirects=False, **more
        )
        if most is None:
            return raw_of(answer)
        with answer:  # one octet more, to tell what is too long
            kind, read = answer.headers.get("Content-Type", ""), bytearray()
            for chunk in answer.iter_content(65_536):
                read += chunk
                if len(read) > most:
                    break
            return RawAnswer(answer.status_code, kind, bytes(read))


class _Fresh(HTTPConnectionPool):
    """Connections that were idle for ``MOST_IDLE`` are opened anew."""

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = _now()
        super()._put_conn(conn)

    def _get_conn(self, timeout: float | None = None) -> Any:
        conn = super()._get_conn(timeout)
        if _now() - getattr(conn, "idle_since", _now()) >= MOST_IDLE:
            conn.close()
        return conn


class _FreshTls(_Fresh, HTTPSConnectionPool):
    """The same over TLS."""


class _Adapter(requests.adapters.HTTPAdapter):
    """Without retries, over connections that were used a moment ago or are new."""

    def init_poolmanager(self, *sizes: Any, **more: Any) -> None:
        super().init_poolmanager(*sizes, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Fresh, "https": _FreshTls}


def session(connections: int) -> requests.Session:
    """A session without retries and cookies, for many threads; proxies and CA bundle as usual."""
    made = requests.Session()
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        made.mount(scheme, _Adapter(pool_maxsize=connections, max_retries=0))
    return made


def raw_of(answer: requests.Response) -> RawAnswer:
    """An answer as ``requests`` brought it."""
    return RawAnswer(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)


def unreadable_by_us(raw: RawAnswer, form: ErrorForm) -> bool:
    """Whether the provider itself refuses a look at its lists, for other reasons than our haste."""
    return raw.status != HTTPStatus.TOO_MANY_REQUESTS and own_word(raw, form) is not None


def unanswered(name: str, error: Exception) -> Sent:
    """No answer: certain only when no connection came about.

    ConnectTimeout and NewConnectionError (refused, no route, no such name) are raised while the
    TCP connection is being opened, before the first byte of the request exists. A timeout during
    the TLS handshake arrives as a read timeout and stays in doubt.
    """
    unopened = isinstance(error, requests.ConnectTimeout) or any(
        isinstance(one, NewConnectionError) for one in causes(error)
    )
    if unopened and not isinstance(error, requests.exceptions.ProxyError):
        return Refused(
            UNREACHABLE, RefusalKind.TEMPORARY, f"no connection to {name}, so nothing was sent"
        )
    if untrusted(error):
        return certificate_refused(name)
    return Unknown(f"{name}: {type(error).__name__}")
