"""The softer strategy of an account whose customer is in hardship."""

from dataclasses import replace

from domain.cases.terms import HardshipTerms, softened_purpose, softened_tone
from domain.planning.rules import Rules
from domain.situation import Situation
from domain.strategy import Phase


def softened(rules: Rules, situation: Situation) -> Rules:
    """What planning obeys for this account: as it is, or softer while a hardship is active.

    It only takes away: what it leaves is still held to the law, the consents and the caps.
    """
    if situation.hardship is None:
        return rules
    terms = rules.strategy.hardship
    phases = tuple(_softer(phase, terms) for phase in rules.strategy.phases)
    return replace(rules, strategy=rules.strategy.model_copy(update={"phases": phases}))


def _softer(phase: Phase, terms: HardshipTerms) -> Phase:
    days = phase.cadence.min_days * terms.cadence_factor
    return phase.model_copy(
        update={
            "tone": softened_tone(phase.tone, terms.max_tone),
            "tones": tuple(one for one in phase.tones if softened_tone(one, terms.max_tone) is one),
            "purposes": tuple(softened_purpose(one, terms.max_tone) for one in phase.purposes),
            "cadence": phase.cadence.model_copy(update={"min_days": days}),
            "channels": {
                channel: cost
                for channel, cost in phase.channels.items()
                if channel in terms.channels
            },
        }
    )
