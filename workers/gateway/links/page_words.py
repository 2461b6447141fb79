"""What the preference page says, in each of its languages.

No name, no debt and no sum: a stranger may open a link that was passed on.
"""

from typing import Final, NamedTuple

from domain.channels import Channel


class PageWords(NamedTuple):
    """The words of one language."""

    title: str
    intro: str
    first: str
    any_channel: str
    channels: dict[Channel, str]
    hours: str
    hours_note: str
    ranges: dict[str, str]
    keep: str
    """Before hours that were stated otherwise, and that the page cannot offer by themselves."""
    days: str
    every: dict[str, str]
    language: str
    save: str
    stop: str
    stop_note: str
    stop_all: str
    stopped: str
    """Before the media on which nothing is sent any more."""
    stop_button: str
    write: str
    write_note: str
    write_button: str
    not_me: str
    not_me_note: str
    not_me_button: str
    saved: str
    has_stopped: str
    has_written: str
    is_not_me: str
    problems: dict[str, str]
    """Why something was not done, by the field that is at fault."""


MOST_WORDS: Final = 2_000
"""Characters that may be written to us at once."""

LANGUAGES: Final = {"es": "Español", "pt": "Português", "en": "English"}
"""Each in its own words: whoever looks for it reads that."""

WORDS: Final[dict[str, PageWords]] = {
    "es": PageWords(
        title="Cómo podemos contactarle",
        intro="Elija cómo y cuándo prefiere que le escribamos o le llamemos.",
        first="Primero por",
        any_channel="Sin preferencia",
        channels={
            Channel.SMS: "Mensaje de texto (SMS)",
            Channel.WHATSAPP: "WhatsApp",
            Channel.EMAIL: "Correo electrónico",
            Channel.VOICE: "Teléfono",
        },
        hours="Horario",
        hours_note="En su hora local, y siempre dentro del horario que permite la ley.",
        ranges={
            "any": "A cualquier hora",
            "morning": "Por la mañana (06:00 a 12:00)",
            "afternoon": "Por la tarde (12:00 a 18:00)",
            "evening": "Por la noche (18:00 a 24:00)",
        },
        keep="Como hasta ahora:",
        days="Días",
        every={"every": "Todos los días", "weekdays": "Solo de lunes a viernes"},
        language="Idioma",
        save="Guardar",
        stop="No recibir más mensajes",
        stop_note="Vale de inmediato, para todos los teléfonos o correos que tenga en ese medio.",
        stop_all="Por ningún medio",
        stopped="Ya no le contactamos por:",
        stop_button="No contactarme más así",
        write="Escríbanos",
        write_note="Pregunte, cuéntenos o pida lo que necesite. Respondemos a este mismo contacto.",
        write_button="Enviar",
        not_me="Esto no es para mí",
        not_me_note="Si usted no es la persona a quien buscamos, no usaremos más este contacto:",
        not_me_button="No soy esa persona",
        saved="Guardado. Así le contactaremos desde ahora.",
        has_stopped="Anotado. No le contactaremos más por:",
        has_written="Recibido. Gracias por escribirnos.",
        is_not_me="Anotado. No usaremos más este contacto. Disculpe la molestia.",
        problems={
            "form": "No se pudo leer lo enviado. Inténtelo de nuevo desde esta página.",
            "confirm": "No se cambió nada: pulse uno de los botones de esta página.",
            "channel": "No se guardó nada: elija uno de los medios de la lista.",
            "hours": "No se guardó nada: elija uno de los horarios de la lista.",
            "days": "No se guardó nada: elija uno de los días de la lista.",
            "language": "No se guardó nada: elija uno de los idiomas de la lista.",
            "words": f"No se envió nada: escriba algo, en {MOST_WORDS} letras como máximo.",
            "medium": "No se cambió nada: elija por qué medio no quiere más mensajes.",
        },
    ),
    "pt": PageWords(
        title="Como podemos falar com você",
        intro="Escolha como e quando prefere que a gente escreva ou ligue.",
        first="Primeiro por",
        any_channel="Sem preferência",
        channels={
            Channel.SMS: "Mensagem de texto (SMS)",
            Channel.WHATSAPP: "WhatsApp",
            Channel.EMAIL: "E-mail",
            Channel.VOICE: "Telefone",
        },
        hours="Horário",
        hours_note="No seu horário local, e sempre dentro do horário que a lei permite.",
        ranges={
            "any": "A qualquer hora",
            "morning": "De manhã (06:00 às 12:00)",
            "afternoon": "À tarde (12:00 às 18:00)",
            "evening": "À noite (18:00 às 24:00)",
        },
        keep="Como até agora:",
        days="Dias",
        every={"every": "Todos os dias", "weekdays": "Só de segunda a sexta"},
        language="Idioma",
        save="Salvar",
        stop="Não receber mais mensagens",
        stop_note="Vale na hora, para todos os telefones ou e-mails que você tenha nesse meio.",
        stop_all="Por nenhum meio",
        stopped="Já não falamos com você por:",
        stop_button="Não falar mais comigo assim",
        write="Escreva para a gente",
        write_note="Pergunte, conte ou peça o que precisar. Respondemos neste mesmo contato.",
        write_button="Enviar",
        not_me="Isto não é para mim",
        not_me_note="Se você não é a pessoa que procuramos, não usaremos mais este contato:",
        not_me_button="Não sou essa pessoa",
        saved="Salvo. É assim que falaremos com você a partir de agora.",
        has_stopped="Anotado. Não falaremos mais com você por:",
        has_written="Recebido. Obrigado por escrever.",
        is_not_me="Anotado. Não usaremos mais este contato. Desculpe o incômodo.",
        problems={
            "form": "Não foi possível ler o que foi enviado. Tente de novo a partir desta página.",
            "confirm": "Nada mudou: use um dos botões desta página.",
            "channel": "Nada foi salvo: escolha um dos meios da lista.",
            "hours": "Nada foi salvo: escolha um dos horários da lista.",
            "days": "Nada foi salvo: escolha uma das opções de dias da lista.",
            "language": "Nada foi salvo: escolha um dos idiomas da lista.",
            "words": f"Nada foi enviado: escreva algo, com até {MOST_WORDS} letras.",
            "medium": "Nada mudou: escolha por qual meio não quer mais mensagens.",
        },
    ),
    "en": PageWords(
        title="How we may reach you",
        intro="Choose how and when you would like us to write to you or call you.",
        first="First by",
        any_channel="No preference",
        channels={
            Channel.SMS: "Text message (SMS)",
            Channel.WHATSAPP: "WhatsApp",
            Channel.EMAIL: "Email",
            Channel.VOICE: "Phone",
        },
        hours="Hours",
        hours_note="By your own clock, and always within the hours that the law allows.",
        ranges={
            "any": "Any time",
            "morning": "Mornings (06:00 to 12:00)",
            "afternoon": "Afternoons (12:00 to 18:00)",
            "evening": "Evenings (18:00 to 24:00)",
        },
        keep="As it is now:",
        days="Days",
        every={"every": "Every day", "weekdays": "Monday to Friday only"},
        language="Language",
        save="Save",
        stop="Stop messages",
        stop_note="It holds at once, for every number or mailbox that you have there.",
        stop_all="By no means at all",
        stopped="We no longer reach you by:",
        stop_button="Do not reach me this way any more",
        write="Write to us",
        write_note="Ask, tell us or request what you need. We answer to this same contact.",
        write_button="Send",
        not_me="This is not me",
        not_me_note="If you are not the person we look for, we will no longer use this contact:",
        not_me_button="I am not this person",
        saved="Saved. This is how we will reach you from now on.",
        has_stopped="Noted. We will no longer reach you by:",
        has_written="Received. Thank you for writing to us.",
        is_not_me="Noted. We will no longer use this contact. We are sorry for the trouble.",
        problems={
            "form": "What was sent could not be read. Please try again from this page.",
            "confirm": "Nothing was changed: please press one of the buttons on this page.",
            "channel": "Nothing was saved: please choose one of the ways listed.",
            "hours": "Nothing was saved: please choose one of the hours listed.",
            "days": "Nothing was saved: please choose one of the days listed.",
            "language": "Nothing was saved: please choose one of the languages listed.",
            "words": f"Nothing was sent: please write something, {MOST_WORDS} letters at most.",
            "medium": "Nothing was changed: please choose how you want no more messages.",
        },
    ),
}

NOT_VALID: Final = (
    "This link is not valid, or no longer. Please use the one in our latest message.",
    "Este enlace no es válido, o ya venció. Use el de nuestro último mensaje.",
    "Este link não é válido, ou já venceu. Use o da nossa última mensagem.",
)
NOT_NOW: Final = (
    "We cannot do this right now. Please try again in a few minutes.",
    "No podemos hacerlo en este momento. Inténtelo de nuevo en unos minutos.",
    "Não conseguimos fazer isso agora. Tente de novo em alguns minutos.",
)
"""In all languages: whose page it is, nobody knows yet."""
