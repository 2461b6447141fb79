"""What the preference page shows, and what is said on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.channels import Channel
from domain.conversation.wishes.preference import STATED_CHANNELS, Preference, StatedPreference
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.model import Model
from domain.names import workflow_id
from store import law_events
from store.callbacks.attempt import SELECT_ATTEMPT, attempt_of
from store.conversation import preferences
from store.provider_events import INSERT_EVENT, Notice
from store.webhook_backlog import WebhookBacklog

_ON_PAGE: Final = "said on the preference page"

# Of a medium the last word counts, as ``domain.planning.reasons.consent.withdrawn`` has it; this
# only shows it. A consent that a file lists is not heard beside a stop.
SELECT_PAGE: Final = """
SELECT t.attempt_id, t.customer_id, t.creditor, now_called(t.creditor, t.account_id) AS account_id,
    c.locale, c.country, p.channel, p.address,
    ARRAY(SELECT DISTINCT m.channel FROM contact_points m
        WHERE m.customer_id = t.customer_id AND m.current AND m.suppressed IS NULL) AS reachable,
    ARRAY(SELECT medium FROM unnest($2::text[]) AS medium, LATERAL (
        SELECT e.kind FROM law_events e
        WHERE e.customer_id = ANY (whose.ids) AND e.account IS NULL
            AND (e.kind IN ('opt_out', 'opt_in') AND coalesce(e.channel, medium) = medium
                OR e.kind = 'cease')
            AND NOT (e.kind = 'opt_in' AND e.event_id LIKE 'intake:%')
        ORDER BY least(e.at, e.recorded_at) DESC, e.kind = 'opt_in' LIMIT 1) AS last
        WHERE last.kind <> 'opt_in') AS stopped,
    (SELECT count(*) FROM law_events e
        WHERE e.kind = 'opt_in' AND e.customer_id = ANY (whose.ids)) AS opt_ins,
    EXISTS (SELECT FROM law_events e
        WHERE e.customer_id = ANY (whose.ids) AND e.kind = 'wrong_number'
            AND (e.address_key = p.address_key
                OR e.detail->>'contact_point_id' = p.contact_point_id)) AS is_anothers
FROM attempts t JOIN customers c USING (customer_id) JOIN contact_points p USING (contact_point_id),
    LATERAL (SELECT array_agg(s.customer_id) AS ids FROM same_person(t.customer_id) s) AS whose
WHERE t.attempt_id = $1
"""


class Asked(Model):
    """Whom a link was sent to, and what is known of how they want to be reached. Personal."""

    attempt_id: str
    creditor: str
    account_id: str
    locale: str
    country: str
    channel: Channel
    """Of the contact point that the link was sent to."""
    address: str
    reachable: tuple[Channel, ...]
    """Channels on which there is an address that can be used."""
    stopped: tuple[Channel, ...]
    """Those on which they have asked for no more messages."""
    opt_ins: int
    """How often they have consented anew, by a message, a form or a file."""
    is_anothers: bool
    """Whoever has the address has said that they are not this customer."""
    preferences: tuple[StatedPreference, ...]

    @property
    def workflow(self) -> str:
        """The workflow of the account that leads."""
        return workflow_id(self.creditor, self.account_id)


class PreferencePages(WebhookBacklog):
    """WebhookBacklog, and the preference page; every method is one transaction."""

    async def asked(self, attempt_id: str) -> Asked | None:
        """Whom a link was sent to, by its attempt; None if that is none of ours."""
        async with self.transaction() as connection:
            row = await connection.fetchrow(SELECT_PAGE, attempt_id, list(STATED_CHANNELS))
            if row is None:
                return None
            stated = await preferences.of_customer(connection, row["customer_id"])
        return Asked.model_validate({**row, "preferences": stated})

    async def chosen(
        self,
        provider: str,
        event_id: str,
        attempt_id: str,
        at: datetime,
        stops: Sequence[Channel] = (),
        wish: Preference | None = None,
    ) -> Notice:
        """Keep what was said on the page by who got an attempt, once.

        A stop there names no address: it is said of all that the customer has on this medium, and
        holds for whoever else has one of those. The page itself confirms it.
        """
        async with self.transaction() as connection:
            status = law_events.STOPPED if stops else law_events.STATED
            event = (provider, event_id, attempt_id, status, at, None)
            new = await connection.fetchval(INSERT_EVENT, *event)
            attempt = await attempt_of(connection, SELECT_ATTEMPT, attempt_id)
            if new and attempt:
                who = attempt.customer_id
                for medium in stops:
                    stop = LawEvent(
                        kind=EventKind.OPT_OUT, at=at, channel=Medium(medium), text=_ON_PAGE
                    )
                    name = f"{provider}/{event_id}/{medium}"
                    await law_events.record(connection, name, who, stop, at, provider)
                if wish is not None:
                    said = (f"{provider}:{event_id}", who, wish, at, at, provider)
                    await preferences.keep(connection, *said)
            notice = await self.notice_of(connection, provider, event_id, attempt, stops=True)
            return await self.without_notice(connection, notice)
