"""``contrapunto account settlement ...``: less than the balance, paid in one sum, ends the debt."""

from datetime import date
from typing import Annotated, Any

import typer

from domain.agreements.settlement.words import Acceptance
from domain.failures import BadInput
from workers.cli.account import ask
from workers.cli.shell import AsJson, run, user
from workers.cli.typed import Text, day, text

settlement = typer.Typer(
    no_args_is_help=True,
    help="A settlement offer: make it, have it approved, accept it, take it back.",
)

Offer = Annotated[str, typer.Argument(parser=text, help="the offer's id")]
By = Annotated[str | None, typer.Option(parser=text, help="who does it (default: the user)")]
Role = Annotated[str, typer.Option(parser=text, help="as what: the strategy says what it may give")]
Why = Annotated[str, typer.Option(parser=text, help="in a few plain words")]


@settlement.command("offer")
def settlement_offer(
    account: Text,
    role: Role,
    discount: Annotated[
        str | None, typer.Option(parser=text, help="percent of the balance that is let go")
    ] = None,
    amount: Annotated[
        str | None, typer.Option(parser=text, help="what is to be paid in place of the balance")
    ] = None,
    by: By = None,
    approved_by: Annotated[
        str | None, typer.Option(parser=text, help="another person who has approved it already")
    ] = None,
    approver_role: Annotated[str | None, typer.Option(parser=text, help="as what")] = None,
    expires: Annotated[
        date | None,
        typer.Option(parser=day, help="the last day on which it may be accepted"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Offer that less than the balance, paid in one sum, ends the debt.

    Within the authority of the role it is offered at once; above it, it waits for another person
    (approve); above everybody's it is refused. It takes the place of one that is not accepted yet.
    """
    asked = offered(discount, amount, by or user(), role, approved_by, approver_role, expires)
    run(ask(account, "offer_settlement", lambda _: asked, as_json=as_json))


@settlement.command("approve")
def settlement_approve(
    account: Text, offer: Offer, role: Role, by: By = None, as_json: AsJson = False
) -> None:
    """Approve an offer above the authority of who made it: another person, whose authority reaches.

    The customer may accept it from then on.
    """
    asked = {"offer": offer, "by": by or user(), "role": role}
    run(ask(account, "approve_settlement", lambda _: asked, as_json=as_json))


@settlement.command("decline")
def settlement_decline(
    account: Text,
    offer: Offer,
    role: Role,
    by: By = None,
    reason: Why = "declined",
    as_json: AsJson = False,
) -> None:
    """Do not approve an offer: whoever could approve it may."""
    asked = {"offer": offer, "by": by or user(), "role": role, "reason": reason}
    run(ask(account, "decline_settlement", lambda _: asked, as_json=as_json))


@settlement.command("accept")
def settlement_accept(
    account: Text,
    offer: Offer,
    how: Annotated[Acceptance, typer.Option(help="how the customer said so")],
    as_json: AsJson = False,
) -> None:
    """The customer accepts an offer: once, in its time. A plan and a promise give way to it."""
    asked = {"offer": offer, "how": how.value}
    run(ask(account, "accept_settlement", lambda _: asked, as_json=as_json))


@settlement.command("withdraw")
def settlement_withdraw(
    account: Text,
    offer: Annotated[
        str | None, typer.Argument(parser=text, help="the offer's id (default: what stands)")
    ] = None,
    reason: Why = "operator",
    as_json: AsJson = False,
) -> None:
    """Take an offer back, accepted or not: the account goes on in its phase."""
    asked = {"reason": reason} if offer is None else {"offer": offer, "reason": reason}
    run(ask(account, "withdraw_settlement", lambda _: asked, as_json=as_json))


def offered(
    discount: str | None,
    amount: str | None,
    by: str,
    role: str,
    approved_by: str | None = None,
    approver_role: str | None = None,
    expires: date | None = None,
) -> dict[str, Any]:
    """The request for an offer, as it is typed. Raises BadInput for what cannot be one."""
    if (discount is None) is (amount is None):
        raise BadInput("give either --discount or --amount")
    if (approved_by is None) is not (approver_role is None):
        raise BadInput("--approved-by goes with --approver-role, neither without the other")
    asked = {
        "discount": discount,
        "amount": amount,
        "by": by,
        "role": role,
        "approved_by": approved_by,
        "approver_role": approver_role,
        "expires": expires and expires.isoformat(),
    }
    return {name: value for name, value in asked.items() if value is not None}
