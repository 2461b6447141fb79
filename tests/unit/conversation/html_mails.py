# ruff: noqa: E501 - a mail is as wide as it is
"""Answers that came as HTML: name, the mail, and what the person wrote themselves."""

from typing import Final

from tests.unit.conversation.mails import OURS_ES, Mail

HTML: Final[list[Mail]] = [
    (
        "gmail",
        f'<div dir="ltr">Pago el viernes</div><br><div class="gmail_quote"><div class="gmail_attr">El vie'
        f" escribió:</div><blockquote>{OURS_ES}</blockquote></div>",
        "Pago el viernes",
    ),
    (
        "gmail below",
        f"<div class='gmail_attr'>El</div><blockquote>{OURS_ES}</blockquote><div>No es m&iacute;o</div>",
        "No es mío",
    ),
    (
        "outlook on the web",
        f'<div>Ya pagu&#233;</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">De: x</div>{OURS_ES}',
        "Ya pagué",
    ),
    (
        "outlook on the desk",
        "<style>p {color:red}</style><p class=MsoNormal>Listo<o:p></o:p></p><div style='border-top:solid'>"
        f"<p><b>De:</b> Banco<br><b>Enviado:</b> viernes 27<br><b>Para:</b> Ana<br><b>Asunto:</b> x</p></div>"
        f"<p>{OURS_ES}</p>",
        "Listo",
    ),
    (
        "yahoo",
        f'<div>Vale</div><div id="ydp1" class="ydp7 yahoo_quoted"><div>En viernes</div>{OURS_ES}</div>',
        "Vale",
    ),
    (
        "apple",
        f'Sí<br><br>Enviado desde mi iPhone<blockquote type="cite">{OURS_ES}</blockquote>',
        "Sí",
    ),
    (
        "between",
        "<blockquote>Todavía no vemos este pago</blockquote><p>Ya pagué</p><blockquote>BASTA</blockquote>",
        "Ya pagué",
    ),
    ("a script", "<script>BASTA</script><p>Hola</p><!-- BASTA -->", "Hola"),
    ("a title", "<head><title>BASTA</title></head><body>Hola</body>", "Hola"),
    ("less than", "<p>Debo < 100 y 3 &lt; 4</p>", "Debo < 100 y 3 < 4"),
    ("an attribute with a bracket", '<a title="a > b">Hola</a>', "Hola"),
    (
        "a link of ours and no quote",
        '<p>Gracias</p><p><a href="https://hooks.example/u/a.b">Para no recibir más correos</a></p>',
        "Gracias",
    ),
    (
        "both links of ours",
        '<p>Thanks</p><p><a href="https://hooks.example/u/a.b">Unsubscribe from these emails</a>\n'
        '<a href="https://hooks.example/p/a.1.b">· Choose how and when we reach you</a></p>',
        "Thanks",
    ),
    (
        "a link of ours within a scanner's",
        '<p>Gracias</p><a href="https://eur03.safelinks.example/?url=https%3A%2F%2Fhooks.example%2Fu%2Fa'
        '&amp;data=05">Unsubscribe from these emails</a>',
        "Gracias",
    ),
    (
        "a link of somebody else's",
        '<p>Ver <a href="https://banco.example/x">recibo</a></p>',
        "Ver recibo",
    ),
    ("no quote at all", f"<p>Pago el lunes</p><p>{OURS_ES}</p>", "Pago el lunes"),
]
