"""The requests of calls: Twilio asks what to say, and the dialogue answers with TwiML."""

from collections.abc import Mapping

from starlette.responses import Response

from config.settings import Settings
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.entry.addresses import canonical
from domain.names import ATTEMPT_PARAM, TWILIO_CALL, TWILIO_CALL_INBOUND
from workers.gateway.calls.dialogue import CallDialogue
from workers.gateway.calls.state import CallState
from workers.gateway.facts import CustomerMessage
from workers.gateway.providers.twilio import PROVIDER, TwilioWebhook, twiml
from workers.gateway.requests import Received, identifier


class CallAnswered(TwilioWebhook):
    """A call of one attempt was answered, or a key was pressed in it: what is said next.

    https://www.twilio.com/docs/voice/twiml#request-parameters
    """

    name = "twilio_call"
    path = TWILIO_CALL

    def __init__(self, settings: Settings, dialogue: CallDialogue) -> None:
        super().__init__(settings)
        self._dialogue = dialogue

    def read(self, event: object, request: Received) -> None:
        """What a key means depends on where the call stands: the dialogue says it."""
        identifier(request.fields, "CallSid")
        identifier(request.query, ATTEMPT_PARAM)

    async def answer(self, request: Received) -> Response:
        """The next words, once what was pressed is on record."""
        attempt = identifier(request.query, ATTEMPT_PARAM)
        place = CallState.of(request.query)
        return twiml(await self._dialogue.answer(attempt, request.fields, place))


class CallingIn(TwilioWebhook):
    """Somebody calls our number: it is a conversation, and a person takes it."""

    name = "twilio_call_inbound"
    path = TWILIO_CALL_INBOUND

    def __init__(self, settings: Settings, dialogue: CallDialogue) -> None:
        super().__init__(settings)
        self._dialogue = dialogue

    def read(self, event: object, request: Received) -> CustomerMessage:
        """Who called."""
        return CustomerMessage(
            provider=PROVIDER,
            message_id=identifier(request.fields, "CallSid"),
            channel=Channel.VOICE,
            address=_caller(request.fields),
            text="called",
            intent=Intent.OTHER,
        )

    async def answer(self, request: Received) -> Response:
        """A greeting, and who takes the call."""
        return twiml(await self._dialogue.calling_in(_caller(request.fields)))


def _caller(form: Mapping[str, str]) -> str:
    return canonical(Channel.VOICE, identifier(form, "From", "Caller"))
