"""The words of dates in Spanish, Portuguese and English, each with the part it plays.

`domain/conversation/dates.py` writes its rules in these parts: `wday` is a weekday (0 is Monday),
`month` a month, `num` a figure from 1 to 31. Words that mean something else as well ("sex", "sat",
"mar", "may") are `wweak` and `mweak` and need a word beside them that says which it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from domain.conversation.grammar.roles import Roles, word_set

ROLES: Final = Roles(
    # Articles, prepositions, signs, and what only fills.
    "el al del los la da de las in to a by and or comma dash slash stop pct sign money count"
    " other"
    # Figures: 1-31; 15th; other whole ones; 1900-2099; 1.234,56; 15.12.2026.
    " num nth big year4 grouped dotted"
    # Numbers in words: a day or a count; 20 and 30; a count alone (English); first and fifth.
    " card tens qty ord ordn one few"
    " wday wdays wweak mar month mweak today tomo manana part yest ante before past after since"
    " partir fwd this next other_one last come that every ago late day days week mon year hour"
    " biz feira end start mid quincena weekend now already same half pay ask soon when paid able"
    " greet present between new xmas noche_buena eve reyes black cyber reveillon some payday more"
    " here about cuanto eom paren colon"
)
PART: Final = ROLES.char
pattern = ROLES.pattern

NUMBERS: Final = frozenset(
    PART[name] for name in ("num", "nth", "big", "card", "tens", "qty", "ord", "one")
)
"""The parts whose values are numbers."""

Entry = tuple[str, int]
"""The character of a part, and its value: which weekday, which month, how many."""


_SIGNS: Final[Mapping[str, str]] = {
    "comma": ",",
    "dash": "-",
    "slash": "/",
    "stop": ". ; ! ? ¡ ¿ …",
    "paren": "( ) [ ]",
    "colon": ":",
    "pct": "%",
    "sign": "$ #",
    "money": "€ £",
    "and": "& +",
}

_ES: Final[Mapping[str, str]] = {
    "el": "el pal l",
    "al": "al",
    "del": "del",
    "los": "los",
    "la": "la lo",
    "de": "de d",
    "las": "las",
    "in": "en dentro",
    "to": "hasta asta",
    "a": "a",
    "by": "para pa por sobre hacia tipo",
    "about": "unos unas como aprox aproximadamente casi",
    "and": "y e",
    "or": "o u",
    "pct": "ciento porciento",
    "money": "mil k luca lucas lks palo palos peso pesos millon millones dolar dolares reales usd"
    " cop mxn ars clp varos soles barras",
    "count": "cuota cuotas pagos abonos vez veces minuto minutos min mins hijos personas facturas"
    " mensajes llamadas km kg am pm segundos piso metros",
    "one": "un una uno",
    "few": "pocos pocas algunos algunas par",
    "wday": "lunes lun | martes | miercoles mie mier | jueves jue juev | viernes vie vier viern"
    " | sabado sab | domingo",
    "wweak": "||||||dom",
    "wdays": "|||||sabados|domingos",
    "mar": "mar",
    "month": "enero ene | febrero feb | marzo | abril abr | mayo | junio jun | julio jul | agosto"
    " | septiembre setiembre sept sep | octubre oct | noviembre nov | diciembre dic dicie",
    "mweak": "||||may|||ago|set",
    "today": "hoy oy hoi ahorita orita aorita",
    "now": "ahora aora ahra",
    "already": "ya",
    "same": "mismo misma mismito",
    "manana": "manana mnn mann mnna mnan manhana maniana mannana",
    "part": "tarde noche madrugada mediodia",
    "yest": "ayer aller anoche",
    "ante": "anteayer antier antesdeayer antayer",
    "before": "antes",
    "past": "pasado pasada",
    "after": "despues dsp dps desp dspues luego depues",
    "since": "desde",
    "partir": "partir",
    "fwd": "adelante",
    "this": "este esta ese esa estos estas",
    "next": "proximo proxima proximos proximas prox siguiente entrante siguientes",
    "other_one": "otro otra",
    "last": "ultimo ultima",
    "come": "viene vienen",
    "that": "que q k",
    "every": "cada todos todas",
    "ago": "hace ase atras",
    "late": "mora atraso retraso vencido vencida vencidos vencidas atrasado atrasada atrasados",
    "day": "dia",
    "days": "dias",
    "week": "semana semanas",
    "mon": "mes meses",
    "year": "ano anos",
    "hour": "hora horas hrs hr hs h",
    "biz": "habil habiles abil laborable laborables laboral util utiles",
    "end": "fin final finales fines",
    "start": "principio principios inicio inicios comienzo comienzos primeros",
    "mid": "mediados mediado",
    "half": "mitad",
    "quincena": "quincena quinsena kincena quinzena",
    "weekend": "finde findes",
    "pay": "pago pagar pagare pagaria pagarles pagarle pagarlo pagarte pagamos abono abonar abonare"
    " cancelo cancelar cancelare deposito depositar consigno consignar transfiero transferir",
    "ask": "deme dame denme denos necesito nesecito espereme esperenme espere esperen plazo"
    " prorroga dan den da das regaleme aguanteme",
    "soon": "pronto prontito asap",
    "cuanto": "cuanto posible",
    "when": "cuando cuano kuando apenas",
    "paid": "paguen pagan pague paga cobre cobro cobremos pueda podamos tenga tengamos reciba"
    " depositen consignen llegue caiga venda consiga",
    "greet": "feliz felices buen buena lindo bonito excelente prospero",
    "present": "presente corriente",
    "between": "entre",
    "new": "nuevo",
    "xmas": "navidad navidades",
    "noche_buena": "nochebuena",
    "eve": "vispera",
    "reyes": "reyes",
    "reveillon": "nochevieja",
    "some": "algun alguno cualquier",
    "payday": "cobro paga",
    "more": "mas",
    "here": "aqui aca",
}

_PT: Final[Mapping[str, str]] = {
    "el": "pro",
    "al": "ao",
    "los": "os nos dos aos",
    "la": "o no na pra",
    "da": "do da",
    "de": "de d",
    "las": "as",
    "in": "em dentro daqui daki",
    "to": "ate",
    "a": "a",
    "by": "para por pelo pela",
    "about": "uns umas aproximadamente",
    "and": "e",
    "or": "ou",
    "pct": "cento porcento",
    "money": "mil k real reais conto contos pila pilas pau paus mango mangos milhao milhoes dolar"
    " dolares usd"
    " brl mi",
    "count": "vez vezes parcela parcelas via vias parte prestacao prestacoes cobranca opcao chance"
    " tentativa mensagem ligacao carta fatura metade minuto minutos min filhos pessoas boleto"
    " boletos pagamentos am pm andar x conta",
    "one": "um uma",
    "few": "alguns algumas poucos poucas par",
    "wday": "segunda seg segundona | terca tercona | quarta qua quartona | quinta qui quintona"
    " | sexta sextona | sabado sab sabadao | domingo domingao",
    "wweak": "|ter|||sex||dom",
    "wdays": "segundas|tercas|quartas|quintas|sextas|sabados|domingos",
    "month": "janeiro jan | fevereiro fev | marco | abril abr | maio | junho jun | julho jul"
    " | agosto ago | setembro | outubro | novembro nov | dezembro dez",
    "mweak": "||mar||mai||||set|out",
    "today": "hoje hj oje hje hojee",
    "now": "agora",
    "already": "ja",
    "same": "mesmo mesma",
    "tomo": "amanha amanh amnh amha amanhan amanham amnha",
    "part": "manha tarde noite madrugada",
    "yest": "ontem onten",
    "ante": "anteontem antontem",
    "before": "antes ante",
    "past": "passado passada",
    "after": "depois dps dpois depos apos dpos depoi",
    "since": "desde",
    "partir": "partir",
    "fwd": "diante frente",
    "this": "este esta esse essa neste nesta nesse nessa deste desta desse dessa nestes nesses",
    "next": "proximo proxima proximos proximas prox seguinte",
    "other_one": "outro outra",
    "last": "ultimo ultima",
    "come": "vem",
    "that": "que q",
    "every": "cada todo todos todas toda",
    "ago": "ha faz atras",
    "late": "atraso atrasado atrasada atrasados vencido vencida vencidos",
    "day": "dia",
    "days": "dias",
    "week": "semana semanas",
    "mon": "mes meses",
    "year": "ano anos",
    "hour": "hora horas hrs hr h hs",
    "biz": "util uteis utiu",
    "feira": "feira",
    "end": "fim final finais finalzinho",
    "start": "inicio comeco comecinho primeiros",
    "mid": "meados meio",
    "half": "metade",
    "quincena": "quinzena quinsena quincena",
    "weekend": "fds finde",
    "pay": "pago pagar pagarei pagaria deposito depositar transfiro transferir acertar acerto",
    "ask": "preciso prazo espere espera aguarde aguarda",
    "soon": "breve logo",
    "cuanto": "quanto possivel",
    "when": "quando qdo qnd assim",
    "paid": "receber pagarem cair puder tiver conseguir pagar vender recebo cai",
    "greet": "feliz bom boa otimo otima lindo prospero excelente",
    "present": "corrente",
    "between": "entre",
    "new": "novo",
    "xmas": "natal",
    "eve": "vespera",
    "reveillon": "reveillon",
    "some": "algum qualquer",
    "payday": "pagamento",
    "more": "mais",
    "here": "aqui",
}

_EN: Final[Mapping[str, str]] = {
    "el": "the th",
    "de": "of",
    "in": "in within",
    "to": "to until till til untill thru through",
    "one": "a an one",
    "by": "on by for around before",
    "las": "at",
    "about": "about like another roughly",
    "and": "and n",
    "or": "or",
    "pct": "percent",
    "money": "k thousand grand hundred hunnid hundo hundos hunned million dollar dollars buck"
    " bucks usd cents pesos",
    "count": "payment payments installment installments instalment instalments time times people"
    " kids am pm o'clock oclock thing party notice letter call half floor street st place name"
    " class minute minutes min mins x reminder message bill bills invoice",
    "few": "few couple several",
    "wday": "monday mon | tuesday tue tues | wednesday weds | thursday thu thur thurs"
    " | friday fri | saturday | sunday",
    "wweak": "||wed|||sat|sun",
    "wdays": "mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays",
    "month": "january jan | february feb | march | april apr | | june jun | july jul | august aug"
    " | september sept sep | october oct | november nov | december dec",
    "mweak": "||mar||may",
    "today": "today 2day tday tdy tonight tonite 2nite",
    "now": "now rn",
    "same": "right just straight",
    "tomo": "tomorrow tommorow tomorow tommorrow tmrw tmr tmrrw tmw tmrow tomoro tommoro tomo"
    " 2mrw 2mrrw 2moro 2morro 2morrow 2morow",
    "part": "morning afternoon evening night",
    "yest": "yesterday yday yest",
    "before": "before",
    "after": "after",
    "since": "from since",
    "fwd": "onwards onward forward",
    "this": "this these",
    "next": "next nxt",
    "other_one": "other",
    "last": "last past",
    "come": "coming following upcoming",
    "every": "every each",
    "ago": "ago",
    "late": "late overdue behind delinquent",
    "day": "day",
    "days": "days",
    "week": "week weeks wk wks | fortnight fortnights",
    "mon": "month months month's",
    "year": "year years year's",
    "hour": "hour hours hr hrs h",
    "biz": "business working work",
    "end": "end",
    "eom": "eom",
    "start": "beginning begining start early",
    "mid": "middle mid",
    "half": "half",
    "weekend": "weekend wknd weeknd",
    "pay": "pay paying payment send sending make",
    "ask": "need give gimme wait",
    "soon": "soon asap later shortly eventually someday sometime",
    "when": "when once whenever",
    "able": "paid can able get have receive clears hits",
    "greet": "happy merry good great nice lovely wonderful",
    "between": "between btwn",
    "new": "new",
    "xmas": "christmas xmas",
    "eve": "eve",
    "black": "black",
    "cyber": "cyber",
    "some": "some",
    "payday": "payday paycheck",
    "more": "more",
    "here": "here",
}

_NUMBERS: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {
        "card": "||dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince"
        "|dieciseis|diecisiete|dieciocho|diecinueve||veintiuno veintiun|veintidos|veintitres"
        "|veinticuatro|veinticinco|veintiseis|veintisiete|veintiocho|veintinueve",
        "ord": "|primero primer",
        "ordn": "|primera|segundo segunda|tercer tercero tercera|cuarto|quinto|sexto|septimo"
        "|octavo|noveno|decimo",
    },
    "pt": {
        "card": "||dois duas|tres|quatro|cinco|seis|sete|oito|nove|dez|onze|doze|treze"
        "|quatorze catorze|quinze|dezesseis dezasseis|dezessete|dezoito|dezenove",
        "ord": "|primeiro",
        "ordn": "|primeira|segundo|terceiro terceira|quarto|quinto|sexto|setimo|oitavo|nono|decimo",
    },
    "en": {
        "qty": "||two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
        "|fifteen|sixteen|seventeen|eighteen|nineteen",
        "ord": "|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
        "|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth"
        "||||||||||thirtieth",
    },
}
_TENS: Final = {"veinte": 20, "treinta": 30, "vinte": 20, "trinta": 30, "twenty": 20, "thirty": 30}

_SLIPPERY: Final = frozenset({"wday", "month", "manana", "tomo", "quincena", "today", "week"})
"""Parts whose long words are read with a slip of the finger, too."""

_NO_SLIP: Final = word_set(
    "artes mates marte partes frida quita quina viene viernes vienes sabor sonado mayor agoto"
    " seta sexa teca mana sexto quinto quarto cuarta octava"
    " abri maro marc mach marsh macro dice dici juio juho juli juno"
)
"""Other words, one slip away from ours, and what is one slip away from two ("juio")."""

_LONG: Final = 6
_FOREIGN_LONG: Final = 5
_NOT_FOREIGN: Final = frozenset({"segunda", "quinta", "terca", "quarta", "march", "today"})


def slips_of(word: str) -> Iterator[str]:
    """A letter left out, typed twice or swapped with the next, b for v, n for m, z or c for s."""
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at] + word[at:]
        if at + 1 < len(word):
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    for meant, typed in (
        ("v", "b"),
        ("b", "v"),
        ("mb", "nb"),
        ("mb", "nv"),
        ("s", "z"),
        ("c", "s"),
    ):
        if meant in word:
            yield word.replace(meant, typed)


def _written(rows: Mapping[str, str], first: int = 0) -> Iterator[tuple[str, str, int]]:
    """Each word with its part and its value; a bar stands between one value and the next."""
    for part, row in rows.items():
        begin = 1 if part in ("month", "mweak") else first
        for value, group in enumerate(row.split("|"), begin):
            for word in group.split():
                yield word, part, value


def own_words(language: str) -> frozenset[str]:
    """The words of ``language`` alone, without slips."""
    rows = ({"es": _ES, "pt": _PT, "en": _EN}[language], _NUMBERS[language])
    return frozenset(word for row in rows for word, _, _ in _written(row))


@cache
def lexicon(language: str) -> Mapping[str, Entry]:
    """All words of ``language`` ("es", "pt", "en"), and the unmistakable ones of the others."""
    own = {"es": _ES, "pt": _PT, "en": _EN}
    words: dict[str, Entry] = {}
    for other, rows in own.items():
        for word, part, value in _written(rows):
            if (
                other != language
                and part in ("wday", "month", "tomo", "manana")
                and len(word) >= _FOREIGN_LONG
                and word not in _NOT_FOREIGN
            ):
                words[word] = (PART[part], value)
    ours = [*_written(_SIGNS), *_written(_NUMBERS[language]), *_written(own[language])]
    ours += [(word, "tens", value) for word, value in _TENS.items()]
    ours.append(("\n", "stop", 0))
    for word, part, value in ours:
        words[word] = (PART[part], 1 if part == "one" else value)
    for word, part, value in ours:
        if part in _SLIPPERY and len(word) >= (_LONG - (part in ("wday", "month"))):
            for slip in slips_of(word):
                if slip not in _NO_SLIP:
                    words.setdefault(slip, (PART[part], value))
    return words


_DOTTED: Final = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2})")
_PT_WEEKDAYS: Final = {f"{number}a": (PART["wday"], number - 2) for number in range(2, 7)}
"""Portuguese counts them: "na 4ª" is on Wednesday."""
_OTHER: Final[Entry] = (PART["other"], 0)


def figure(word: str) -> Entry:
    """The part of a word that begins with a digit, and its value where it is a whole number."""
    digits = word.rstrip("abcdefghijklmnopqrstuvwxyz")
    if not digits.isdigit():
        return (PART["dotted"] if _DOTTED.fullmatch(word) else PART["grouped"]), 0
    if len(digits) > 4:  # no day, no year: the number of an account, say
        return PART["big"], 0
    value = int(digits)
    if len(digits) <= 2 and 1 <= value <= 31:
        return PART["num" if digits == word else "nth"], value
    if len(digits) == 4 and 1900 <= value <= 2099 and digits == word:
        return PART["year4"], value
    return PART["big"], value


def parts(words: Sequence[str], language: str) -> tuple[str, list[int]]:
    """The parts of ``words``, one character each, and their values."""
    known = lexicon(language)
    weekdays = _PT_WEEKDAYS if language == "pt" else {}
    entries = [
        known.get(word)
        or weekdays.get(word)
        or (figure(word) if word[0] in "0123456789" else _OTHER)
        for word in words
    ]
    return "".join([part for part, _ in entries]), [value for _, value in entries]
