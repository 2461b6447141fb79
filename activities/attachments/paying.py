"""What a message gives to pay with: the creditor's signed link, and the Pix code."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.settings import Settings
from domain.calendar import shown_zone
from domain.channels import Purpose
from domain.message_content import WITHOUT_DEBTS
from domain.payments.link import Payment, filled
from domain.payments.pix import CURRENCY, br_code
from domain.planning.step import Step
from store.ledger import Debt, Recipient


class Means(NamedTuple):
    """What there is; all None where a message is not about one debt."""

    url: str | None = None
    until: date | None = None
    pix: str | None = None


def means(
    settings: Settings,
    step: Step,
    recipient: Recipient,
    agreed: Decimal | None,
    zones: tuple[str, ...],
    now: datetime,
) -> Means:
    """Of the one debt that a message speaks of: what is agreed of it, or all that is open."""
    debt = _only(step, recipient)
    amount = Decimal(0) if debt is None else debt.balance if agreed is None else agreed
    if debt is None or amount <= 0:
        return Means()
    receiver = settings.pix.get(debt.creditor)
    pix = None
    if receiver is not None and debt.currency == CURRENCY:
        pix = br_code(receiver, amount, debt.account_id)
    pattern, key = settings.payment_links.get(debt.creditor), settings.payment_link_key
    if pattern is None or key is None:
        return Means(pix=pix)
    expires = now + timedelta(days=settings.payment_link_days)
    about = Payment(debt.creditor, debt.account_id, amount, debt.currency, expires)
    # The day before it ends is the last on which it holds to the end.
    until = expires.astimezone(ZoneInfo(shown_zone(zones))).date() - timedelta(days=1)
    return Means(filled(pattern, key.get_secret_value(), about), until, pix)


def _only(step: Step, recipient: Recipient) -> Debt | None:
    # An offer is accepted first: what is paid before that is no payment of it.
    unpaid = step.purpose in WITHOUT_DEBTS or step.purpose is Purpose.SETTLEMENT_OFFER
    if unpaid or len(recipient.debts) != 1:
        return None
    return recipient.debts[0]
