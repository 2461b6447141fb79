"""The person's own words in an answer by mail."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.keywords import shipped_keywords
from config.wording.catalogue import IN_TEMPLATES, LOCALES
from config.wording.samples import samples
from domain.channels import Channel, Purpose
from domain.conversation.email_html import shown
from domain.conversation.email_reply import is_automatic, is_bounce, own_words
from domain.conversation.keywords import Intent, intents_of
from lab.builders.parts import wording
from tests.unit.conversation.html_mails import HTML
from tests.unit.conversation.mails import MAILS, OURS

SENT = (*OURS, "https://hooks.example/u/", "https://hooks.example/p/")
KEYWORDS = shipped_keywords()
WORDS = wording()


@pytest.mark.parametrize(("text", "own"), [m[1:] for m in MAILS], ids=[m[0] for m in MAILS])
def test_the_own_words_are_left(text: str, own: str) -> None:
    assert own_words(text, None, SENT).text == own


@pytest.mark.parametrize(("html", "own"), [m[1:] for m in HTML], ids=[m[0] for m in HTML])
def test_of_html_as_well(html: str, own: str) -> None:
    assert own_words("", html, SENT).text == own


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("purpose", IN_TEMPLATES)
def test_no_mail_of_ours_unsubscribes_though_nothing_marks_it(
    locale: str, purpose: Purpose
) -> None:
    sent = (*WORDS.lines_by_mail, "https://pay.example/")
    for context in samples(locale, purpose, Channel.EMAIL):
        mail = WORDS.render(context, ["opt_out_line", "debt_collector_notice"])
        quoted = "\n".join(f"> {line}" for line in mail.text.split("\n"))
        for text, html in (
            (f"Ok\n\n{mail.text}", None),
            ("", f"<p>Ok</p>{mail.html}"),
            (quoted, ""),
        ):
            asked = intents_of([own_words(text, html, sent).text], KEYWORDS)
            assert not {Intent.OPT_OUT, Intent.OPT_IN, Intent.WRONG_PERSON} & {*asked}
        assert Intent.OPT_OUT not in intents_of([mail.subject or ""], KEYWORDS)


def test_there_are_enough_mails_to_learn_from() -> None:
    assert len({name for name, *_ in MAILS}) == len(MAILS) >= 60


ASKING = {
    *("gmail es with a dot", "labels of one's own", "dashes of one's own", "what no eye sees"),
    *("dashes between two sentences of one's own", "a device, and something said"),
    *("how we begin and how one asks for a stop", "a stop with nothing else"),
    *("a stop above our footer", "a short word in a line of its own", "a day, and something said"),
}
"""Mails in which the person does ask for a stop, or is taken to."""


@pytest.mark.parametrize("mail", MAILS, ids=[m[0] for m in MAILS])
def test_our_own_footer_unsubscribes_nobody(mail: tuple[str, str, str]) -> None:
    asked = intents_of([own_words(mail[1], None, SENT).text], KEYWORDS)
    assert (Intent.OPT_OUT in asked) == (mail[0] in ASKING)


@pytest.mark.parametrize("text", [m[1] for m in MAILS])
def test_a_stop_above_is_heard_whatever_is_quoted(text: str) -> None:
    found = own_words(f"No me escriban más.\n\n{text}", None, SENT).text
    assert Intent.OPT_OUT in intents_of([found], KEYWORDS)


@pytest.mark.parametrize("name", ["gmail below the quote", "gmail forwarded without a word"])
def test_it_is_told_when_something_was_cut(name: str) -> None:
    text = next(mail[1] for mail in MAILS if mail[0] == name)
    assert own_words(text, None, SENT).cut


def test_nothing_is_cut_of_a_mail_that_quotes_nothing() -> None:
    assert not own_words("Hola, ya pagué", None, SENT).cut


def test_html_tells_where_a_quote_is_whose_text_has_lost_its_marks() -> None:
    text = "Pago el lunes\n\nAlguien dijo:\nque BASTA"
    html = "<p>Pago el lunes</p><p>Alguien dijo:</p><blockquote>que BASTA</blockquote>"
    assert own_words(text, html).text == "Pago el lunes\n\nAlguien dijo:"


PIECES = st.sampled_from(
    [
        *("> ", "\n", "El 27 nov 2026, a las 10:03, x <a@b> ", "escribió:", "-- \n", "_" * 32),
        *(
            "De: x\n",
            "Enviado: x\n",
            "Para: x\n",
            "Asunto: x\n",
            "Enviado desde mi iPhone",
            "BASTA",
        ),
        *(
            "<blockquote>",
            "</blockquote>",
            "<div class=gmail_quote>",
            "<",
            ">",
            '"',
            "<!--",
            "&nGt;",
        ),
        *("\x00", "\ud800", "\u202e", "{{ 7*7 }}", "' OR 1=1 --", "a" * 100, " ", OURS[0][:200]),
    ]
)
ANY = st.lists(PIECES | st.text(max_size=20), max_size=40).map("".join)


@given(text=ANY, html=st.none() | ANY, ours=st.lists(ANY, max_size=3))
def test_it_never_raises_and_never_grows(text: str, html: str | None, ours: list[str]) -> None:
    found = own_words(text, html, ours)
    assert len(found.text) <= max(len(text), len(html or ""))
    assert len(shown(html or "").text) <= len(html or "")


HOSTILE = [
    *("-- \n\n", "Enviado desde mi iphone 5g 5g ", "get a a a a ", "- - - - ", "El 10:03 ", "a@b "),
    *(
        "> ",
        ">",
        "\n",
        "a\n",
        "El ",
        "El 2026 ",
        "El 2026 escribió",
        "El 2026 x\n",
        "De: \n",
        "De: x ",
    ),
    *(
        "-- \n",
        "_" * 32 + "\n",
        "Enviado desde ",
        "Enviado desde mi iPhone",
        "x <a@b> ",
        "a " * 30 + "<",
    ),
    *(
        "<a ",
        "<a b='",
        '<a b="',
        '<a b=">"',
        "<!--",
        "<script>",
        "<script></scrip",
        "<blockquote>",
        "</",
    ),
    *(
        "&",
        "&#",
        "<div class=gmail_quote>",
        " ",
        "- - ",
        "* ",
        "\xa0",
        "palabra ",
        "de: enviado: para: ",
    ),
    *(
        "Este mensaje ",
        "aviso legal ",
        "https://hooks.example/u/",
        "---- responda ",
        "Enviado el: x\n",
    ),
    *(
        "responda a este con la palabra ",
        "Para no recibir más correos, responda a este con la palabra ",
    ),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_its_time_grows_with_the_length_alone(piece: str) -> None:
    hostile = (piece * (100_000 // len(piece) + 1))[:100_000]
    begun = time.perf_counter()
    own_words(hostile, None, SENT)
    own_words("", hostile, SENT)
    assert time.perf_counter() - begun < 3


@pytest.mark.parametrize(
    "headers",
    [
        [("Auto-Submitted", "auto-replied")],
        [("auto-submitted", "auto-generated; x=1")],
        [("Precedence", "bulk")],
        [("PRECEDENCE", "auto_reply")],
        [("Precedence", "junk")],
        [("Precedence", "list")],
        [("X-Autoreply", "yes")],
        [("X-Autorespond", "x")],
        [("X-Auto-Response-Suppress", "All")],
        [("List-Id", "<a.b>")],
        [("Return-Path", "<>")],
        [("Return-Path", "")],
        [("From", "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>")],
        [("From", "postmaster@mx.example")],
        [("Content-Type", 'multipart/report; report-type="delivery-status"')],
        [("Subject", "Respuesta automática: Un pago pendiente")],
        [("Subject", "Fuera de la oficina")],
        [("Subject", "Fuera de oficina Re: Un pago")],
        [("Subject", "Resposta automática: Um pagamento")],
        [("Subject", "Fora do escritório: volto dia 3")],
        [("Subject", "Automatic reply: A payment")],
        [("Subject", "Out of Office Re: A payment")],
        [("Subject", "Undeliverable: A payment")],
        [("Subject", "Delivery Status Notification (Failure)")],
        [("Subject", "Leído: Un pago pendiente")],
    ],
)
def test_a_program_is_known_by_its_headers(headers: list[tuple[str, str]]) -> None:
    assert is_automatic([("To", "x@y"), *headers])


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Auto-Submitted", "no")],
        [("Precedence", "normal")],
        [("Return-Path", "<ana@correo.example>")],
        [("From", "Ana <ana@correo.example>"), ("Subject", "Re: Un pago pendiente")],
        [("Subject", "BAJA")],
        [("Content-Type", "multipart/alternative; boundary=x")],
        [("X-Auto-Response-Suppress", "None")],
    ],
)
def test_a_person_is_no_program(headers: list[tuple[str, str]]) -> None:
    assert not is_automatic(headers)


def test_a_bounce_is_more_than_automatic() -> None:
    assert is_bounce([("Return-Path", "<>")])
    assert not is_bounce([("Auto-Submitted", "auto-replied")])
