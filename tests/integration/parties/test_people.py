"""A person calls, or writes to, one who stands for an account: under the law and caps of both."""

from datetime import timedelta
from typing import Any

import pytest

from domain.channels import Channel, Purpose
from domain.contacts.results import Needs
from domain.failures import BadInput
from domain.law.request import LawEvent
from domain.names import contact_point_id
from store.conversation.work import WorkItems
from store.database import Pool
from store.law_events import record
from store.situations import read_situation
from tests.integration.parties.test_contacts import ANA, BRUNO, stands
from tests.integration.store.people.support import HOUR, RESULTS, At, Desk, Told, mid_morning
from tests.support.rows import add_account, add_customer
from workers.contacts.acting import Forbidden
from workers.contacts.whose import may
from workers.contacts.writing import Draft, Writing

HIS = contact_point_id("G1", "voice", BRUNO)
HERS = contact_point_id("C1", "voice", ANA)

pytestmark = pytest.mark.usefixtures("known")


@pytest.fixture
async def known(pool: Pool) -> None:
    await add_customer(pool, points=(("voice", "mobile", ANA),))
    points = (("voice", "mobile", BRUNO), ("sms", "mobile", BRUNO))
    await add_customer(pool, "G1", points=points)
    await pool.execute("UPDATE law_events SET at = $1", mid_morning() - timedelta(days=9))
    await add_account(pool, due=mid_morning().date() - timedelta(days=10))
    await stands(pool, "G1")


@pytest.fixture
def desk(pool: Pool) -> Desk:
    return Desk(pool, mid_morning())


TO_HIM: dict[str, Any] = {"party": "G1", "point": HIS}


async def says(desk: Desk, who: str, **event: Any) -> None:
    said = LawEvent.model_validate({"at": desk.now - HOUR, "recorded_at": desk.now - HOUR, **event})
    async with desk.pool.acquire() as connection:
        await record(connection, f"{who}:{event['kind']}", who, said, desk.now - HOUR, "a test")


async def asked(desk: Desk, **event: Any) -> str:
    """Why the guarantor may not be called; empty: they may."""
    rules = desk.people.rules
    found = await may(desk.pool, rules, desk.now, ("bank", "A1"), Channel.VOICE, "G1")
    (one,) = found
    assert one.contact_point_id == HIS
    return "" if one.allowed else one.why


async def test_a_call_to_a_guarantor_counts_for_them_and_for_the_account(
    desk: Desk, pool: Pool
) -> None:
    assert await asked(desk) == ""
    done = await desk.begin(**TO_HIM)
    assert (done.contact.customer_id, done.contact.contact_point_id) == ("G1", HIS)
    assert done.contact.covers == ("bank/A1",)
    assert desk.accounts.told == ["bank/A1"]
    with pytest.raises(Forbidden, match="a person has been contacting"):
        await desk.begin("c2", point=HERS)
    desk.clock.at += 2 * HOUR
    for again in (TO_HIM, {"point": HERS}):
        with pytest.raises(Forbidden) as caught:
            await desk.begin("c3", **again)
        assert caught.value.answer.rule == "co.ley2300.week_cap", "one contact a week, of either"


async def test_what_was_said_to_them_of_another_account_counts_too(desk: Desk, pool: Pool) -> None:
    due = desk.now.date() - timedelta(days=10)
    await add_customer(pool, "C2", points=(("voice", "mobile", "+573001234999"),))
    await add_account(pool, "A2", "C2", due=due)
    await pool.execute(
        "INSERT INTO account_parties (creditor, account_id, customer_id, role, since, told_by, "
        "as_of) VALUES ('bank', 'A2', 'G1', 'codebtor', '2020-01-01', 'run', now())"
    )
    await desk.begin(account_id="A2", **TO_HIM)
    desk.clock.at += 2 * HOUR
    with pytest.raises(Forbidden) as caught:
        await desk.begin("c2", **TO_HIM)
    assert caught.value.answer.rule == "co.ley2300.week_cap"


@pytest.mark.parametrize(
    ("who", "event", "why"),
    [
        ("C1", {"kind": "death"}, "on file of the debtor"),
        ("C1", {"kind": "attorney"}, "on file of the debtor"),
        ("C1", {"kind": "dispute", "account_id": "bank/A1"}, "on file of the debtor"),
        ("G1", {"kind": "opt_out", "channel": "voice"}, "said stop"),
        ("G1", {"kind": "death"}, "on file of them"),
        ("G1", {"kind": "dispute"}, "on file of them"),
        ("G1", {"kind": "dispute", "account_id": "bank/A7"}, ""),
        ("C1", {"kind": "opt_out", "channel": "voice"}, ""),
    ],
)
async def test_the_law_is_asked_of_the_party_and_the_account_of_its_debtor(
    desk: Desk, who: str, event: dict[str, Any], why: str
) -> None:
    await says(desk, who, **event)
    found = await asked(desk)
    assert why in found
    assert bool(found) is bool(why)


async def test_what_waits_for_a_person_to_decide_of_the_debtor_comes_first(
    desk: Desk, pool: Pool
) -> None:
    await pool.execute(
        "INSERT INTO work_items (customer_id, reason, priority, opened_at, due_at, messages) "
        "VALUES ('C1', 'dispute', 2, now(), now(), '{}')"
    )
    assert "of the debtor a person decides first" in await asked(desk)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE account_parties SET until = '2020-02-01'", "do not stand for this account today"),
        ("UPDATE contact_points SET address = '+573001234567'", "the debtor has this address, too"),
        ("UPDATE accounts SET hold_until = '2999-01-01'", "is on hold"),
        ("UPDATE customers SET country = 'PE', zones = '{America/Lima}'", "not known to name"),
    ],
)
async def test_who_has_no_part_or_no_law_or_no_address_of_their_own_is_not_called(
    desk: Desk, pool: Pool, change: str, why: str
) -> None:
    await pool.execute(change)
    assert why in await asked(desk)


async def test_only_guarantors_and_codebtors_of_the_very_account_are_contacted(
    desk: Desk, pool: Pool
) -> None:
    await add_customer(pool, "X1", points=(("voice", "mobile", "+573001234998"),))
    with pytest.raises(BadInput, match="stands for bank/A1 by no file"):
        await desk.begin(party="X1", point=None)
    with pytest.raises(BadInput, match="stands for bank/A1 by no file"):
        await desk.begin(party="C1", point=HERS)
    with pytest.raises(BadInput, match="no contact point of this customer's"):
        await desk.begin(party="G1", point=HERS)
    await pool.execute("UPDATE account_parties SET role = 'authorized', proof = 'power 3'")
    with pytest.raises(BadInput, match="is authorized"):
        await desk.begin(**TO_HIM)


async def test_a_promise_of_a_guarantors_is_not_put_down_as_the_debtors(desk: Desk) -> None:
    await desk.begin(**TO_HIM)
    (promise,) = (name for name, one in RESULTS.results.items() if one.needs is Needs.PROMISE)
    day = str((desk.now + timedelta(days=5)).date())
    with pytest.raises(BadInput, match="is the debtor's to make"):
        await desk.end(promise, promise_amount="150000", promise_date=day)
    assert desk.accounts.asked == []
    contact = (await desk.end("conversation")).contact
    assert contact.result == "conversation"


async def test_a_dispute_of_a_guarantors_is_theirs_and_opens_none_of_the_debtors(
    desk: Desk, pool: Pool
) -> None:
    await desk.begin(**TO_HIM)
    await desk.end("dispute")
    assert await pool.fetchval(
        "SELECT array_agg(customer_id) FROM law_events e WHERE kind = 'dispute'"
    ) == ["G1"]
    assert await pool.fetchval("SELECT count(*) FROM disputes") == 0
    assert "bank/A1" in desk.accounts.told, "they are not contacted about it any more"
    desk.clock.at += timedelta(days=8)
    assert "on file of them" in await asked(desk)


async def test_a_debtors_dispute_opens_none_of_what_they_only_stand_for(
    desk: Desk, pool: Pool
) -> None:
    """C1 also stands for somebody else's A2: what they dispute is their own A1."""
    await add_account(pool, "A2", "G1", due=desk.now.date() - timedelta(days=10))
    await pool.execute(
        "INSERT INTO account_parties (creditor, account_id, customer_id, role, since, told_by, "
        "as_of) VALUES ('bank', 'A2', 'C1', 'guarantor', '2020-01-01', 'run', now())"
    )
    await desk.begin(point=HERS)
    await desk.end("dispute")
    assert await pool.fetchval("SELECT array_agg(account_id) FROM disputes") == ["A1"]


async def test_a_callback_to_a_guarantor_is_due_in_their_own_hours(desk: Desk, pool: Pool) -> None:
    """20:00 in Bogota is lawful in Mexico City, where the guarantor lives."""
    await pool.execute(
        "UPDATE customers SET country = 'MX', zones = '{America/Mexico_City}' "
        "WHERE customer_id = 'G1'"
    )
    await desk.begin(**TO_HIM)
    at = desk.now + 10 * HOUR
    await desk.end("callback", callback_at=at)
    row = await pool.fetchrow("SELECT customer_id, due_at FROM work_items")
    assert row is not None
    assert tuple(row) == ("G1", at)


async def test_a_call_of_theirs_is_their_word_and_no_reply_of_the_debtors(
    desk: Desk, pool: Pool
) -> None:
    (call_in,) = (name for name, one in RESULTS.actions.items() if name == "inbound_call")
    await desk.record("conversation", desk.now - HOUR, action=call_in, **TO_HIM)
    async with pool.acquire() as connection:
        read = await read_situation(connection, "bank", "A1", desk.now, {})
    assert read is not None
    assert read[0].replies == ()
    assert len(read[0].parties[0].replies) == 1


async def test_the_items_of_a_party_name_the_account_that_they_stand_for(pool: Pool) -> None:
    await pool.execute(
        "INSERT INTO work_items (customer_id, reason, priority, opened_at, due_at, messages) "
        "VALUES ('G1', 'wants_person', 3, now(), now(), '{}'), "
        "('C1', 'unclear', 4, now(), now(), '{}')"
    )
    his, hers = await WorkItems(pool).listed(None, None, 10, done=False)
    assert (his.accounts, his.stands_for) == ((), ("bank/A1",))
    assert (hers.accounts, hers.stands_for) == (("bank/A1",), ())


def draft(**said: Any) -> Draft:
    known = {"channel": Channel.SMS, "by": "ana", "party": "G1", "text": "Buenos días."}
    return Draft("m1", "bank", "A1", **{**known, **said})


@pytest.fixture
def writing(pool: Pool) -> Writing:
    return Writing(pool, Told(), At(mid_morning()), "https://pay.example/{reference}")


async def test_no_template_of_what_is_owed_is_chosen_for_a_guarantor(writing: Writing) -> None:
    with pytest.raises(BadInput, match="says what is owed"):
        await writing.write(draft(text=None, template=Purpose.REMINDER))


async def test_the_same_message_to_another_is_another_message(writing: Writing, pool: Pool) -> None:
    await writing.write(draft())
    await pool.execute(
        "INSERT INTO contact_points (contact_point_id, customer_id, channel, kind, address, "
        "consented) VALUES ('c1-sms', 'C1', 'sms', 'mobile', $1, true)",
        ANA,
    )
    with pytest.raises(BadInput, match="another message's"):
        await writing.write(draft(party=None))
