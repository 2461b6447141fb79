"""Somebody answers a mail: their words, the mail they answer quoted below, and how each provider
brings it.

SendGrid posts a form (Inbound Parse), signed as under a security policy; Resend posts an event and
hands out the words when asked (https://resend.com/docs/api-reference/emails/retrieve-received-email).
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import format_datetime, parseaddr
from typing import Final

from lab.sandbox.persons.reading import language_of
from lab.sandbox.providers.sendgrid_webhook import private_key, signed
from lab.sandbox.record import Json, Message
from lab.sandbox.world import World

AUTHENTICATION_SERVER: Final = "mx.sandbox.invalid"
"""Who writes Authentication-Results into what Resend hands out."""
Tell = Callable[[Json, datetime], Awaitable[None]]
_BOUNDARY: Final = "xYzZY"
_LINE: Final = {
    "es": "El {date:%d/%m/%Y} a las {date:%H:%M}, {who} <{ours}>\nescribió:",
    "pt": "Em {date:%d/%m/%Y} às {date:%H:%M}, {who} <{ours}>\nescreveu:",
    "en": "On {date:%b %d, %Y} at {date:%H:%M} {who} <{ours}>\nwrote:",
}
"""As Gmail writes it above what is quoted, wrapped."""


class MailAnswers:
    """Answers to mails that went through one provider."""

    def __init__(self, world: World, provider: str, tell: Tell | None = None) -> None:
        """``tell``: how Resend tells of a mail that came in."""
        self._world, self._provider, self._tell = world, provider, tell
        self.kept: dict[str, Json] = {}
        """What Resend hands out, by its id."""

    def inbound_id(self, digits: str) -> str:
        """The id of what somebody says, of its digits."""
        if self._provider == "sendgrid":
            return f"{digits[:24]}@mail.sandbox.invalid"
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32])
        return "-".join(parts)

    async def say(
        self, asked: Message, text: str, at: datetime, digits: str, *, exact: bool = True
    ) -> str:
        """A mail in answer to one of ours, with ours quoted below."""
        world, name = self._world, self.inbound_id(digits)
        if name not in world.record.messages:
            said = asked.answer(name, text, at, exact=exact)
            said.subject = f"Re: {asked.subject or ''}"
            world.record.add(said)
        whole = f"{text}\n\n{_quoted(asked)}\n"
        if self._provider == "sendgrid":
            return await self._parsed(asked, whole, at, name)
        return await self._received(asked, whole, at, name)

    async def _parsed(self, asked: Message, whole: str, at: datetime, name: str) -> str:
        url = self._world.settings.sendgrid_inbound_url
        if url is None:
            return "nobody listens"
        fields = {
            "headers": _headers(asked, at, name),
            "from": asked.to,
            "to": asked.sender,
            "subject": f"Re: {asked.subject or ''}",
            "text": whole,
            "envelope": json.dumps({"to": [_bare(asked.sender)], "from": asked.to}),
            "charsets": json.dumps(dict.fromkeys(("to", "from", "subject", "text"), "UTF-8")),
            "SPF": "pass",
            "dkim": f"{{@{_domain(asked.to)} : pass}}",
            "attachments": "0",
        }
        body = "".join(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        )
        content = f"{body}--{_BOUNDARY}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        proof = signed(private_key(self._world.settings.seed), content)
        await self._world.poster.post(url, content, headers | proof)
        return "said"

    async def _received(self, asked: Message, whole: str, at: datetime, name: str) -> str:
        proof = f"{AUTHENTICATION_SERVER}; dkim=pass header.d={_domain(asked.to)}"
        told: Json = {
            "email_id": name,
            "created_at": at.isoformat(),
            "from": asked.to,
            "to": [_bare(asked.sender)],
            "message_id": f"<{name}@mail.sandbox.invalid>",
            "subject": f"Re: {asked.subject or ''}",
            "attachments": [],
        }
        words = {"text": whole, "html": None, "headers": {"authentication-results": proof}}
        self.kept[name] = {"object": "email", "id": name, **told, **words}
        if self._tell is None or self._world.settings.resend_events_url is None:
            return "nobody listens"
        await self._tell(told, at)
        return "said"


def _quoted(asked: Message) -> str:
    who, ours = parseaddr(asked.sender)
    line = _LINE[language_of(asked.text)].format(date=asked.at, who=who or ours, ours=ours)
    marked = "\n".join(f"> {text}".rstrip() for text in asked.text.split("\n"))
    return f"{line}\n\n{marked}"


def _headers(asked: Message, at: datetime, name: str) -> str:
    return (
        f"Message-ID: <{name}>\nDate: {format_datetime(at)}\nFrom: {asked.to}\n"
        f"To: {asked.sender}\nSubject: Re: {asked.subject or ''}\n"
    )


def _bare(address: str) -> str:
    return parseaddr(address)[1] or address


def _domain(address: str) -> str:
    return _bare(address).rpartition("@")[2].lower()
