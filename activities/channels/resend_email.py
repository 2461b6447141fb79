"""E-mail by Resend over plain HTTP, and the meaning of its events.

https://resend.com/docs/api-reference/emails/send-email. Chosen over Amazon SES and Mailgun for one
property: its ``Idempotency-Key`` (https://resend.com/docs/dashboard/emails/idempotency-keys) makes
a request that is repeated on its way, by a proxy say, one mail within 24 hours. We never repeat.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any, Final

from pydantic import SecretStr

from activities.channels.base import (
    SLACK,
    Accepted,
    Looked,
    NotAskedError,
    Outbound,
    Report,
    Sent,
    Sought,
    Unknown,
    checked_url,
)
from activities.channels.base import digest as digest_of
from activities.channels.codes import resend as codes
from activities.channels.codes.meanings import BAD_ADDRESS, OTHER
from activities.channels.http import Http, NoAnswer
from activities.channels.lists.base import Listed, NotListedError
from activities.channels.unsubscribe import list_unsubscribe
from domain.channels import Channel
from domain.failures import Misconfigured
from domain.ledger.attempt import AttemptState
from domain.names import CUSTOM_ARG_ACCOUNT, CUSTOM_ARG_ATTEMPT, RESEND_EVENTS, as_tag

_PAGE: Final = 100
_PAGES: Final = 10
"""How far back a look-up goes: the list is the whole account's, newest first."""
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


_EVENTS: Final[dict[str, Report]] = {
    "email.sent": Report(AttemptState.ACCEPTED),
    "email.scheduled": Report(AttemptState.ACCEPTED),
    "email.delivered": Report(AttemptState.DELIVERED),
    "email.complained": Report.of(None, codes.COMPLAINED, "complained"),
    "email.failed": Report.of(AttemptState.UNDELIVERED, OTHER, "failed"),
    "email.suppressed": Report.of(AttemptState.UNDELIVERED, codes.SUPPRESSED, "suppressed"),
}


_STATES: Final = {
    "email.delivered": AttemptState.DELIVERED,
    "email.opened": AttemptState.DELIVERED,
    "email.clicked": AttemptState.DELIVERED,
    "email.complained": AttemptState.DELIVERED,
    **dict.fromkeys(
        ("email.bounced", "email.failed", "email.suppressed", "email.canceled"),
        AttemptState.UNDELIVERED,
    ),
}
"""What ``last_event`` of a mail says of it."""


class ResendEmail:
    """E-mail through one Resend account; safe to share between threads."""

    name: Final = "resend"
    channel: Final = Channel.EMAIL
    status_path: Final = RESEND_EVENTS

    def __init__(
        self,
        api_key: SecretStr,
        sender: str,
        *,
        base_url: str | None = None,
        timeout: float = 10,
        connections: int = 20,
        reply_to: str | None = None,
    ) -> None:
        """``reply_to``: the mailbox that answers go to, where it is not the sender's."""
        self._key, self._sender, self._reply_to = api_key, sender, reply_to
        base = checked_url("RESEND_BASE_URL", base_url) if base_url else "https://api.resend.com"
        headers = {
            "Authorization": f"Bearer {api_key.get_secret_value()}",
            "User-Agent": "contrapunto",  # requests without one are refused
        }
        self._http = Http(self.name, base, codes.error, headers, timeout, connections)

    def check(self) -> None:
        """Look at the configuration; raises Misconfigured naming the variable."""
        key = self._key.get_secret_value()
        if not key.isascii() or not key.isprintable() or not key or " " in key:
            raise Misconfigured("RESEND_API_KEY is empty or has blanks or odd characters in it")
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", parseaddr(self._sender)[1]):
            raise Misconfigured("RESEND_FROM must be an e-mail address, or 'Name <address>'")

    def look(self) -> Looked:
        """The list of mails, not shown to a key that may only send; see ``TellsOfAccount``."""
        raw = self._http.look("/emails", {"limit": "1"})
        if raw.ok:
            return Looked("takes our key")
        if (raw.json() or {}).get("name") == "restricted_api_key":
            todo = "give the key full access, if lost answers are to be settled without a person"
            return Looked("takes our key, which may only send", todo=todo)
        todo = "make a key at Resend, and set RESEND_API_KEY"
        return Looked(f"refuses our key (HTTP {raw.status})", refused=True, todo=todo)

    def send(self, message: Outbound) -> Sent:
        """One POST of /emails; see ``Provider.send``.

        Attempt and account travel as tags, which every event brings back.
        """
        body: dict[str, Any] = {
            "from": self._sender,
            "to": [message.to],
            "subject": message.subject or "",
            "text": message.text,
            "tags": [
                {"name": CUSTOM_ARG_ATTEMPT, "value": message.attempt_id},
                {"name": CUSTOM_ARG_ACCOUNT, "value": as_tag(message.account)},
            ],
        }
        if message.html:
            body["html"] = message.html
        files = [
            {
                "filename": one.name,
                "content_type": one.media_type,
                "content": base64.b64encode(one.content).decode(),
            }
            for one in message.attachments
            if one.content is not None
        ]
        if files:
            body["attachments"] = files
        if self._reply_to:
            body["reply_to"] = self._reply_to
        if message.unsubscribe_url:
            ways = list_unsubscribe(message.unsubscribe_url, self._reply_to)
            body["headers"] = {
                "List-Unsubscribe": ways,
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        if message.thread:
            body["headers"] = {**body.get("headers", {}), **message.thread}
        try:
            answer = self._http.post("/emails", body, {"Idempotency-Key": message.attempt_id})
        except NoAnswer as none:
            return none.sent
        name = answer.get("id")
        own = isinstance(name, str) and _ID.fullmatch(name)
        return Accepted(str(name)) if own else Unknown("resend: a success without an id of its own")

    def find(self, sought: Sought) -> Accepted | None:
        """Look for the words among the newest mails of the account, where the key may read them.

        https://resend.com/docs/api-reference/emails/list-emails: no filter, so only those to this
        address since the dispatch are opened.
        """
        if sought.provider_message_id:
            return Accepted(sought.provider_message_id)  # only an accepted mail has a name
        try:
            for name in self._sent_to(sought.to, sought.since - SLACK):
                text = self._http.get(f"/emails/{name}", {}).get("text")
                if isinstance(text, str) and digest_of(text) == sought.content_digest:
                    return Accepted(name)
        except ValueError:
            return None
        return None

    def listed(self, since: datetime, until: datetime) -> Iterator[Listed]:
        """What went out, newest first until it is older; see ``Lists``. Our tags are not shown."""
        query = {"limit": str(_PAGE)}
        while True:
            body = self._http.get("/emails", query)
            if not body:
                raise NotListedError("resend: the key may only send")
            listed = body.get("data")
            found = [one for one in listed if isinstance(one, dict)] if listed else []
            for one in found:
                try:
                    at = _instant(str(one.get("created_at")))
                except ValueError:
                    raise NotAskedError from None
                if at < since - SLACK:
                    return
                to, event = one.get("to"), f"email.{one.get('last_event')}"
                if at <= until + SLACK:
                    yield Listed(
                        provider=self.name,
                        channel=self.channel,
                        name=str(one.get("id")),
                        at=at,
                        address=str(to[0]) if isinstance(to, list) and to else "",
                        state=_STATES.get(event, AttemptState.ACCEPTED),
                    )
            if not body.get("has_more") or not found:
                return
            query["after"] = str(found[-1].get("id"))

    def _sent_to(self, address: str, since: datetime) -> Iterator[str]:
        """Names of the mails to an address, newest first; ValueError if a time is unreadable."""
        query = {"limit": str(_PAGE)}
        for _ in range(_PAGES):
            body = self._http.get("/emails", query)
            listed = body.get("data")
            found = [one for one in listed if isinstance(one, dict)] if listed else []
            for one in found:
                if _instant(str(one.get("created_at"))) < since:
                    return
                name, to = one.get("id"), one.get("to")
                known = isinstance(name, str) and re.fullmatch(r"[\w-]+", name)
                if known and isinstance(to, list) and address.lower() in map(_lower, to):
                    yield str(name)
            if not body.get("has_more") or not found:
                return
            query["after"] = str(found[-1].get("id"))


def outcome(event: Mapping[str, Any]) -> Report:
    """What an event means (https://resend.com/docs/webhooks/event-types); of others, nothing."""
    name = str(event.get("type", ""))
    if name == "email.bounced":
        return _bounce(event.get("data"))
    return _EVENTS.get(name, Report(None))


def attempt_in(data: Mapping[str, Any]) -> str | None:
    """The attempt among an event's tags: an object in the documents, once a list of pairs."""
    tags = data.get("tags")
    if isinstance(tags, list):
        pairs = (one for one in tags if isinstance(one, dict))
        tags = next((one for one in pairs if one.get("name") == CUSTOM_ARG_ATTEMPT), {})
        return tags["value"] if isinstance(tags.get("value"), str) else None
    found = tags.get(CUSTOM_ARG_ATTEMPT) if isinstance(tags, dict) else None
    return found if isinstance(found, str) else None


def _bounce(data: object) -> Report:
    """https://resend.com/docs/dashboard/emails/email-bounces."""
    bounce = data.get("bounce") if isinstance(data, dict) else None
    about = bounce if isinstance(bounce, dict) else {}
    meaning = codes.BOUNCES.get(_lower(about.get("type")), BAD_ADDRESS)
    meaning = codes.BOUNCE_SUBTYPES.get(_lower(about.get("subType")), meaning)
    word = re.sub(r"[^A-Za-z]", "", str(about.get("subType") or about.get("type") or ""))[:40]
    return Report.of(AttemptState.UNDELIVERED, meaning, f"bounce {word}".strip())


def _instant(text: str) -> datetime:
    """``2023-04-03 22:13:42.674981+00``, as Resend writes it."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _lower(value: object) -> str:
    return str(value or "").lower()
