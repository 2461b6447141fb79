"""Secrets of which the old one is taken beside the new, while both are set."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr
from pydantic_settings import BaseSettings

from config.secrets.forms import in_address


class WhileRotated(BaseSettings):
    """The old ones. What is signed newly is signed with the new one alone."""

    twilio_previous_auth_token: SecretStr | None = None
    """The old token while it is being rotated: webhooks signed with it are still taken."""
    sendgrid_previous_public_key: str | None = None
    """The old verification key while the new one is set: events signed for it are still taken."""
    sendgrid_inbound_previous_public_key: str | None = None
    """The same for mails that come in."""
    sendgrid_inbound_previous_secret: Annotated[SecretStr, AfterValidator(in_address)] | None = None
    """The old secret in the address of mails that come in: that address is still served."""
    infobip_previous_webhook_secret: SecretStr | None = None
    """The old secret: callbacks on their way are still taken, and inbound messages with it as
    their password. Keep it for two days, as long as a delivery report may take."""
    resend_previous_webhook_secret: SecretStr | None = None
    """The old signing secret while the new one is set."""
    unsubscribe_previous_key: SecretStr | None = None
    """The old key: addresses that it signed still hold. Keep it for as long as people may use the
    links of their mails: 30 days for the page, and rather a year to unsubscribe."""


def both(new: SecretStr | None, old: SecretStr | None) -> tuple[str, ...]:
    """What is taken, the new one first; without a new one nothing is."""
    if new is None or not new.get_secret_value():
        return ()
    given = (new, old)
    return tuple(one.get_secret_value() for one in given if one and one.get_secret_value())
