"""Twilio's lists of messages and calls.

Newest first, until they are older than is asked: not filtered by DateSent, which is null until a
message is sent, and would hide a queued one. Neither shows what we told with it, so a message is
known again by its number and time.

https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
https://www.twilio.com/docs/voice/api/call-resource#read-multiple-call-resources
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.response import Response
from twilio.rest import Client

from activities.channels.base import SLACK, NotAskedError
from activities.channels.http import NoAnswer
from activities.channels.lists.base import Listed, NotListedError
from domain.channels import Channel
from domain.ledger.attempt import AttemptState

PAGE: Final = 1000
"""The most that Twilio gives at once."""
_WHATSAPP: Final = "whatsapp:"
_REFUSED: Final = frozenset({400, 401, 403, 404})
"""For other reasons than our haste, or an outage."""


def messages(
    client: Client,
    channel: Channel,
    states: dict[str, AttemptState],
    since: datetime,
    until: datetime,
) -> Iterator[Listed]:
    """Messages of one channel, both ways."""
    for one in _newest(lambda: client.messages.stream(page_size=PAGE), since, until):
        inbound = str(one.direction) == "inbound"
        whose = str((one.from_ if inbound else one.to) or "")
        if whose.startswith(_WHATSAPP) is not (channel is Channel.WHATSAPP):
            continue
        if not inbound and not one.body and str(one.num_media or "0") != "0":
            continue  # a recording that followed its words
        yield Listed(
            provider="twilio",
            channel=channel,
            name=str(one.sid),
            at=one.date_created,
            address=whose.removeprefix(_WHATSAPP),
            inbound=inbound,
            state=states.get(str(one.status), AttemptState.ACCEPTED),
            text=str(one.body or "") if inbound else "",
        )


def calls(
    client: Client,
    states: Callable[[str], AttemptState | None],
    since: datetime,
    until: datetime,
) -> Iterator[Listed]:
    """Calls that we placed."""
    for one in _newest(lambda: client.calls.stream(page_size=PAGE), since, until):
        if str(one.direction) == "inbound":
            continue
        yield Listed(
            provider="twilio",
            channel=Channel.VOICE,
            name=str(one.sid),
            at=one.date_created,
            address=str(one.to or ""),
            state=states(str(one.status)) or AttemptState.ACCEPTED,
        )


def _newest(found: Callable[[], Iterator[Any]], since: datetime, until: datetime) -> Iterator[Any]:
    try:
        for one in found():
            if not isinstance(one.date_created, datetime):
                raise NotAskedError
            if one.date_created < since - SLACK:
                return
            if one.date_created <= until + SLACK:
                yield one
    except (NoAnswer, requests.RequestException):
        raise NotAskedError from None
    except TwilioException as error:
        # Of a page the SDK tells only the answer that it could not use.
        status = next((one.status_code for one in error.args if isinstance(one, Response)), 0)
        if status in _REFUSED:
            raise NotListedError(f"twilio refuses to list (HTTP {status})") from None
        raise NotAskedError from None
    except (ValueError, TypeError, AttributeError):
        raise NotAskedError from None
