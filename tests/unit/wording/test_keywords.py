"""Both sides of the line between a stop and a sentence that only sounds like one."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.keywords import KeywordsError, load_keywords, shipped_keywords
from domain.conversation.keywords import Intent, classify, intents_of

KEYWORDS = shipped_keywords()


STOPS = [
    # keywords alone, every case and decoration
    "STOP",
    "stop",
    "Stop.",
    "STOPALL",
    "Unsubscribe",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "opt out",
    "opt-out",
    "ALTO",
    "BASTA",
    "¡BASTA!",
    "Pare",
    "PARAR",
    "Detener",
    "CANCELAR",
    "Baja",
    "no más",
    "No mas!!",
    "PARE",
    "Sair",
    "REMOVER",
    "Chega!",
    "chega",
    "S.T.O.P",
    "s t o p",
    # as it is said in Argentina, Chile, Spain and Brazil
    "no me llamés más",
    "no me llames más, por favor",
    "dejá de molestarme",
    "sacame de la lista",
    "dame de baja",
    "cortala con los mensajes",
    "déjame tranquilo",
    "no molesten más",
    "no insistan",
    "no sigan llamando",
    "no me llaméis más",
    "no me escribáis",
    "dejad de llamarme",
    "dadme de baja",
    "quitadme de la lista",
    "borrad mi número",
    "Parad",
    "tirem meu número",
    "cancelar inscrição",
    "🛑",
    "STOP 🛑🛑",
    "ＳＴＯＰ",
    "stop stop STOP",
    "  stop  \n",
    "'STOP'",
    "*STOP*",
    "«BASTA»",
    # politeness around it
    "Stop please!",
    "please stop",
    "por favor BASTA",
    "Basta ya, por favor",
    "Hola, BAJA gracias",
    "Ok, stop now",
    "Por favor, pare",
    "Oi, sair por favor. Obrigada!",
    "stop thank you",
    "já chega",
    # a clause of its own, or in front, or shouted
    "I already paid. STOP",
    "STOP, this is harassment",
    "stop I paid this last week",
    "ya pagué BASTA",
    "No, stop",
    "Ya le dije: basta",
    "Stop!!! I mean it",
    "Eu já paguei. PARE",
    # phrases of a reasonable person
    "stop texting me",
    "Will you PLEASE stop sending me these messages",
    "do not contact me again",
    "Don't text me anymore",
    "don’t call me",
    "Leave me alone",
    "lose my number",
    "take me off your list",
    "Please remove me from your list",
    "no more texts",
    "I don't want any more messages",
    "quit calling me",
    "I want to opt out",
    "opt me out please",
    "How do I unsubscribe?",
    "I can't unsubscribe",
    "unsubscribe me",
    "I revoke my consent",
    "I hereby withdraw any permission to text",
    "cease and desist",
    "You have the wrong number",
    "I never signed up for this so stop messaging my phone",
    "never contact me again",
    "no me escriban",
    "No me escriban más por favor",
    "no me contacten",
    "Ya no me llamen",
    "dejen de escribirme",
    "Señores, dejen de molestar",
    "no me vuelvan a escribir",
    "no quiero recibir más mensajes",
    "no quiero que me escriban",
    "Déjenme en paz",
    "denme de baja",
    "borren mi número",
    "número equivocado",
    "basta de mensajes",
    "No más mensajes",
    "retiro mi autorización",
    "sáquenme de su lista",
    "não me contate",
    "Não me mandem mais mensagens",
    "nao me liga mais",
    "pare de me mandar mensagem",
    "parem de mandar mensagens",
    "não quero mais receber mensagens",
    "me tira dessa lista",
    "Me deixe em paz",
    "número errado",
    "quero me descadastrar",
    "revogo minha autorização",
    # in doubt, the stop wins
    "Sí, cancelar",
    "stop calling me at work",
    "no, no me escriban",
    "#stop",
    "#STOP",
    "ST0P",
    "STOP1",
    "txt stop",
    "Reply STOP",
    "responder PARAR",
    "me opongo al tratamiento de mis datos",
    "Buenas tardes, me opongo al uso de mi información",
]

NOT_STOPS = [
    "I can't stop by the bank today",
    "I'll stop by tomorrow",
    "Stop by the office at 5?",
    "stop payment was placed",
    "the bus stop is closed",
    "no pare el servicio, ya pagué",
    "NO PARE el servicio, ya pagué",
    "Please don't stop texting me the reminders",
    "I don't want you to stop texting me",
    "don't unsubscribe me",
    "no dejen de escribirme",
    "nunca dejen de avisarme",
    "Quiero cancelar mi deuda",
    "voy a cancelar mañana",
    "¿Cuánto debo para cancelar todo?",
    "ya cancelé la cuota",
    "I quit my job last month",
    "cancel my autopay",
    "at the end of the month",
    "Al fin de mes les pago",
    "El interés está muy alto",
    "la tasa es alta",
    "Meu salário chega na sexta",
    "vou sair do trabalho e pago",
    "é para amanhã",
    "para mañana tengo el dinero",
    "no más puedo pagar 50 mil",
    "No more than $50, sorry",
    "nonstop problems here",
    "unstoppable",
    "weekend",
    "Por qué no me escriben?",
    "I always end up missing your calls",
    "take my payment from my account",
    "Dejé de trabajar en mayo",
    "dejé de enviar el pago por el paro",
    "paguei por engano duas vezes",
    "não para de chover, pago amanhã",
    "What is my balance?",
    "Gracias",
    "",
    "   ",
    "👍",
    "1",
    "ok",
    "???",
    "I don't have your number, text me the link",
    "fin de semana",
    "déjame pagar el viernes",
    "cuando me mandes el recibo pago",
    "quita el interés de mi deuda",
    "tira a dívida do meu nome",
    "¿podés no sacar el dinero todavía?",
    "txt shop",
    "number stops",
    "me opongo al embargo",
    "I refuse to pay this",
]


@pytest.mark.parametrize("text", STOPS)
def test_a_stop_is_heard(text: str) -> None:
    assert classify(text, KEYWORDS) is Intent.OPT_OUT


@pytest.mark.parametrize("text", NOT_STOPS)
def test_a_sentence_that_only_sounds_like_a_stop_is_none(text: str) -> None:
    assert classify(text, KEYWORDS) is not Intent.OPT_OUT


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("START", Intent.OPT_IN),
        ("unstop", Intent.OPT_IN),
        ("Alta, por favor", Intent.OPT_IN),
        ("SIM RECEBER", Intent.OPT_IN),
        ("Sí, quiero recibir", Intent.OPT_IN),
        ("when does my plan start?", Intent.OTHER),
        ("START. No wait: STOP", Intent.OPT_OUT),
        ("yes", Intent.OTHER),
        ("HELP", Intent.HELP),
        ("Ayuda!", Intent.HELP),
        ("preciso de ajuda", Intent.HELP),
        ("I'll pay on Friday", Intent.PROMISE),
        ("voy a pagar el viernes", Intent.PROMISE),
        ("Pago mañana", Intent.PROMISE),
        ("vou pagar amanhã", Intent.PROMISE),
        ("no puedo pagar", Intent.OTHER),
        ("I will not pay", Intent.OTHER),
        ("¿cómo puedo pagar?", Intent.OTHER),
        ("não vou pagar", Intent.OTHER),
        ("I'll pay tomorrow, just stop texting me", Intent.OPT_OUT),
        ("¿Cuál es mi saldo?", Intent.OTHER),
    ],
)
def test_other_intents(text: str, intent: Intent) -> None:
    assert classify(text, KEYWORDS) is intent


def _one_letter_missing(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(1, len(word))]


def _two_letters_swapped(word: str) -> list[str]:
    pairs = pairwise(range(len(word)))
    return [word[:a] + word[b] + word[a] + word[b + 1 :] for a, b in pairs]


@pytest.mark.parametrize(
    "typed",
    [
        *_one_letter_missing("unsubscribe"),
        *_one_letter_missing("remover"),
        *_one_letter_missing("descadastrar"),
        *_one_letter_missing("numero equivocado"),
        *_one_letter_missing("stop"),
        *_one_letter_missing("basta"),
        *_one_letter_missing("parem"),
        *_one_letter_missing("salir"),
        *["asta", "baj", "bja", "sai", "sar", "par", "pae", "alt", "chga", "cheg", "blok", "blck"],
        *("nsubscribe", "ancelar", "cancela r", "cance", "quti", "qiut", "Hola, bsta por favor"),
        *("BASTTA", "PARRE", "S AIR", "onmas", "blocear"),
        *_two_letters_swapped("stop"),
        *_two_letters_swapped("basta"),
        *_two_letters_swapped("parem"),
        "Unsubcribe pls",
        "un subscribe",
        "STOPP",
        "stooooop",
        "wrong nubmer",
    ],
)
def test_a_keyword_with_a_slip_is_heard_when_it_is_the_whole_message(typed: str) -> None:
    assert classify(typed, KEYWORDS) is Intent.OPT_OUT


@pytest.mark.parametrize(
    "typed",
    [
        *["shop", "step", "slop", "drop", "stock", "caja", "paja", "pasta", "hasta", "gasta"],
        *["pagar", "parte", "padre", "para hoy", "saldo", "salud", "cancer", "cancelo"],
        *["cancelaré", "cancelado", "removed", "subscribe", "suscribirme", "fino", "and", "quite"],
        *["Don't pay", "that's not mine", "não liguei", "no voy yo", "parente", "Desisto"],
        *["I will be there to detner the car", "shop unsubcribed"],
        # beside a keyword of four or five letters
        *["top", "TOP!", "tops", "pots", "spot", "soap", "sol", "son", "shop", "soy", "ok"],
        *["pero", "base", "bajo", "sal", "ser", "sir", "aire", "air", "saiu", "saio", "sale"],
        *["Aló", "alô", "a lo", "alot", "a lot", "aja", "ajá", "caja", "bajar", "alta", "pra"],
        *["hasta", "bastante", "lago", "largos", "fera", "fue", "ese", "case", "ease", "seas"],
        *["are", "art", "arte", "parte", "ara", "cesta", "book", "look", "back", "lock"],
        *["sa le", "ya", "si", "no", "nos", "mas", "nada", "para qué", "pai", "vai", "fui", "fi"],
        *["to pay", "cancelar cuenta"],
        *["liminar", "desactivado", "bloqueado", "bloqueo", "exclusivo"],
    ],
)
def test_a_word_that_only_looks_like_a_keyword_is_no_stop(typed: str) -> None:
    assert classify(typed, KEYWORDS) is not Intent.OPT_OUT


@pytest.mark.parametrize(
    ("request_", "limit"),
    [
        ("don't call me", "before 9"),
        ("don't call me", "at night"),
        ("do not text me", "on Sundays"),
        ("do not call me", "at my job"),
        ("please don't send me", "to court"),
        ("no me llamen", "antes de las 9"),
        ("no me llamen", "en la noche"),
        ("no me escriban", "los domingos"),
        ("no me llame", "al trabajo"),
        ("no me manden", "a jurídico"),
        ("não me ligue", "à noite"),
        ("não me liguem", "antes das 9"),
        ("não me mandem mensagem", "no domingo"),
        ("não me liga", "no trabalho"),
        ("não me manda", "pro cartório"),
    ],
)
def test_a_request_that_names_its_hours_or_its_place_is_no_stop(request_: str, limit: str) -> None:
    assert classify(request_, KEYWORDS) is Intent.OPT_OUT or "send" in request_
    assert classify(f"{request_} {limit}", KEYWORDS) is not Intent.OPT_OUT
    assert classify(f"{request_} {limit}. STOP", KEYWORDS) is Intent.OPT_OUT


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("I'll pay on Friday, stop texting me", (Intent.OPT_OUT, Intent.PROMISE)),
        ("voy a pagar el viernes pero no me escriban", (Intent.OPT_OUT, Intent.PROMISE)),
        ("don't call me late, I will pay Friday", (Intent.PROMISE,)),
        ("no me llamen tarde, pago el viernes", (Intent.PROMISE,)),
        ("não sou a Ana", (Intent.OPT_OUT, Intent.WRONG_PERSON)),
        ("START. No wait: STOP", (Intent.OPT_OUT,)),
        ("¿Cuál es mi saldo?", (Intent.OTHER,)),
        ("", (Intent.OTHER,)),
    ],
)
def test_all_that_a_message_asks_for_is_told_weightiest_first(
    text: str, intents: tuple[Intent, ...]
) -> None:
    assert intents_of([text], KEYWORDS) == intents


@pytest.mark.parametrize(
    "fields",
    [
        ["", "Detener promociones", ""],
        ["Detener promociones", "Detener promociones", "promo-7"],
        ["", "No recibir más mensajes", "x"],
        ["", "Cancelar la suscripción", ""],
        ["", "Parar promoções", ""],
        ["", "Não receber mais mensagens", ""],
        ["Ok", "Ok", "STOP"],
        ["", "Ya no", "STOP_PROMOTIONS"],
        ["", "No, thanks", "opt-out"],
        ["", "Number 3", "OPT_OUT"],
        ["", "No soy yo", "button_2"],
        ["No soy esa persona", "", ""],
    ],
)
def test_a_stop_is_heard_in_whatever_field_a_button_carries_it(fields: list[str]) -> None:
    assert intents_of(fields, KEYWORDS)[0] is Intent.OPT_OUT


@pytest.mark.parametrize(
    "fields",
    [
        ["Pagar ahora", "Pagar ahora", "PAY_NOW"],
        ["", "Hablar con una persona", "AGENT"],
        ["", "Ya pagué", "ALREADY_PAID"],
        ["", "Recordármelo después", "REMIND_LATER"],
        ["", "", ""],
        [],
    ],
)
def test_a_button_that_asks_for_something_else_is_no_stop(fields: list[str]) -> None:
    assert not {Intent.OPT_OUT, Intent.OPT_IN} & set(intents_of(fields, KEYWORDS))


@pytest.mark.parametrize(
    "text",
    [
        "Liked “Your payment is due. Reply STOP to opt out”",
        "Le gustó “Responda BASTA para no recibir más mensajes”",
        "Curtiu “Responda PARE para não receber mais”",
        'Disliked "Reply STOP to opt out"',
        "Disliked “Your payment is due. Reply STOP to o…",
        "> Reply STOP to opt out\nok I'll pay tomorrow",
    ],
)
def test_our_own_words_quoted_back_are_not_the_customers(text: str) -> None:
    assert classify(text, KEYWORDS) is not Intent.OPT_OUT


def test_what_follows_a_quotation_is_read() -> None:
    reaction = "Disliked “Your payment is due. Reply STOP to opt out”"
    assert classify(f"{reaction}\nstop texting me", KEYWORDS) is Intent.OPT_OUT


def test_a_message_of_nothing_but_quoted_lines_is_read() -> None:
    assert classify("> STOP", KEYWORDS) is Intent.OPT_OUT


@given(st.text(max_size=300))
def test_any_text_has_an_intent(text: str) -> None:
    assert classify(text, KEYWORDS) in Intent


@given(
    st.sampled_from(["STOP", "BASTA", "PARE", "sair", "alto"]), st.text("!?.,🙏😡 \n", max_size=8)
)
def test_decoration_does_not_hide_a_stop(word: str, decoration: str) -> None:
    assert classify(decoration + word + decoration, KEYWORDS) is Intent.OPT_OUT


@pytest.mark.parametrize(
    "text",
    [
        *("🅢🅣🅞🅟", "🆂🆃🅾🅿", "ꜱᴛᴏᴘ", "𝐒𝐓𝐎𝐏", "ⓈⓉⓄⓅ", "🅂🅃🄾🄿"),
        *("ЅТОР", "ѕтор", "ΒΑЈΑ", "Ваѕtа"),  # Cyrillic and Greek
        "BA\u200bJA",
        "quiero darme de ba\u00adja",
        "por favor\ufeff no me lla\u200dmen\u200b más",
        "\u2066pare de me ligar\u2069",
    ],
)
def test_a_stop_in_letters_that_only_look_so_or_with_what_no_eye_sees_is_one(text: str) -> None:
    assert classify(text, KEYWORDS) is Intent.OPT_OUT


def test_a_stop_at_the_end_of_the_longest_message_of_whatsapp_is_heard() -> None:
    for length in (1600, 2500, 4096):
        text = ("Ya les expliqué lo que pasó con ese pago, " * 100)[: length - 6] + "\nBASTA"
        assert classify(text, KEYWORDS) is Intent.OPT_OUT, length


def test_a_very_long_message_is_read_quickly() -> None:
    assert classify("stop " + "a b " * 100_000, KEYWORDS) is Intent.OPT_OUT


def test_a_file_that_is_missing_or_wrong_is_named(tmp_path: Path) -> None:
    file = tmp_path / "keywords.yaml"
    with pytest.raises(KeywordsError, match=r"keywords.yaml: cannot be read"):
        load_keywords(file)
    file.write_text("politeness: []\nintents: {opt_out: {en: {wrods: [stop]}}}", "utf-8")
    with pytest.raises(KeywordsError, match=r"(?s)keywords.yaml.*wrods"):
        load_keywords(file)
    file.write_text("politeness: []\nintents: {opt_out: {es: {words: [no más]}}}", "utf-8")
    with pytest.raises(KeywordsError, match=r"(?s)intents.opt_out.es.words"):
        load_keywords(file)
    file.write_text(
        "politeness: []\nintents: {opt_out: {es: {phrases: ['no <escriba>']}}}", "utf-8"
    )
    with pytest.raises(KeywordsError, match=r"(?s)intents.opt_out.es.phrases.0.*<escriba>"):
        load_keywords(file)


def test_a_group_of_words_stands_for_its_words_in_every_phrase(tmp_path: Path) -> None:
    file = tmp_path / "keywords.yaml"
    said = "{opt_out: {en: {clauses: ['dont <reach> me', '<reach> <name>'], not_names: [you]}}}"
    file.write_text(f"politeness: []\ngroups: {{reach: call|text}}\nintents: {said}", "utf-8")
    keywords = load_keywords(file)
    asked = {text: classify(text, keywords) for text in ("dont text me", "Call Ana", "call you")}
    assert list(asked.values()) == [Intent.OPT_OUT, Intent.OPT_OUT, Intent.OTHER]
