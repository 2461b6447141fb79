"""How, when and in which language somebody wants to be reached, as they write it.

A channel or an hour that is only mentioned ("I sent the receipt by WhatsApp", "I pay after five")
is no wish: it takes a word about reaching, or about what is preferred, beside it.
"""

import re
import unicodedata
from typing import Final, NamedTuple

from domain.channels import Channel
from domain.model import Model


class Hours(Model):
    """A stretch of the customer's day in which they want to be reached: ``HH:MM`` to ``24:00``."""

    opens: str
    closes: str


class Wish(NamedTuple):
    """What was read."""

    channel: Channel | None = None
    hours: tuple[Hours, ...] = ()
    words: str | None = None
    """The words by which a wish was known; None: channel and hours are only mentioned."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where hours of the day stand in the text, wished for or not: they are no sums."""
    names_person: bool = False
    """Whom they want to speak to is named, not only how."""


def _words(*alternatives: str) -> re.Pattern[str]:
    """Any of these, as whole words."""
    return re.compile(rf"\b(?:{'|'.join(' '.join(alternatives).split())})\b".replace("_", " "))


_REACH: Final = _words(
    r"llam\w* marqu\w* marcar\w* escrib\w* contact\w* comuni\w* timbr\w* avis\w* notific\w*",
    r"contest\w* atend\w* atiend\w* hablar hablen hableme hablenme mandenme mandeme mandame",
    r"envien\w* mensajes? msg liga ligue liguem ligar ligam ligac\w* chama chame chamem chamar",
    r"escrev\w* falar falem fale retorn\w* contatar contatem mandar? mandem",
    r"call\w* text\w* ring phone_me reach messag\w* write writing e-?mail_me answer speak talk",
    r"put_it_in molest\w* busc\w* encuentr\w* correspondence telefon\w*",
)
_PREFER: Final = _words(
    r"prefiero preferiria prefer prefiro preferia mejor melhor solo solamente unicamente nomas so",
    r"somente apenas only better best instead rather easier mas_facil mais_facil en_vez en_lugar",
    r"disponible disponivel available free puedo posso horario rapido",
)
_NOT: Final = _words(r"no nunca ni not dont don't never nada_de without sin no_more")
_NAO: Final = _words(r"nunca nao nem n jamais nada_de sem not dont")
"""Of Portuguese, in which "no zap" is "by WhatsApp"."""
_CHANNELS: Final = (
    (
        Channel.WHATSAPP,
        _words(
            r"whats?\s?app'?s? whatsap\w* watsap\w* wasap guasap wpp wp wsp whats zap zapzap wa"
        ),
    ),
    (Channel.SMS, _words(r"sms mensajes?_de_texto text_me texts? by_text torpedo")),
    (
        Channel.LETTER,
        _words(
            r"cartas? correo_(?:postal|fisico|certificado) letters?",
            r"(?:in|by|via)_(?:the_|us_)?(?:post|mail) mail_me",
        ),
    ),
    (Channel.EMAIL, _words(r"correos?(?:_electronico)? e-?mails? mails? imeil")),
    (
        Channel.VOICE,
        _words(
            r"llamenme llameme llamame llamarme marquenme marqueme marcame llam(?:en|e|ar|es)",
            r"llamadas? por_telefono pelo_telefone por_ligacao liga ligue liguem ligar",
            r"call ring phone_me by_phone marc(?:ar|arme)",
        ),
    ),
)
_PERSON: Final = _words(
    r"asesora? alguien persona humano agente atendente alguem pessoa someone somebody person human",
    r"agent supervisora? representante representative ejecutiv[oa] operadora? gerente manager",
)
_WORK: Final = re.compile(
    r"\b(?:no|nao|dont|don't|not|never|nunca)\b.{0,40}?\b(?:trabajo|oficina|chamba|pega|laburo|"
    r"empresa|servico|trabalho|escritorio|firma|work|job|office|workplace)\b"
)
_LANGUAGE: Final = re.compile(
    r"\b(?:(?:en|in|em|habla|hable|hablen|fala|speaks?|able) "
    r"(?:espanol|castellano|ingles|portugues|english|spanish|portuguese)|"
    r"(?:espanol|spanish|english) (?:por favor|please)|"
    r"no (?:hablo|entiendo|speak|falo) (?:ingles|english|espanol|spanish|portugues))\b"
)
_DAYS: Final = _words(
    r"domingos? sabados? fin(?:es)?_de_semana fim_de_semana finais_de_semana weekends? sundays?",
    r"saturdays? weekdays? entre_semana lunes martes miercoles jueves viernes mondays? tuesdays?",
    r"wednesdays? thursdays? fridays? segundas? tercas? quartas? quintas? sextas? feriados?",
    r"dias?_uteis? manana amanha tomorrow",
)

_THE: Final = r"(?:a |as |a las |las |la |das |da |de las |de la |de )?"
_EVENING: Final = (
    r"pm|p\.m\.|de la tarde|de la noche|da tarde|da noite|in the afternoon|in the evening|at night"
)
_MORNING: Final = r"am|a\.m\.|de la manana|da manha|in the morning"


def _hour(nth: int) -> str:
    return (
        rf"(?P<hour{nth}>\d{{1,2}})(?:[:h.](?P<minute{nth}>[0-5]\d))?\s?(?:h|hs|hrs|horas|o'?clock)?"
        rf"\s?(?:(?P<evening{nth}>{_EVENING})|(?P<morning{nth}>{_MORNING}))?"
    )


_BETWEEN: Final = re.compile(
    rf"\b(?:entre|between|from|das|de|desde) {_THE}{_hour(1)} "
    rf"(?:y|e|a|and|to|ate|hasta|til|until|as) {_THE}{_hour(2)}\b"
)
_AFTER: Final = re.compile(
    r"\b(?:despues de|a partir de|desde|pasadas?|luego de|depois|apos|a partir|after|from|past) "
    rf"{_THE}{_hour(1)}(?:\b|$)"
)
_BEFORE: Final = re.compile(
    rf"\b(?:antes de|antes|before|hasta|until|ate) {_THE}{_hour(1)}(?:\b|$)"
)
_AT: Final = re.compile(
    rf"\b(?:a las|as|at|tipo|a eso de las) {_hour(1)}(?:\b|$)|\b\d{{1,2}}\s?(?:am|pm|hs|hrs)\b"
)
_IN_THE: Final = r"(?:por|en|de|pela|a|x|na|in|at) (?:la |las |a |the )?"
_PARTS: Final = (
    (
        re.compile(rf"\b(?:{_IN_THE}(?:mananas?|manhas?)|(?:in the )?mornings?)\b"),
        ("06:00", "12:00"),
    ),
    (re.compile(rf"\b(?:{_IN_THE}tardes?|(?:in the )?afternoons?)\b"), ("12:00", "18:00")),
    (
        re.compile(rf"\b(?:{_IN_THE}(?:noches?|noite)|(?:in the )?evenings?|at night)\b"),
        ("18:00", "24:00"),
    ),
)
_LAST_OF_AFTERNOON: Final = 7
"""Up to this hour, without more said, those of the afternoon are meant: nobody is called at six."""
_NOON: Final = 12
_MIDNIGHT: Final = 24
_REACHES: Final = 24
"""Characters before a word in which a "no" is about it."""
_SHORT: Final = 8
"""Words of a text that says no more than when."""


def wish_in(text: str, locale: str) -> Wish:
    """What a text wishes, of its first 4,096 characters, in any of the three languages."""
    flat = _flat(text[:4096])
    hours, spans = _hours(flat)
    refused = _NAO if locale.startswith("pt") else _NOT
    channel = _channel(flat, refused)
    known = _known_by(flat, channel, hours, refused)
    words = None if known is None else text[known.start() : known.end()]
    named = _PERSON.search(flat) is not None
    return Wish(channel, hours, words, spans, names_person=named)


def _known_by(
    flat: str, channel: Channel | None, hours: tuple[Hours, ...], refused: re.Pattern[str]
) -> re.Match[str] | None:
    """The words that make a wish of what is named."""
    reach, prefer = _REACH.search(flat), _PREFER.search(flat)
    if reach and (place := _WORK.search(flat)):
        return place
    if language := _LANGUAGE.search(flat):
        return language
    if reach and hours:
        return reach
    if channel is not None and channel is not Channel.VOICE and (reach or prefer):
        return reach or prefer
    if prefer and hours and len(flat.split()) <= _SHORT:
        return prefer
    return _DAYS.search(flat) if reach and (prefer or refused.search(flat)) else None


def _flat(text: str) -> str:
    """Small letters without accents, each where it stood."""
    return "".join(unicodedata.normalize("NFD", char)[0] for char in text).lower().ljust(len(text))


def _channel(flat: str, refused: re.Pattern[str]) -> Channel | None:
    """The first channel that is not named only to be refused."""
    named = (
        (match.start(), channel)
        for channel, pattern in _CHANNELS
        for match in pattern.finditer(flat)
        if not refused.search(_just_before(flat, match.start()))
    )
    # Of two at one place the first of the list is the narrower.
    return min(named, key=lambda each: each[0], default=(0, None))[1]


def _just_before(flat: str, at: int) -> str:
    """What stands before a word, in its own clause."""
    return re.split(r"[,.;!?]", flat[max(0, at - _REACHES) : at])[-1]


def _hours(flat: str) -> tuple[tuple[Hours, ...], tuple[tuple[int, int], ...]]:
    """What stretches of the day are named, and where hours stand."""
    found: list[Hours] = []
    spans: list[tuple[int, int]] = []
    for pattern, reads in ((_BETWEEN, _from_to), (_AFTER, _from_on), (_BEFORE, _up_to)):
        for match in pattern.finditer(flat):
            if any(start < match.end() and match.start() < end for start, end in spans):
                continue
            stretch = reads(match)
            if stretch is not None:
                found.append(stretch)
                spans.append(match.span())
    spans += [match.span() for match in _AT.finditer(flat)]
    if not found:
        found = [
            Hours(opens=opens, closes=closes)
            for pattern, (opens, closes) in _PARTS
            if pattern.search(flat)
        ]
    return tuple(found), tuple(spans)


def _from_to(match: re.Match[str]) -> Hours | None:
    if match["evening2"] and not match["morning1"]:
        opens, closes = _clock(match, 1, evening=True), _clock(match, 2)
    else:
        opens, closes = _clock(match, 1), _clock(match, 2)
    if opens is None or closes is None or opens >= closes:
        return None
    return Hours(opens=opens, closes=closes)


def _from_on(match: re.Match[str]) -> Hours | None:
    opens = _clock(match, 1)
    return Hours(opens=opens, closes="24:00") if opens else None


def _up_to(match: re.Match[str]) -> Hours | None:
    closes = _clock(match, 1)
    return Hours(opens="00:00", closes=closes) if closes else None


def _clock(match: re.Match[str], nth: int, *, evening: bool = False) -> str | None:
    """An hour of the match as ``HH:MM``; None: it is none."""
    hour, minute = int(match[f"hour{nth}"]), match[f"minute{nth}"] or "00"
    evening = evening or match[f"evening{nth}"] is not None
    if hour < _NOON and (
        evening or (match[f"morning{nth}"] is None and 0 < hour <= _LAST_OF_AFTERNOON)
    ):
        hour += _NOON
    return f"{hour:02}:{minute}" if hour < _MIDNIGHT else None
