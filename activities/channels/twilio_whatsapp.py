"""WhatsApp by Twilio: an approved template, or free text while the customer's window is open.

https://www.twilio.com/docs/whatsapp/key-concepts: free text goes only within 24 hours of the
customer's last message; at any other time a template by its ContentSid, without a Body (63016).
"""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from activities.channels.base import Accepted, Outbound, Sent, Sought
from activities.channels.lists import twilio as lists
from activities.channels.lists.base import Listed
from activities.channels.twilio_api import NUMBER, STATUSES, TwilioNumber, find_message, once
from domain.channels import Channel
from domain.failures import Misconfigured
from domain.names import TWILIO_STATUS

PREFIX: Final = "whatsapp:"

log = logging.getLogger(__name__)


class TwilioWhatsApp(TwilioNumber):
    """WhatsApp through one sender of a Twilio account; safe to share between threads."""

    channel: Final = Channel.WHATSAPP
    status_path: Final = TWILIO_STATUS

    @property
    def _number(self) -> str:
        return self._sender.removeprefix(PREFIX)

    def check(self) -> None:
        """Look at the configuration; raises Misconfigured naming the variable."""
        super().check()
        if not NUMBER.fullmatch(self._number):
            raise Misconfigured(
                "CONTRAPUNTO_TWILIO_WHATSAPP_FROM must be the sender's number (+14155238886)"
            )

    def send(self, message: Outbound) -> Sent:
        """One POST of Messages.json; see ``Provider.send``. Never both a template and a Body, nor
        a template and a file. A recording follows what was accepted, by itself."""
        template = message.template
        words: dict[str, Any] = (
            {"body": message.text, **message.media}
            if template is None
            else {
                "content_sid": template.content_sid,
                "content_variables": json.dumps(template.variables, ensure_ascii=False),
            }
        )
        sent = once(
            lambda: self._client.messages.create(
                to=PREFIX + message.to,
                from_=PREFIX + self._number,
                status_callback=message.callback_url,
                validity_period=message.validity_seconds,
                **words,
            )
        )
        if isinstance(sent, Accepted):
            self._follow(message)
        return sent

    def _follow(self, message: Outbound) -> None:
        """The recordings, once and without a callback: what becomes of one is not what becomes of
        the words, and one that does not go is let go."""
        for one in message.recordings:
            came = once(
                lambda url=one.url: self._client.messages.create(  # type: ignore[misc]
                    to=PREFIX + message.to,
                    from_=PREFIX + self._number,
                    validity_period=message.validity_seconds,
                    media_url=[url],
                )
            )
            if not isinstance(came, Accepted):
                log.warning("a recording of attempt %s: %s", message.attempt_id, came.detail)

    def find(self, sought: Sought) -> Accepted | None:
        """Look for the words among the newest messages to ``to``; a template's are filled in."""
        if sought.provider_message_id:
            return Accepted(sought.provider_message_id)  # only an accepted message has a name
        return find_message(self._client.messages, PREFIX + sought.to, sought)

    def listed(self, since: datetime, until: datetime) -> Iterator[Listed]:
        """Messages both ways; see ``Lists``."""
        return lists.messages(self._client, self.channel, STATUSES, since, until)
