"""SMS by Twilio, with its official SDK."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from pydantic import SecretStr

from activities.channels.base import Accepted, Outbound, Sent, Sought
from activities.channels.lists import twilio as lists
from activities.channels.lists.base import Listed
from activities.channels.twilio_api import STATUSES, TwilioChannel, find_message, once
from domain.channels import Channel
from domain.failures import Misconfigured
from domain.names import TWILIO_STATUS

_SERVICE: Final = re.compile(r"MG[0-9a-fA-F]{32}")
_SENDER: Final = re.compile(r"\+?[0-9]{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}")


class TwilioSms(TwilioChannel):
    """SMS through one Twilio account; safe to share between threads."""

    channel: Final = Channel.SMS
    status_path: Final = TWILIO_STATUS

    def __init__(
        self,
        account_sid: str,
        auth_token: SecretStr,
        sender: str | None = None,
        messaging_service_sid: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = 10,
        connections: int = 20,
    ) -> None:
        super().__init__(
            account_sid, auth_token, base_url=base_url, timeout=timeout, connections=connections
        )
        self._sender, self._service = sender, messaging_service_sid

    def check(self) -> None:
        """Look at the configuration; raises Misconfigured naming the variable."""
        super().check()
        if self._service is not None and not _SERVICE.fullmatch(self._service):
            raise Misconfigured(
                "CONTRAPUNTO_TWILIO_MESSAGING_SERVICE_SID must be MG and 32 hexadecimal digits"
            )
        if self._sender is not None and not _SENDER.fullmatch(self._sender):
            raise Misconfigured("TWILIO_FROM must be a number (+15005550006) or a sender name")
        if self._sender is None and self._service is None:
            raise Misconfigured(
                "TWILIO_FROM or CONTRAPUNTO_TWILIO_MESSAGING_SERVICE_SID must be set"
            )

    def send(self, message: Outbound) -> Sent:
        """One POST of Messages.json; see ``Provider.send``. With a file it is an MMS."""
        sender = {"messaging_service_sid": self._service} if self._service else {}
        if self._sender:
            sender["from_"] = self._sender
        return once(
            lambda: self._client.messages.create(
                to=message.to,
                body=message.text,
                status_callback=message.callback_url,
                validity_period=message.validity_seconds,
                **sender,
                **message.media,
            )
        )

    def find(self, sought: Sought) -> Accepted | None:
        """Look for the words among the newest messages to ``to``."""
        if sought.provider_message_id:
            return Accepted(sought.provider_message_id)  # only an accepted message has a name
        return find_message(self._client.messages, sought.to, sought)

    def listed(self, since: datetime, until: datetime) -> Iterator[Listed]:
        """Messages both ways; see ``Lists``."""
        return lists.messages(self._client, self.channel, STATUSES, since, until)
