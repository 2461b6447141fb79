"""Calls by Twilio: the call is placed here, and what is said is answered by the gateway.

https://www.twilio.com/docs/voice/api/call-resource and
https://www.twilio.com/docs/voice/answering-machine-detection.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from activities.channels.base import Accepted, Outbound, Sent, Sought
from activities.channels.lists import twilio as lists
from activities.channels.lists.base import Listed
from activities.channels.twilio_api import NEWEST, NUMBER, TwilioNumber, newest, once
from domain.channels import Channel
from domain.failures import Misconfigured
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.ledger.call_outcome import CallOutcome
from domain.names import TWILIO_CALL_STATUS

LONGEST: Final = 600
"""Seconds after which Twilio ends a call, whatever is being said."""
_SOON: Final = timedelta(minutes=2)
"""A call found later after dispatch than this was not made by that request."""

_S, _O = AttemptState, CallOutcome
STATUSES: Final[dict[str, tuple[AttemptState, CallOutcome | None]]] = {
    "queued": (_S.ACCEPTED, None),
    "initiated": (_S.ACCEPTED, None),
    "ringing": (_S.ACCEPTED, None),
    "in-progress": (_S.ACCEPTED, None),
    # Completed is any call that was taken; who took it and said so is known from the call itself.
    "completed": (_S.DELIVERED, _O.DROPPED),
    "no-answer": (_S.DELIVERED, _O.NO_ANSWER),
    "canceled": (_S.DELIVERED, _O.NO_ANSWER),
    "busy": (_S.UNDELIVERED, _O.BUSY),
    "failed": (_S.UNDELIVERED, _O.NOT_IN_SERVICE),
}
"""CallStatus of a callback -> state of the attempt, and what the law calls the call.

https://www.twilio.com/docs/voice/api/call-resource#call-status-values
"""

_NO_SUCH_NUMBER: Final = frozenset({"404", "410", "484", "604"})
"""SIP answers that no later call will better; any other failure may pass."""


def machine(answered_by: str) -> bool:
    """Whether AnsweredBy says that an answering machine took the call."""
    return answered_by.startswith("machine_")


def outcome_of(
    status: str, answered_by: str, sip_code: str
) -> tuple[AttemptState | None, CallOutcome | None, RefusalKind | None]:
    """What a status callback says of a call; Nones for a status we do not know."""
    state, outcome = STATUSES.get(status, (None, None))
    if outcome is CallOutcome.DROPPED and machine(answered_by):
        outcome = CallOutcome.VOICEMAIL
    if state is not AttemptState.UNDELIVERED:
        return state, outcome, None
    gone = outcome is CallOutcome.NOT_IN_SERVICE and sip_code in _NO_SUCH_NUMBER
    return state, outcome, RefusalKind.RECIPIENT if gone else RefusalKind.TEMPORARY


class TwilioVoice(TwilioNumber):
    """Calls from one number of a Twilio account; safe to share between threads."""

    channel: Final = Channel.VOICE
    status_path: Final = TWILIO_CALL_STATUS

    def check(self) -> None:
        """Look at the configuration; raises Misconfigured naming the variable."""
        super().check()
        if not NUMBER.fullmatch(self._sender):
            raise Misconfigured("CONTRAPUNTO_TWILIO_VOICE_FROM must be a number (+15005550006)")

    def send(self, message: Outbound) -> Sent:
        """One POST of Calls.json; see ``Provider.send``. ``validity_seconds`` is how long it rings.

        Machine detection waits for the end of a greeting, so that a voicemail is not cut off.
        """
        assert message.answer_url, "a call has somewhere to be answered"  # noqa: S101
        return once(
            lambda: self._client.calls.create(
                to=message.to,
                from_=self._sender,
                url=message.answer_url,
                method="POST",
                status_callback=message.callback_url,
                status_callback_method="POST",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                machine_detection="DetectMessageEnd",
                timeout=message.validity_seconds,
                time_limit=LONGEST,
            )
        )

    def find(self, sought: Sought) -> Accepted | None:
        """Look for a call of ours to the number, placed about the time of dispatch.

        A call shows no words and no reference of ours, so it is known by numbers and time alone.
        Of two people with one telephone the other's call may be taken for this one: that errs on
        the side of not calling again.
        """
        if sought.provider_message_id:
            return Accepted(sought.provider_message_id)  # only an accepted call has a name
        calls, to, since = self._client.calls, sought.to, sought.since
        for one in newest(lambda: calls.stream(to=to, from_=self._sender, limit=NEWEST), since):
            placed = one.date_created
            if one.sid and isinstance(placed, datetime) and placed <= since + _SOON:
                return Accepted(one.sid)
        return None

    def listed(self, since: datetime, until: datetime) -> Iterator[Listed]:
        """Calls that we placed; see ``Lists``."""
        state = {word: one[0] for word, one in STATUSES.items()}.get
        return lists.calls(self._client, state, since, until)
