"""The body of a mail send, as SendGrid reads it, and what it says when it cannot.

Source: twilio/sendgrid-oai, spec/json/tsg_mail_v3.
"""

import hashlib
import json
import re

from pydantic import AliasChoices, Base64Bytes, BaseModel, ConfigDict, Field
from starlette.responses import Response

from lab.sandbox import names
from lab.sandbox.clock import wall
from lab.sandbox.faults import Facts
from lab.sandbox.persons.reading import plain
from lab.sandbox.wire import json_answer


class Address(BaseModel):
    """An e-mail address in a mail send body."""

    model_config = ConfigDict(extra="ignore")

    email: str
    name: str | None = None


class Personalization(BaseModel):
    """One envelope of a mail send body."""

    model_config = ConfigDict(extra="ignore")

    to: list[Address] = Field(min_length=1)
    subject: str | None = None
    custom_args: dict[str, str] = {}


class Content(BaseModel):
    """One part of a mail send body."""

    model_config = ConfigDict(extra="ignore")

    type: str
    value: str


class Attached(BaseModel):
    """A file of a mail."""

    model_config = ConfigDict(extra="ignore")

    content: Base64Bytes
    filename: str
    type: str | None = Field(None, validation_alias=AliasChoices("type", "content_type"))

    def seen(self) -> dict[str, object]:
        """What is written down of it."""
        return {
            "name": self.filename,
            "type": self.type,
            "bytes": len(self.content),
            "sha256": hashlib.sha256(self.content).hexdigest(),
        }


class Mail(BaseModel):
    """The mail send body, as far as the stand-in reads it."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    personalizations: list[Personalization]
    sender: Address = Field(alias="from")
    subject: str | None = None
    content: list[Content] = []
    template_id: str | None = None
    custom_args: dict[str, str] = {}
    categories: list[str] = []
    attachments: list[Attached] = []

    def text(self) -> str:
        """What its reader reads: the plain part, else the HTML as text."""
        for part in self.content:
            if part.type == "text/plain":
                return part.value
        return "\n".join(plain(part.value) for part in self.content)


def errors(status: int, message: str, field: str | None = None) -> Response:
    """SendGrid's error document."""
    body = {"errors": [{"message": message, "field": field, "help": None}]}
    headers = {}
    if status == 429:
        reset = str(int(wall().timestamp()) + 1)
        headers = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0"}
        headers["X-RateLimit-Reset"] = reset
    return json_answer(body, status, headers)


def read_mail(body: bytes) -> Mail | Response:
    """The mail, or what SendGrid answers to a body that is none."""
    try:
        data = json.loads(body)
    except ValueError:
        return errors(400, "Bad Request")
    if not isinstance(data, dict):
        return errors(400, "Bad Request")
    if not data.get("personalizations"):
        return errors(400, "The personalizations field is required", "personalizations")
    if not (data.get("from") or {}).get("email"):
        return errors(400, "The from object must be provided for every email send", "from.email")
    try:
        mail = Mail.model_validate(data)
    except ValueError as error:
        return errors(400, "Bad Request: " + str(error).splitlines()[1])
    return _wrong(mail) or mail


def _wrong(mail: Mail) -> Response | None:
    address = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
    if not address.fullmatch(mail.sender.email):
        return errors(400, "The from email does not contain a valid address.", "from.email")
    for number, envelope in enumerate(mail.personalizations):
        field = f"personalizations.{number}"
        if not (envelope.subject or mail.subject or mail.template_id):
            return errors(400, "The subject is required.", f"{field}.subject")
        for place, to in enumerate(envelope.to):
            if not address.fullmatch(to.email):
                message = "Does not contain a valid address."
                return errors(400, message, f"{field}.to.{place}.email")
    if not mail.template_id and not any(part.value for part in mail.content):
        message = "The content value must be a string at least one character in length."
        return errors(400, message, "content.0.value")
    return None


def facts_of(mail: Mail) -> Facts:
    """What faults go by."""
    envelope = mail.personalizations[0]
    args = mail.custom_args | envelope.custom_args
    return Facts(
        provider="sendgrid",
        channel="email",
        to=envelope.to[0].email,
        from_=mail.sender.email,
        attempt=args.get(names.CUSTOM_ARG_ATTEMPT, ""),
        account=args.get(names.CUSTOM_ARG_ACCOUNT, ""),
    )
