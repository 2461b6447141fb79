"""Every setting of ours, from ``CONTRAPUNTO_*`` (and the providers' own customary variables).

Temporal's connection is not here: it comes from Temporal's standard environment and TOML profiles.
"""

import json
import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from config.database_url import FORM, VARIABLE, read_address
from config.secrets.forms import in_address
from config.secrets.rotation import WhileRotated
from config.secrets.variables import Variables
from config.transport import CONNECTIONS, demand_of_database
from domain.entry.broken_rule import broken_rule
from domain.entry.money import currencies, fault
from domain.failures import Fault, Misconfigured
from domain.payments.link import fault_of_pattern
from domain.payments.pix import PixReceiver

ROOT: Final = Path(__file__).resolve().parent.parent
PREFIX: Final = "CONTRAPUNTO_"
REFERENCE: Final = "{reference}"
"""In the address of payments: the id of the attempt."""
DAY: Final = 86_400
QUEUES: Final = ("accounts", "sms", "email", "whatsapp", "voice", "reports")
"""What a worker can be told to work."""
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=1, le=65_535)]
PerSecond = Annotated[float, Field(gt=0, le=100_000)]


def _split(value: object) -> object:
    """``twilio, infobip`` as people write it."""
    if not isinstance(value, str):
        return value
    return tuple(name.strip() for name in value.split(",") if name.strip())


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


def _ascending(waits: tuple[float, ...]) -> tuple[float, ...]:
    for earlier, later in pairwise(waits):
        if later <= earlier:
            raise ValueError(f"must ascend, but {later:g} comes after {earlier:g}")
    return waits


def _amounts(least: dict[str, Decimal]) -> dict[str, Decimal]:
    for currency, amount in least.items():
        if currency not in currencies():
            raise ValueError(f"{currency}: is no currency of ISO 4217, such as COP")
        rule = "must not be negative" if amount < 0 else fault(amount, currency)
        if rule is not None:
            raise ValueError(f"{currency}: {rule}")
    return least


def _connections(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in CONNECTIONS:
            raise ValueError(f"{name!r} is none of them: there are {', '.join(CONNECTIONS)}")
    return names


def _queues(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in QUEUES:
            raise ValueError(f"{name!r} is no queue: there are {', '.join(QUEUES)}")
    return names


def _patterns(links: dict[str, str]) -> dict[str, str]:
    for creditor, pattern in links.items():
        if (rule := fault_of_pattern(pattern)) is not None:
            raise ValueError(f"{creditor}: {rule}")
    return links


def _telephone(number: str) -> str:
    if number and sum(character.isdigit() for character in number) < _SHORTEST_NUMBER:
        raise ValueError("must be a telephone number")
    return number


def _mailbox(address: str) -> str:
    if address and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+", address):
        raise ValueError("must be one e-mail address")
    return address


_SHORTEST_NUMBER: Final = 3
"""Digits; letters and marks beside them are as people write a number."""


def _also(name: str, standard: str) -> AliasChoices:
    return AliasChoices(f"CONTRAPUNTO_{name}", standard)


class Settings(WhileRotated, BaseSettings):
    """Settings of one process. A variable that is none is told by ``config/checks.py``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, populate_by_name=True
    )

    database_url: SecretStr | None = None
    """PostgreSQL: `postgresql://user:password@host:5432/database`, with several hosts and libpq's
    parameters where you need them (`sslmode`, `connect_timeout`, `application_name`, `options`...).
    Needed by every command but `sandbox`, `codec`, `config check` and those of the law that ask no
    account."""
    database_pool: Annotated[int, Field(ge=1)] = 10
    """Connections of one worker or gateway."""

    allow_plaintext: Annotated[Names, AfterValidator(_connections)] = ()
    """What may do without TLS beyond this machine: `database`, `temporal`, `public` (the address
    below), where the way there is nobody else's ([how](../guide/security.md))."""

    public_url: str = "http://127.0.0.1:8080"
    """Where providers reach the gateway. Signatures are checked against it; callback addresses
    and those in e-mails, to unsubscribe and of the preference page, begin with it."""
    temporal_ui: Annotated[str, Field(pattern=r"^(https?://[^\s/?#]+(/[^\s?#]*)?)?$")] = ""
    """The Temporal UI's address, for links wherever an account is named; empty: no links."""
    gateway_host: str = "127.0.0.1"
    """Address that the gateway listens on."""
    gateway_port: Port = 8080
    """Port that the gateway listens on."""
    commit: Annotated[str, Field(max_length=64, pattern=r"^[\w.+-]+$")] | None = None
    """Of which commit this was built: shown beside the worker's version, and part of none."""
    worker_probe_host: str = "127.0.0.1"
    """Address on which a worker, or a relay, answers ``/healthz`` and ``/readyz``."""
    worker_probe_port: Port | None = None
    """Port of the probe of a worker or a relay; without one there is none."""
    sandbox_port: Port = 8081
    """Port of the sandbox."""

    api_host: str = "127.0.0.1"
    """Address that the API for people's work listens on. Put TLS before it."""
    api_port: Port = 8083
    """Port of the API."""
    api_tokens: Path | None = None
    """File of the tokens that the API takes: the digest of each, its name, roles and creditors
    ([how](../guide/api.md#tokens-of-your-own))."""
    api_oidc_issuer: str | None = None
    """The identity provider whose tokens the API takes, as their `iss` names it. Needs the
    audience, the keys and the roles below."""
    api_oidc_audience: str | None = None
    """What those tokens must be for: their `aud`."""
    api_oidc_jwks: str | None = None
    """The provider's public keys: an https address, or a file with a JWK set."""
    api_oidc_roles_claim: str = "roles"
    """The claim that says what somebody is; with dots where it lies in another:
    `realm_access.roles`."""
    api_oidc_roles: dict[
        str,
        Literal["agent", "supervisor", "compliance", "operator", "upstream", "follower", "bulk"],
    ] = {}
    """Which role a value of that claim stands for, as JSON: `{"collections-agents": "agent"}`. What
    is not named stands for none."""
    api_oidc_name_claim: str = "sub"
    """The claim that says who somebody is: it stands wherever it is kept who has done something, so
    it must be one that nobody can choose for themselves."""
    api_oidc_creditors_claim: str | None = None
    """The claim that names the creditors whose accounts somebody may see, `*` for all. With it who
    has none sees nothing; without it everybody sees all."""

    strategies: Path = ROOT / "config" / "strategies"
    """Folder of strategies."""
    segments: Path = ROOT / "config" / "segments.yaml"
    """Which strategy an account has, by what is known of it ([how](../guide/segments.md)). While
    the shipped file says nothing, all have `default`."""
    attributes: Path = ROOT / "config" / "attributes.yaml"
    """The facts of your own that intake and messages may tell of accounts, with their types."""
    mappings: Path = ROOT / "config" / "intake"
    """Folder of mappings of portfolio files ([how](../guide/intake.md#files-as-they-come))."""
    experiments: Path = ROOT / "config" / "experiments"
    """Folder of experiments ([how](../guide/experiments.md)); none in it: nothing is compared."""
    experiments_every: Annotated[float, Field(ge=1)] = 3600.0
    """Seconds between a worker's looks at the experiments."""
    ledger_mark_every: Annotated[float, Field(ge=1, le=3600)] = 60.0
    """Seconds between two marks of how far the ledger has come ([how](../guide/disasters.md))."""
    policies: Path = ROOT / "config" / "policies"
    """Folder of policies that learn ([how](../guide/learning.md)), `*.json`."""
    policy_keys: Names = ()
    """The public keys (`contrapunto learn key`) whose policies are taken, the new and the old one
    while they change. What none of them has signed is refused."""
    policy_signing_key: SecretStr | None = None
    """The private key that `contrapunto learn fit` signs with. No worker needs it."""
    law: Path = ROOT / "config" / "law"
    """Folder of rule packs."""
    templates: Path = ROOT / "config" / "templates"
    """Folder of templates."""
    whatsapp_templates: Path = ROOT / "config" / "whatsapp.yaml"
    """The approved WhatsApp templates."""
    webhooks: Path = ROOT / "config" / "webhooks" / "webhooks.yaml"
    """Which upstream systems are told of what happened ([Webhooks](../guide/webhooks.md))."""

    results: Path = ROOT / "config" / "results" / "results.yaml"
    """What people do to reach customers, and what comes of it ([codes](results.md))."""
    helplines: Path = ROOT / "config" / "helplines" / "helplines.yaml"
    """Whom somebody can call who speaks of ending their life, by country."""
    retention: Path = ROOT / "config" / "retention" / "retention.yaml"
    """How long what is over is kept, by country and table
    ([how](../guide/retention.md#how-long))."""
    prices: Path = ROOT / "config" / "prices" / "prices.yaml"
    """What contacting costs, by channel and country, with sources
    ([how](../guide/report.md#what-contacting-costs))."""
    report_database_url: SecretStr | None = None
    """PostgreSQL to read [reports](../guide/report.md) from, such as a replica; without it the
    database above."""
    report_folder: Path | None = None
    """The folder that workers write daily [reports](../guide/report.md#every-day) to. Without it a
    worker makes none."""
    readings: dict[str, str] = {}
    """Named readings of contested law, as JSON: `{"co.weekly": "literal"}`. All are listed with the
    [pages of the law](../law/README.md#readings)."""
    actor: Literal["first_party", "third_party", "debt_buyer"] = "third_party"
    """Who collects: `first_party`, `third_party` or `debt_buyer`. Some laws bind only some of
    them."""
    actors: dict[str, Literal["first_party", "third_party", "debt_buyer"]] = {}
    """The same by creditor, where it differs, as JSON: `{"banco-andino": "first_party"}`."""

    agency_name: str | None = None
    """Who writes, when it is not the creditor."""
    creditor_names: dict[str, str] = {}
    """Creditor codes spelled out for customers, as JSON: `{"banco-andino": "Banco Andino"}`."""
    pay_url: str | None = None
    """Where customers pay, an http(s) address; `{reference}` is replaced by the id of the
    attempt."""
    pix: dict[str, PixReceiver] = {}
    """Who is paid by Pix, by creditor, as JSON: `{"banco-azul": {"key": "...", "name": "BANCO
    AZUL", "city": "SAO PAULO"}}`. Templates then have the code as `pix_code`
    ([how](../guide/attachments.md#pix-and-links-to-pay))."""
    payment_links: Annotated[dict[str, str], AfterValidator(_patterns)] = {}
    """The address that each creditor's customers pay at, as JSON, with the places `{account}`,
    `{amount}`, `{currency}`, `{expires}` and `{signature}`: `{"banco-azul":
    "https://pay.example.com/{account}?a={amount}&e={expires}&s={signature}"}`. It takes the place
    of the pay address above."""
    payment_link_key: SecretStr | None = None
    """Any long random text, at least 16 characters: signs these addresses. Whoever serves them
    has it, too."""
    payment_link_days: Annotated[int, Field(ge=1, le=90)] = 7
    """How many days such an address holds, from when its message is composed."""
    documents_url: str | None = None
    """The https address of yours that files to send lie below, such as `https://files.example.com/`
    ([how](../guide/attachments.md)). Nothing is fetched from anywhere else."""
    documents_folder: Path | None = None
    """The folder that files to send lie in, where they are not at an address."""
    whatsapp_pdf: bool = False
    """Whether a PDF goes along on WhatsApp. Twilio documents no words beside one: send yourself one
    first, and see that they arrive."""
    whatsapp_voice_notes: bool = False
    """Whether a recording goes by WhatsApp: by itself, in a second request right after the words,
    since WhatsApp takes no words beside one. Ask your counsel whether that is one contact."""
    phone: Annotated[str, AfterValidator(_telephone)] | None = None
    """Telephone number that messages give."""
    voice_name: str | None = None
    """Who calls, said before anybody is known to be the customer: a business name that does not
    tell of debts (12 CFR 1006.2(j)(1)(i))."""
    voice_person: str | None = None
    """Whom a voicemail asks to call back: a natural person's name (12 CFR 1006.2(j)(1)(iii))."""
    voice_transfer: Annotated[str, AfterValidator(_telephone)] | None = None
    """Number to which who asks for a person is put through. Without it a person calls back, and the
    account rests for them."""
    voice_ring: Annotated[int, Field(ge=5, le=60)] = 25
    """Seconds that a telephone rings (5 to 60). A call that could still ring when the window closes
    is not made."""
    fallback_locale: str = "es"
    """Language for customers in whose own, and in whose country's, there are no words."""

    twilio_account_sid: str | None = Field(
        None, validation_alias=_also("TWILIO_ACCOUNT_SID", "TWILIO_ACCOUNT_SID")
    )
    """The account, `AC...`."""
    twilio_auth_token: SecretStr | None = Field(
        None, validation_alias=_also("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN")
    )
    """Sends, and verifies webhooks."""
    twilio_from: str | None = Field(None, validation_alias=_also("TWILIO_FROM", "TWILIO_FROM"))
    """Number or sender name."""
    twilio_messaging_service_sid: str | None = None
    """A messaging service instead of a number."""
    twilio_whatsapp_from: str | None = None
    """The WhatsApp sender's number. With it WhatsApp is used."""
    twilio_voice_from: str | None = None
    """The number that calls. With it calls are made."""
    twilio_base_url: str | None = Field(
        None, validation_alias=_also("TWILIO_BASE_URL", "TWILIO_BASE_URL")
    )
    """Another server that speaks Twilio, such as the sandbox."""
    sendgrid_api_key: SecretStr | None = Field(
        None, validation_alias=_also("SENDGRID_API_KEY", "SENDGRID_API_KEY")
    )
    """May send mail; read access to the e-mail logs helps to settle lost answers."""
    sendgrid_from: str | None = Field(
        None, validation_alias=_also("SENDGRID_FROM", "SENDGRID_FROM")
    )
    """Sender, of an authenticated domain."""
    sendgrid_public_key: str | None = Field(
        None, validation_alias=_also("SENDGRID_PUBLIC_KEY", "SENDGRID_PUBLIC_KEY")
    )
    """Verification key of the signed event webhook."""
    sendgrid_base_url: str | None = Field(
        None, validation_alias=_also("SENDGRID_BASE_URL", "SENDGRID_BASE_URL")
    )
    """Another server that speaks SendGrid, such as the sandbox."""
    sendgrid_webhook_max_age: Annotated[float, Field(gt=0, le=7 * DAY)] = 600
    """Seconds after which a signed batch of events counts as replayed."""
    sendgrid_inbound_public_key: str | None = None
    """Verification key of the security policy of Inbound Parse. With it mails that come in are
    taken at `/webhooks/sendgrid/inbound`, if they are signed."""
    sendgrid_inbound_secret: Annotated[SecretStr, AfterValidator(in_address)] | None = None
    """At least 16 letters, digits, `-` and `_`, any random ones. Without a key above, mails that
    come in are taken at `/webhooks/sendgrid/inbound/<this>`; with neither they are not."""
    infobip_api_key: SecretStr | None = None
    """Scopes: send SMS, read logs."""
    infobip_base_url: str | None = None
    """The account's own address, `https://xxxxx.api.infobip.com`."""
    infobip_from: str | None = None
    """Number or sender name."""
    infobip_webhook_secret: SecretStr | None = None
    """Any random text of at least 16 characters: signs the callback addresses given to Infobip, and
    is its password for inbound messages."""
    resend_api_key: SecretStr | None = Field(
        None, validation_alias=_also("RESEND_API_KEY", "RESEND_API_KEY")
    )
    """Sending access is enough; full access helps to settle lost answers."""
    resend_from: str | None = Field(None, validation_alias=_also("RESEND_FROM", "RESEND_FROM"))
    """Sender, of a verified domain."""
    resend_webhook_secret: SecretStr | None = Field(
        None, validation_alias=_also("RESEND_WEBHOOK_SECRET", "RESEND_WEBHOOK_SECRET")
    )
    """Signing secret of the webhook, `whsec_...`."""
    resend_base_url: str | None = Field(
        None, validation_alias=_also("RESEND_BASE_URL", "RESEND_BASE_URL")
    )
    """Another server that speaks Resend, such as the sandbox."""
    resend_authentication_server: str | None = None
    """Name of the server that begins the header `Authentication-Results` of the mails that come in
    through Resend, as it is in one that you have sent yourself. Without it nobody is proved to have
    written such a mail: a stop is heeded, all else is for a person."""
    email_reply_to: Annotated[str, AfterValidator(_mailbox)] | None = None
    """Mailbox that answers to our e-mails go to, where it is not the sender's: one that comes in by
    Inbound Parse or Resend."""
    sms_providers: Names = ()
    """Order in which SMS providers are tried, such as `infobip,twilio`; one that is not named is
    not used. Without it all that have credentials: Twilio, Infobip."""
    email_providers: Names = ()
    """The same for e-mail: `sendgrid`, `resend`."""
    unsubscribe_key: SecretStr | None = None
    """Any long random text; signs the addresses in e-mails, to unsubscribe and of the page on which
    customers choose, and those at which Twilio fetches files. Without it there are none."""

    provider_timeout: Annotated[float, Field(gt=0, le=60)] = 10
    """Seconds for one request to a provider, up to 60: a contact has two minutes in all."""
    sms_validity: Annotated[int, Field(ge=60, le=36000)] = 14400
    """Longest time, in seconds, that a provider may keep an SMS queued (60 to 36000); never beyond
    the lawful window."""
    sms_accents: Names = ()
    """Languages whose SMS keep all accents, such as `pt`. In every other one an SMS is written
    without those that GSM-7 lacks (á í ó ú ã ç; ñ é ü stay) where that saves a segment: a single
    one makes a text cost about twice as much."""
    sms_per_second: PerSecond = 50
    """Contacts per second on the task queue `collections-sms`, over all workers."""
    email_per_second: PerSecond = 100
    """The same for `collections-email`."""
    whatsapp_per_second: PerSecond = 40
    """The same for `collections-whatsapp`."""
    voice_per_second: PerSecond = 1
    """The same for `collections-voice`. No more than your account may start: what is beyond, Twilio
    queues and rings out later."""
    reconcile_after: Annotated[
        tuple[Annotated[float, Field(gt=0, le=7 * DAY)], ...],
        Field(min_length=1),
        AfterValidator(_ascending),
    ] = (120, 900, 7200, 86400)
    """Seconds after dispatch at which a provider is asked about an attempt in doubt, as JSON: one
    or more, ascending, up to a week. After
    the last it stays unknown and waits for a person; where the provider could not be asked then,
    the last wait is repeated, up to a week from the dispatch."""

    shared_address_limit: Annotated[int, Field(ge=1)] = 4
    """How many customers may have one address; the rows of further ones are refused at intake."""
    recall_share: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Part of a creditor's open accounts that a snapshot may recall without `--accept-recalls`."""
    intake_skew: Annotated[float, Field(ge=0, le=DAY)] = 300
    """Seconds that a file's moment may lie ahead of the machine's clock, up to a day."""
    least_amounts: Annotated[dict[str, Decimal], AfterValidator(_amounts)] = {}
    """Smallest balance that anybody is contacted about, by currency, as JSON: `{"COP": "5000"}`.
    Others as in `domain/entry/money.py`: 1 of USD, EUR, GBP, BRL, PEN, 10 of MXN, UYU, 100 of ARS,
    CLP, 1000 of COP, PYG, one unit of the rest."""

    classifier: bool = True
    """Whether people are also told of what a trained classifier suspects in a message beside what
    the rules read ([how](../guide/reading.md#the-classifier))."""
    whole_orders: bool = False
    """Order each contact by its whole step, as workers of 0.2 read it: on while they run beside
    these, or may have to come back. Some 1,300 bytes more of history for each contact."""
    exact_next_contact: bool = True
    """Keep the search attribute `NextContactAt`: one event and one Temporal action more per
    contact."""
    payload_keys: dict[str, SecretStr] = {}
    """Keys that encrypt what travels through Temporal, as JSON, name to 32 octets in base64. The
    first encrypts, all decrypt: a new key comes behind first, everywhere, and is then moved up
    ([how](../operations.md#keys-for-what-travels-through-temporal)). Empty: not encrypted."""
    codec_host: str = "127.0.0.1"
    """Address that `contrapunto codec` listens on. It shows in clear what the keys protect: where
    it is another, let only your log-in reach it."""
    codec_port: Port = 8082
    """Port of `contrapunto codec`."""
    codec_origins: tuple[str, ...] = ("http://127.0.0.1:8233",)
    """Addresses of the Temporal UI whose pages may have payloads decrypted, as JSON."""
    worker_queues: Annotated[Names, AfterValidator(_queues)] = ()
    """Which queues a worker works, such as `sms,email`: `accounts` (workflows, and what only
    touches PostgreSQL), the channels `sms`, `email`, `whatsapp`, `voice`, and `reports`. Without it
    all. For workers that are scaled apart; every queue needs one that works it."""
    max_concurrent_contacts: Annotated[int, Field(ge=1)] = 20
    """Contacts of one channel at a time in one worker."""
    fast_time: bool = False
    """The Temporal server skips time (demo and tests only)."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is said in code, then the environment; there is no other source."""
        return init_settings, Variables(settings_cls)

    def database(self) -> str:
        """The database's address, in clear; raises Misconfigured when none is named, or none that
        can be read."""
        if self.database_url is None:
            raise Misconfigured(f"{VARIABLE} is not set: {FORM}")
        address = self.database_url.get_secret_value()
        demand_of_database(VARIABLE, read_address(address), self.allow_plaintext)
        return address

    def report_database(self) -> str:
        """Where reports are read from, in clear; raises as ``database`` does."""
        if self.report_database_url is None:
            return self.database()
        address, name = self.report_database_url.get_secret_value(), "REPORT_DATABASE_URL"
        demand_of_database(f"{PREFIX}{name}", read_address(address), self.allow_plaintext)
        return address


def load(**overrides: object) -> Settings:
    """Settings from the environment, with ``overrides`` on top.

    Raises Misconfigured, which names each variable that is wrong and never its value.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        faults = [
            Fault(_variable(problem["loc"]), "", broken_rule(problem))
            for problem in error.errors(include_input=False, include_url=False)
        ]
    except SettingsError as error:
        name = str(error).partition('"')[2].partition('"')[0]
        if isinstance(error.__cause__, Misconfigured):  # of a file with a secret
            raise error.__cause__ from None
        if isinstance(error.__cause__, json.JSONDecodeError):
            wrong = ("must be JSON", "see docs/reference/settings.md")
        else:
            wrong = ("must give each key once: one is given twice", "")
        faults = [Fault(_variable((name,)), "", *wrong)]
    raise Misconfigured.of(faults, "settings are wrong:")


def _variable(loc: tuple[int | str, ...]) -> str:
    """The variable of a field, with the place inside it."""
    name, *inside = map(str, loc)
    variable = name if name.isupper() else f"{PREFIX}{name.upper()}"
    return ".".join([variable, *inside])
