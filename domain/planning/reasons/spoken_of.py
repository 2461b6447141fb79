"""Which of the customer's other accounts a message about one of them may speak of, too."""

from datetime import datetime

from domain.calendar import days_past_due
from domain.planning.reasons.consent import is_left_alone
from domain.planning.reasons.dust import dust
from domain.planning.rules import Rules
from domain.situation import Sibling, Situation


def spoken_of(situation: Situation, rules: Rules, now: datetime) -> tuple[Sibling, ...]:
    """Those that are collected, too: nothing that their own planning would find is in the way."""
    return tuple(one for one in situation.siblings if _is_collected(one, situation, rules, now))


def _is_collected(sibling: Sibling, of: Situation, rules: Rules, now: datetime) -> bool:
    if sibling.silent or sibling.balance <= 0:
        return False
    currency = sibling.currency or of.account.currency
    if dust(sibling.balance, currency, rules.least) is not None:
        return False
    strategy = rules.strategy
    if (due := sibling.due_date(strategy.part_payments)) is not None:
        days = days_past_due(due, now, of.customer.zones)
        if not strategy.first_day <= days <= strategy.last_day:
            return False
    events = (*of.law_events, *sibling.said_by_others)
    return not is_left_alone(events, sibling.account, now, than=of.key)
