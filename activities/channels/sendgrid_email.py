"""E-mail by SendGrid, with its official SDK, and the meaning of its events.

SendGrid has no idempotency key either; what identifies a message is our custom_args, which come
back in every event. What answers and events mean is in ``codes/sendgrid.py``.
"""

import base64
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from http import HTTPStatus
from http.client import HTTPException
from socket import gaierror
from typing import Any, Final
from urllib.request import HTTPRedirectHandler, build_opener

from pydantic import SecretStr
from python_http_client import Client
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    Attachment,
    Content,
    CustomArg,
    FileContent,
    FileName,
    FileType,
    From,
    Header,
    Mail,
    ReplyTo,
    Subject,
    To,
)

from activities.channels.answers import RawAnswer, unsuccessful
from activities.channels.base import (
    SLACK,
    UNREACHABLE,
    Accepted,
    Looked,
    NotAskedError,
    Outbound,
    Refused,
    Report,
    Sent,
    Sought,
    Unknown,
    causes,
    certificate_refused,
    checked_url,
    digest,
    untrusted,
)
from activities.channels.codes import sendgrid as codes
from activities.channels.codes.meanings import BAD_ADDRESS, OPTED_OUT, OTHER, PASSING
from activities.channels.http import unreadable_by_us
from activities.channels.lists.base import Listed, NotListedError
from activities.channels.lists.windows import halved
from activities.channels.unsubscribe import list_unsubscribe
from domain.channels import Channel
from domain.entry.json_text import read_json
from domain.failures import Misconfigured
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.names import CUSTOM_ARG_ACCOUNT, CUSTOM_ARG_ATTEMPT, SENDGRID_EVENTS

CUSTOM_ARG_CONTENT: Final = "contrapunto_content"
"""Digest of the text: the logs show custom_args but no body, so ``find`` knows the words by it."""

_LOGGED: Final = 50
"""Messages of one person looked through when asking whether one was accepted."""

_MOST_LISTED: Final = 1000
"""The most that the logs give at once."""
_LISTED_STATES: Final = {
    "delivered": AttemptState.DELIVERED,
    **dict.fromkeys(
        (
            "not_delivered",
            "dropped",
            "bounce",
            "bounced",
            "blocked",
            "undelivered",
            "not delivered",
        ),
        AttemptState.UNDELIVERED,
    ),
}

logging.getLogger("python_http_client").setLevel(logging.INFO)
"""At DEBUG the SDK writes whole messages, addresses included, into the log."""


class _NoRedirects(HTTPRedirectHandler):
    """urllib would follow a redirected POST with a GET, whose 404 would look like a refusal."""

    def redirect_request(self, *_: object) -> None:
        """Never."""


class _Client(Client):  # type: ignore[misc]
    """The SDK's HTTP client, except that it follows no redirect."""

    def _make_request(self, _: Any, request: Any, timeout: float | None = None) -> Any:
        return super()._make_request(build_opener(_NoRedirects), request, timeout)

    def _build_client(self, name: str | None = None) -> "_Client":
        plain = super()._build_client(name)
        kept = (plain.host, plain.request_headers, plain._version, plain._url_path)
        return _Client(*kept, append_slash=plain.append_slash, timeout=plain.timeout)


class SendGridEmail:
    """E-mail through one SendGrid account.

    Safe to share between threads as long as no request carries headers of its own: the SDK would
    keep them on the shared client for every later call.
    """

    name: Final = "sendgrid"
    channel: Final = Channel.EMAIL
    status_path: Final = SENDGRID_EVENTS

    def __init__(
        self,
        api_key: SecretStr,
        sender: str,
        *,
        base_url: str | None = None,
        timeout: float = 10,
        reply_to: str | None = None,
    ) -> None:
        """``reply_to``: the mailbox that answers go to, where it is not the sender's."""
        self._key, self._sender, self._reply_to = api_key, sender, reply_to
        base = (
            checked_url("SENDGRID_BASE_URL", base_url) if base_url else "https://api.sendgrid.com"
        )
        if base.endswith("/v3"):
            raise Misconfigured("SENDGRID_BASE_URL must not end in /v3: the SDK adds it")
        self._api = SendGridAPIClient(api_key.get_secret_value(), host=base)
        headers = self._api.client.request_headers
        self._api.client = _Client(base, headers, version=3, timeout=timeout)

    def check(self) -> None:
        """Look at the configuration; raises Misconfigured naming the variable."""
        key = self._key.get_secret_value()
        if not key.isascii() or not key.isprintable() or not key or " " in key:
            raise Misconfigured("SENDGRID_API_KEY is empty or has blanks or odd characters in it")
        address = parseaddr(self._sender)[1]
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
            raise Misconfigured("SENDGRID_FROM must be an e-mail address, or 'Name <address>'")

    def look(self) -> Looked:
        """What the key may do; see ``TellsOfAccount``."""
        try:
            scopes = _object(self._api.client.scopes.get()).get("scopes")
        except HTTPError as error:
            if unreadable_by_us(_raw(error), codes.error):
                todo = "make a key with Mail Send at SendGrid, and set SENDGRID_API_KEY"
                return Looked("refuses our key", refused=True, todo=todo)
            raise NotAskedError from None
        except (OSError, HTTPException, ValueError):
            raise NotAskedError from None
        if not isinstance(scopes, list) or "mail.send" not in scopes:
            todo = "give the key Mail Send in SendGrid's settings"
            return Looked("the key may not send mail", refused=True, todo=todo)
        return Looked("the key may send mail")

    def send(self, message: Outbound) -> Sent:
        """One POST of mail/send; see ``Provider.send``."""
        mail = self._mail(message).get()
        try:
            answer = self._api.send(mail)
        except HTTPError as error:
            return unsuccessful(self.name, _raw(error), codes.error)
        except (OSError, HTTPException) as error:
            return _unanswered(error)
        if answer.status_code != HTTPStatus.ACCEPTED:  # 200 is its sandbox, which sends nothing
            return Unknown(f"sendgrid: HTTP {answer.status_code}")
        name = answer.headers.get("X-Message-Id")
        return Accepted(name) if name else Unknown("sendgrid: success without X-Message-Id")

    def find(self, sought: Sought) -> Accepted | None:
        """Ask the e-mail logs, where the account is entitled to them.

        https://www.twilio.com/docs/sendgrid/api-reference/email-logs: they cannot be filtered by
        custom_args, so each message to the address is looked at.
        """
        if sought.provider_message_id:
            return Accepted(sought.provider_message_id)  # only an accepted message has a name
        to = sought.to
        if '"' in to or "\\" in to:
            return None
        after = (sought.since - SLACK).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = f'to_email = "{to}" AND sg_message_id_created_at >= TIMESTAMP "{after}"'
        try:
            for name in self._logged(query):
                found = _object(self._api.client.logs._(name).get())
                args = found.get("custom_args") or found.get("unique_args")
                if isinstance(args, str):
                    args = read_json(args)
                if isinstance(args, dict) and args.get(CUSTOM_ARG_CONTENT) == sought.content_digest:
                    return Accepted(message_name(name))
        except HTTPError as error:
            if unreadable_by_us(_raw(error), codes.error):
                return None  # the logs are an extra that the account may not have
            raise NotAskedError from None
        except (OSError, HTTPException, ValueError):
            raise NotAskedError from None
        return None

    def listed(self, since: datetime, until: datetime) -> Iterator[Listed]:
        """What went out, by the e-mail logs, where the account is entitled to them; see ``Lists``.

        The list does not show our custom_args: each mail is opened for its attempt.
        """
        try:
            for name in halved(self._between, _MOST_LISTED, since - SLACK, until + SLACK):
                found = _object(self._api.client.logs._(name).get())
                at = datetime.fromisoformat(str(found.get("sg_message_id_created_at")))
                args = found.get("custom_args") or found.get("unique_args") or {}
                args = read_json(args) if isinstance(args, str) else args
                attempt = args.get(CUSTOM_ARG_ATTEMPT) if isinstance(args, dict) else None
                yield Listed(
                    provider=self.name,
                    channel=self.channel,
                    name=message_name(name),
                    at=at if at.tzinfo else at.replace(tzinfo=UTC),
                    address=str(found.get("to_email") or ""),
                    state=_LISTED_STATES.get(str(found.get("status")), AttemptState.ACCEPTED),
                    attempt_id=str(attempt) if attempt else None,
                )
        except HTTPError as error:
            if unreadable_by_us(_raw(error), codes.error):
                raise NotListedError("sendgrid: the account has no e-mail logs") from None
            raise NotAskedError from None
        except (OSError, HTTPException, ValueError, TypeError):
            raise NotAskedError from None

    def _between(self, since: datetime, until: datetime) -> list[str]:
        field = "sg_message_id_created_at"
        query = " AND ".join(
            f'{field} {op} TIMESTAMP "{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"'
            for op, at in ((">=", since), ("<", until))
        )
        return list(self._logged(query, _MOST_LISTED))

    def _logged(self, query: str, most: int = _LOGGED) -> Iterator[str]:
        answer = _object(self._api.client.logs.post(request_body={"query": query, "limit": most}))
        messages = answer.get("messages")
        for one in messages if isinstance(messages, list) else []:
            name = one.get("sg_message_id") if isinstance(one, dict) else None
            if isinstance(name, str) and re.fullmatch(r"[\w.=-]+", name):
                yield name

    def _mail(self, message: Outbound) -> Any:
        name, address = parseaddr(self._sender)
        mail = Mail(from_email=From(address, name or None), to_emails=To(message.to))
        # parseaddr in the SDK's To would read a name out of some addresses.
        mail.personalizations[0].tos[0]["email"] = message.to
        mail.subject = Subject(message.subject or "")
        mail.add_content(Content("text/plain", message.text))
        if message.html:
            mail.add_content(Content("text/html", message.html))
        mail.add_custom_arg(CustomArg(CUSTOM_ARG_ATTEMPT, message.attempt_id, p=0))
        mail.add_custom_arg(CustomArg(CUSTOM_ARG_ACCOUNT, message.account, p=0))
        mail.add_custom_arg(CustomArg(CUSTOM_ARG_CONTENT, digest(message.text), p=0))
        for one in reversed(message.attachments):  # the SDK puts each before the others
            if one.content is not None:
                content = FileContent(base64.b64encode(one.content).decode())
                mail.add_attachment(
                    Attachment(content, FileName(one.name), FileType(one.media_type))
                )
        if self._reply_to:
            mail.reply_to = ReplyTo(self._reply_to)
        if message.unsubscribe_url:
            ways = list_unsubscribe(message.unsubscribe_url, self._reply_to)
            mail.add_header(Header("List-Unsubscribe", ways))
            mail.add_header(Header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        for header, value in message.thread.items():
            mail.add_header(Header(header, value))
        return mail


def outcome(event: Mapping[str, Any]) -> Report:
    """The meaning of one event of the event webhook.

    ``deferred`` means nothing for us: SendGrid itself goes on trying for 72 hours.
    """
    name = str(event.get("event", "")).lower()
    if name == "processed":
        return Report(AttemptState.ACCEPTED)
    if name == "delivered":
        return Report(AttemptState.DELIVERED)
    if name in codes.CONSENT_EVENTS:
        return Report.of(None, OPTED_OUT, name)
    if name == "bounce":
        return _bounce(event)
    if name == "dropped":
        reason = str(event.get("reason", "")).strip().lower()
        known = sorted((k for k in codes.DROPS if reason.startswith(k)), key=len)
        meaning = codes.DROPS[known[-1]] if known else OTHER
        return Report.of(AttemptState.UNDELIVERED, meaning, "dropped")
    return Report(None)


def message_name(sg_message_id: str) -> str:
    """X-Message-Id out of an event's sg_message_id, which has a suffix for each recipient."""
    return re.split(r"\.(?:filter|recvd|ismtpd|geopod)", sg_message_id, maxsplit=1)[0]


def _bounce(event: Mapping[str, Any]) -> Report:
    word = str(event.get("bounce_classification", "")).strip().lower()
    blocked = str(event.get("type", "")).lower() == "blocked"
    meaning = codes.BOUNCES.get(word, PASSING if blocked else BAD_ADDRESS)
    status = str(event.get("status", ""))
    code = status if re.fullmatch(r"\d\.\d{1,3}\.\d{1,3}", status) else ""
    return Report.of(
        AttemptState.UNDELIVERED, meaning, f"{'blocked' if blocked else 'bounce'} {code}".strip()
    )


def _raw(error: HTTPError) -> RawAnswer:
    """The answer as it came: the SDK has only given the status a class."""
    content_type = error.headers.get("Content-Type", "") if error.headers else ""
    return RawAnswer(int(error.status_code), content_type, error.body)


def _unanswered(error: Exception) -> Sent:
    """No answer: certain only where no connection came about.

    urllib wraps everything up to the end of sending in one URLError, so a timeout is ambiguous
    even while connecting; a refused connection and an unknown host name cannot come later.
    """
    chain = list(causes(error))
    if any(isinstance(one, ConnectionRefusedError | gaierror) for one in chain):
        return Refused(
            UNREACHABLE, RefusalKind.TEMPORARY, "no connection to sendgrid, so nothing was sent"
        )
    if untrusted(error):
        return certificate_refused("sendgrid")
    return Unknown(f"sendgrid: {type(chain[-1]).__name__}")


def _object(answer: Any) -> dict[str, Any]:
    body = read_json(answer.body or b"{}")
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")
    return body
