"""The six doors to four providers: how each is made, and what its provider itself answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import SecretStr

from activities.channels.base import Outbound, Provider
from activities.channels.infobip_sms import InfobipSms
from activities.channels.resend_email import ResendEmail
from activities.channels.sendgrid_email import SendGridEmail
from activities.channels.twilio_sms import TwilioSms
from activities.channels.twilio_voice import TwilioVoice
from activities.channels.twilio_whatsapp import TwilioWhatsApp
from domain.channels import Channel
from tests.integration.channels.conftest import TIMEOUT, Answer

SID: Final = "AC" + "0" * 32
MADE: Final = "SM" + "0" * 31 + "1"
CALL: Final = "CA" + "0" * 31 + "1"
MAIL: Final = "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"
ATTEMPT: Final = "ab" * 12
_TOKEN: Final = SecretStr("t")


def message(channel: Channel, to: str = "+573000000001") -> Outbound:
    return Outbound(
        attempt_id=ATTEMPT,
        account="acme/A-1",
        channel=channel,
        to=to,
        subject="Su cuenta",
        text="Hola Ana, su saldo es 100",
        callback_url="https://hooks.example.test/status?attempt=ab&account=acme%2FA-1",
        answer_url="https://hooks.example.test/call?attempt=ab&account=acme%2FA-1",
        validity_seconds=900,
    )


def twilio(code: Any, status: int = 400, **more: Any) -> Answer:
    """Twilio's error document."""
    page = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": "x", "more_info": page, "status": status}
    return Answer.json(status, body | more)


def sendgrid(status: int, *fields: str | None) -> Answer:
    """SendGrid's error document."""
    problems = [{"message": "x", "field": field, "help": None} for field in fields or (None,)]
    return Answer.json(status, {"errors": problems})


def infobip(status: int, *fields: str, code: str | None = None) -> Answer:
    """Infobip's error document."""
    violations = [{"property": field, "violation": "x"} for field in fields]
    body = {"errorCode": code or f"E{status}", "description": "x", "action": "x"}
    return Answer.json(status, {**body, "violations": violations, "resources": []})


def told(group: str, status: int, attempt: str = ATTEMPT) -> Answer:
    """Infobip's success, which speaks of our one message."""
    about = {"groupId": 0, "groupName": group, "id": status, "name": "x"}
    one = {"messageId": attempt, "status": about, "destination": "573000000001"}
    return Answer.json(200, {"bulkId": "1", "messages": [one]})


def resend(status: int, name: str, words: str = "x") -> Answer:
    """Resend's error document."""
    return Answer.json(status, {"statusCode": status, "name": name, "message": words})


@dataclass(frozen=True)
class Door:
    """A provider of a channel, its message, its yes and one of its certain noes."""

    name: str
    make: Callable[[str], Provider]
    message: Outbound
    taken: Answer
    refused: Answer


def _infobip(url: str) -> Provider:
    return InfobipSms(
        SecretStr("key"), "Acme", url, SecretStr("a-long-random-text"), timeout=TIMEOUT
    )


_MAIL: Final = message(Channel.EMAIL, "ana@example.test")
DOORS: Final = (
    Door(
        "twilio sms",
        lambda url: TwilioSms(SID, _TOKEN, "+15005550006", base_url=url, timeout=TIMEOUT),
        message(Channel.SMS),
        Answer.json(201, {"sid": MADE, "status": "queued"}),
        twilio(21211),
    ),
    Door(
        "twilio whatsapp",
        lambda url: TwilioWhatsApp(SID, _TOKEN, "+14155238886", base_url=url, timeout=TIMEOUT),
        message(Channel.WHATSAPP),
        Answer.json(201, {"sid": MADE, "status": "queued"}),
        twilio(63007),
    ),
    Door(
        "twilio calls",
        lambda url: TwilioVoice(SID, _TOKEN, "+15005550006", base_url=url, timeout=TIMEOUT),
        message(Channel.VOICE),
        Answer.json(201, {"sid": CALL, "status": "queued"}),
        twilio(21215),
    ),
    Door("infobip", _infobip, message(Channel.SMS), told("PENDING", 26), infobip(401)),
    Door(
        "sendgrid",
        lambda url: SendGridEmail(
            SecretStr("SG.k"), "Acme <pay@acme.example.test>", base_url=url, timeout=TIMEOUT
        ),
        _MAIL,
        Answer(202, headers={"X-Message-Id": "Zb1"}),
        sendgrid(401),
    ),
    Door(
        "resend",
        lambda url: ResendEmail(
            SecretStr("re_k"), "Acme <pay@acme.example.test>", base_url=url, timeout=TIMEOUT
        ),
        _MAIL,
        Answer.json(200, {"id": MAIL}),
        resend(403, "invalid_api_key"),
    ),
)
