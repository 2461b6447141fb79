"""A person's own words: values among our templates, in which nothing is evaluated."""

from typing import Any

import pytest

from config.wording.catalogue import Wording
from domain.channels import Channel, Purpose
from domain.message_content import MessageContext, RenderedMessage
from lab.builders.parts import wording

HOSTILE = "Hola <b>Ana</b> & {{ name }} {% for x in y %}\n\n<script>alert('1')</script>"


def said(words: str, channel: Channel, **rest: Any) -> RenderedMessage:
    context = MessageContext(
        locale="es-CO",
        purpose=Purpose.PERSON,
        channel=channel,
        customer_name="Ana",
        creditor_name="Banco Ejemplo",
        own_words=words,
        **rest,
    )
    made: Wording = wording()
    return made.render(context, ["opt_out_line"])


def test_in_html_they_are_letters_in_paragraphs() -> None:
    mail = said(HOSTILE, Channel.EMAIL, own_subject="Su carta {{ name }} <b>")
    assert mail.subject == "Su carta {{ name }} <b>"
    assert mail.html is not None
    assert "<p>Hola &lt;b&gt;Ana&lt;/b&gt; &amp; {{ name }} {% for x in y %}</p>" in mail.html
    assert "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</p>" in mail.html
    assert "<title>Su carta {{ name }} &lt;b&gt;</title>" in mail.html
    assert HOSTILE in mail.text


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP, Channel.EMAIL])
def test_who_writes_and_how_to_stop_is_said_beside_them(channel: Channel) -> None:
    text = said("Hola.", channel, own_subject="Su carta").text
    assert "Banco Ejemplo" in text
    assert "BASTA" in text


def test_an_sms_is_one_line_and_a_whatsapp_message_keeps_its_own() -> None:
    assert "uno dos" in said("uno\n\ndos", Channel.SMS).text
    assert "uno\n\ndos" in said("uno\n\ndos", Channel.WHATSAPP).text
