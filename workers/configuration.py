"""All that a worker, a gateway and an API read when they start, read at once.

Each part is read although another is wrong, so that an operator learns of everything in one run.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from activities.channels.base import Provider
from activities.channels.registry import in_use
from activities.channels.registry import providers as configured_providers
from config import checks
from config.choosing.segment_files import load_attributes, load_segments
from config.database_url import VARIABLE
from config.experiments.files import load_experiments, with_holdouts
from config.helplines.catalogue import load_helplines
from config.keywords import load_keywords
from config.learning.policy_files import load_policies, unknown_policies
from config.prices.catalogue import load_prices
from config.reader import load_classifier
from config.results.catalogue import load_results
from config.retention.periods import load_periods
from config.rule_packs import RulePacks, load_packs
from config.settings import PREFIX, Settings
from config.strategy_files import load_strategies
from config.webhooks.endpoints import load_secrets, load_webhooks
from config.wording.catalogue import Wording, WordingError
from config.wording.whatsapp import WhatsAppTemplates
from domain.channels import Channel
from domain.contacts.results import Results
from domain.conversation.helplines import Helpline
from domain.conversation.keywords import Keywords
from domain.experiments.trial import Trial
from domain.failures import Fault, Misconfigured
from domain.learning.policy import Ranking
from domain.segments.attributes import NONE, Attributes
from domain.segments.book import SegmentBook
from domain.strategy import Strategy
from telemetry.exporters import wanted
from workers.api import doors
from workers.codec import PayloadCipher
from workers.connection import connect_config
from workers.gateway.providers.sendgrid_inbound import KEY
from workers.gateway.providers.signatures import PARSE_POLICY, SendGridKey, SvixKey

T = TypeVar("T")

_ONE_OF_THESE = (
    "TWILIO_AUTH_TOKEN, SENDGRID_PUBLIC_KEY, CONTRAPUNTO_INFOBIP_WEBHOOK_SECRET or "
    "RESEND_WEBHOOK_SECRET"
)


@dataclass
class Configuration:
    """What was read; a part that is wrong is absent, and what is wrong with it is in ``faults``."""

    strategies: Mapping[str, Strategy] = field(default_factory=dict)
    policies: Mapping[str, Ranking] = field(default_factory=dict)
    segments: SegmentBook | None = None
    attributes: Attributes = NONE
    trials: tuple[Trial, ...] = ()
    packs: RulePacks | None = None
    wording: Wording | None = None
    whatsapp: WhatsAppTemplates | None = None
    keywords: Keywords | None = None
    results: Results | None = None
    helplines: Mapping[str, Helpline] = field(default_factory=dict)
    providers: Mapping[Channel, tuple[Provider, ...]] = field(default_factory=dict)
    served: Mapping[Channel, tuple[str, ...]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def part(self, where: str, read: Callable[[], T]) -> T | None:
        """Read a part; None, and its faults kept, where it is wrong."""
        try:
            return read()
        except Misconfigured as error:
            self.faults += error.faults or told(where, error)
        return None


def of_worker(settings: Settings) -> Configuration:
    """What a worker needs beside its servers."""
    made = Configuration()
    made.part(VARIABLE, settings.database)
    made.faults += checks.public_address(settings)
    made.faults += checks.pay_address(settings)
    made.faults += checks.payment_links(settings)
    made.faults += checks.documents_address(settings)
    made.strategies = made.part("", lambda: load_strategies(settings.strategies)) or {}
    _learning(made, settings)
    made.faults += checks.quiet_times_of(settings, made.strategies)
    _choosing(made, settings)
    made.packs = made.part("", lambda: load_packs(settings.law, settings.readings))
    made.results = made.part(settings.results.name, lambda: load_results(settings.results))
    made.helplines = made.part("", lambda: load_helplines(settings.helplines)) or {}
    made.part("", lambda: load_prices(settings.prices))
    made.part("", lambda: load_periods(settings.retention))
    made.wording = made.part(str(settings.templates), lambda: wording_of(settings))
    if made.wording is not None:
        made.faults += checks.fallback_words(settings, made.wording)
        made.faults += checks.words_of_tones(settings, made.strategies, made.wording)
    if made.packs is not None and made.wording is not None:
        made.faults += _words_for_every_duty(made.packs, made.wording)
    found = made.part("providers", lambda: configured_providers(settings))
    if found is not None:
        made.providers = found
        made.served = made.part("providers", lambda: in_use(settings, found)) or {}
    if Channel.WHATSAPP in made.providers and (wording := made.wording) is not None:
        name = settings.whatsapp_templates.name
        made.whatsapp = made.part(name, lambda: whatsapp_of(settings, wording))
    return made


def _choosing(made: Configuration, settings: Settings) -> None:
    """What chooses a strategy; not asked where no strategy could be read."""
    attributes = made.part(settings.attributes.name, lambda: load_attributes(settings))
    if attributes is None:
        return
    made.attributes, known = attributes, made.strategies
    if known:
        name = settings.segments.name
        made.segments = made.part(name, lambda: load_segments(settings, known, attributes))
        folder = settings.experiments
        learnt = made.policies
        trials = made.part("", lambda: load_experiments(folder, known, attributes, learnt))
        made.trials = trials or ()
        made.strategies = with_holdouts(known, made.trials)


def _learning(made: Configuration, settings: Settings) -> None:
    """The policies that strategies name."""
    policies = made.part("", lambda: load_policies(settings))
    if policies is not None:
        made.policies = policies
        made.faults += unknown_policies(settings, made.strategies, policies)


def of_strategies(settings: Settings) -> Configuration:
    """What chooses a strategy, and what strategies are done with."""
    made = Configuration()
    made.strategies = made.part("", lambda: load_strategies(settings.strategies)) or {}
    _learning(made, settings)
    _choosing(made, settings)
    made.wording = made.part(str(settings.templates), lambda: wording_of(settings))
    if made.wording is not None:
        made.faults += checks.words_of_tones(settings, made.strategies, made.wording)
    found = made.part("providers", lambda: configured_providers(settings))
    if found is not None:
        made.providers = found
        made.served = made.part("providers", lambda: in_use(settings, found)) or {}
    return made


def of_gateway(settings: Settings) -> Configuration:
    """What a gateway needs beside its servers."""
    made = Configuration()
    made.part(VARIABLE, settings.database)
    made.faults += checks.public_address(settings)
    made.wording = made.part(str(settings.templates), lambda: wording_of(settings))
    _inbound(made, settings, some_needed=True)
    return made


def of_api(settings: Settings) -> Configuration:
    """What the API needs beside its servers."""
    made = Configuration()
    made.part(VARIABLE, settings.database)
    made.faults += doors.faults_of(settings)
    made.faults += doors.closed(settings)
    made.strategies = made.part("", lambda: load_strategies(settings.strategies)) or {}
    made.packs = made.part("", lambda: load_packs(settings.law, settings.readings))
    return made


def of_everything(settings: Settings, environ: Mapping[str, str]) -> Configuration:
    """What all processes need, with the variables that Temporal and telemetry read."""
    made = of_worker(settings)
    _inbound(made, settings, some_needed=bool(made.providers))
    made.faults += doors.faults_of(settings)
    webhooks = made.part(settings.webhooks.name, lambda: load_webhooks(settings.webhooks))
    if webhooks is not None:
        made.part("", lambda: load_secrets(settings.webhooks, webhooks, environ))
    if settings.payload_keys:
        made.part(f"{PREFIX}PAYLOAD_KEYS", lambda: PayloadCipher(settings.payload_keys))
    made.part("OTEL_*", lambda: wanted(environ))
    made.part("TEMPORAL_*", _temporal)
    return made


def _inbound(made: Configuration, settings: Settings, *, some_needed: bool) -> None:
    """The words that customers write, and what webhooks are verified with."""
    made.keywords = made.part("config/keywords.yaml", load_keywords)
    if settings.classifier:
        made.part("config/classifier.json", load_classifier)
    key, secret = settings.sendgrid_public_key, settings.resend_webhook_secret
    if key:
        made.part("SENDGRID_PUBLIC_KEY", lambda: SendGridKey(key))
    if old := settings.sendgrid_previous_public_key:
        name = f"{PREFIX}SENDGRID_PREVIOUS_PUBLIC_KEY"
        made.part(name, lambda: SendGridKey(old, name))
    if inbound := settings.sendgrid_inbound_public_key:
        made.part(KEY, lambda: SendGridKey(inbound, KEY, PARSE_POLICY))
    if old_inbound := settings.sendgrid_inbound_previous_public_key:
        name_of_it = f"{PREFIX}SENDGRID_INBOUND_PREVIOUS_PUBLIC_KEY"
        made.part(name_of_it, lambda: SendGridKey(old_inbound, name_of_it, PARSE_POLICY))
    if old_secret := settings.resend_previous_webhook_secret:
        made.part(f"{PREFIX}RESEND_PREVIOUS_WEBHOOK_SECRET", lambda: SvixKey(old_secret))
    if secret:
        made.part("RESEND_WEBHOOK_SECRET", lambda: SvixKey(secret))
    others = (
        *(settings.twilio_auth_token, settings.infobip_webhook_secret),
        *(settings.sendgrid_inbound_public_key, settings.sendgrid_inbound_secret),
    )
    if some_needed and not any((key, secret, *others)):
        rule = "the gateway would refuse every webhook"
        made.faults.append(Fault("webhooks", "", rule, f"set {_ONE_OF_THESE}"))


def wording_of(settings: Settings) -> Wording:
    """The operator's templates. Raises Misconfigured, which names every problem found."""
    if not settings.templates.is_dir():
        raise Misconfigured(f"{settings.templates} is no folder: set {PREFIX}TEMPLATES to one")
    return Wording.load(settings.templates, sms_accents=settings.sms_accents)


def whatsapp_of(settings: Settings, wording: Wording) -> WhatsAppTemplates:
    """The approved templates; a sandbox takes the invented ids of the shipped file, too. Raises
    Misconfigured."""
    sandbox = bool(settings.twilio_base_url)
    return WhatsAppTemplates.load(settings.whatsapp_templates, wording, sandbox=sandbox)


def _temporal() -> None:
    try:
        connect_config()
    except (ValueError, OSError, RuntimeError) as error:
        raise Misconfigured(f"the environment or its profile cannot be read: {error}") from None


def told(where: str, error: Misconfigured) -> Iterable[Fault]:
    """The faults of an error that tells them in words."""
    if not isinstance(error, WordingError):
        words = " ".join(str(error).split())
        yield Fault(where, "", words.removeprefix(where).removeprefix(":").strip())
        return
    for problem in error.problems:
        place, _, rest = problem.partition(": ")
        rule, _, todo = rest.rpartition("; ")
        yield Fault(place, "", rule, todo) if rule else Fault(place, "", rest)


def _words_for_every_duty(book: RulePacks, wording: Wording) -> Iterable[Fault]:
    """A law that asks for words we do not have is found now, not when a message is due."""
    for pack in book.packs.values():
        for rule in pack.rules:
            if rule.kind == "duty" and rule.said and rule.code not in wording.duties:
                asked = f"asks for words that are not there: {rule.code}"
                todo = "add them to every _duties.yaml, or mark the rule `said: false`"
                yield Fault(f"{pack.jurisdiction.lower()}.yaml", f"rule {rule.id}", asked, todo)
