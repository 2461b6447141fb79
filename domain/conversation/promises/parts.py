"""A promise of several dates: "100 mil el viernes y 200 mil el 30", each sum with its day.

It never guesses. Sums and days take turns, in pairs whose halves stand beside each other; each is
sure by itself; no day is told twice; and nothing stands between or before them but words that say
no more than that it will be paid. All else is a person's: an "or", an "if", a question, a hedge, a
rest that nobody has named.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from domain.conversation.amounts import Sum
from domain.conversation.dates import Named
from domain.conversation.grammar.roles import word_set
from domain.conversation.grammar.tokens import Words
from domain.model import Model


class PromisedPart(Model):
    """One sum by one day."""

    amount: Decimal
    day: date


MOST: Final = 12
"""Pairs of one message that are read; what lists more is a plan, and a person's."""

_LEADS: Final = word_set(
    ". : - ( = > el la los las lo para pa por a al en de del dia dias hasta antes este esta mas "
    "pra pro no na em ate do da mais on by the in at for this next more "
)
"""Beside a sum and its day, in front or between. An "and" there would tell of another sum."""
_PAYS: Final = word_set(
    "pago pagare pagar abono abonare abonar doy dare dar deposito depositare consigno consignare "
    "paso pasare transfiero transferire mando mandare envio enviare giro pagarei depositarei "
    "transfiro passo dou pay send transfer deposit do voy vou will i i'll ill yo eu le les te lhe "
    "lhes vos you ustedes voces"
)
_REST: Final = word_set(
    "otro otra otros otras outro outra outros outras other another faltantes restante restantes "
    "resto remaining rest"
)
"""Before a sum that is named: "y los otros 200 mil"."""
_FURTHER: Final = (
    _REST
    | word_set(", ; . ) + y and luego despues depois entonces then plus also tambien tambem")
    | {"\n"}
)
"""Between one pair and the next."""
_COMMA: Final = frozenset({","})
_HEDGED: Final = word_set(
    "? ¿ if unless maybe perhaps probably might could should hope hopefully try trying think guess "
    "about around almost approximately less least either or nor cannot can't cant won't wont don't "
    "dont until when whenever once depends tal quiza quizas creo pienso espero esperando trato "
    "tratar tratare tratando intento intentar intentare ojala depende dependiendo posible "
    "posiblemente probablemente puede podria podriamos quisiera aproximadamente aprox casi unos "
    "unas como cuando apenas ni nunca tampoco sino menos maximo minimo talvez acho tento tentar "
    "tentarei caso quando assim nem poderia gostaria uns umas quase cerca provavelmente possivel "
    "ou u"
)
"""Wherever one of these stands, it is not sure that it is promised so."""
_OTHERWISE: Final = word_set(
    "paga pays boss pagan pagam pagaron paid cobro cobramos cobran cobram cobraron recibo recibire "
    "recibimos recebo receber recebemos receive get getting entra entran llega llegan cae caen "
    "gano ganho debo debia debemos devo devia owe owed pidieron piden pedem pediram exigen exigem "
    "prestan prestaron emprestaram cada todos todas each every mensual mensuales semanal quincenal "
    "mensalmente cuota cuotas parcela parcelas installments instalments"
)
"""Sums and days beside these are of something else: what they are paid, owe, or pay every month."""


def parts_in(
    read: Words,
    language: str,
    named: Sequence[Named],
    sums: Sequence[Sum],
    today: date,
) -> tuple[PromisedPart, ...]:
    """The parts that a message promises, by date; none where it does not name two or more of them,
    or leaves any room.

    ``named`` and ``sums`` are all that are named in the message, in order of appearance.
    """
    if len(named) != len(sums) or not 2 <= len(sums) <= MOST:
        return ()
    if not all(one.kind is Named.Kind.ONE and len(one.days) == 1 for one in named):
        return ()
    if not all(len(one.values) == 1 for one in sums):
        return ()
    if not _by_turns(named, sums) or _leaves_room(read, language, named, sums):
        return ()
    found = [
        PromisedPart(amount=one.values[0], day=day.days[0])
        for one, day in zip(sums, named, strict=True)
    ]
    days = {one.day for one in found}
    if len(days) < len(found) or min(days) < today:
        return ()
    return tuple(sorted(found, key=lambda one: one.day))


def _by_turns(named: Sequence[Named], sums: Sequence[Sum]) -> bool:
    """Whether each sum stands before its day, or each behind it."""
    pairs = list(zip(sums, named, strict=True))
    turns = [first for pair in pairs for first in (pair[0].start, pair[1].start)]
    other = [first for pair in pairs for first in (pair[1].start, pair[0].start)]
    return turns == sorted(turns) or other == sorted(other)


def _leaves_room(read: Words, language: str, named: Sequence[Named], sums: Sequence[Sum]) -> bool:
    """Whether a word may make another thing of it."""
    places = sorted(
        [*((one.start, one.end) for one in named), *((one.start, one.end) for one in sums)]
    )
    told = [
        (word, start)
        for word, (start, end) in zip(read.words, read.places(), strict=True)
        if not any(begin < end and start < over for begin, over in places)
    ]
    portuguese = language == "pt"
    words = {word for word, _ in told}
    hedged = _HEDGED | _OTHERWISE | ({"se", "nao"} if portuguese else {"o"})
    if words & hedged:
        return True
    before = [word for word, start in told if start < places[0][0]]
    after = {word for word, start in told if start >= places[-1][1]}
    if _is_conditional(before) or "si" in after:
        return True
    if not portuguese and ("no" in before or "no" in after or "not" in words):
        return True
    day_first = min(one.start for one in named) < min(one.start for one in sums)
    articles = {"o", "os", "as"} if portuguese else set()
    leads = _LEADS | _PAYS | (_COMMA | _REST | articles if day_first else frozenset())
    further = _LEADS | _PAYS | _FURTHER | articles | {"e"}
    gaps = enumerate(_gaps(told, places))
    return not all(set(gap) <= (further if number % 2 else leads) for number, gap in gaps)


def _gaps(
    told: Sequence[tuple[str, int]], places: Sequence[tuple[int, int]]
) -> Iterator[list[str]]:
    """The words between each two neighbours, in order."""
    for (_, begin), (end, _) in pairwise(places):
        yield [word for word, start in told if begin <= start < end]


def _is_conditional(before: Sequence[str]) -> bool:
    """Whether an "if" goes before all. Without its accent "sí" is "si": a comma tells which."""
    return any(
        word == "si" and after not in (",", ".", "!", ";", ":")
        for word, after in zip(before, (*before[1:], ""), strict=False)
    )
