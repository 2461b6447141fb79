"""What every Twilio channel shares: the HTTP client, the sender's check, and what answers mean.

Sends have no idempotency key (https://www.twilio.com/docs/api/errors/20500), so nothing here ever
repeats a request. What its codes mean is in ``codes/twilio.py``.
"""

import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance
from twilio.rest.api.v2010.account.message import MessageInstance, MessageList

from activities.channels.answers import unsuccessful
from activities.channels.base import (
    SLACK,
    Accepted,
    Looked,
    NotAskedError,
    Sent,
    Sought,
    Unknown,
    checked_url,
    digest,
)
from activities.channels.codes import twilio as codes
from activities.channels.http import NoAnswer, raw_of, session, unanswered, unreadable_by_us
from domain.failures import Misconfigured
from domain.ledger.attempt import AttemptState, RefusalKind

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
_MADE: Final = re.compile(r"(?:SM|MM|CA)[0-9a-fA-F]{32}")
_SID: Final = re.compile(r"AC[0-9a-fA-F]{32}")
NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")

T = TypeVar("T", MessageInstance, CallInstance)

logging.getLogger("twilio.http_client").setLevel(logging.WARNING)
"""At INFO the SDK writes telephone numbers (the To of a list) into the log."""


class _Http(TwilioHttpClient):
    """The SDK's HTTP client with a timeout, without retries, cookies and state between threads.

    It judges every answer to a POST as it came, and lets only a readable success through: of
    anything else the SDK makes an exception with a code, whoever has written it.
    """

    def __init__(self, timeout: float, base_url: str | None, connections: int) -> None:
        super().__init__(timeout=timeout)
        self._base = base_url
        self._session = session(connections)

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
        raw = raw_of(answer)
        if not raw.ok and method == "POST":
            raise NoAnswer(unsuccessful("twilio", raw, codes.error))
        if raw.ok and raw.json() is None:
            raise NoAnswer(Unknown("twilio: unreadable success"))
        if not raw.ok and not unreadable_by_us(raw, codes.error):
            raise NoAnswer(Unknown(f"twilio: HTTP {raw.status}"))
        return Response(raw.status, answer.text, answer.headers)

    def _rebased(self, url: str) -> str:
        if self._base is None:
            return url
        parts = urlsplit(url)
        return f"{self._base}{parts.path}" + (f"?{parts.query}" if parts.query else "")


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

    def look(self) -> Looked:
        """The account itself; see ``TellsOfAccount``."""
        try:
            account = self._client.api.v2010.accounts(self._sid).fetch()
        except TwilioRestException as error:
            todo = "compare TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN with Twilio's console"
            return Looked(f"refuses our credentials ({error.code})", refused=True, todo=todo)
        except (NoAnswer, requests.RequestException, TwilioException, ValueError, TypeError):
            raise NotAskedError from None
        if str(account.status) != "active":  # a plain text, whatever the SDK's types say
            todo = "Twilio's console says why, and how it is opened again"
            return Looked(f"the account is {account.status}", refused=True, todo=todo)
        if str(account.type) == "Trial":
            return Looked("a trial account, which reaches few numbers", todo="upgrade the account")
        return Looked("the account is active")


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
    except NoAnswer as none:
        return none.sent
    except (requests.RequestException, TwilioException) as error:
        return unanswered("twilio", error)
    except (ValueError, TypeError, AttributeError):
        # A success whose fields the SDK cannot parse: it was accepted, but under which name?
        return Unknown("twilio: unreadable success")
    if not isinstance(made.sid, str) or not _MADE.fullmatch(made.sid):
        return Unknown("twilio: a success without a sid of its own")
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
    except (NoAnswer, requests.RequestException):
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
    """What the code of a status callback means; OTHER for those we do not know."""
    return codes.meaning_of(code).kind
