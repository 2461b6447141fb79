"""What a message says: intents, days, sums and wishes, and what is left open."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.reader import load_reader
from domain.conversation.keywords import Meaning
from domain.conversation.reader import Heard, Reading
from lab import reading

READER = load_reader()
RULES = load_reader(classifier=False)
SATURDAY = datetime.fromisoformat("2026-11-28T10:00:00-05:00")
LABELLED = Path(__file__).parent / "labelled"


def read(
    text: str, locale: str = "es-CO", currency: str = "COP", balance: str = "850000"
) -> Reading:
    return READER.read(Heard(text, locale, SATURDAY, currency, Decimal(balance)))


@pytest.mark.parametrize(
    ("text", "locale", "intents"),
    [
        ("STOP", "es-CO", "opt_out"),
        ("no me llamen más", "es-CO", "opt_out"),
        ("número equivocado", "es-CO", "wrong_person"),
        ("I don't owe you anything", "en-US", "dispute"),
        ("falem com meu advogado", "pt-BR", "attorney"),
        ("I filed for chapter 7", "es-US", "bankruptcy"),
        ("mi mamá falleció en marzo", "es-MX", "deceased"),
        ("ya pagué ayer, adjunto comprobante", "es-CO", "already_paid"),
        ("perdi o emprego, não tenho como pagar", "pt-BR", "hardship"),
        ("¿me aceptan en cuotas?", "es-CL", "plan_request"),
        ("quiero hablar con un asesor", "es-CO", "wants_person"),
        ("¿cuánto debo?", "es-AR", "balance"),
        ("who is this?", "en-US", "identity"),
        ("escríbanme por whatsapp", "es-PE", "preference"),
        ("mil gracias 🙏", "es-CO", "thanks"),
        ("👍", "es-CO", "thanks"),
        ("jajaja", "es-CO", "other"),
        ("soy la hija", "es-CO", "third_party"),
        ("no voy a pagar nada", "es-CO", "other"),
        ("quinientos mil mañana", "es-CO", "promise"),
    ],
)
def test_what_a_message_says(text: str, locale: str, intents: str) -> None:
    assert [intent.value for intent in read(text, locale).intents] == intents.split()


@pytest.mark.parametrize(
    ("text", "locale", "intents"),
    [
        ("les agradecería dejar de enviarme este tipo de comunicaciones", "es-MX", "opt_out"),
        ("ya me aburrieron, chao", "es-CL", "leave_alone"),
        ("por qué no me dejan en paz de una buena vez", "es-PE", "leave_alone"),
        ("no sé cuántas veces tengo que decirles que paren", "es-AR", "leave_alone"),
        ("quisiera que no me escribieran más", "es-CO", "leave_alone"),
        ("no me escriban después de las 8", "es-CO", "preference"),
        ("paren los intereses y arreglamos", "es-MX", "plan_request"),
        ("Esa empleada dejó la empresa; este buzón es de recepción.", "es-EC", "stranger"),
        ("Marisol es mi vecina, yo no sé por qué me escriben", "es-CO", "stranger"),
        ("ella ya no es mi esposa, no sé dónde vive", "es-US", "stranger"),
        ("sí soy yo, dígame", "es-CO", "other"),
        ("discrepo totalmente del saldo que informan", "es-ES", "dispute"),
        ("ese préstamo lo hizo otra persona con mis papeles", "es-PE", "dispute"),
        ("me están cobrando un internet que nunca me pusieron", "es-DO", "dispute"),
        ("no me llegó el código", "es-CO", "other"),
        ("el doctor Ramírez lleva mi proceso, comuníquese con él", "es-CO", "attorney"),
        ("páseme con la persona que lleva mi caso", "es-MX", "wants_person"),
        ("el abogado del edificio nos citó", "es-CO", "other"),
        ("mi capítulo 13 incluye esta cuenta", "es-PR", "bankruptcy"),
        ("la empresa donde trabajaba entró en quiebra y me despidieron", "es-CL", "hardship"),
        ("mi esposo ya no está con nosotros", "es-HN", "deceased"),
        ("soy la hija de doña Inés, ella falleció", "es-CO", "deceased third_party"),
        ("Javier ya no labora con nosotros", "es-MX", "stranger"),
        ("se nos fue la cosecha con la helada", "es-BO", "hardship"),
        ("mi perro se murió ayer", "es-CO", "other"),
        ("me lo descontaron de nómina", "es-MX", "already_paid"),
        ("apenas salga del trabajo paso a pagar", "es-VE", "promise"),
        ("mañana te leo", "es-AR", "other"),
        ("ya no me atormente con sus llamadas", "es-PE", "leave_alone"),
        ("me tienen curcuncho con tanta llamada", "es-CO", "leave_alone"),
        ("no me estén mande y mande mensajes", "es-MX", "leave_alone"),
        ("le solicito que se abstenga de contactarme nuevamente", "es-ES", "leave_alone"),
        ("deja de llamarme don, que tengo 25 años", "es-DO", "other"),
        ("no quiero que me sigan cobrando mora", "es-CO", "other"),
        ("al trabajo no me llamen", "es-AR", "other"),
        ("le contesta el vecino, don Beto dejó su celular aquí", "es-GT", "stranger third_party"),
        ("soy el marido, ella te paga el viernes", "es-CL", "third_party promise"),
        ("el trabajador que indica fue desvinculado de esta empresa", "es-CL", "stranger"),
        ("soy madre de dos niños y no me alcanza", "es-CO", "hardship"),
        ("el televisor salió malo a la semana y no me dieron solución", "es-MX", "dispute"),
        ("me cobran una supuesta deuda de hace años", "es-PE", "dispute"),
        ("con esa financiera yo no operé nunca", "es-AR", "dispute"),
        ("nunca había visto un mensaje tan largo", "es-CO", "other"),
        ("puse esto en manos de un profesional del derecho", "es-CO", "attorney"),
        ("trabajo en un bufete de abogados", "es-MX", "other"),
        ("usted es abogado o cobrador?", "es-PE", "identity"),
        ("me liquidaron patrimonialmente, lo resolvió el tribunal", "es-CL", "bankruptcy"),
        ("mi vecino se declaró en quiebra", "es-AR", "other"),
        ("la señora ya está en el camposanto", "es-GT", "deceased"),
        ("el joven se ahogó en el río", "es-EC", "deceased"),
        ("soy viuda y pensionada", "es-CO", "hardship"),
        ("falleció mi suegro y tuvimos que viajar al sur", "es-CL", "other"),
        ("que descanse en paz su jefe jajaja", "es-DO", "other"),
    ],
)
def test_spanish_is_understood_by_the_rules_in_roundabout_words_too(
    text: str, locale: str, intents: str
) -> None:
    heard = Heard(text, locale, SATURDAY, "COP", Decimal(850_000))
    assert [intent.value for intent in RULES.read(heard).intents] == intents.split()


@pytest.mark.parametrize(
    ("text", "locale", "intents"),
    [
        ("let this be the last text you send me", "en-US", "leave_alone"),
        ("low mi nuh", "en-JM", "leave_alone"),
        ("She hasn't lived here since 2019", "en-US", "stranger"),
        ("he sold me this sim", "en-US", "stranger"),
        ("you're talking to his wife", "en-US", "stranger"),
        ("show me one piece of paper with my signature", "en-US", "dispute"),
        ("mi never tek no loan from unnu", "en-JM", "dispute"),
        ("everything goes to our solicitor from now on", "en-GB", "attorney"),
        ("filed for BK, you got notice", "en-US", "bankruptcy"),
        ("he didn't make it through the surgery", "en-US", "deceased"),
        ("we laid him to rest in June", "en-US", "deceased"),
        ("garnished it from my wages already", "en-US", "already_paid"),
        ("Which bank do I deposit to?", "en-BZ", "balance"),
        ("what's the least you'd take", "en-US", "plan_request"),
        ("living in my sister's camper", "en-US", "hardship"),
        ("who sent this", "en-US", "identity"),
        ("evenings are best", "en-US", "preference"),
        ("Ok sounds good, have a blessed day", "en-US", "thanks"),
        ("This is Mr. Dobbs' assistant, he is traveling", "en-US", "stranger third_party"),
        ("no Mr. Castillo work here", "en-BZ", "stranger"),
        ("Her daughter here. She passed last fall", "en-US", "deceased stranger third_party"),
        ("I is only the landlord", "en-TT", "stranger third_party"),
        ("negative, that's my roomie, he's not home", "en-US", "stranger"),
        ("the Lord called him home on the 4th of July", "en-US", "deceased"),
        ("judge wiped all that out in 2024", "en-US", "bankruptcy"),
        ("the attorney I'm paying told me to zip it", "en-US", "attorney"),
        ("minors can't sign contracts", "en-US", "dispute"),
        ("I was never on that lease", "en-US", "dispute"),
        # What they only sound like.
        ("swear on my grandmother's grave, friday", "en-US", "promise"),
        (
            "this payment is gonna be the death of me, can we split it in 3?",
            "en-US",
            "plan_request",
        ),
        ("I'm not filing bankruptcy, my credit is just ugly", "en-US", "other"),
        ("I've got three errors in the statement from your client", "en-US", "dispute"),
        ("my laptop died", "en-US", "other"),
        ("My wife lost her job", "en-US", "hardship"),
        ("I'm basically bankrupt lol", "en-US", "hardship"),
        ("can't afford a lawyer", "en-US", "other"),
        ("your lawyer's letter had my address wrong", "en-US", "other"),
        ("I'm not disputing it, I'll pay it on Friday", "en-US", "promise"),
        ("The line was busy all day", "en-US", "other"),
    ],
)
def test_what_is_said_in_english_in_a_roundabout_way(text: str, locale: str, intents: str) -> None:
    found = RULES.read(Heard(text, locale, SATURDAY, "USD", Decimal(1_200)))
    assert [intent.value for intent in found.intents] == intents.split()


def test_a_message_says_several_things_each_with_its_words() -> None:
    found = read("el viernes les paso 200 mil, pero no me llamen al trabajo")
    assert found.intents == (Meaning.PROMISE, Meaning.PREFERENCE)
    assert {one.intent: one.words for one in found.evidence} == {
        Meaning.PROMISE: "el viernes les paso 200 mil",
        Meaning.PREFERENCE: "no me llamen al trabajo",
    }
    assert (found.amount, str(found.day)) == (Decimal(200_000), "2026-12-04")


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("perde meu número", "leave_alone"),
        ("vocês não têm mais o que fazer não?", "leave_alone"),
        ("parem de insistir", "leave_alone"),
        ("parem de cobrar juros", "other"),
        ("minha ex que usava esse número", "stranger"),
        ("esse e-mail da loja é confiável?", "identity"),
        ("de onde tiraram esse valor? eu devia 300", "dispute"),
        ("tem advogado no meio agora", "attorney"),
        ("meu advogado de divórcio é ótimo", "other"),
        ("os credores aprovaram o plano na assembleia", "bankruptcy"),
        ("o contador falou em falência mas acho exagero", "other"),
        ("vão cobrar no cemitério então", "deceased"),
        ("meu celular morreu", "other"),
        ("gastei tudo com o enterro da minha mãe", "hardship"),
        ("não liguem antes das nove da manhã", "preference"),
        ("vou pagar não", "other"),
        ("aqui é a neta, ela tá internada", "stranger hardship"),
        ("sou só a patroa dela", "stranger"),
        ("este número agora atende a barbearia", "stranger"),
        ("discaram o DDD errado", "stranger"),
        ("sou mãe de três e não tenho renda", "hardship"),
        ("Meu pai, titular do cartão, faleceu em maio", "deceased kin"),
        ("a titular nos deixou em junho", "deceased"),
        # Whose death, and whose bankruptcy.
        ("minha mãe faleceu em agosto, mas a dívida é minha", "hardship"),
        ("a empresa onde eu trabalhava pediu falência e fui demitida", "hardship"),
        ("não negocio sem meu advogado", "attorney"),
        ("Quem responde por mim é a Dra. Carla", "attorney"),
        ("todo dinheiro vai pro advogado do meu irmão", "hardship"),
        ("renovaram sozinho sem me perguntar", "dispute"),
        ("devo, não nego", "other"),
        ("Nunca mais mandem mensagem nesse telefone", "leave_alone"),
        ("parem de mandar com o nome da rua errado", "other"),
        ("para de me mandar o boleto cortado", "other"),
        ("mas não quero que parem de me avisar", "other"),
        ("que empresa é essa?", "identity"),
    ],
)
def test_what_the_rules_read_in_brazil(text: str, intents: str) -> None:
    heard = Heard(text, "pt-BR", SATURDAY, "BRL", Decimal(850))
    assert [intent.value for intent in RULES.read(heard).intents] == intents.split()


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        # "O" is an "or" in Spanish, and turns "o mi abogado" down; in Portuguese it is a "the".
        ("o advogado falou pra eu não conversar com vocês", "attorney"),
        # The one word by which a language could be told is a Spanish one.
        ("favor retornar ligação", "wants_person"),
        ("boleto pago", "already_paid"),
    ],
)
def test_what_another_language_says_of_a_word_does_not_matter(text: str, intents: str) -> None:
    heard = Heard(text, "pt-BR", SATURDAY, "BRL", Decimal(850))
    assert [intent.value for intent in RULES.read(heard).intents] == intents.split()


def test_what_cannot_be_known_stays_open() -> None:
    found = read("el sábado les pago 50")
    assert (found.amount, found.day) == (None, None)
    assert [str(day) for day in found.days] == ["2026-11-28", "2026-12-05"]
    assert found.confidence < read("el viernes les pago 50 mil").confidence


def test_what_is_not_understood_goes_to_a_person() -> None:
    assert read("asdf qwer").to_person
    assert read("páseme con un asesor").to_person
    assert not read("el viernes les pago 50 mil").to_person


def test_a_stop_is_heard_beside_whatever_else() -> None:
    found = read("ya les pagué el lunes. NO ME ESCRIBAN MÁS")
    assert set(found.intents) == {Meaning.OPT_OUT, Meaning.ALREADY_PAID}


@given(st.text(max_size=300), st.sampled_from(["es-CO", "pt-BR", "en-US", "xx"]))
def test_whatever_is_written_is_read(text: str, locale: str) -> None:
    found = read(text, locale)
    assert found.intents
    assert (found.day is None) or found.days == (found.day,)


def test_the_published_figures_are_those_of_today() -> None:
    files = sorted(LABELLED.glob("*.jsonl"))
    page = (Path(__file__).parents[3] / "docs" / "guide" / "reading-figures.md").read_text("utf-8")
    for file in files:
        for line in reading.tables(list(reading.read(reading.labelled([file])))):
            assert line in page, f"make docs: {file.name}"


def test_labels_are_whole() -> None:
    for file in LABELLED.glob("*.jsonl"):
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        assert len({row["id"] for row in rows}) == len(rows) > 0
        assert len({row["text"] for row in rows}) == len(rows)
