"""What is asked and answered where a person writes to a customer."""

from typing import Annotated, Literal

from pydantic import Field

from domain.channels import Purpose
from domain.model import Instant
from workers.api.reading import Asked, Text
from workers.api.work_models import Answer
from workers.contacts.asking import LONGEST_NAME
from workers.contacts.writing import Became

LONGEST_BODY = 40_000
"""Characters of own words that are read at all; the channel says how many may be sent."""


class NewMessage(Asked):
    """What somebody writes to a customer: in their own words, or by a template."""

    id: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"^\S+$")]
    """Of your choosing: told again under it, nothing is sent twice."""
    account: Text
    """About which of their accounts, or of those that they stand for, `<creditor>/<account_id>`."""
    channel: Literal["sms", "whatsapp", "email"]
    """By what."""
    text: Annotated[str, Field(max_length=LONGEST_BODY)] | None = None
    """Your own words; or else `template`."""
    template: Purpose | None = None
    """What is said in the operator's words."""
    subject: Text | None = None
    """Of an e-mail in your own words."""
    contact_point_id: Text | None = None
    """Where, by its id; or `address`. Neither: the only one on the channel."""
    address: Text | None = None
    """Where, by a telephone number or mailbox of theirs."""


class MessageWritten(Answer):
    """A message on record, and what became of it by now. The same request again says so anew."""

    id: str
    """Its name."""
    new: bool
    """False: it was told before, and nothing has changed."""
    account: str
    """`<creditor>/<account_id>`."""
    channel: str
    """By what."""
    contact_point_id: str
    """Where."""
    template: str | None
    """What is said in the operator's words; null: your own."""
    by: str
    """Who wrote it."""
    at: Instant
    """When."""
    became: Became
    """`waiting` and `sending` change yet; `not_sent`: nothing of it was sent, and nothing will be;
    `unknown`: the provider may have taken it, and nothing is sent again."""
    why: str | None
    """Why it was not sent, in a sentence."""
    rule: str | None
    """By which rule: of law by its id, or `house`."""
    cite: str | None
    """Where the law says so."""
    next_allowed_at: Instant | None
    """When it would be allowed, the facts unchanged: write it again then, under another id."""
    attempt_id: str | None
    """The contact by which it left."""
    provider: str | None
    """Who took it."""
    code: str | None
    """The provider's code."""
    sent_at: Instant | None
    """When it left."""
