"""Which table holds what on a person, how it leads to them, and what becomes of it at an erasure.

A test reads PostgreSQL's own catalogue and holds these lists to it: a table or column that stands
in none of them fails it. Whoever adds one says here what it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

CUSTOMER: Final = "t.customer_id = ANY ((SELECT ids FROM theirs)::text[])"
ACCOUNT: Final = """(t.creditor, t.account_id) IN (
    SELECT a.creditor, a.account_id FROM theirs, unnest(creditors, accounts)
        AS a (creditor, account_id))"""
ATTEMPT: Final = """t.attempt_id = ANY (ARRAY(SELECT a.attempt_id FROM attempts a
    WHERE a.customer_id = ANY ((SELECT ids FROM theirs)::text[])
    UNION SELECT k.attempt_id FROM attempt_keys k
    WHERE k.customer_id = ANY ((SELECT ids FROM theirs)::text[])))"""
INBOUND: Final = """({0}.customer_id = ANY ((SELECT ids FROM theirs)::text[])
    OR {0}.customer_id IS NULL AND address_key({0}.channel, {0}.address) = ANY (
        (SELECT addresses FROM theirs)::text[]))"""
"""An address of theirs leads to what was written from it before anybody was known to have it."""
WRITTEN: Final = f"""(t.provider, t.inbound_id) IN (
    SELECT i.provider, i.inbound_id FROM inbound i WHERE {INBOUND.format("i")}
    UNION SELECT i.provider, i.inbound_id FROM inbound_history i
    WHERE {INBOUND.format("i")})"""  # noqa: S608
IN_AUDIT: Final = """{0} IN (SELECT p.person FROM audit_persons p
    WHERE p.customer_id = ANY ((SELECT ids FROM theirs)::text[]))"""
FACT: Final = """(t.customer_id = ANY ((SELECT ids FROM theirs)::text[])
    OR t.customer_id IS NULL AND (t.address_key = ANY ((SELECT addresses FROM theirs)::text[])
        OR t.account = ANY ((SELECT keys FROM theirs)::text[])))"""
QUOTED: Final = """EXISTS (SELECT FROM theirs, unnest(ids) AS one
    WHERE strpos(t.answer, to_json(one)::text) > 0)"""
SPOKEN: Final = """EXISTS (SELECT FROM theirs, unnest(spellings) AS one
    WHERE strpos(lower(t.body::text), one) > 0)"""

POINT: Final = """coalesce((SELECT n.after FROM theirs, unnest(points, renamed) AS n (before, after)
    WHERE n.before = t.contact_point_id), t.contact_point_id)"""
"""Another id for an address than the one that is made of it."""
POINT_IN_ID: Final = """coalesce((SELECT replace(t.event_id, n.before, n.after)
    FROM theirs, unnest(points, renamed) AS n (before, after)
    WHERE t.event_id LIKE 'intake:%' AND right(t.event_id, length(n.before)) = n.before),
    t.event_id)"""
KNOWN_DETAIL: Final = """(SELECT coalesce(jsonb_object_agg(d.key,
        CASE WHEN d.key = 'contact_point_id' THEN to_jsonb(coalesce((
            SELECT n.after FROM theirs, unnest(points, renamed) AS n (before, after)
            WHERE n.before = d.value #>> '{}'), d.value #>> '{}'))
        ELSE d.value END), '{}')
    FROM jsonb_each(t.detail) AS d WHERE d.key = ANY (ARRAY['contact_point_id', 'account_id',
        'sent_at', 'in_writing', 'contact_known', 'valid_from', 'valid_until', 'windows',
        'instrument', 'type', 'days', 'ends_at']))"""
"""Of a fact what the law weighs, and none of the words."""
NOBODY_ELSES: Final = """CASE WHEN t.address_key = ANY ((SELECT only_theirs FROM theirs)::text[])
    THEN NULL ELSE t.address_key END"""
NO_ADDRESS: Final = (
    "'+0' || translate(md5(t.contact_point_id || gen_random_uuid()), 'abcdef', '012345')"
)
"""In the place of an address: none that anybody can have, since no number begins so."""


@dataclass(frozen=True)
class Held:
    """A table with rows on a person."""

    table: str
    where: str
    """Which rows ``t``; by ``theirs``, see ``store/persons/whose.py``."""
    why: str
    """Why what stays has to; of a table whose rows go, why they may."""
    kept: str = ""
    """Columns that stay, parted by blanks."""
    emptied: Mapping[str, str] = field(default_factory=dict)
    """Columns that do not, with what stands there then."""
    deleted: bool = False
    """Whether the rows go."""
    columns: str = ""
    """All columns, where the rows go."""
    by_audit: bool = False
    """Whether the audit lets them go by a function of its own, once all else is done."""

    def all_columns(self) -> set[str]:
        """Whatever is said of."""
        return {*self.kept.split(), *self.emptied, *self.columns.split()}


_PROOF: Final = "the register of contacts: by it a complaint is answered"
_BOOKS: Final = "the books: what was owed, paid and agreed"
_NOTHING: Final = "NULL"

_HELD: Final = (
    # Before the messages that they are of.
    Held(
        "reading_corrections",
        WRITTEN,
        "what was read in words that are gone",
        deleted=True,
        columns="provider inbound_id expected corrected_by corrected_at",
    ),
    Held(
        "readings",
        WRITTEN,
        "what was read in words that are gone",
        deleted=True,
        columns="provider inbound_id version reading read_at",
    ),
    Held(
        "calls",
        ATTEMPT,
        "the words of a call",
        deleted=True,
        columns="attempt_id script",
    ),
    Held(
        "documents",
        CUSTOMER,
        "where a file of theirs is",
        deleted=True,
        columns="document_id creditor account_id customer_id kind url file media_type name bytes "
        "sha256 valid_from valid_until recorded_at withdrawn_at",
    ),
    Held(
        "preferences",
        CUSTOMER,
        "how to reach somebody who is not reached any more",
        deleted=True,
        columns="preference_id customer_id preference said_at recorded_at recorded_by",
    ),
    Held(
        "persons_only",
        CUSTOMER,
        "how to treat somebody who is not contacted any more",
        deleted=True,
        columns="customer_id since told_by asked_at ended_at ended_by",
    ),
    Held(
        "request_keys",
        QUOTED,
        "an answer that quotes them; it would go within 7 days",
        deleted=True,
        columns="sender key request at status headers answer",
    ),
    Held(
        "webhook_backlog",
        SPOKEN,
        "what a webhook brought from an address of theirs",
        deleted=True,
        columns="provider event_id kind body at why kept_at done_at",
    ),
    Held(
        "failures",
        ACCOUNT,
        "of accounts that are over",
        deleted=True,
        columns="creditor account_id activity error attempts since at",
    ),
    Held(
        "attached",
        ATTEMPT,
        _PROOF,
        kept="attempt_id place kind media_type bytes sha256 left_away",
        emptied={"document_id": _NOTHING, "drawn": _NOTHING},
    ),
    Held(
        "settlements",
        ATTEMPT,
        _PROOF,
        kept="attempt_id outcome settled_by settled_at",
        emptied={"note": "'erased'"},
    ),
    Held("capacity_taken", ATTEMPT, "counts alone", kept="attempt_id zone channel day part"),
    Held(
        "provider_health",
        ATTEMPT,
        "counts alone",
        kept="channel provider at sign attempt_id due recorded_at",
    ),
    Held(
        "provider_events",
        ATTEMPT,
        _PROOF,
        kept="provider event_id attempt_id status at applied told code",
    ),
    Held(
        "person_messages",
        CUSTOMER,
        _PROOF,
        kept="message_id customer_id creditor account_id channel template by_whom at attempt_id "
        "refused_at why rule cite next_allowed_at",
        emptied={
            "contact_point_id": POINT,
            "subject": _NOTHING,
            "words": "CASE WHEN t.words IS NOT NULL THEN 'erased' END",
        },
    ),
    Held(
        "attempts",
        CUSTOMER,
        _PROOF,
        kept="attempt_id creditor account_id customer_id covers step touch phase purpose channel "
        "provider state execution jurisdictions zones not_before not_after facts_seen reserved_at "
        "dispatched_at settled_at refusal code content_digest reconcile_at rule cite asked "
        "asked_at outcome segments decided_by segment arms policy probability chosen_from",
        emptied={
            "contact_point_id": POINT,
            "detail": _NOTHING,
            "provider_message_id": _NOTHING,
            "trace_id": _NOTHING,
        },
    ),
    Held(
        "manual_contacts",
        CUSTOMER,
        _PROOF,
        kept="contact_id customer_id creditor account_id covers action channel direction began_at "
        "state result outcome callback_at promised_amount promised_for ended_at by_whom against "
        "against_rule recorded_at promised_parts",
        emptied={"contact_point_id": POINT, "address_key": _NOTHING, "note": _NOTHING},
    ),
    Held(
        "inbound",
        INBOUND.format("t"),
        "that and when they wrote, and what it was taken for: a stop, say",
        kept="provider inbound_id channel customer_id intent at",
        emptied={
            "contact_point_id": POINT,
            "address": "'+0'",
            "text": "''",
            "media": _NOTHING,
        },
    ),
    Held(
        "consent_proofs",
        CUSTOMER,
        "that a contact was agreed to has to be shown for as long as a claim may come",
        kept="customer_id channel source proof given_at told_by recorded_at",
        emptied={"event_id": POINT_IN_ID},
    ),
    Held(
        "law_events",
        FACT,
        "stops and consents: by them nobody is contacted again, and who was, was rightly",
        kept="customer_id kind at channel account recorded_at recorded_by",
        emptied={
            "event_id": POINT_IN_ID,
            "detail": KNOWN_DETAIL,
            "address_key": NOBODY_ELSES,
        },
    ),
    Held(
        "work_items",
        CUSTOMER,
        "that a person was asked, and what came of it",
        kept="work_id customer_id reason priority opened_at due_at messages claimed_by claim_ends "
        "outcome done_by done_at lacking",
        emptied={"contact_point_id": POINT, "note": _NOTHING, "done": _NOTHING},
    ),
    Held(
        "messages",
        ACCOUNT,
        "that a message was taken: it is not taken twice",
        kept="creditor account_id message_id kind at refused recording",
        emptied={"body": "'{}'"},
    ),
    Held("payments", ACCOUNT, _BOOKS, kept="creditor account_id payment_id amount paid_at"),
    Held(
        "promises",
        ACCOUNT,
        _BOOKS,
        kept="creditor account_id promise_id amount due_on made_at state settled_at parts "
        "recorded_by",
    ),
    Held(
        "payment_plans",
        ACCOUNT,
        _BOOKS,
        kept="creditor account_id plan_id instalments grace_days broken_after reaged_after "
        "agreed_at state ended_at ended_why",
    ),
    Held("due_schedules", ACCOUNT, _BOOKS, kept="creditor account_id as_of instalments"),
    Held(
        "settlement_offers",
        ACCOUNT,
        _BOOKS,
        kept="creditor account_id offer_id balance amount offered_at offered_by offered_as "
        "authorized approved_by approved_as approved_at expires_on pay_within_days grace_days "
        "accepted_at accepted_how due_on state ended_at ended_why",
    ),
    Held(
        "disputes",
        ACCOUNT,
        "that a debt was disputed, when, and how it ended",
        kept="creditor account_id dispute_id reason opened_at answer_due asked state resolved_at "
        "corrected_at",
        emptied={"documents": "'{}'", "note": _NOTHING, "resolved_why": _NOTHING},
    ),
    Held(
        "hardships",
        ACCOUNT,
        "that payment was put off, and when",
        kept="creditor account_id hardship_id began_at review_date review_asked person_asked state "
        "ended_at",
        emptied={"reason": "'other'", "ended_why": _NOTHING},
    ),
    Held(
        "plan_changes",
        ACCOUNT,
        _PROOF,
        kept="creditor account_id plan at kind why state next_at summary channel purpose rule cite "
        "decided_by segment arms policy probability",
    ),
    Held(
        "strategy_choices",
        ACCOUNT,
        _PROOF,
        kept="creditor account_id choice at strategy segment chosen_by arm reason before "
        "segment_before decided_by policy",
        emptied={"facts": _NOTHING},
    ),
    Held(
        "experiment_people",
        CUSTOMER,
        "figures of an experiment, which would else change after the fact",
        kept="experiment creditor customer_id arm version taken_in_at chances came_with owed",
    ),
    Held(
        "attempt_keys",
        CUSTOMER,
        "a contact is never made again, and a link in an old message still stops",
        kept="attempt_id creditor account_id step customer_id channel provider state",
        emptied={"contact_point_id": POINT},
    ),
    Held(
        "legal_holds",
        f"({CUSTOMER} OR {ACCOUNT})",
        "that nothing of theirs was to be removed, why, and until when",
        kept="hold_id creditor account_id customer_id why by_whom since lifted_at lifted_by",
    ),
    Held(
        "audit",
        IN_AUDIT.format("t.person"),
        "who did what: digests, of nobody once their key is gone",
        kept="lane place at act actor what stage person account message reason told digest",
    ),
    Held(
        "audit_words",
        f"""(t.lane, t.place) IN (SELECT e.lane, e.place FROM audit e
    WHERE {IN_AUDIT.format("e.person")})""",  # noqa: S608
        "words about somebody who is not spoken of any more",
        deleted=True,
        columns="lane place salt words",
        by_audit=True,
    ),
    Held(
        "audit_persons",
        CUSTOMER,
        "by which the audit's entries lead to them",
        deleted=True,
        columns="customer_id person key",
        by_audit=True,
    ),
    Held(
        "account_parties",
        CUSTOMER,
        "that somebody stood for an account, and until when",
        kept="creditor account_id customer_id role since until told_by as_of",
        emptied={"proof": "CASE WHEN t.proof IS NOT NULL THEN 'erased' END"},
    ),
    Held(
        "account_holders", CUSTOMER, "whose account it was", kept="creditor account_id customer_id"
    ),
    Held(
        "accounts",
        ACCOUNT,
        _BOOKS,
        kept="creditor account_id customer_id currency balance balance_as_of oldest_due_date "
        "strategy status close_reason closed_at since hold_until snapshot_id phase state next_kind "
        "next_at next_summary planned_at plans formerly next_key asked_in asked_at segment "
        "chosen_by pinned pinned_as_of attributes_as_of entered_days entered_since arms "
        "score_as_of policy",
        emptied={"hold_reason": _NOTHING, "attributes": _NOTHING, "score": _NOTHING},
    ),
    Held(
        "event_outbox",
        CUSTOMER,
        "ids and amounts that upstream systems are told",
        kept="noted type creditor account_id customer_id at key data recorded_at",
    ),
    Held(
        "events",
        CUSTOMER,
        "ids and amounts that upstream systems are told, for as long as events are kept",
        kept="position event_id type creditor account_id customer_id at recorded_at data",
    ),
    Held(
        "untold",
        "t.account = ANY ((SELECT keys FROM theirs)::text[])",
        "gone once the workflow has heard",
        kept="news account since",
    ),
    Held(
        "intake_pending",
        ACCOUNT,
        "gone once the workflow has heard",
        kept="run_id creditor account_id message_id action",
    ),
    Held(
        "customers",
        CUSTOMER,
        "the id, by which they are known when they come again; where they were, by whose law each "
        "contact is judged",
        kept="customer_id locale country zones facts created_at updated_at",
        emptied={
            "name": "'erased ' || left(gen_random_uuid()::text, 8)",
            "region": _NOTHING,
            "postal_code": _NOTHING,
            "zones_stated": "'{}'",
            "preferred_channel": _NOTHING,
            "regions_of_address": "'{}'",
            "regions_of_phones": "'{}'",
        },
    ),
    # Under another id: the one that is made of an address leads back to whoever tries all of them.
    Held(
        "contact_points",
        CUSTOMER,
        "that they had an address on a channel, to which contacts went",
        kept="customer_id channel kind suppressed suppressed_at",
        emptied={
            "contact_point_id": POINT,
            "address": NO_ADDRESS,
            "address_key": NO_ADDRESS,
            "consented": "false",
            "current": "false",
        },
    ),
    Held(
        "erasures",
        CUSTOMER,
        "that they were erased, and what became of what was held",
        kept="customer_id erased_at erased_by reason told",
    ),
)
HISTORY: Final = "_history"
_MOVED: Final = ("attempts", "provider_events", "messages", "inbound", "plan_changes")
"""Of which what is over moves by the month into a table of that name and ``HISTORY``."""

HELD: Final = tuple(
    one
    for held in _HELD
    for one in (
        (held, replace(held, table=held.table + HISTORY)) if held.table in _MOVED else (held,)
    )
)
"""In the order in which they are erased."""

OF_NOBODY: Final[Mapping[str, str]] = {
    "alembic_version": "the schema's revision",
    "attempt_moves": "a table of states",
    "audit_lanes": "where the chains of the audit end",
    "bulk_orders": "orders for many accounts, by whom they are of",
    "bulk_wakes": "how far workflows were told of such an order",
    "state_moves": "a table of states",
    "capacity_counts": "counts by day and channel",
    "deciders": "strategies, packs and templates as they stood",
    "erased_addresses": "digests, which lead to nobody who is on record",
    "erasure_salt": "what digests are made with",
    "event_creditors": "creditors",
    "event_keys": "digests of the ids of what is, or was, in the history",
    "event_stream": "how far events are numbered",
    "experiment_findings": "figures of all in an experiment",
    "experiments": "what was written down of an experiment",
    "intake_runs": "files, by their ids",
    "ledger_mark": "how far the database has come",
    "ledger_readbacks": "how much was read back after a restore, and of which providers",
    "ledger_resumptions": "who let contacts go on",
    "message_keys": "digests of the ids of what is, or was, in the history",
    "report_findings": "figures of a report, by channel, strategy or creditor",
    "webhook_dead": "deliveries of events, by their place",
    "webhook_endpoints": "systems that are told",
    "webhook_lanes": "how far a system was told of an account: no word of what",
}
"""Tables that lead to no person."""
