"""Plain HTTP to a provider: one request, never repeated, never redirected, always with a timeout.

For providers whose own clients repeat requests, or bring nothing that ``requests`` does not.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
import requests.adapters
from urllib3.exceptions import NewConnectionError

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

GIVEN_UP: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, 499})
"""4xx of a proxy that stopped waiting: what became of the request it does not know."""


@dataclass(frozen=True)
class Answer:
    """A readable answer: a success or a 4xx, with its JSON object (empty where it has none)."""

    status: int
    body: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return self.status < HTTPStatus.MULTIPLE_CHOICES


class NoAnswer(Exception):
    """No readable answer; ``sent`` is what that means for a send."""

    def __init__(self, sent: Sent) -> None:
        super().__init__(type(sent).__name__)
        self.sent = sent


class Http:
    """One provider's API; safe to share between threads."""

    def __init__(
        self, name: str, base: str, headers: Mapping[str, str], timeout: float, connections: int
    ) -> None:
        self._name, self._base, self._timeout = name, base, timeout
        self._session = requests.Session()
        self._session.trust_env = True  # proxies and CA bundle, as for the other providers
        self._session.headers.update({"Accept": "application/json", **headers})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            adapter = requests.adapters.HTTPAdapter(pool_maxsize=connections, max_retries=0)
            self._session.mount(scheme, adapter)

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        """POST JSON once; raises NoAnswer."""
        return self._request("POST", path, json=body, headers=dict(headers or {}))

    def get(self, path: str, query: Mapping[str, str]) -> Answer:
        """GET what the provider knows; raises NotAskedError where it does not tell now."""
        try:
            answer = self._request("GET", path, params=dict(query))
        except NoAnswer:
            raise NotAskedError from None
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise NotAskedError
        return answer

    def _request(self, method: str, path: str, **more: Any) -> Answer:
        try:
            answer = self._session.request(
                method,
                f"{self._base}{path}",
                timeout=self._timeout,
                allow_redirects=False,
                **more,
            )
        except requests.RequestException as error:
            raise NoAnswer(unanswered(self._name, error)) from None
        status = answer.status_code
        body = _object(answer.text)
        if 400 <= status < 500 and status not in GIVEN_UP:
            return Answer(status, body or {})
        if not 200 <= status < 300:
            raise NoAnswer(Unknown(f"{self._name}: HTTP {status}"))
        if body is None:
            raise NoAnswer(Unknown(f"{self._name}: unreadable success"))
        return Answer(status, body)


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


def _object(text: str) -> dict[str, Any] | None:
    try:
        body = json.loads(text)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
