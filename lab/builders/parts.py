"""The rooms on real parts: PostgreSQL, providers' SDKs against the sandbox, real law and words."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.channels.registry import providers
from activities.dependencies import Dependencies
from config.choosing.segment_files import load_attributes, load_segments
from config.experiments.files import load_experiments, with_holdouts
from config.helplines.catalogue import load_helplines
from config.learning.policy_files import policies_for
from config.rule_packs import load_packs
from config.settings import Settings
from config.strategy_files import load_strategies
from config.wording.catalogue import Wording
from config.wording.whatsapp import WhatsAppTemplates
from lab.sandbox.settings import Settings as SandboxSettings
from store.database import Pool

SANDBOX = SandboxSettings()
STRICT: dict[str, Any] = {
    "workflow_runner": SandboxedWorkflowRunner(),
    "max_cached_workflows": 0,
}
"""For workers of a test: what is not deterministic fails, each task replays all."""


def second_providers(sandbox_url: str) -> dict[str, Any]:
    """Settings with which Infobip and Resend are the sandbox, too."""
    return {
        "infobip_api_key": SANDBOX.infobip_api_key.get_secret_value(),
        "infobip_base_url": sandbox_url,
        "infobip_from": SANDBOX.default_sender,
        "infobip_webhook_secret": SANDBOX.infobip_webhook_secret.get_secret_value(),
        "resend_api_key": SANDBOX.resend_api_key.get_secret_value(),
        "resend_from": "collections@example.com",
        "resend_base_url": sandbox_url,
    }


def settings_for(sandbox_url: str, **overrides: Any) -> Settings:
    """Settings whose providers are the sandbox."""
    values: dict[str, Any] = {
        "twilio_account_sid": SANDBOX.twilio_account_sid,
        "twilio_auth_token": SANDBOX.twilio_auth_token.get_secret_value(),
        "twilio_from": SANDBOX.default_sender,
        "twilio_base_url": sandbox_url,
        "sendgrid_api_key": SANDBOX.sendgrid_api_key.get_secret_value(),
        "sendgrid_from": "collections@example.com",
        "sendgrid_base_url": sandbox_url,
        "public_url": "http://127.0.0.1:9",
        "provider_timeout": 3,
    }
    return Settings(**{**values, **overrides})


_packs = cache(load_packs)
wording = cache(Wording.load)
"""Read once a run: they take seconds, and no test changes them."""


@cache
def _whatsapp() -> WhatsAppTemplates:
    return WhatsAppTemplates.load(Settings().whatsapp_templates, wording(), sandbox=True)


@contextlib.contextmanager
def dependencies_for(pool: Pool, settings: Settings) -> Iterator[Dependencies]:
    """All the activities need."""
    strategies, attributes = load_strategies(settings.strategies), load_attributes(settings)
    policies = policies_for(settings, strategies)
    trials = load_experiments(settings.experiments, strategies, attributes, policies)
    with ThreadPoolExecutor(8) as senders:
        yield Dependencies(
            settings,
            pool,
            with_holdouts(strategies, trials),
            _packs(),
            wording(),
            providers(settings),
            senders,
            _whatsapp(),
            load_helplines(settings.helplines),
            load_segments(settings, strategies, attributes),
            attributes,
            trials,
            policies,
        )
