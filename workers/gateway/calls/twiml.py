"""What a call says, as TwiML by Twilio's own library.

https://www.twilio.com/docs/voice/twiml: <Say>, <Gather>, <Dial>, <Pause>, <Redirect>, <Hangup>.
"""

from typing import Any, Final, Self

from twilio.twiml import voice_response

from config.wording.template_files import Speech

_LIBRARY: Final[Any] = voice_response
"""Untyped, so that each use would have to be excused on its own."""

_SECONDS: Final = 7
"""How long a key is waited for."""


class Twiml:
    """One answer to Twilio, verb by verb."""

    def __init__(self) -> None:
        self._response = _LIBRARY.VoiceResponse()

    def say(self, words: str, speech: Speech) -> Self:
        """Read words aloud."""
        self._response.say(words, language=speech.language, voice=speech.voice)
        return self

    def ask(self, words: str, speech: Speech, action: str, keys: int) -> Self:
        """Read words aloud and wait for keys, which go to ``action``; no key is an answer too.

        Several keys end with the pound key, a single one by itself.
        """
        ends = {"num_digits": 1, "finish_on_key": ""} if keys == 1 else {"finish_on_key": "#"}
        gather = self._response.gather(
            action=action, method="POST", timeout=_SECONDS, action_on_empty_result=True, **ends
        )
        gather.say(words, language=speech.language, voice=speech.voice)
        return self

    def dial(self, number: str) -> Self:
        """Put through."""
        self._response.dial(number)
        return self

    def again(self, url: str, seconds: int) -> Self:
        """Wait, and ask ``url`` what to do."""
        self._response.pause(length=seconds)
        self._response.redirect(url, method="POST")
        return self

    def hang_up(self) -> Self:
        """End the call."""
        self._response.hangup()
        return self

    def __str__(self) -> str:
        return str(self._response)
