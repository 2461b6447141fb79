"""What every Twilio channel shares: the HTTP client, the sender's check, and what answers mean.

Codes: https://www.twilio.com/docs/api/errors; WhatsApp's beside Meta's own in
https://www.twilio.com/docs/whatsapp/api/error-code-mapping. Sends have no idempotency key
(https://www.twilio.com/docs/api/errors/20500), so nothing here ever repeats a request.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Final, TypeVar
from urllib.parse import urlsplit

import requests
import requests.adapters
from pydantic import SecretStr
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance
from twilio.rest.api.v2010.account.message import MessageInstance, MessageList

from activities.channels.base import (
    SLACK,
    Accepted,
    NotAskedError,
    Refused,
    Sent,
    Sought,
    Unknown,
    checked_url,
    digest,
)
from activities.channels.http import GIVEN_UP, unanswered
from domain.failures import Misconfigured
from domain.ledger.attempt import AttemptState, RefusalKind

_K = RefusalKind
KINDS: Final[dict[int, RefusalKind]] = {
    20003: _K.CONFIGURATION,  # wrong credentials
    20404: _K.CONFIGURATION,
    21212: _K.CONFIGURATION,  # From is no valid sender
    21603: _K.CONFIGURATION,
    21606: _K.CONFIGURATION,
    21910: _K.CONFIGURATION,
    35118: _K.CONFIGURATION,
    90007: _K.CONFIGURATION,  # validity period out of range
    63007: _K.CONFIGURATION,
    63013: _K.CONFIGURATION,
    63001: _K.CONFIGURATION,  # WhatsApp: the sender cannot authenticate
    63020: _K.CONFIGURATION,
    63022: _K.CONFIGURATION,
    21205: _K.CONFIGURATION,  # calls: the Url is no URL
    21210: _K.CONFIGURATION,  # calls: From is not verified
    21213: _K.CONFIGURATION,
    21215: _K.CONFIGURATION,  # calls: no geographic permission for this country
    21216: _K.CONFIGURATION,  # calls: blocked, often for want of a customer profile
    13227: _K.CONFIGURATION,
    30034: _K.CONFIGURATION,  # 10DLC sender not registered
    30002: _K.CONFIGURATION,  # account suspended
    63016: _K.TEMPLATE,  # outside WhatsApp's 24 hours: only a template may go
    63027: _K.TEMPLATE,
    63028: _K.TEMPLATE,
    63029: _K.TEMPLATE,
    63005: _K.TEMPLATE,  # WhatsApp does not take this content
    63021: _K.TEMPLATE,
    63030: _K.TEMPLATE,
    63040: _K.TEMPLATE,  # rejected, paused, disabled by Meta
    63041: _K.TEMPLATE,
    63042: _K.TEMPLATE,
    21655: _K.TEMPLATE,  # no such ContentSid
    21656: _K.TEMPLATE,  # ContentVariables do not fit it
    21211: _K.RECIPIENT,
    21214: _K.RECIPIENT,
    21217: _K.RECIPIENT,
    21614: _K.RECIPIENT,  # not a mobile number
    21635: _K.RECIPIENT,  # a landline
    30005: _K.RECIPIENT,
    30006: _K.RECIPIENT,
    63003: _K.RECIPIENT,
    63024: _K.RECIPIENT,
    13223: _K.RECIPIENT,
    13224: _K.RECIPIENT,  # calls: no such number
    13225: _K.RECIPIENT,
    21610: _K.CONSENT,  # the person answered STOP to this sender
    63033: _K.CONSENT,  # WhatsApp: the person has blocked this sender
    30004: _K.CONTENT,
    30007: _K.CONTENT,
    30019: _K.CONTENT,
    30038: _K.CONTENT,
    30001: _K.TEMPORARY,
    30003: _K.TEMPORARY,
    21611: _K.TEMPORARY,
    30017: _K.TEMPORARY,
    30410: _K.TEMPORARY,
    30500: _K.TEMPORARY,
    63010: _K.TEMPORARY,
    63012: _K.TEMPORARY,
    63032: _K.TEMPORARY,
    63049: _K.TEMPORARY,  # Meta chose not to deliver it: another channel may
    30036: _K.TEMPORARY,  # the validity period ran out: it cannot arrive any more
    30008: _K.OTHER,
    63018: _K.RATE,  # WhatsApp's own limits
    63038: _K.RATE,  # the account's daily limit
    10004: _K.RATE,  # too many calls at a time
    20429: _K.RATE,  # "aren't processed and are safe to retry", docs/api/errors/20429
}
"""What an error code means, as the answer to a request or in a status callback."""

AMBIGUOUS: Final = frozenset({20500, 20503})
"""Codes after which the message may exist, whatever the HTTP status."""

STATUSES: Final[dict[str, AttemptState]] = {
    "accepted": AttemptState.ACCEPTED,
    "scheduled": AttemptState.ACCEPTED,
    "queued": AttemptState.ACCEPTED,
    "sending": AttemptState.ACCEPTED,
    "sent": AttemptState.ACCEPTED,
    "delivered": AttemptState.DELIVERED,
    "partially_delivered": AttemptState.DELIVERED,
    "read": AttemptState.DELIVERED,
    "undelivered": AttemptState.UNDELIVERED,
    "failed": AttemptState.UNDELIVERED,
    "canceled": AttemptState.UNDELIVERED,
}
"""MessageStatus of a callback -> state of the attempt."""


NEWEST: Final = 200
"""Messages of one person looked through when asking whether one was accepted."""
_TRIAL: Final = "Sent from your Twilio trial account - "
_SID: Final = re.compile(r"AC[0-9a-fA-F]{32}")
NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")

T = TypeVar("T", MessageInstance, CallInstance)

logging.getLogger("twilio.http_client").setLevel(logging.WARNING)
"""At INFO the SDK writes telephone numbers (the To of a list) into the log."""


class DoubtError(Exception):
    """The answer does not say whether the message was accepted."""


class _Http(TwilioHttpClient):
    """The SDK's HTTP client with a timeout, without retries, cookies and state between threads.

    Everything that is neither a readable success nor a 4xx leaves as ``DoubtError``: the SDK
    itself would raise four different classes for it.
    """

    def __init__(self, timeout: float, base_url: str | None, connections: int) -> None:
        super().__init__(timeout=timeout)
        self._base = base_url
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            adapter = requests.adapters.HTTPAdapter(pool_maxsize=connections, max_retries=0)
            self._session.mount(scheme, adapter)

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request, never repeated and never redirected."""
        answer = self._session.request(
            method,
            self._rebased(url),
            params=params,  # type: ignore[arg-type]
            data=data,
            headers=headers,
            auth=auth,
            timeout=timeout or self.timeout,
            allow_redirects=False,
        )
        status = answer.status_code
        if method == "GET" and status == HTTPStatus.TOO_MANY_REQUESTS:
            raise DoubtError("too many lists")  # the SDK would not say why it got no page
        if 400 <= status < 500 and status not in GIVEN_UP:
            return Response(status, answer.text, answer.headers)
        if not 200 <= status < 300:
            raise DoubtError(f"HTTP {status}")
        _require_object(answer.text)
        return Response(status, answer.text, answer.headers)

    def _rebased(self, url: str) -> str:
        if self._base is None:
            return url
        parts = urlsplit(url)
        return f"{self._base}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def _require_object(text: str) -> None:
    try:
        body = json.loads(text)
    except ValueError:
        raise DoubtError("unreadable success") from None
    if not isinstance(body, dict):
        raise DoubtError("unreadable success")


class TwilioChannel:
    """The account behind a channel; safe to share between threads."""

    name: Final = "twilio"

    def __init__(
        self,
        account_sid: str,
        auth_token: SecretStr,
        *,
        base_url: str | None = None,
        timeout: float = 10,
        connections: int = 20,
    ) -> None:
        self._sid, self._token = account_sid, auth_token
        base = checked_url("TWILIO_BASE_URL", base_url) if base_url else None
        self._client = Client(  # type: ignore[no-untyped-call]
            account_sid,
            auth_token.get_secret_value(),
            http_client=_Http(timeout, base, connections),
            # Anything false falls back to os.environ, where TWILIO_EDGE would change the host.
            environment={"_": ""},
        )

    def check(self) -> None:
        """Look at the configuration; raises Misconfigured naming the variable."""
        if not _SID.fullmatch(self._sid):
            raise Misconfigured("TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits")
        token = self._token.get_secret_value()
        if not token or token != token.strip():
            raise Misconfigured("TWILIO_AUTH_TOKEN is empty or has blanks around it")


class TwilioNumber(TwilioChannel):
    """A channel that leaves from one number of the account."""

    def __init__(
        self,
        account_sid: str,
        auth_token: SecretStr,
        sender: str,
        *,
        base_url: str | None = None,
        timeout: float = 10,
        connections: int = 20,
    ) -> None:
        super().__init__(
            account_sid, auth_token, base_url=base_url, timeout=timeout, connections=connections
        )
        self._sender = sender


def once(create: Callable[[], MessageInstance | CallInstance]) -> Sent:
    """What came of one POST that makes a message or a call; see ``Provider.send``."""
    try:
        made = create()
    except DoubtError as doubt:
        return Unknown(f"twilio: {doubt}")
    except (TwilioRestException, TwilioServiceException) as error:
        return _answered(error)
    except (requests.RequestException, TwilioException) as error:
        return unanswered("twilio", error)
    except (ValueError, TypeError, AttributeError):
        # A success whose fields the SDK cannot parse: it was accepted, but under which name?
        return Unknown("twilio: unreadable success")
    if not isinstance(made.sid, str) or not made.sid:
        return Unknown("twilio: success without a sid")
    return Accepted(made.sid)


def newest(found: Callable[[], Iterator[T]], since: datetime) -> Iterator[T]:
    """Of a list that begins with the newest, what is not older than ``since``.

    Ends early where the list may not be read, or holds what the SDK cannot parse: not seen is no
    proof anyway. Raises NotAskedError where there was no readable answer.
    """
    try:
        for one in found():
            created = one.date_created
            if isinstance(created, datetime) and created < since - SLACK:
                return
            yield one
    except (DoubtError, requests.RequestException):
        raise NotAskedError from None
    except (TwilioException, ValueError, TypeError, AttributeError):
        return  # not ours to read, or fields the SDK cannot parse


def find_message(messages: MessageList, to: str, sought: Sought) -> Accepted | None:
    """Look for the words among the newest messages to ``to``.

    Not filtered by DateSent: it is null until a message is sent and would hide a queued one.
    """
    for one in newest(lambda: messages.stream(to=to, limit=NEWEST), sought.since):
        words = (one.body or "").removeprefix(_TRIAL)
        if one.sid and digest(words) == sought.content_digest:
            return Accepted(one.sid)
    return None


def kind_of(code: int | None) -> RefusalKind:
    """What an error code means; OTHER for those we do not know."""
    return KINDS.get(code, RefusalKind.OTHER) if code is not None else RefusalKind.OTHER


def _answered(error: TwilioRestException | TwilioServiceException) -> Sent:
    """A 4xx: refused, unless its code says that Twilio itself does not know."""
    status = _integer(error.status) or HTTPStatus.BAD_REQUEST
    code = _integer(error.code) or status
    if code in AMBIGUOUS:
        return Unknown(f"twilio: code {code}")
    if code in KINDS:
        return _refused(code, KINDS[code])
    by_status: dict[int, RefusalKind] = {
        HTTPStatus.UNAUTHORIZED: RefusalKind.CONFIGURATION,
        HTTPStatus.FORBIDDEN: RefusalKind.CONFIGURATION,
        HTTPStatus.TOO_MANY_REQUESTS: RefusalKind.RATE,
    }
    return _refused(code, by_status.get(status, RefusalKind.OTHER))


def _refused(code: int, kind: RefusalKind) -> Refused:
    detail = f"twilio refused it with {code} ({kind}): https://www.twilio.com/docs/api/errors/"
    return Refused(str(code), kind, f"{detail}{code}")


def _integer(code: object) -> int | None:
    return int(code) if isinstance(code, int | str) and str(code).isdigit() else None
