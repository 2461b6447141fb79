# ruff: noqa: E501 - a mail is as wide as it is
"""Answers as mail programs write them: name, the mail, and what the person wrote themselves."""

from typing import Final

OURS_ES: Final = """Hola, Ana:

A cualquiera se le pasa una fecha. Todavía no vemos este pago:

- Cuenta *4821: $ 450.000, con vencimiento el 12 de julio de 2026

Si ya pagó, muchas gracias y no tenga en cuenta este mensaje.

Le escribe Banco Ejemplo.

Para no recibir más correos, responda a este con la palabra BASTA."""
OURS_PT: Final = """Olá, Ana:

Ainda não vimos este pagamento:

- Conta *4821: R$ 450,00, com vencimento em 12 de julho de 2026

Quem escreve é Banco Exemplo.

Para não receber mais e-mails, responda a este com a palavra PARE."""
OURS_EN: Final = """Hello Ana,

We do not see this payment yet:

- Account *4821: $450.00, due on July 12, 2026

This is a message from Sample Bank.

To stop these emails, reply with the word STOP."""
OURS: Final = (OURS_ES, OURS_PT, OURS_EN)


def marked(text: str, mark: str = "> ") -> str:
    """Quoted as Gmail, Apple Mail and Thunderbird do."""
    return "\n".join(f"{mark}{line}".rstrip() for line in text.split("\n"))


ES, PT, EN = marked(OURS_ES), marked(OURS_PT), marked(OURS_EN)
BANK: Final = "Banco Ejemplo <cobros@banco.example>"
HEAD_ES: Final = f"""De: {BANK}
Enviado: viernes, 27 de noviembre de 2026 10:03
Para: Ana Rojas <ana@correo.example>
Asunto: Un pago pendiente de su cuenta *4821
"""
HEAD_PT: Final = f"""De: {BANK}
Enviada em: sexta-feira, 27 de novembro de 2026 10:03
Para: Ana Rojas <ana@correo.example>
Assunto: Um pagamento pendente
"""
HEAD_EN: Final = f"""From: {BANK}
Sent: Friday, November 27, 2026 10:03 AM
To: Ana Rojas <ana@correo.example>
Subject: An open payment
"""
LINE: Final = "_" * 32

Mail = tuple[str, str, str]

GMAIL: Final[list[Mail]] = [
    (
        "gmail es",
        f"Pago el viernes\n\nEl vie, 27 nov 2026 a las 10:03, {BANK}\nescribió:\n\n{ES}\n",
        "Pago el viernes",
    ),
    (
        "gmail es in one line",
        f"Ya pagué ayer.\n\nEl vie, 27 nov 2026 a las 10:03, Banco (<x@y.example>) escribió:\n{ES}",
        "Ya pagué ayer.",
    ),
    (
        "gmail es with a dot",
        f"No soy yo\n\nEl vie., 27 nov. 2026 10:03, {BANK} escribió:\n\n{ES}",
        "No soy yo",
    ),
    (
        "gmail es wrapped over three",
        "Mañana llamo\n\nEl vie, 27 de nov de 2026 a la(s) 10:03,\nBanco Ejemplo de Ahorro y Crédito\n"
        f"(<cobros@banco.example>) escribió:\n\n{ES}",
        "Mañana llamo",
    ),
    (
        "gmail pt",
        f"Vou pagar segunda\n\nEm sex., 27 de nov. de 2026 às 10:03, {BANK}\nescreveu:\n\n{PT}",
        "Vou pagar segunda",
    ),
    (
        "gmail pt in one line",
        f"Oi\n\nEm sex., 27 de nov. de 2026, 10:03, Banco <x@y.example> escreveu:\n\n{PT}",
        "Oi",
    ),
    (
        "gmail en",
        f"I'll pay Friday\n\nOn Fri, Nov 27, 2026 at 10:03 AM {BANK}\nwrote:\n\n{EN}\n",
        "I'll pay Friday",
    ),
    (
        "gmail en with a narrow blank",
        f"Paid.\n\nOn Fri, Nov 27, 2026 at 10:03\u202fAM Sample <a@b.example> wrote:\n\n{EN}",
        "Paid.",
    ),
    (
        "gmail of old",
        f"ok\n\n2026-11-27 10:03 GMT-05:00 {BANK}:\n\n{ES}",
        "ok",
    ),
    (
        "gmail with a signature above the quote",
        f"Pago el lunes\n\n-- \nAna Rojas\nTel. 300 000 0000\n\nEl vie, 27 nov 2026 a las 10:03, {BANK}"
        f" escribió:\n\n{ES}",
        "Pago el lunes",
    ),
    (
        "gmail below the quote",
        f"El vie, 27 nov 2026 a las 10:03, {BANK} escribió:\n\n{ES}\n\nEso no es mío",
        "Eso no es mío",
    ),
    (
        "gmail between quoted lines",
        f"El vie, 27 nov 2026 a las 10:03, {BANK} escribió:\n\n> Todavía no vemos este pago:\nYa pagué"
        "\n> Le escribe Banco Ejemplo.\nNo los conozco\n"
        "> Para no recibir más correos, responda a este con la palabra BASTA.\n",
        "Ya pagué\nNo los conozco",
    ),
    (
        "gmail above and below",
        f"Buenas\n\nEl vie, 27 nov 2026 a las 10:03, {BANK} escribió:\n{ES}\n\nGracias, Ana",
        "Buenas\n\nGracias, Ana",
    ),
    (
        "gmail on a telephone",
        f"Hoy no puedo\n\nEl El vie, 27 de nov. de 2026 a la(s) 10:03 a. m., {BANK} escribió:\n\n{ES}",
        "Hoy no puedo",
    ),
    (
        "an answer to an answer",
        f"Sí\n\nEl sáb, 28 nov 2026 a las 9:00, {BANK} escribió:\n\n> Gracias\n>\n> El vie, 27 nov 2026 a"
        f" las 10:03, Ana escribió:\n>\n>> Pago mañana\n>>\n{marked(OURS_ES, '>>> ')}",
        "Sí",
    ),
    (
        "a quoted line that was wrapped once more",
        f"Pago el 5\n\nEl vie, 27 nov 2026 a las 10:03, {BANK} escribió:\n\n"
        "> Para no recibir más correos, responda a este con la palabra\nBASTA.\n",
        "Pago el 5",
    ),
    (
        "gmail forwarded with a word",
        "Te paso esto, ¿es tuyo?\n\n---------- Forwarded message ---------\nDe: Banco <a@b.example>\n"
        f"Date: vie, 27 nov 2026 a las 10:03\nSubject: Un pago\nTo: <ana@correo.example>\n\n{OURS_ES}",
        "Te paso esto, ¿es tuyo?",
    ),
    (
        "gmail forwarded without a word",
        "---------- Forwarded message ---------\nDe: Banco <a@b.example>\nDate: vie, 27 nov 2026\n"
        f"Subject: Un pago\nTo: <ana@correo.example>\n\n{OURS_ES}",
        "",
    ),
]
OUTLOOK: Final[list[Mail]] = [
    ("outlook es", f"Ya está pagado.\n\n{HEAD_ES}\n{OURS_ES}\n", "Ya está pagado."),
    ("outlook es under a line", f"Pago hoy\n\n{LINE}\n{HEAD_ES}\n{OURS_ES}", "Pago hoy"),
    (
        "outlook es, sent on",
        f"Gracias\n\n{HEAD_ES.replace('Enviado:', 'Enviado el:')}\n{OURS_ES}",
        "Gracias",
    ),
    (
        "outlook es in bold",
        "Gracias\n\n"
        + HEAD_ES.replace("De:", "*De:*").replace("Para:", "*Para:*")
        + f"\n{OURS_ES}",
        "Gracias",
    ),
    (
        "outlook es of old",
        f"No puedo pagar\n\n-----Mensaje original-----\n{HEAD_ES}\n{OURS_ES}",
        "No puedo pagar",
    ),
    (
        "outlook es with two To lines",
        "Ok\n\n"
        + HEAD_ES.replace("Para:", "Para: Luis Pérez <luis@correo.example>;\n  ")
        + f"\n{OURS_ES}",
        "Ok",
    ),
    ("outlook es in one line", f"Listo\n\n{' '.join(HEAD_ES.split())} {OURS_ES}", "Listo"),
    ("outlook pt", f"Já paguei.\n\n{HEAD_PT}\n{OURS_PT}", "Já paguei."),
    ("outlook pt, sent", f"Ok\n\n{HEAD_PT.replace('Enviada em', 'Enviado')}\n{OURS_PT}", "Ok"),
    (
        "outlook pt of old",
        f"Ok\n\n-----Mensagem original-----\n{HEAD_PT}\n{OURS_PT}",
        "Ok",
    ),
    ("outlook en", f"Already paid.\n\n{HEAD_EN}\n{OURS_EN}", "Already paid."),
    (
        "outlook en of old",
        f"Fine\n\n-----Original Message-----\n{HEAD_EN}\n{OURS_EN}",
        "Fine",
    ),
    (
        "outlook en, dated",
        f"Fine\n\n{HEAD_EN.replace('Sent:', 'Date:')}\n{OURS_EN}",
        "Fine",
    ),
    (
        "outlook for ios es",
        f"Mañana\n\nObtener Outlook para iOS<https://aka.ms/o0ukef>\n{LINE}\n{HEAD_ES}\n{OURS_ES}",
        "Mañana",
    ),
    (
        "outlook for android pt",
        f"Amanhã\n\nObter o Outlook para Android<https://aka.ms/AAb9ysg>\n{LINE}\n{HEAD_PT}\n{OURS_PT}",
        "Amanhã",
    ),
    (
        "outlook for ios en",
        f"Tomorrow\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n{LINE}\n{HEAD_EN}\n{OURS_EN}",
        "Tomorrow",
    ),
    (
        "windows mail es",
        f"Va\n\nEnviado desde Correo para Windows\n\n{HEAD_ES}\n{OURS_ES}",
        "Va",
    ),
    (
        "outlook with a notice of the company",
        "Pago el 15\n\nAna Rojas\n\nAVISO DE CONFIDENCIALIDAD: si usted no es el destinatario, borre este\n"
        f"mensaje y no lo reenvíe. Para dejar de recibir correos escriba a sistemas.\n\n{HEAD_ES}\n{OURS_ES}",
        "Pago el 15\n\nAna Rojas",
    ),
    (
        "outlook below the quote, where nobody can tell",
        f"{HEAD_ES}\nHola, Ana:\n\nEso no es mío",
        "",
    ),
    (
        "outlook with the underline alone",
        f"Sí, pago\n\n{LINE}\n{OURS_ES}",
        "Sí, pago",
    ),
]
APPLE_YAHOO: Final[list[Mail]] = [
    (
        "apple es",
        f"Sí, mañana\n\nEnviado desde mi iPhone\n\n> El 27 nov 2026, a las 10:03, {BANK} escribió:\n>\n{ES}",
        "Sí, mañana",
    ),
    (
        "apple es with an open line",
        f"Sí\n\nEnviado desde mi iPad\n\nEl 27 nov 2026, a la(s) 10:03, {BANK} escribió:\n\n{ES}",
        "Sí",
    ),
    (
        "apple mac es without marks",
        f"Recibido\n\nEl 27 nov 2026, a las 10:03 a. m., {BANK} escribió:\n\n{OURS_ES}",
        "Recibido",
    ),
    (
        "apple pt",
        f"Sim\n\nEnviado do meu iPhone\n\nEm 27 de nov. de 2026, à(s) 10:03, {BANK} escreveu:\n\n{PT}",
        "Sim",
    ),
    (
        "apple pt of portugal",
        f"Sim\n\nEnviado do meu iPad\n\nNo dia 27/11/2026, às 10:03, {BANK} escreveu:\n\n{PT}",
        "Sim",
    ),
    (
        "apple en",
        f"Yes\n\nSent from my iPhone\n\n> On Nov 27, 2026, at 10:03 AM, {BANK} wrote:\n>\n{EN}",
        "Yes",
    ),
    (
        "apple en, no marks",
        f"Yes\n\nSent from my iPhone\n\nOn Nov 27, 2026, at 10:03 AM, {BANK} wrote:\n\n{OURS_EN}",
        "Yes",
    ),
    (
        "apple forwarded es",
        f"Mira\n\nInicio del mensaje reenviado:\n\n> De: {BANK}\n> Asunto: Un pago\n>\n{ES}",
        "Mira",
    ),
    (
        "apple forwarded en",
        f"Look\n\nBegin forwarded message:\n\nFrom: {BANK}\nSubject: A payment\n\n{OURS_EN}",
        "Look",
    ),
    (
        "yahoo es",
        "Pago el jueves\n\nEnviado desde Yahoo Mail para iPhone\n\n\nEl viernes, noviembre 27, 2026, 10:03 AM,"
        f" Banco <a@b.example> escribió:\n\n{OURS_ES}",
        "Pago el jueves",
    ),
    (
        "yahoo es on the desk",
        f"Vale\n\n    En viernes, 27 de noviembre de 2026, 10:03:11 COT, {BANK} escribió: \n \n {OURS_ES}",
        "Vale",
    ),
    (
        "yahoo pt",
        "Pago quinta\n\nEnviado do Yahoo Mail no Android\n\nEm sex., 27 27e nov. 27e 2026 às 10:03, Banco"
        f"<a@b.example> escreveu:\n\n{OURS_PT}",
        "Pago quinta",
    ),
    (
        "yahoo en",
        f"Thursday\n\n    On Friday, November 27, 2026 at 10:03:11 AM EST, {BANK} wrote:  \n\n {OURS_EN}",
        "Thursday",
    ),
    (
        "thunderbird es",
        f"Bien.\n\nEl 27/11/26 a las 10:03, Banco Ejemplo escribió:\n{ES}",
        "Bien.",
    ),
    (
        "thunderbird pt",
        f"Certo.\n\nEm 27/11/2026 10:03, Banco Exemplo escreveu:\n{PT}",
        "Certo.",
    ),
    (
        "thunderbird en below",
        f"On 11/27/26 10:03, Sample Bank wrote:\n{EN}\n\nNot mine.\n",
        "Not mine.",
    ),
    (
        "the name first",
        f"Claro\n\n{BANK} escribió el vie, 27 nov 2026 10:03:\n\n{OURS_ES}",
        "Claro",
    ),
    (
        "samsung",
        "Hola, ya pagué\n\nEnviado desde mi Samsung Galaxy smartphone.\n-------- Mensaje original --------\n"
        f"{HEAD_ES}\n{OURS_ES}",
        "Hola, ya pagué",
    ),
]
ODD: Final[list[Mail]] = [
    ("a stop with nothing else", "BASTA", "BASTA"),
    (
        "a stop above our footer",
        f"BASTA\n\nEl vie, 27 nov 2026 a las 10:03, {BANK} escribió:\n\n{ES}",
        "BASTA",
    ),
    ("our mail back without any mark", f"Pago el lunes\n\n{OURS_ES}", "Pago el lunes"),
    (
        "our footer alone, wrapped otherwise",
        "Pago el lunes\n\nPara no recibir más correos,\nresponda a este con la palabra\nBASTA.",
        "Pago el lunes",
    ),
    ("our mail back in portuguese", f"{OURS_PT}\n\nJá paguei isso", "Já paguei isso"),
    ("our mail back in english", f"Not mine\n{OURS_EN}", "Not mine"),
    (
        "how we begin and how one asks for a stop",
        "Escribo para no recibir más correos",
        "Escribo para no recibir más correos",
    ),
    (
        "a link of ours",
        "Pago el 3\n\nPara no recibir más correos: https://hooks.example/u/abc.def\n",
        "Pago el 3",
    ),
    (
        "a link of ours, wrapped",
        "Pago el 3\n\nPara no recibir más correos:\nhttps://hooks.example/u/abc.def\n",
        "Pago el 3",
    ),
    (
        "the marker",
        f"Pago el 3\n\n---- Responda encima de esta línea ----\n\n{OURS_ES}\nalgo más",
        "Pago el 3",
    ),
    (
        "the marker in portuguese",
        f"Pago dia 3\n\n---- responda acima desta linha ----\n\n{OURS_PT}",
        "Pago dia 3",
    ),
    (
        "a sentence of one's own about writing",
        "El viernes mi hermano les escribió:\nque no llamen a mi trabajo",
        "El viernes mi hermano les escribió:\nque no llamen a mi trabajo",
    ),
    (
        "labels of one's own",
        "De: mi parte no hay problema\nPara: el viernes pago",
        "De: mi parte no hay problema\nPara: el viernes pago",
    ),
    (
        "dashes of one's own",
        "--\nNo quiero más correos",
        "--\nNo quiero más correos",
    ),
    (
        "dashes between two sentences of one's own",
        "Hola\n--\nNo me escriban más",
        "Hola\n--\nNo me escriban más",
    ),
    (
        "a device, and something said",
        "Enviado desde mi celular, no me escriban más",
        "Enviado desde mi celular, no me escriban más",
    ),
    (
        "a day, and something said",
        "El 15/10 mi esposa les escribió:\nque no llamen más",
        "El 15/10 mi esposa les escribió:\nque no llamen más",
    ),
    (
        "a phone of many words",
        "Listo\n\nEnviado desde mi Samsung Galaxy A54 5G de Claro.",
        "Listo",
    ),
    (
        "what was sent from a bank is no device",
        "Enviado desde mi cuenta de ahorros el pago de 200 mil",
        "Enviado desde mi cuenta de ahorros el pago de 200 mil",
    ),
    (
        "wrapped by the program",
        "Buenas tardes, quiero saber si mi cuenta con ustedes está todavía de\nbaja o si ya la activaron.",
        "Buenas tardes, quiero saber si mi cuenta con ustedes está todavía de baja o si ya la activaron.",
    ),
    (
        "a short word in a line of its own",
        "Ya les dije que no tengo nada que ver con esa deuda.\nBASTA",
        "Ya les dije que no tengo nada que ver con esa deuda.\nBASTA",
    ),
    (
        "a scanner",
        "Ok\n\nLibre de virus.www.avast.com<https://www.avast.com>",
        "Ok",
    ),
    ("nothing", "", ""),
    ("blanks", " \n\t\n\u200b\n", ""),
    ("a quote and nothing else", ES, ""),
    ("line ends of two kinds", "Hola\r\nya pagué\rgracias", "Hola\nya pagué\ngracias"),
    ("what no eye sees", "BA\u200bSTA\x00", "BASTA"),
]
MAILS: Final = [*GMAIL, *OUTLOOK, *APPLE_YAHOO, *ODD]
