"""The strategy as it treats the accounts of a score's band."""

from dataclasses import replace

from domain.planning.rules import Rules
from domain.situation import Situation


def treated(rules: Rules, situation: Situation) -> Rules:
    """What planning obeys for an account of its band: as it is, where no band is named."""
    strategy = rules.strategy
    if not strategy.score_bands:
        return rules
    made = strategy.treating(strategy.band(situation.account.score))
    return rules if made is strategy else replace(rules, strategy=made)
