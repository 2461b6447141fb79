"""What customers write: kept once, a stop in force before anybody is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.gateway.conftest import Edge


@pytest.fixture
async def known(edge: Edge) -> None:
    await edge.customer("c-1", sms="+573000000001")
    await edge.account("c-1")
    await edge.account("c-1", "A-2")
    await edge.account("c-1", "A-3", status="closed")


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("word", ["STOP", "Basta", "PARE", "pare por favor", "SAIR", "unsubscribe"])
async def test_a_stop_in_three_languages_withdraws_consent_at_once(edge: Edge, word: str) -> None:
    answer = await edge.says(word)
    assert answer.status_code == 200
    assert answer.text.endswith("<Response/>")
    events = await edge.rows("SELECT customer_id, kind, channel, detail FROM law_events")
    assert [(e["customer_id"], e["kind"], e["channel"]) for e in events] == [
        ("c-1", "opt_out", "sms")
    ]
    assert events[0]["detail"]["contact_point_id"]
    assert edge.workflows.signals == [
        (
            f"account/acme/{account}",
            "message_received",
            {"id": "twilio:SMin1", "channel": "sms", "intent": "opt_out"},
        )
        for account in ("A-1", "A-2")
    ]


@pytest.mark.usefixtures("known")
async def test_any_other_message_is_kept_and_told(edge: Edge) -> None:
    await edge.says("¿Quién es?")
    kept = await edge.rows("SELECT customer_id, text, intent FROM inbound")
    assert kept == [{"customer_id": "c-1", "text": "¿Quién es?", "intent": "other"}]
    assert await edge.rows("SELECT FROM law_events") == []
    assert len(edge.workflows.signals) == 2


@pytest.mark.usefixtures("known")
async def test_a_repeated_message_is_one(edge: Edge) -> None:
    for _ in range(3):
        await edge.says("STOP")
    assert len(await edge.rows("SELECT FROM inbound")) == 1
    assert len(await edge.rows("SELECT FROM law_events")) == 1
    assert len(edge.workflows.signals) == 2


@pytest.mark.usefixtures("known")
async def test_a_stop_holds_for_everybody_who_shares_the_number(edge: Edge) -> None:
    await edge.customer("c-2", sms="+573000000001")
    await edge.account("c-2", "B-1")
    await edge.says("STOP")
    events = await edge.rows("SELECT customer_id FROM law_events ORDER BY 1")
    assert [event["customer_id"] for event in events] == ["c-1", "c-2"]
    assert [signal[0] for signal in edge.workflows.signals] == [
        "account/acme/A-1",
        "account/acme/A-2",
        "account/acme/B-1",
    ]


async def test_a_stranger_is_kept_and_answered(edge: Edge) -> None:
    answer = await edge.says("STOP", address="+573009999999")
    assert answer.status_code == 200
    assert len(await edge.rows("SELECT FROM inbound WHERE customer_id IS NULL")) == 1
    assert edge.workflows.signals == []
    assert await edge.callbacks.pending() == []


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("word", "kinds"), [("STOP", ["opt_out"]), ("START", ["opt_in"]), ("HELP", [])]
)
async def test_what_twilio_has_read_itself_is_believed(
    edge: Edge, word: str, kinds: list[str]
) -> None:
    await edge.says("una palabra nuestra", OptOutType=word)
    assert [e["kind"] for e in await edge.rows("SELECT kind FROM law_events")] == kinds


@pytest.mark.usefixtures("known")
async def test_a_stop_is_in_force_even_while_temporal_is_down(edge: Edge) -> None:
    edge.workflows.down = True
    assert (await edge.says("STOP")).status_code == 503
    assert len(await edge.rows("SELECT FROM law_events")) == 1
    edge.workflows.down = False
    assert (await edge.says("STOP")).status_code == 200
    assert len(edge.workflows.signals) == 2
    assert len(await edge.rows("SELECT FROM law_events")) == 1


@pytest.mark.usefixtures("known")
async def test_opting_in_again_is_a_later_fact(edge: Edge) -> None:
    await edge.says("STOP", sid="SM1")
    await edge.says("START", sid="SM2")
    events = await edge.rows("SELECT kind FROM law_events ORDER BY at")
    assert [event["kind"] for event in events] == ["opt_out", "opt_in"]


async def test_blank_and_repeated_fields_belong_to_the_signature(edge: Edge) -> None:
    fields = [("MessageSid", "SM1"), ("From", "+573000000001"), ("Body", "")]
    fields += [("MediaUrl0", "b"), ("MediaUrl0", "a"), ("FromState", "")]
    assert (await edge.twilio("/webhooks/twilio/inbound", fields)).status_code == 200


async def kept_media(edge: Edge) -> Any:
    [row] = await edge.rows("SELECT media FROM inbound")
    return row["media"]


@pytest.mark.usefixtures("known")
async def test_files_are_kept_by_reference_and_a_person_is_asked(edge: Edge) -> None:
    first, second = "https://api.twilio.com/Accounts/AC1/Messages/MM1/Media/ME", "image/jpeg"
    more = {"MediaUrl0": f"{first}0", "MediaContentType0": second, "MediaUrl1": f"{first}1"}
    await edge.says("", NumMedia="2", **more)
    assert await kept_media(edge) == [
        {"url": f"{first}0", "type": second},
        {"url": f"{first}1", "type": None},
    ]
    assert [one["reason"] for one in await edge.rows("SELECT reason FROM work_items")] == [
        "unclear"
    ]


@pytest.mark.usefixtures("known")
async def test_a_file_beside_a_stop_changes_nothing_of_the_stop(edge: Edge) -> None:
    await edge.says("STOP", NumMedia="1", MediaUrl0="https://m.example/1")
    assert [e["kind"] for e in await edge.rows("SELECT kind FROM law_events")] == ["opt_out"]
    assert await kept_media(edge) == [{"url": "https://m.example/1", "type": None}]


@pytest.mark.usefixtures("known")
async def test_a_message_without_files_has_none(edge: Edge) -> None:
    await edge.says("hola", MediaUrl0="https://m.example/of-no-message")
    assert await kept_media(edge) is None


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "url", ["", "http://m.example/1", "javascript:alert(1)", "https://m.example/a b", "x" * 9000]
)
async def test_a_file_whose_address_is_none_is_counted(edge: Edge, url: str) -> None:
    await edge.says("hola", NumMedia="1", MediaUrl0=url, MediaContentType0="audio/ogg")
    assert await kept_media(edge) == [{"url": None, "type": "audio/ogg"}]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(("said", "count"), [("999999", 10), ("-1", 0), ("many", 0), ("٣", 0)])
async def test_no_number_of_files_is_believed_beyond_ten(edge: Edge, said: str, count: int) -> None:
    await edge.says("hola", NumMedia=said)
    assert len(await kept_media(edge) or ()) == count


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
async def test_a_missing_field_is_named(edge: Edge, missing: str) -> None:
    fields = {"MessageSid": "SM1", "From": "+573000000001", "Body": "x"}
    del fields[missing]
    answer = await edge.twilio("/webhooks/twilio/inbound", list(fields.items()))
    assert answer.status_code == 400
    assert missing in answer.json()["error"]


async def test_whatsapp_is_a_channel_of_its_own(edge: Edge) -> None:
    await edge.says("STOP", address="whatsapp:+573000000001")
    kept = await edge.rows("SELECT channel, address FROM inbound")
    assert kept == [{"channel": "whatsapp", "address": "+573000000001"}]


class _Clocks:
    """Each workflow has a clock of its own, as on a server that skips time."""

    by_workflow = True

    async def now(self, workflow_id: str | None) -> datetime:
        days = {"account/acme/A-1": 1, "account/acme/A-2": 5}.get(workflow_id or "", 0)
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=days)


@pytest.mark.usefixtures("known")
async def test_a_message_is_of_the_account_furthest_on_where_time_is_skipped(edge: Edge) -> None:
    edge.flow._clock = _Clocks()
    await edge.says("STOP")
    (event,) = await edge.rows("SELECT at FROM law_events")
    assert event["at"] == datetime(2026, 3, 6, tzinfo=UTC)
