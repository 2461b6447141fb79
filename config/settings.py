"""Every setting of ours, from ``CONTRAPUNTO_*`` (and the providers' own customary variables).

Temporal's connection is not here: it comes from Temporal's standard environment and TOML profiles.
"""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config.database_url import FORM, VARIABLE, read_address
from domain.failures import Misconfigured

ROOT: Final = Path(__file__).resolve().parent.parent
Seconds = Annotated[float, Field(gt=0)]


def _split(value: object) -> object:
    """``twilio, infobip`` as people write it."""
    if not isinstance(value, str):
        return value
    return tuple(name.strip() for name in value.split(",") if name.strip())


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


def _also(name: str, standard: str) -> AliasChoices:
    return AliasChoices(f"CONTRAPUNTO_{name}", standard)


class Settings(BaseSettings):
    """Settings of one process. Unknown ``CONTRAPUNTO_*`` names are ignored by pydantic-settings."""

    model_config = SettingsConfigDict(
        env_prefix="CONTRAPUNTO_", extra="ignore", frozen=True, populate_by_name=True
    )

    database_url: SecretStr | None = None
    """``postgresql://user:password@host:port/database``; read by ``config/database_url.py``."""
    database_pool: Annotated[int, Field(ge=1)] = 10

    public_url: str = "http://127.0.0.1:8080"
    """Base address under which providers reach the gateway; signatures are checked against it."""
    gateway_host: str = "127.0.0.1"
    gateway_port: int = 8080
    sandbox_port: int = 8081

    strategies: Path = ROOT / "config" / "strategies"
    law: Path = ROOT / "config" / "law"
    templates: Path = ROOT / "config" / "templates"
    whatsapp_templates: Path = ROOT / "config" / "whatsapp.yaml"
    """The approved WhatsApp templates; read only where WhatsApp is used."""
    readings: dict[str, str] = {}
    """Named readings of contested law, as JSON: ``{"co.weekly": "literal"}``."""
    actor: Literal["first_party", "third_party", "debt_buyer"] = "third_party"

    agency_name: str | None = None
    creditor_names: dict[str, str] = {}
    """How a creditor's code is spelled to customers, as JSON; the code itself where missing."""
    pay_url: str | None = None
    """Where customers pay; ``{reference}`` is replaced by an opaque reference."""
    phone: str | None = None
    voice_name: str | None = None
    """Who calls, said before anybody is known to be the customer: a business name that does not
    tell of debts (12 CFR 1006.2(j)(1)(i))."""
    voice_person: str | None = None
    """Whom a voicemail asks to call back: a natural person's name (1006.2(j)(1)(iii))."""
    voice_transfer: str | None = None
    """Number to which who asks for a person is put through; without it somebody calls back."""
    voice_ring: Annotated[int, Field(ge=5, le=60)] = 25
    """Seconds that a telephone rings; a call that could ring beyond the window is not made."""
    fallback_locale: str = "es"
    """Language of messages to customers whose own we have no words in."""

    twilio_account_sid: str | None = Field(
        None, validation_alias=_also("TWILIO_ACCOUNT_SID", "TWILIO_ACCOUNT_SID")
    )
    twilio_auth_token: SecretStr | None = Field(
        None, validation_alias=_also("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN")
    )
    twilio_previous_auth_token: SecretStr | None = None
    """During a rotation both tokens sign webhooks."""
    twilio_from: str | None = Field(None, validation_alias=_also("TWILIO_FROM", "TWILIO_FROM"))
    twilio_messaging_service_sid: str | None = None
    twilio_whatsapp_from: str | None = None
    """The WhatsApp sender's number; with it WhatsApp is used."""
    twilio_voice_from: str | None = None
    """The number that calls, and is called back; with it calls are made."""
    twilio_base_url: str | None = Field(
        None, validation_alias=_also("TWILIO_BASE_URL", "TWILIO_BASE_URL")
    )
    sendgrid_api_key: SecretStr | None = Field(
        None, validation_alias=_also("SENDGRID_API_KEY", "SENDGRID_API_KEY")
    )
    sendgrid_from: str | None = Field(
        None, validation_alias=_also("SENDGRID_FROM", "SENDGRID_FROM")
    )
    sendgrid_public_key: str | None = Field(
        None, validation_alias=_also("SENDGRID_PUBLIC_KEY", "SENDGRID_PUBLIC_KEY")
    )
    """Verification key of the signed event webhook."""
    sendgrid_base_url: str | None = Field(
        None, validation_alias=_also("SENDGRID_BASE_URL", "SENDGRID_BASE_URL")
    )
    sendgrid_webhook_max_age: Seconds = 600
    infobip_api_key: SecretStr | None = None
    infobip_base_url: str | None = None
    """The account's own address, ``https://xxxxx.api.infobip.com``."""
    infobip_from: str | None = None
    infobip_webhook_secret: SecretStr | None = None
    """Any long random text: makes the callback URLs that only Infobip knows, and is the password
    with which it brings inbound messages."""
    resend_api_key: SecretStr | None = Field(
        None, validation_alias=_also("RESEND_API_KEY", "RESEND_API_KEY")
    )
    resend_from: str | None = Field(None, validation_alias=_also("RESEND_FROM", "RESEND_FROM"))
    resend_webhook_secret: SecretStr | None = Field(
        None, validation_alias=_also("RESEND_WEBHOOK_SECRET", "RESEND_WEBHOOK_SECRET")
    )
    """Signing secret of the webhook, ``whsec_...``."""
    resend_base_url: str | None = Field(
        None, validation_alias=_also("RESEND_BASE_URL", "RESEND_BASE_URL")
    )
    sms_providers: Names = ()
    """Order in which SMS providers are tried, by name; all that have credentials where empty."""
    email_providers: Names = ()
    unsubscribe_key: SecretStr | None = None
    """Signs the unsubscribe address in e-mails (any long random text); without it there is none."""

    provider_timeout: Seconds = 10
    sms_validity: Annotated[int, Field(ge=60, le=36000)] = 14400
    """Longest time Twilio may keep an SMS queued; shortened to the end of the lawful window."""
    sms_accents: Names = ()
    """Languages whose SMS keep all accents. In every other one an SMS loses those that GSM-7 lacks
    where that saves a segment: one letter of them makes a text cost about twice as much."""
    sms_per_second: Seconds = 50
    email_per_second: Seconds = 100
    whatsapp_per_second: Seconds = 40
    voice_per_second: Seconds = 1
    """No more than the account may start: what is beyond, Twilio queues and rings out later."""
    reconcile_after: tuple[Seconds, ...] = (120, 900, 7200, 86400)
    """When a provider is asked about an attempt in doubt, counted from dispatch; the last is the
    deadline after which it stays unknown and waits for a person. Where the provider cannot be asked
    then, the last wait is repeated, up to a week from the dispatch."""

    shared_address_limit: Annotated[int, Field(ge=1)] = 4
    """How many customers intake lets have one address; the row of another is refused."""
    recall_share: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Part of a creditor's open accounts that a snapshot may recall without being asked."""
    intake_skew: Annotated[float, Field(ge=0)] = 300
    """Seconds that a file's moment may lie ahead of the machine's clock."""
    least_amounts: dict[str, Decimal] = {}
    """Smallest balance that anybody is contacted about, by currency, where it is not ours
    (``domain/money.py``)."""

    exact_next_contact: bool = True
    """Keep the search attribute NextContactAt (one event and one Temporal action more per contact);
    PostgreSQL has the time either way."""
    payload_keys: dict[str, SecretStr] = {}
    """Keys that encrypt what travels through Temporal, as JSON, name -> 32 octets in base64. The
    first encrypts, all decrypt: a new key comes behind first, everywhere, and is then moved up."""
    codec_port: int = 8082
    codec_origins: tuple[str, ...] = ("http://127.0.0.1:8233",)
    """Addresses of the Temporal UI whose pages may ask `contrapunto codec` to decrypt."""
    max_concurrent_contacts: Annotated[int, Field(ge=1)] = 20
    fast_time: bool = False
    """The Temporal server skips time: every clock of ours is the account's virtual one."""

    def database(self) -> str:
        """The database's address, in clear; raises Misconfigured when none is named, or none that
        can be read."""
        if self.database_url is None:
            raise Misconfigured(f"{VARIABLE} is not set: {FORM}")
        address = self.database_url.get_secret_value()
        read_address(address)
        return address


def load(**overrides: object) -> Settings:
    """Settings from the environment, with ``overrides`` on top."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [
            f"  {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        names = "settings are wrong (environment variables CONTRAPUNTO_*):"
        raise Misconfigured("\n".join([names, *lines])) from None
