"""Who asks, and what they may do."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from domain.entry.bounds import fault_of_text
from store.conversation.work import BY_ITSELF

LONGEST_NAME: Final = 100


class Role(StrEnum):
    """What somebody is here for."""

    AGENT = "agent"
    """Works the queue, and reads what customers wrote."""

    SUPERVISOR = "supervisor"
    """As an agent; gives back what others have claimed, and decides upon their offers."""

    COMPLIANCE = "compliance"
    """Reads everything, and does nothing."""

    OPERATOR = "operator"
    """Sees how the queue stands, without words or personal data."""

    UPSTREAM = "upstream"
    """A system that brings customers, accounts, payments and facts, and follows what becomes of
    them. It reads no words."""

    FOLLOWER = "follower"
    """A system that follows what becomes of accounts, and brings nothing."""

    BULK = "bulk"
    """Gives and lifts orders for many accounts at once."""


class Right(StrEnum):
    """What an operation asks for."""

    LIST = "list"
    """See which work waits, and for whom, by ids."""

    READ = "read"
    """See a customer's record, and notes on work."""

    WORDS = "words"
    """Read what a customer wrote. Each look is logged."""

    DO = "do"
    """Claim, give back and finish work; state wishes and what is vulnerable; correct readings;
    write to customers; record promises, disputes and hardships, and that an offer is accepted."""

    OFFER = "offer"
    """Make settlement offers, by the authority that the strategy gives a role, and take them back.
    """

    APPROVE = "approve"
    """Approve or decline what another has offered above their authority."""

    RELEASE_OTHERS = "release_others"
    """Give back what another has claimed."""

    BRING = "bring"
    """Put customers, contact points, consents, accounts, payments, facts and preferences."""

    FOLLOW = "follow"
    """Read how accounts stand, what comes next, what happened, and whom was contacted when."""

    ORDER = "order"
    """Plan, give, see and lift orders in bulk: of the creditors whom the token names, or of all."""


RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.AGENT: frozenset(
        {Right.LIST, Right.READ, Right.WORDS, Right.DO, Right.OFFER, Right.FOLLOW}
    ),
    Role.SUPERVISOR: frozenset(Right) - {Right.BRING, Right.ORDER},
    Role.COMPLIANCE: frozenset({Right.LIST, Right.READ, Right.WORDS, Right.FOLLOW}),
    Role.OPERATOR: frozenset({Right.LIST}),
    Role.UPSTREAM: frozenset({Right.BRING, Right.FOLLOW}),
    Role.FOLLOWER: frozenset({Right.FOLLOW}),
    Role.BULK: frozenset({Right.ORDER}),
}


class Person(NamedTuple):
    """Who asks, as their token says it."""

    name: str
    """Stands in the place of ``by``."""
    roles: frozenset[Role]
    creditors: frozenset[str] | None = None
    """Whose accounts they may see; None: everybody's."""
    rights: frozenset[Right] | None = None
    """Of the rights of their roles these alone; None: all of them."""
    subject: str | None = None
    """What the audit knows them by: ``token:`` with name and digest, or ``oidc:`` with subject."""

    @property
    def actor(self) -> str:
        """Who does what they ask for."""
        return self.subject or f"token:{self.name}"

    def may(self, right: Right) -> bool:
        """Whether one of the roles has a right that the token has not left away."""
        within = self.rights is None or right in self.rights
        return within and any(right in RIGHTS[role] for role in self.roles)

    def sees(self, creditor: str) -> bool:
        """Whether accounts of a creditor may be seen."""
        return self.creditors is None or creditor in self.creditors

    def sees_account(self, account: str | None) -> bool:
        """Whether an account, ``<creditor>/<account_id>``, may be seen; None: it is of no one."""
        return account is None or self.sees(account.partition("/")[0])


def who_may(right: Right) -> list[str]:
    """The roles that have a right."""
    return [role.value for role in Role if right in RIGHTS[role]]


def fault_of_name(name: str) -> str | None:
    """Why nobody may be called so; None: one may."""
    if not name or name != name.strip():
        return "must be a name, without blanks at either end"
    if name.casefold() == BY_ITSELF:
        return f"must not be {BY_ITSELF}: that is who does what is done by itself"
    return fault_of_text(name, LONGEST_NAME)


def seen_of(person: Person, accounts: Iterable[str]) -> list[str]:
    """Of these accounts those that somebody may see."""
    return [one for one in accounts if person.sees_account(one)]


def roles_of(values: Collection[str], named: dict[str, str]) -> frozenset[Role]:
    """The roles that values of a claim stand for; what is not named stands for none."""
    return frozenset(Role(named[one]) for one in values if one in named)
