"""Files that a strategy names go with the message, checked; what cannot be had is left away."""

import hashlib
import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
import segno

from domain.channels import Channel
from domain.documents.document import DocumentKind
from domain.payments.pix import checksum
from tests.integration.channels.conftest import Answer
from tests.integration.documents.bank import AMERICAN, COLOMBIAN, OGG, PDF, PIX, PNG, TYPES, Bank
from tests.support.activities import Actor, fault


def of(content: bytes, kind: DocumentKind) -> dict[str, object]:
    """As the sandbox writes down what came."""
    digest = hashlib.sha256(content).hexdigest()
    about = {"name": f"{kind.value}.bin", "type": TYPES[content], "bytes": len(content)}
    return {**about, "sha256": digest}


STATEMENT, SLIP = DocumentKind.STATEMENT, DocumentKind.PAYMENT_SLIP
QR, VOICE = DocumentKind.QR, DocumentKind.VOICE_NOTE


@pytest.mark.parametrize("at_url", [True, False])
@pytest.mark.parametrize(
    "bank",
    [{"email_providers": ("sendgrid",)}, {"email_providers": ("resend",)}],
    indirect=True,
    ids=["sendgrid", "resend"],
)
async def test_an_email_carries_the_file_itself(bank: Bank, *, at_url: bool) -> None:
    actor = await bank.customer("email")
    bank.wants(STATEMENT, VOICE)
    bank.files.answers = [Answer(200, PDF), Answer(200, OGG)]
    await bank.lists(PDF, STATEMENT, at_url=at_url)
    await bank.lists(OGG, VOICE, name="f2", at_url=at_url)
    message = await bank.sent(actor)
    assert message["attachments"] == [of(PDF, STATEMENT), of(OGG, VOICE)]
    assert await bank.left_away() == [None, None]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(404), "is not to be had (HTTP 404)"),
        (Answer(302, headers={"Location": "http://169.254.169.254/"}), "HTTP 302"),
        (Answer(200, PDF + b"!"), "is not the file that was listed"),
        (Answer(200, PDF[:-1] + b"!"), "is not the file that was listed"),
        (Answer(200, PDF * 9000), "is not the file that was listed"),
        (Answer(200, PDF, fault="reset"), "is not to be had (ConnectionError)"),
        (Answer(200, PDF, fault="cut"), "is not to be had"),
    ],
)
async def test_a_file_that_cannot_be_had_is_left_away_and_the_words_go(
    bank: Bank, answer: Answer, why: str
) -> None:
    actor = await bank.customer("email")
    bank.wants(STATEMENT)
    bank.files.answers = [answer]
    await bank.lists(PDF, STATEMENT)
    assert (await bank.sent(actor))["attachments"] == []
    [said] = await bank.left_away()
    assert said is not None
    assert why in said
    assert len(bank.files.requests) == 1, "it is asked for once"


async def test_a_file_changed_in_the_folder_since_is_left_away(bank: Bank) -> None:
    actor = await bank.customer("email")
    bank.wants(STATEMENT)
    await bank.lists(PDF, STATEMENT, at_url=False)
    (bank.folder / "f1").write_bytes(PDF.replace(b"a", b"b"))
    assert (await bank.sent(actor))["attachments"] == []
    [said] = await bank.left_away()
    assert "is not the file that was listed" in (said or "")


async def test_what_lies_elsewhere_by_now_is_not_asked_for(bank: Bank) -> None:
    actor = await bank.customer("email")
    bank.wants(STATEMENT)
    bank.files.answers = [Answer(200, PDF)]
    await bank.lists(PDF, STATEMENT)
    await bank.pool.execute("UPDATE documents SET url = 'http://localhost:1/f1'")
    assert (await bank.sent(actor))["attachments"] == []
    assert await bank.left_away() == ["does not lie below CONTRAPUNTO_DOCUMENTS_URL"]
    assert bank.files.requests == []


async def test_where_none_is_listed_the_words_go_alone_and_the_attempt_says_so(bank: Bank) -> None:
    actor = await bank.customer("email")
    bank.wants(STATEMENT)
    assert (await bank.sent(actor))["attachments"] == []
    assert await bank.left_away() == ["none is listed"]


async def test_what_the_strategy_does_not_name_stays_at_home(bank: Bank) -> None:
    actor = await bank.customer("email")
    bank.wants(STATEMENT, channels=(Channel.WHATSAPP,))
    await bank.lists(PDF, STATEMENT)
    assert (await bank.sent(actor))["attachments"] == []
    assert await bank.left_away() == []
    assert bank.files.requests == []


async def test_whatsapp_is_given_the_address_of_one_image_in_an_open_window(bank: Bank) -> None:
    actor = await bank.customer("whatsapp")
    bank.wants(QR, STATEMENT)
    bank.files.answers = [Answer(200, PNG)]
    await bank.lists(PNG, QR)
    await bank.lists(PNG, STATEMENT, name="f2")
    message = await bank.sent(actor, wrote=True)
    assert message["attachments"] == [{"url": f"{bank.files.url}/f1"}]
    assert await bank.left_away() == [None, "there are others already"]


@pytest.mark.parametrize("content", [PDF, OGG])
async def test_whatsapp_is_given_nothing_that_would_take_the_place_of_the_words(
    bank: Bank, content: bytes
) -> None:
    actor = await bank.customer("whatsapp")
    bank.wants(STATEMENT)
    await bank.lists(content, STATEMENT)
    assert (await bank.sent(actor, wrote=True))["attachments"] == []
    assert await bank.left_away() == ["WhatsApp shows no words beside such a file"]


@pytest.mark.parametrize("bank", [{"whatsapp_pdf": True}], indirect=True)
async def test_whatsapp_is_given_a_pdf_where_the_operator_has_seen_that_words_arrive(
    bank: Bank,
) -> None:
    actor = await bank.customer("whatsapp")
    bank.wants(STATEMENT)
    bank.files.answers = [Answer(200, PDF)]
    await bank.lists(PDF, STATEMENT)
    message = await bank.sent(actor, wrote=True)
    assert message["attachments"] == [{"url": f"{bank.files.url}/f1"}]


async def test_an_approved_template_goes_without_a_file(bank: Bank) -> None:
    actor = await bank.customer("whatsapp")
    bank.wants(QR)
    await bank.lists(PNG, QR)
    step = await actor.planned(datetime.now(UTC))
    ready = await actor.reserve(step)
    assert ready.message.template is not None
    await ready.attach(bank.dependencies, datetime.now(UTC))
    assert ready.message.attachments == ()
    assert await bank.left_away() == ["an approved template takes no file"]


async def test_an_mms_goes_to_the_united_states(bank: Bank) -> None:
    actor = await bank.customer("sms", to=AMERICAN, country="US")
    bank.wants(STATEMENT, QR)
    bank.files.answers = [Answer(200, PDF), Answer(200, PNG)]
    await bank.lists(PDF, STATEMENT)
    await bank.lists(PNG, QR, name="f2")
    message = await bank.sent(actor)
    assert [one["url"] for one in message["attachments"]] == [
        f"{bank.files.url}/f1",
        f"{bank.files.url}/f2",
    ]
    assert await bank.left_away() == [None, None]


async def test_an_sms_to_anywhere_else_stays_one(bank: Bank) -> None:
    actor = await bank.customer("sms")
    bank.wants(QR)
    await bank.lists(PNG, QR)
    assert (await bank.sent(actor))["attachments"] == []
    assert await bank.left_away() == ["MMS goes to the United States and Canada alone"]


async def test_without_a_key_of_ours_no_provider_is_told_of_a_file_in_a_folder(bank: Bank) -> None:
    actor = await bank.customer("sms", to=AMERICAN, country="US")
    bank.wants(QR)
    await bank.lists(PNG, QR, at_url=False)
    assert (await bank.sent(actor))["attachments"] == []
    assert await bank.left_away() == [
        "lies in a folder: needs CONTRAPUNTO_UNSUBSCRIBE_KEY to be fetched"
    ]


LINKS = {"bank": "https://pay.example.com/{account}?a={amount}&e={expires}&s={signature}"}


@pytest.mark.parametrize(
    "bank",
    [{"pix": PIX, "payment_links": LINKS, "payment_link_key": "a-long-random-text"}],
    indirect=True,
)
async def test_in_brazil_an_email_has_the_pix_code_drawn_and_a_link_that_ends(bank: Bank) -> None:
    actor = await bank.customer("email", country="BR")
    await bank.pool.execute("UPDATE customers SET locale = 'pt-BR', zones = '{America/Sao_Paulo}'")
    await bank.pool.execute("UPDATE accounts SET currency = 'BRL', balance = 150.25")
    bank.wants(QR)
    message = await bank.sent(actor)
    code = re.search(r"Pix copia e cola: (00020126.*6304[0-9A-F]{4})", message["text"])
    assert code is not None
    assert "5406150.25" in code[1]
    assert "0502A1" in code[1]
    assert checksum(code[1][:-4]) == code[1][-4:]
    [drawn] = message["attachments"]
    content = BytesIO()
    segno.make(code[1], error="m", micro=False).save(content, kind="png", scale=6)
    assert drawn["sha256"] == hashlib.sha256(content.getvalue()).hexdigest()
    assert (drawn["name"], drawn["type"]) == ("pix.png", "image/png")
    assert await bank.left_away() == [None]
    link = r"https://pay.example.com/A1\?a=150.25&e=\d+&s=[0-9a-f]{64}"
    assert re.search(link, message["text"])


@pytest.mark.parametrize("bank", [{"pix": PIX}], indirect=True)
async def test_without_a_key_of_links_a_drawn_code_goes_by_email_alone(bank: Bank) -> None:
    actor = await bank.customer("whatsapp")
    await bank.pool.execute("UPDATE accounts SET currency = 'BRL', balance = 150.25")
    bank.wants(QR)
    assert (await bank.sent(actor, wrote=True))["attachments"] == []
    assert await bank.left_away() == [
        "is drawn for the message: needs CONTRAPUNTO_UNSUBSCRIBE_KEY to be fetched"
    ]
    assert await bank.pool.fetchval("SELECT drawn FROM attached") is None


RECORDING = pytest.mark.parametrize("bank", [{"whatsapp_voice_notes": True}], indirect=True)


async def recorded(bank: Bank) -> Actor:
    actor = await bank.customer("whatsapp")
    bank.wants(VOICE)
    bank.files.answers = [Answer(200, OGG)]
    await bank.lists(OGG, VOICE)
    return actor


@RECORDING
async def test_a_voice_note_follows_the_words_by_itself(bank: Bank) -> None:
    actor = await recorded(bank)
    sent = await bank.all_sent(actor, wrote=True)
    note, words = sorted(sent, key=lambda one: len(one["text"]))
    assert (words["attachments"], note["text"]) == ([], "")
    assert "Responda BASTA" in words["text"], "the law is said in words"
    assert note["attachments"] == [{"url": f"{bank.files.url}/f1"}]
    assert note["person"] == words["person"] == f"whatsapp:{COLOMBIAN}"
    assert await bank.left_away() == [None]
    assert await bank.pool.fetchval("SELECT count(*) FROM attempts") == 1, "one contact"


@RECORDING
@pytest.mark.parametrize("do", ["refuse:63016", "hang_after", "5xx_after"])
async def test_where_the_words_do_not_surely_go_the_voice_note_does_not_either(
    bank: Bank, do: str
) -> None:
    actor = await recorded(bank)
    await fault(bank.sandbox_url, do, channel="whatsapp")
    assert [one for one in await bank.all_sent(actor, wrote=True) if one["attachments"]] == []


@RECORDING
async def test_a_voice_note_that_does_not_go_is_let_go_and_the_words_stand(bank: Bank) -> None:
    actor = await recorded(bank)
    await fault(bank.sandbox_url, "slow:0.01", channel="whatsapp")
    await fault(bank.sandbox_url, "refuse:63016", channel="whatsapp")
    [words] = await bank.all_sent(actor, wrote=True)
    assert words["attachments"] == []
    assert await bank.pool.fetchval("SELECT state FROM attempts") == "accepted"


async def test_without_a_pix_key_nothing_is_drawn(bank: Bank) -> None:
    actor = await bank.customer("email")
    bank.wants(QR)
    message = await bank.sent(actor)
    assert message["attachments"] == []
    assert "Pix" not in message["text"]
    assert await bank.left_away() == ["none is listed"]
