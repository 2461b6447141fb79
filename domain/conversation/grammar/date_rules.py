"""The shapes in which people name days: one rule for each, and the handler that says what it means.

Of two rules that begin at the same word, the one written first is tried first.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from domain.conversation.grammar import month_days, times, weekdays
from domain.conversation.grammar.date_words import pattern
from domain.conversation.grammar.found import (
    AFTER,
    ART,
    DAY,
    LATE,
    LEAD,
    MODS,
    NEXT_WEEK,
    NO_DAY,
    NUMBER,
    OF_MONTH,
    OF_WEEK,
    SEP,
    SEVERAL,
    TAIL,
    UNIT,
    WDAY,
    YEAR,
    Found,
    Handler,
    Item,
    Told,
)

_BEGINS: Final = "(?<![^stop comma paren])"
_ENDS: Final = "(?![^stop comma paren])"
_AHEAD: Final = "(?:[la a el los]|this|next|other_one|past|last){0,3}"
_SPAN: Final = f"{SEVERAL}(?:(?:or|to|a|dash){SEVERAL})?biz?{UNIT}biz?"
_WEAK: Final = (
    "(?:[la el al del da this next other_one last come past in]{1,3}[wweak mar]"
    "|(?<![^by to pay and or comma stop])[wweak mar](?![^stop comma num nth and or el])"
    "|(?<![^big])wweak(?![^stop comma])|(?<=[^num nth big])wweak(?=comma num|comma big))"
)
_ITS_NUMBER: Final = f"(?:comma?paren?(?:el|del|los|[la da el in]{{0,2}}day)?{NUMBER}{TAIL}?)"
_NOT_ORDINAL: Final = "(?![count quincena])"

_RULES: Final[Sequence[tuple[str, Handler]]] = (
    # What sounds like a day and is none.
    (
        "greet[la a el]?(?:today|wday|wdays|weekend|end de week|week|days|day|xmas|noche_buena"
        "|year new|new year|year|quincena|manana|part)",
        times.skip,
    ),
    (f"{_BEGINS}to(?:manana|tomo|soon){_ENDS}|de soon", times.skip),
    ("today in(?:day|fwd)|[de since]today(?:in|by)?fwd|since now(?:by|fwd)?", times.skip),
    (
        "[la every]manana|since ago" + SEVERAL + UNIT + f"|ago{SEVERAL}{UNIT}[de del da]?late",
        times.skip,
    ),
    # Days that are named from today.
    ("(?:manana|tomo)or(?:past|el?day?after)(?!de?[manana tomo])", times.tomorrow_or_after),
    ("past[manana tomo]|el?day?after de?[manana tomo]", times.in_days(2)),
    (
        f"de?(?:today|manana|tomo|el?wday)in(?:card|num)(?!{UNIT}|[money count pct colon])",
        times.in_eight,
    ),
    (
        "(?:soon)?today|now same|already same|same now|this[part manana]|(?<=pay)now",
        times.in_days(0),
    ),
    ("[manana tomo]", times.in_days(1)),
    ("yest|last part", times.in_days(-1)),
    ("ante|before de?yest|el?day before yest", times.in_days(-2)),
    # So many days from now, or from another day.
    (f"ago about?(?:{SEVERAL}|few){UNIT}|(?:{SEVERAL}|one?few){UNIT}ago", times.ago),
    (
        f"{SEVERAL}(?:week|days|day|mon)since el?(?:today|tomo|now|wday)"
        f"|{SEVERAL}week(?:today|tomo)",
        times.from_base,
    ),
    (f"de?today in about?{_SPAN}", times.in_some),
    (f"(?:in|de here|here)[a de to al el los next about by]{{0,3}}{_SPAN}{LATE}", times.in_some),
    (f"{SEVERAL}(?:day|days|week)more|{SEVERAL}more(?:days|week)", times.in_some),
    (
        "(?:(?<=[pay ask])|(?<=[pay ask][other la el de ask about]))about?"
        f"{SEVERAL}biz?(?:day|days|week)biz?{LATE}"
        f"|{_BEGINS}{SEVERAL}biz?(?:day|days|week|mon)biz?{_ENDS}",
        times.in_some,
    ),
    (
        "(?:in)?(?:one|about)?few de?(?:days|day|week|mon|hour)|in about(?:days|week|mon)",
        times.vague,
    ),
    # Days of wages and work.
    (
        f"{ART}{{0,2}}(?:(?:ord|ordn|nth|num|tens|card|last)(?:day biz|biz day)){OF_MONTH}?"
        "|[la a el al da del]?next(?:day biz|biz day)",
        times.business_day,
    ),
    (
        "[la a el al da del this next other_one last past every ord ordn nth wday]{0,4}quincena"
        f"{AFTER}?{OF_MONTH}?",
        times.quincena,
    ),
    ("day[de del da](?:pay|payday)|next?payday", times.payday),
    # Ends, beginnings and middles.
    (
        f"{ART}{{0,2}}(?:end|last day)[de del da]?{_AHEAD}mon{AFTER}?|eom|mon dash?end"
        f"|{ART}?(?:end|last day)[de del da]?[month mweak]{YEAR}?",
        times.month_end,
    ),
    (
        f"{ART}?end[de del da]?{_AHEAD}year{AFTER}?|{ART}?last day[de del da][el]?year",
        times.year_end,
    ),
    (f"{MODS}(?:weekend|end de week){AFTER}?", times.weekend),
    (f"{ART}?end(?:de|del|da){_AHEAD}week{AFTER}?", times.end_of_week),
    (
        # "La mitad en la quincena" is half of the debt.
        f"{ART}{{0,2}}(?:(?:start|mid)(?:days|day)?[de del da dash in]?|half[de del da dash]?)"
        f"{_AHEAD}"
        f"(?:mon|month|mweak|year|week|quincena){AFTER}?",
        times.vague,
    ),
    (f"{ART}{{0,2}}(?:ord|ordn|nth|last|wday)week{OF_MONTH}?", times.vague),
    # Weekdays.
    (f"{ART}?(?:ord|ordn|nth|last)wday(?:dash?feira)?{OF_MONTH}", times.weekday_of_month),
    ("(?:every|los)los?[wday wdays]|las?wdays", times.vague),
    (f"{NEXT_WEEK}comma?by?[la a el]?(?:{WDAY})", weekdays.weekday),
    (
        f"(?:{_WEAK}|(?<!one){MODS}{WDAY}){_NOT_ORDINAL}(?:{OF_WEEK}|{AFTER})?{_ITS_NUMBER}?",
        weekdays.weekday,
    ),
    # Feasts with a day of their own.
    ("eve[de da]{0,2}xmas|xmas eve|noche_buena", times.holiday(12, 24)),
    ("(?:day[de da])?xmas day?", times.holiday(12, 25)),
    ("eve[de da]{0,2}(?:year new|new year)|new year eve|reveillon", times.holiday(12, 31)),
    (f"{ART}?year new|new year day?", times.holiday(1, 1)),
    ("day de los?reyes|(?<=[by in to before de])los?reyes", times.holiday(1, 6)),
    ("black wday|cyber wday", times.black),
    # Dates and numbers of a month.
    (f"every[los la el]?day?{NUMBER}{TAIL}?", times.vague),
    (
        f"(?<![slash dash sign count]){LEAD}?(?:year4(?:dash|slash)num(?:dash|slash)num"
        "|num slash num(?:slash(?:num|big|year4)|[de del]year4)?"
        "|num[del da]num(?:[de del da]year4)?"
        f"|num dash num(?:dash(?:num|big|year4))?|dotted){NO_DAY}(?!slash|{TAIL})",
        month_days.figures,
    ),
    ("(?:[el al]day?|[la a]?day)grouped(?![money count pct])", month_days.pointed),
    (
        f"[month mweak]el?{DAY}{NO_DAY}(?:{SEP}el?{DAY}{NO_DAY})*(?:comma?[de del]?year4"
        "(?![money count pct]))?",
        month_days.month_first,
    ),
    (
        f"{LEAD}?{NUMBER}{TAIL}?(?:{SEP}{LEAD}?{NUMBER}{TAIL}?|al day?{NUMBER}{TAIL}?)*",
        month_days.numbers,
    ),
    # Times that are no days.
    (
        f"[la a el in]{{0,2}}(?:this|next|other_one|last|past|come)(?:week|mon|year|days){AFTER}?"
        f"|[la a el in]{{0,2}}(?:week|mon|year){AFTER}|in la week",
        times.vague,
    ),
    ("(?:other_one|some)day(?![num nth card])|one day de this|one de this days", times.vague),
    ("(?<=[in by to since])month" + YEAR + "?|(?:next|this)month|mon de month", times.vague),
    ("soon|cuanto before|before cuanto|more part|more by?(?:la|el)?fwd", times.vague),
    ("in?(?:when|cuanto)(?:[^stop comma]{1,3}?able(?:able)?|[^stop comma]{0,3}?paid)", times.when),
)

# No rule is without one of these; most words are none, and are passed over at once.
_HEARTS: Final = (
    "[num nth big year4 dotted grouped card tens qty ord ordn few wday wdays wweak mar month mweak"
    " today tomo manana part yest ante before after since ago day days week mon year hour end start"
    " mid half quincena weekend now already same soon when cuanto greet xmas noche_buena eve reyes"
    " black cyber reveillon payday eom new some more here]"
)
_BEFORE_HEARTS: Final = (
    "[la a el al del los las da de in to by one about this next other_one last past come every]"
)
_HAS_HEART: Final = re.compile(pattern(_HEARTS))
_ANY: Final = re.compile(
    pattern(f"(?={_BEFORE_HEARTS}{{0,4}}{_HEARTS})(?:")
    + "|".join(f"(?P<R{at}>{pattern(rule)})" for at, (rule, _) in enumerate(_RULES))
    + ")"
)
_HANDLERS: Final[Mapping[str, Handler]] = {
    f"R{at}": handler for at, (_, handler) in enumerate(_RULES)
}


def items_in(parts: str, values: Sequence[int], words: Sequence[str], told: Told) -> Iterable[Item]:
    """Every mention of a day or a time in a sentence, in order, none over another."""
    if not _HAS_HEART.search(parts):
        return
    for matched in _ANY.finditer(parts):
        rule = matched.lastgroup
        if rule is not None:
            yield from _HANDLERS[rule](Found(matched, values, words, told))
