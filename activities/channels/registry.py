"""The providers that this process has settings for."""

from collections.abc import Mapping

from activities.channels.base import Provider
from activities.channels.sendgrid_email import SendGridEmail
from activities.channels.twilio_sms import TwilioSms
from config.settings import Settings
from domain.channels import Channel
from domain.failures import Misconfigured


def providers(settings: Settings) -> dict[Channel, tuple[Provider, ...]]:
    """Channel -> its providers in the order in which they are tried: those whose variables are set.

    Raises Misconfigured naming the missing variable of one that is set in part.
    """
    made = (_twilio(settings), _sendgrid(settings))
    found: dict[Channel, tuple[Provider, ...]] = {}
    for provider in made:
        if provider is not None:
            provider.check()
            found[provider.channel] = (*found.get(provider.channel, ()), provider)
    return found


def _twilio(settings: Settings) -> TwilioSms | None:
    sid, token = settings.twilio_account_sid, settings.twilio_auth_token
    sender = settings.twilio_from or None
    service = settings.twilio_messaging_service_sid or None
    if not _all_or_none(
        "Twilio",
        {
            "TWILIO_ACCOUNT_SID": sid,
            "TWILIO_AUTH_TOKEN": token and token.get_secret_value(),
            "TWILIO_FROM (or CONTRAPUNTO_TWILIO_MESSAGING_SERVICE_SID)": sender or service,
        },
    ):
        return None
    assert sid and token  # noqa: S101 - for mypy: _all_or_none has seen them
    return TwilioSms(
        sid,
        token,
        sender,
        service,
        base_url=settings.twilio_base_url or None,
        timeout=settings.provider_timeout,
        connections=settings.max_concurrent_contacts,
    )


def _sendgrid(settings: Settings) -> SendGridEmail | None:
    key, sender = settings.sendgrid_api_key, settings.sendgrid_from
    if not _all_or_none(
        "SendGrid",
        {"SENDGRID_API_KEY": key and key.get_secret_value(), "SENDGRID_FROM": sender},
    ):
        return None
    assert key and sender  # noqa: S101 - for mypy: _all_or_none has seen them
    return SendGridEmail(
        key,
        sender,
        base_url=settings.sendgrid_base_url or None,
        timeout=settings.provider_timeout,
    )


def _all_or_none(provider: str, variables: Mapping[str, object]) -> bool:
    missing = [name for name, value in variables.items() if not value]
    if missing and len(missing) < len(variables):
        raise Misconfigured(f"{provider} is set in part: {' and '.join(missing)} must be set too")
    return not missing
