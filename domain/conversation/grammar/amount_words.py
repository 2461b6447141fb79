"""The words of money in Spanish, Portuguese and English, each with its role and its value.

A number in words is made of units (1 to 9), teens (10 to 19, and 21 to 29 in one word), tens and
hundreds; ``mil`` and ``million`` multiply what stands before them.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Final, NamedTuple

from domain.conversation.grammar.date_words import slips_of
from domain.conversation.grammar.roles import word_set


class Word(NamedTuple):
    """What a word is in a sum, and what it is worth."""

    role: str
    value: int = 0
    alone: bool = False
    """Whether it is a number by itself ("mil"), and not only behind one ("k")."""


UNIT, TEEN, TEN, HUNDREDS = "unit", "teen", "ten", "hundreds"
HUNDRED, TIMES, ARTICLE, HALF, AND = "hundred", "times", "article", "half", "and"
NUMERALS: Final = frozenset({UNIT, TEEN, TEN, HUNDREDS, HUNDRED, TIMES, ARTICLE, HALF})

_ES: Final[Mapping[str, str]] = {
    UNIT: "1 uno | 2 dos do | 3 tres tre | 4 cuatro | 5 cinco | 6 seis | 7 siete | 8 ocho"
    " | 9 nueve",
    TEEN: "10 diez | 11 once | 12 doce | 13 trece | 14 catorce | 15 quince | 16 dieciseis"
    " | 17 diecisiete | 18 dieciocho | 19 diecinueve | 21 veintiuno veintiun veintiuna"
    " | 22 veintidos | 23 veintitres | 24 veinticuatro | 25 veinticinco | 26 veintiseis"
    " | 27 veintisiete | 28 veintiocho | 29 veintinueve",
    TEN: "20 veinte | 30 treinta treintita | 40 cuarenta cuarentita"
    " | 50 cincuenta sincuenta cincuentita | 60 sesenta | 70 setenta | 80 ochenta | 90 noventa",
    HUNDREDS: "100 cien ciento sien | 200 doscientos doscientas docientos | 300 trescientos"
    " trescientas trecientos | 400 cuatrocientos cuatrocientas | 500 quinientos quinientas"
    " | 600 seiscientos seiscientas | 700 setecientos setecientas | 800 ochocientos"
    " ochocientas | 900 novecientos novecientas",
    TIMES: "1000 mil k luca lucas luquita luquitas lks lk barra barras"
    " | 1000000 millon millones palo palos melon melones",
    ARTICLE: "1 un una | 2 do | 3 tre | 6 sei | 10 die",
    HUNDRED: "100 cientos cientas sientos",
    HALF: "1 medio media",
    AND: "1 y",
}

_PT: Final[Mapping[str, str]] = {
    UNIT: "1 | 2 dois duas | 3 tres | 4 quatro | 5 cinco | 6 seis | 7 sete | 8 oito | 9 nove",
    TEEN: "10 dez arara | 11 onze | 12 doze | 13 treze | 14 quatorze catorze | 15 quinze"
    " | 16 dezesseis dezasseis | 17 dezessete | 18 dezoito | 19 dezenove",
    TEN: "20 vinte vintinha vintao | 30 trinta trintinha trintao"
    " | 40 quarenta quarentinha quarentao"
    " | 50 cinquenta cinquentao cinquentinha galo onca oncinha"
    " | 60 sessenta sessentinha sessentao | 70 setenta setentinha setentao"
    " | 80 oitenta oitentao oitentinha | 90 noventa noventinha noventao",
    HUNDREDS: "100 cem cento cemzao centinho garoupa"
    " | 200 duzentos duzentas duzentao duzentinho"
    " | 300 trezentos trezentas trezentinho trezentao"
    " | 400 quatrocentos quatrocentas quatrocentao"
    " | 500 quinhentos quinhentas quinhentao | 600 seiscentos seiscentas seiscentao"
    " | 700 setecentos setecentas setecentao | 800 oitocentos oitocentas oitocentao"
    " | 900 novecentos novecentas novecentao",
    TIMES: "1000 mil k barao baroes milao | 1000000 milhao milhoes mi",
    ARTICLE: "1 um uma",
    HALF: "1 meio meia",
    AND: "1 e",
}

_EN: Final[Mapping[str, str]] = {
    UNIT: "1 one | 2 two | 3 three | 4 four | 5 five | 6 six | 7 seven | 8 eight | 9 nine",
    TEEN: "10 ten | 11 eleven | 12 twelve | 13 thirteen | 14 fourteen | 15 fifteen | 16 sixteen"
    " | 17 seventeen | 18 eighteen | 19 nineteen",
    TEN: "20 twenty | 30 thirty | 40 forty fourty | 50 fifty | 60 sixty | 70 seventy | 80 eighty"
    " | 90 ninety",
    HUNDRED: "100 hundred hunnid hunned hundo hundos benjamin benjamins",
    TIMES: "1000 thousand grand k | 1000000 million",
    ARTICLE: "1 a an",
    HALF: "1 half",
    AND: "1 and",
}

_ALONE: Final = word_set("mil millon milhao thousand million")

_PESOS: Final = ("ARS", "CLP", "COP", "CUP", "DOP", "MXN", "PHP", "UYU")
_DOLLARS: Final = ("USD", "CAD", "AUD", "NZD", "BZD", "BSD", "BBD", "JMD", "TTD")

CURRENCIES: Final[Mapping[str, frozenset[str]]] = {
    word: frozenset(codes)
    for words, codes in (
        ("peso pesos pesitos varos", _PESOS),
        ("mango mangos", ("ARS", "UYU", "BRL")),
        ("mirreis mirrei", ("BRL",)),
        ("vara varas baro baros", ("MXN", "GTQ", "HNL")),
        ("dolar dolares dollar dollars buck bucks dolars dolaritos dolarcitos", _DOLLARS),
        ("verdes usd palo palos", ("USD",)),
        ("real reais reales conto contos pila pilas pau paus prata pratas mirreis", ("BRL",)),
        ("sol soles solcitos luca lucas luquita luquitas lks", ("PEN",)),
        ("euro euros €", ("EUR",)),
        ("boliviano bolivianos", ("BOB",)),
        ("bolivar bolivares", ("VES",)),
        ("quetzal quetzales", ("GTQ",)),
        ("lempira lempiras", ("HNL",)),
        ("colon colones ₡", ("CRC", "SVC")),
        ("cordoba cordobas", ("NIO",)),
        ("guarani guaranies ₲", ("PYG",)),
        ("balboa balboas", ("PAB", "USD")),
        ("pound pounds quid £", ("GBP",)),
        *((code.lower(), (code,)) for code in (*_PESOS, *_DOLLARS[1:4])),
        *((code.lower(), (code,)) for code in ("BRL", "PEN", "EUR", "GTQ", "HNL", "CRC", "PYG")),
    )
    for word in words.split()
}
"""How currencies are called, and which may be meant; a luca is a thousand where it is no sol."""

LETTERED: Final[Mapping[str, frozenset[str]]] = {
    "q": frozenset({"GTQ"}),
    "l": frozenset({"HNL"}),
    "s": frozenset({"PEN"}),
}
"""Letters that are a currency where the figure follows without a space: Q1,500."""

SIGNED: Final[Mapping[str, frozenset[str]]] = {
    letters: frozenset({code})
    for letters, code in (
        ("r", "BRL"),
        ("us", "USD"),
        ("u", "USD"),
        ("mx", "MXN"),
        ("mex", "MXN"),
        ("col", "COP"),
        ("co", "COP"),
        ("ar", "ARS"),
        ("ca", "CAD"),
        ("rd", "DOP"),
    )
}
"""Letters before a dollar sign: R$, US$."""

DOCUMENT: Final = word_set(
    "cedula cc ci dni cpf cnpj rg nit rut rif curp rfc cuit cuil ssn ref referencia reference folio"
    " numero num nro no number factura fatura invoice contrato contract codigo code pin tel"
    " telefono telefone cel celular whatsapp phone cell calle carrera cra kra rua avenida"
    " apto apartamento piso cep zip documento document id radicado ticket pedido order tarjeta"
    " card cartao protocolo expediente credito account acct case caso #"
)
"""What stands before a number that counts no money."""

_FILLS: Final = word_set(": . # - es is e de del do da numero nro no num number mi my termina")

NOT_COUNTED: Final = word_set(
    "gracias disculpas perdones perdon obrigado obrigada obrigados desculpas thanks apologies"
    " cuotas cuota pagos abonos veces vez parcela parcelas vezes prestacoes prestacao pagamentos"
    " payments payment installments installment instalments times x dias dia semanas semana meses"
    " mes anos ano days day weeks week months month years year yrs horas hora hrs hr hs h hours"
    " hour minutos minuto min mins minutes minute segundos am pm personas hijos hijas filhos filhas"
    " bills pessoas people kids children mensajes llamadas calls messages veces facturas boletos"
    " km kg oclock o'clock grados correos cosas preguntas opciones habitaciones emails"
)
"""What makes a count, an age or an hour of the number before it."""

DISCOUNT: Final = word_set(
    "descuento desconto discount dcto dto rebaja off interes intereses juros interest quita menos"
    " tasa taxa multa seguro segura sure acuerdo acordo certeza cierto bateria"
)
"""Beside a per cent that is none of the debt."""

ASKING: Final = word_set("cual cuanto cuanta qual quanto quanta what what's how")

NOTES: Final = word_set("nota notas billete billetes cedula cedulas note notes")
"""What is counted where so many notes of so much are paid: "sete notas de cem"."""

_NO_SLIP: Final = frozenset({"novena", "siento", "sient", "centos", "cuenta", "secenta"})
_LONG: Final = 7


def fills(word: str) -> bool:
    """Whether a word may stand between "cédula" and its number."""
    return word in _FILLS


def _rows(rows: Mapping[str, str]) -> Iterator[tuple[str, Word]]:
    for role, row in rows.items():
        for group in row.split("|"):
            value, *words = group.split() or ["0"]
            for word in words:
                yield word, Word(role, int(value), word in _ALONE)


_LUCAS: Final = word_set("luca lucas luquita luquitas lks lk")
"""In Peru a sol, everywhere else a thousand."""
_PALOS: Final = word_set("palo palos")
"""Where dollars are owed, a dollar; elsewhere a million."""
_BARRAS: Final = word_set("barra barras")
"""A thousand in Colombia alone."""
_IN_ENGLISH: Final = (UNIT, TEEN, TEN, HUNDREDS, HUNDRED, TIMES)
_OWNS: Final = (UNIT, TEEN, TEN, HUNDRED)
_LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {"es": _ES, "pt": _PT, "en": _EN}


@cache
def numerals(language: str, currency: str = "") -> Mapping[str, Word]:
    """The words of numbers in ``language`` ("es", "pt", "en"), slips of the finger included.

    ``currency`` (ISO 4217) of the account: slang means other sums elsewhere, and who owes dollars
    counts in English, too.
    """
    words = dict(_rows(_LANGUAGES[language]))
    elsewhere = (
        _LUCAS if currency == "PEN" else (),
        _PALOS if currency == "USD" else (),
        () if currency == "COP" else _BARRAS,
    )
    for word in chain(*elsewhere):
        words.pop(word, None)
    if currency == "USD" and language == "es":
        english = {word: one for word, one in _rows(_EN) if one.role in _IN_ENGLISH}
        words = english | words
    if language == "en":  # "forty-five's coming your way"
        words |= {
            f"{word}'s": one for word, one in words.items() if one.role in _OWNS and one.value > 1
        }
    for word, meant in list(words.items()):
        if len(word) >= _LONG and "'" not in word:
            for slip in slips_of(word):
                if slip not in _NO_SLIP:
                    words.setdefault(slip, meant)
    return words
