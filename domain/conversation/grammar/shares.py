"""Shares of a debt in words: all of it, half, a third. Per cents in figures are not read here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Final, NamedTuple

from domain.conversation.grammar.amount_words import ASKING, DISCOUNT
from domain.conversation.grammar.roles import Roles

_ROLES: Final = Roles(
    "all whole total sum debt it art in pay off half third thirdly quarter quarterly part one"
    " number settle owe that time end other joint"
)
_BY_LANGUAGE: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {
        "all": "todo toda todito todita",
        "whole": "completo completa entero entera integro integra completito completita enterito"
        " enterita",
        "total": "total",
        "sum": "totalidad",
        "debt": "saldo deuda monto valor obligacion cuenta cuestion vale prestamo credito factura"
        " recibo",
        "it": "lo",
        "art": "el la los mi su al del de",
        "pay": "pago pagar pagare pagaria pagarlo pagarla pagarle pagarles pagamos abonar abono"
        " cancelar cancelo cancelare cancelarlo cancelamos doy damos deposito depositare transfiero"
        " transferire consigno consignare liquido liquidare llevo mando paso"
        " pongo giro envio entrego yapeo",
        "half": "mitad mita mitadita",
        "third": "tercio tercios",
        "thirdly": "tercera",
        "quarter": "cuarto cuartos",
        "quarterly": "cuarta",
        "part": "parte",
        "one": "un una",
        "number": "dos tres",
        "settle": "liquidar saldar",
        "owe": "debo adeudo",
        "that": "que",
        "time": "mes meses ano anos semana dia dias hora horas camino precio edad tarde noche",
        "joint": "hoy manana ahora y o para en por ya con a yo les le te se",
    },
    "pt": {
        "all": "tudo todo toda",
        "whole": "completo completa inteiro inteira integral cheio cheia todinho todinha"
        " inteirinho",
        "total": "total",
        "sum": "totalidade",
        "debt": "saldo divida valor debito conta montante boleto",
        "it": "isso",
        "art": "o a os as meu minha sua seu do da de",
        "pay": "pago pagar pagarei pagaria pagamos pagaremos acertar acerto deposito depositarei"
        " transfiro transferirei quito liquido mando envio passo levo boto arrumo",
        "half": "metade",
        "third": "terco tercos",
        "thirdly": "terca",
        "quarter": "quarto quartos",
        "quarterly": "quarta",
        "part": "parte",
        "one": "um uma",
        "number": "dois duas tres",
        "settle": "liquidar quitar",
        "owe": "devo",
        "that": "que",
        "time": "mes meses ano anos semana dia dias hora horas caminho preco noite",
        "joint": "hoje amanha agora e ou para em na no ate dia por ja com eu a te lhe",
    },
    "en": {
        "all": "all everything",
        "whole": "whole full entire",
        "total": "total",
        "debt": "balance amount debt thing bill sum payment enchilada shebang lot kit",
        "it": "it",
        "art": "the my of that this",
        "in": "in",
        "pay": "pay paying send sending",
        "off": "off",
        "half": "half",
        "third": "third thirds",
        "quarter": "quarter quarters",
        "one": "a an one",
        "number": "two three",
        "settle": "payoff",
        "owe": "owe",
        "that": "what i",
        "time": "month months year years week weeks day days hour hours past time way price",
        "joint": "today tomorrow now and or on by this next for",
    },
}
_ENDS: Final = frozenset(".,;!?\n:()")


class Share(NamedTuple):
    """A share of the balance, its first word and the word after it."""

    of_all: Fraction
    begin: int
    end: int


_ARTS: Final = "[art it]{0,2}"
_WHOLE: Final = (
    "all whole|pay art debt whole"
    f"|all{_ARTS}(?:[debt sum total]|whole debt)(?:total|whole)?"
    f"|all{_ARTS}that{{1,2}}owe|all art it"
    f"|art?[whole total]art?debt|debt(?:art debt)?[whole total]|art total(?!debt)|sum"
    "|in whole|pay art?[whole total](?!time)|whole pay|it all|pay it?off"
    f"|settle(?:{_ARTS}debt(?:whole|total)?)?|pay{_ARTS}that{{1,2}}owe"
)
_ALONE: Final = "all"
_FINISH: Final = "(?![^end joint in art one debt])"
_THIRDS: Final = f"[one number art]third{_FINISH}|[one number art]?thirdly part"
_QUARTERS: Final = "[one number]quarter(?=art)(?!art time)|[one art number]{0,2}quarterly part"
_QUARTERS_PAID: Final = f"(?<=pay)[one number]quarter{_FINISH}"
_HALF: Final = "art?half(?!art{0,2}one?time)"
_OF_WHAT: Final = "(?:art{1,3}(?:whole|all)?[debt total sum it whole all]{1,2})?"
"""\"Del total\", behind a share: no sum of its own."""
_RULES: Final = re.compile(
    "|".join(
        f"(?P<R{name}>{_ROLES.pattern(rule)})"
        for name, rule in (
            ("WHOLE", _WHOLE),
            ("ALONE", _ALONE),
            ("THIRDS", f"(?:{_THIRDS}){_OF_WHAT}"),
            ("QUARTERS", f"(?:{_QUARTERS}|{_QUARTERS_PAID}){_OF_WHAT}"),
            ("HALF", _HALF + _OF_WHAT),
        )
    )
)
_HEARTS: Final = re.compile(
    _ROLES.pattern("[all whole total sum half third thirdly quarter quarterly settle off owe]")
)
_NUMBERS: Final = {"dos": 2, "dois": 2, "duas": 2, "two": 2, "tres": 3, "three": 3}
_LOOKBACK: Final = 4


@cache
def _lexicon(language: str) -> Mapping[str, str]:
    said = {
        word: _ROLES.char[role]
        for role, words in _BY_LANGUAGE[language].items()
        for word in words.split()
    }
    return said | dict.fromkeys(_ENDS, _ROLES.char["end"])


def shares_in(words: Sequence[str], language: str) -> list[Share]:
    """Every share that the words name, in order, none over another."""
    known, other, end = _lexicon(language), _ROLES.char["other"], _ROLES.char["end"]
    said = "".join(
        [known.get(word) or (other if word[0].isalnum() else end) for word in words]  # 🙏 ends, too
    )
    if not _HEARTS.search(said):
        return []
    return list(_found(said, words))


def _found(said: str, words: Sequence[str]) -> Iterable[Share]:
    for found in _RULES.finditer(said):
        begin, end = found.span()
        if _is_other(words, begin, end):
            continue
        if found.lastgroup == "RWHOLE" or (found.lastgroup == "RALONE" and _is_bare(said, begin)):
            yield Share(Fraction(1), begin, end)
        elif found.lastgroup != "RALONE":
            parts = {"RTHIRDS": 3, "RQUARTERS": 4, "RHALF": 2}[found.lastgroup or "RHALF"]
            count = next((_NUMBERS[w] for w in words[begin:end] if w in _NUMBERS), 1)
            if count < parts:
                yield Share(Fraction(count, parts), begin, end)


def _is_other(words: Sequence[str], begin: int, end: int) -> bool:
    """Whether the total is asked for, or a discount spoken of."""
    before, after = words[max(0, begin - _LOOKBACK) : begin], words[end : end + 2]
    return not ASKING.isdisjoint(before) or not DISCOUNT.isdisjoint(after)


_AFTER_ALL: Final = re.compile(_ROLES.pattern("(?![^end joint in art])(?!art time)"))
_BEFORE_ALL: Final = re.compile(_ROLES.pattern("(?:^end*|pay it?|pay other)$"))


def _is_bare(said: str, at: int) -> bool:
    """Whether "todo" means the debt: after a verb of paying, or as all that is said."""
    begin = max(0, at - 3)
    before = said[begin:at]
    alone = begin == 0 and not before.strip(_ROLES.char["end"])
    return bool((alone or _BEFORE_ALL.search(before)) and _AFTER_ALL.match(said, at + 1))
