"""What the sandbox is told when it starts. It reads no environment: its starter passes this in."""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from lab.sandbox.faults import FaultPlan
from people.worlds import WORLDS

Share = Annotated[float, Field(ge=0, le=1)]
PersonaName = Literal["payer", "promiser", "ignorer", "answerer", "opt_outer", "unreachable"]
CallFate = Literal["human", "machine", "no-answer", "busy", "failed"]
CallbackState = Literal["queued", "sent", "delivered"]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no IANA time zone, as in America/Bogota")
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


def _known_world(name: str) -> str:
    if name not in WORLDS:
        raise ValueError(f"{name!r} is no world: {', '.join(WORLDS)}")
    return name


WorldName = Annotated[str, AfterValidator(_known_world)]


class Personas(BaseModel):
    """The share of people of each kind; what is missing to one are ignorers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    payer: Share = 0.30
    promiser: Share = 0.15
    ignorer: Share = 0.30
    answerer: Share = 0.10
    opt_outer: Share = 0.05
    unreachable: Share = 0.10

    @model_validator(mode="after")
    def _no_more_than_everybody(self) -> "Personas":
        total = sum(self.model_dump().values())
        if total > 1 + 1e-9:
            raise ValueError(f"the shares of the personas add up to {total:g}, more than 1")
        return self


class Settings(BaseModel):
    """Everything the sandbox can be told; the defaults need nothing else to be running."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    """The `/_sandbox` routes know no password: keep it on the loopback interface."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8090
    """0 takes a free one."""
    seed: int = 1

    twilio_account_sid: str = "AC" + "0" * 32
    twilio_auth_token: SecretStr = SecretStr("sandbox-auth-token")
    sendgrid_api_key: SecretStr = SecretStr("SG.sandbox")
    infobip_api_key: SecretStr = SecretStr("sandbox-infobip")
    infobip_webhook_secret: SecretStr = SecretStr("sandbox-infobip-secret")
    """The password with which inbound messages are brought."""
    resend_api_key: SecretStr = SecretStr("re_sandbox")
    resend_webhook_secret: SecretStr = SecretStr("whsec_c2FuZGJveC1yZXNlbmQtc2VjcmV0")
    senders: tuple[str, ...] = ()
    """Numbers this Twilio account owns; any other sender is refused with 21606. Empty owns all."""
    default_sender: str = "+15005550006"
    """Where people reply to a message that came from a Messaging Service."""
    inbound_sms_url: str | None = None
    """Twilio's "a message comes in" URL; without it, replies stay in the handset."""
    inbound_call_url: str | None = None
    """Twilio's "a call comes in" URL; without it nobody calls back."""
    content: dict[str, str] = {}
    """Approved WhatsApp templates: ContentSid to body, with places {{1}}, {{2}} ..."""
    sendgrid_events_url: str | None = None
    """SendGrid's Event Webhook URL; without it no event is posted."""
    sendgrid_inbound_url: str | None = None
    """Where SendGrid's Inbound Parse posts answers; without it, they stay in the mailbox."""
    infobip_inbound_url: str | None = None
    """Where Infobip forwards what people write; without it, replies stay in the handset."""
    resend_events_url: str | None = None
    """Resend's webhook URL; without it no event is posted."""

    received_file: Path | None = None
    """JSON lines, one for each acceptance that reached a person."""
    state_file: Path | None = None
    """What a restart must not forget; beside `received_file` unless said otherwise."""

    temporal_address: str | None = None
    """Where payments and promises go, and each account's clock in fast time; None keeps them."""
    temporal_namespace: str = "default"
    fast_time: bool = False
    """People act only when a conductor says so (`/_sandbox/perform`), on each account's clock."""
    people_speed: Annotated[float, Field(gt=0)] = 1.0
    """In real time: how many seconds of a person's life pass in one second."""
    zones: dict[str, Zone] = {}
    """Address to the IANA zone of whoever owns it; elsewhere a telephone number may tell."""
    default_zone: Zone = "UTC"
    """Of an address that nobody has said anything about, and that does not tell by itself."""

    people: WorldName | None = None
    """A world of ``people/worlds.py``: whoever is introduced does what its models say, as in a dry
    run of this seed. Everybody else, and without it everybody, is drawn from the personas."""
    personas: Personas = Personas()
    fixed_personas: dict[str, PersonaName] = {}
    """Address to persona, for tests and stories; everybody else is drawn."""
    fixed_calls: dict[str, CallFate] = {}
    """Number to who takes every call to it; elsewhere chance decides."""
    faults: FaultPlan = FaultPlan()

    callback_states: tuple[CallbackState, ...] = ("queued", "sent", "delivered")
    """Which Twilio states call back; a final state always does."""
    callback_delay: Annotated[float, Field(ge=0)] = 0.02
    """Seconds before each callback."""
    callback_retries: Annotated[int, Field(ge=0)] = 5
    callback_backoff: Annotated[float, Field(ge=0)] = 0.2
    """Seconds before the first repeat of a callback that got no answer or a 5xx; doubles."""
    hang_seconds: Annotated[float, Field(gt=0)] = 60.0
    """How long a hang lasts when the caller does not give up first."""
    pauses: Annotated[float, Field(ge=0)] = 0.0
    """Real seconds that a second of a <Pause> in a call takes."""
    list_lag: Annotated[float, Field(ge=0)] = 0.0
    """Seconds, on the message's clock, before a message shows up in lists and logs."""

    @property
    def stops_path(self) -> Path | None:
        """Where it stands who asked to be left alone: beside what was received."""
        return self.received_file.with_name("stops.jsonl") if self.received_file else None

    @property
    def state_path(self) -> Path | None:
        """Where the state is kept."""
        if self.state_file or not self.received_file:
            return self.state_file
        return self.received_file.with_suffix(".state.jsonl")
