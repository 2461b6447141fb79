"""The providers that this process has settings for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypedDict

from activities.channels.base import Provider
from activities.channels.infobip_sms import InfobipSms
from activities.channels.resend_email import ResendEmail
from activities.channels.sendgrid_email import SendGridEmail
from activities.channels.twilio_sms import TwilioSms
from activities.channels.twilio_voice import TwilioVoice
from activities.channels.twilio_whatsapp import TwilioWhatsApp
from config.settings import Settings
from domain.channels import Channel
from domain.failures import Fault, Misconfigured


def providers(settings: Settings) -> dict[Channel, tuple[Provider, ...]]:
    """Channel -> its providers: those whose variables are set, in the order stated here.

    Raises Misconfigured, which names what is wrong with each: a variable that is missing where
    others of the provider are set, or one that has not its form.
    """
    found: dict[Channel, tuple[Provider, ...]] = {}
    wrong: list[Fault] = []
    for name, make in _MAKERS.items():
        try:
            made = make(settings)
            for provider in made:
                provider.check()
                found[provider.channel] = (*found.get(provider.channel, ()), provider)
        except Misconfigured as error:
            wrong.append(Fault(name, "", str(error)))
    if wrong:
        raise Misconfigured.of(wrong)
    return found


def in_use(
    settings: Settings, found: Mapping[Channel, Sequence[Provider]]
) -> dict[Channel, tuple[str, ...]]:
    """Channel -> names of those that may send, in the order in which they are tried.

    All of them as they stand, or what ``CONTRAPUNTO_SMS_PROVIDERS`` and ``..._EMAIL_PROVIDERS``
    name: one that is left out is still asked about what went through it.
    """
    names = {channel: tuple(one.name for one in some) for channel, some in found.items()}
    chosen = {Channel.SMS: settings.sms_providers, Channel.EMAIL: settings.email_providers}
    for channel, order in chosen.items():
        if order:
            _check_order(channel, order, names.get(channel, ()))
            names[channel] = order
    return names


def _check_order(channel: Channel, names: Sequence[str], known: Sequence[str]) -> None:
    variable = f"CONTRAPUNTO_{channel.value.upper()}_PROVIDERS"
    if unknown := [name for name in names if name not in known]:
        ready = ", ".join(known) or "none"
        raise Misconfigured(
            f"{variable}: {', '.join(unknown)} cannot be used on this channel, or has no "
            f"credentials; ready are: {ready}"
        )
    if len(set(names)) < len(names):
        raise Misconfigured(f"{variable}: {', '.join(names)} names one twice")


def _twilio(settings: Settings) -> list[Provider]:
    """A provider for each channel that has a sender."""
    sid, token = settings.twilio_account_sid, settings.twilio_auth_token
    sender = settings.twilio_from or None
    service = settings.twilio_messaging_service_sid or None
    whatsapp, voice = settings.twilio_whatsapp_from, settings.twilio_voice_from
    if not _all_or_none(
        "Twilio",
        {
            "TWILIO_ACCOUNT_SID": sid,
            "TWILIO_AUTH_TOKEN": token and token.get_secret_value(),
            "TWILIO_FROM (or CONTRAPUNTO_TWILIO_MESSAGING_SERVICE_SID, CONTRAPUNTO_TWILIO_"
            "WHATSAPP_FROM, CONTRAPUNTO_TWILIO_VOICE_FROM)": sender or service or whatsapp or voice,
        },
    ):
        return []
    assert sid and token  # noqa: S101 - for mypy: _all_or_none has seen them
    shared: _Shared = {
        "base_url": settings.twilio_base_url or None,
        "timeout": settings.provider_timeout,
        "connections": settings.max_concurrent_contacts,
    }
    found: list[Provider] = []
    if sender or service:
        found.append(TwilioSms(sid, token, sender, service, **shared))
    if whatsapp:
        found.append(TwilioWhatsApp(sid, token, whatsapp, **shared))
    if voice:
        _check_voice(settings)
        found.append(TwilioVoice(sid, token, voice, **shared))
    return found


class _Shared(TypedDict):
    base_url: str | None
    timeout: float
    connections: int


def _check_voice(settings: Settings) -> None:
    """Nobody calls without a name, nor leaves a voicemail to which nobody can reply."""
    needed = {
        "CONTRAPUNTO_VOICE_NAME": settings.voice_name,
        "CONTRAPUNTO_VOICE_PERSON": settings.voice_person,
        "CONTRAPUNTO_PHONE": settings.phone,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise Misconfigured(
            f"calls (CONTRAPUNTO_TWILIO_VOICE_FROM) need {' and '.join(missing)}: who calls, and "
            "whom to call back, is said before anything else"
        )


def _sendgrid(settings: Settings) -> list[Provider]:
    key, sender = settings.sendgrid_api_key, settings.sendgrid_from
    if not _all_or_none(
        "SendGrid",
        {"SENDGRID_API_KEY": key and key.get_secret_value(), "SENDGRID_FROM": sender},
    ):
        return []
    assert key and sender  # noqa: S101 - for mypy: _all_or_none has seen them
    made = SendGridEmail(
        key,
        sender,
        base_url=settings.sendgrid_base_url or None,
        timeout=settings.provider_timeout,
        reply_to=settings.email_reply_to or None,
    )
    return [made]


def _infobip(settings: Settings) -> list[Provider]:
    key, base = settings.infobip_api_key, settings.infobip_base_url
    sender, secret = settings.infobip_from, settings.infobip_webhook_secret
    if not _all_or_none(
        "Infobip",
        {
            "CONTRAPUNTO_INFOBIP_API_KEY": key and key.get_secret_value(),
            "CONTRAPUNTO_INFOBIP_BASE_URL": base,
            "CONTRAPUNTO_INFOBIP_FROM": sender,
            "CONTRAPUNTO_INFOBIP_WEBHOOK_SECRET": secret and secret.get_secret_value(),
        },
    ):
        return []
    assert key and base and sender and secret  # noqa: S101 - for mypy: _all_or_none has seen them
    made = InfobipSms(
        key,
        sender,
        base,
        secret,
        timeout=settings.provider_timeout,
        connections=settings.max_concurrent_contacts,
    )
    return [made]


def _resend(settings: Settings) -> list[Provider]:
    key, sender = settings.resend_api_key, settings.resend_from
    if not _all_or_none(
        "Resend", {"RESEND_API_KEY": key and key.get_secret_value(), "RESEND_FROM": sender}
    ):
        return []
    assert key and sender  # noqa: S101 - for mypy: _all_or_none has seen them
    made = ResendEmail(
        key,
        sender,
        base_url=settings.resend_base_url or None,
        timeout=settings.provider_timeout,
        connections=settings.max_concurrent_contacts,
        reply_to=settings.email_reply_to or None,
    )
    return [made]


def _all_or_none(provider: str, variables: Mapping[str, object]) -> bool:
    missing = [name for name, value in variables.items() if not value]
    if missing and len(missing) < len(variables):
        raise Misconfigured(f"{provider} is set in part: {' and '.join(missing)} must be set too")
    return not missing


_MAKERS: Final[Mapping[str, Callable[[Settings], list[Provider]]]] = {
    "TWILIO_*": _twilio,
    "INFOBIP_*": _infobip,
    "SENDGRID_*": _sendgrid,
    "RESEND_*": _resend,
}
"""What makes the providers of each company, in the order in which they are tried."""
