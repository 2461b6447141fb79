"""The words and phrases by which wishes of how to be reached are known, in three languages."""

import re
from typing import Final

from domain.channels import Channel


def _words(*alternatives: str) -> re.Pattern[str]:
    """Any of these, as whole words."""
    return re.compile(rf"\b(?:{'|'.join(' '.join(alternatives).split())})\b".replace("_", " "))


REACH: Final = _words(
    r"llam\w* marqu\w* marcar\w* escrib\w* contact\w* comuni\w* timbr\w* avis\w* notific\w*",
    r"contest\w* atend\w* atiend\w* hablar hablen hableme hablenme mandenme mandeme mandame",
    r"envien\w* mensajes? msg liga ligue liguem ligar ligam ligac\w* chama chame chamem chamar",
    r"escrev\w* falar falem fale retorn\w* contatar contatem mandar? mandem",
    r"call\w* text\w* ring phone_me reach messag\w* write writing e-?mail_me answer speak talk",
    r"put_it_in molest\w* busc\w* encuentr\w* correspondence telefon\w*",
)
PREFER: Final = _words(
    r"prefiero preferiria prefer prefiro preferia mejor melhor solo solamente unicamente nomas so",
    r"somente apenas only better best instead rather easier mas_facil mais_facil en_vez en_lugar",
    r"disponible disponivel available free puedo posso horario rapido",
)
PREFER_EN: Final = _words(
    r"prefer only better best instead rather easier easiest preferred available free",
    r"(?:is|are|s|works?)_(?:fine|ok|okay|good|acceptable|easier)",
)
"""Of English, in which "so" is no "only"."""
MENTION: Final = re.compile(
    r"(?:texts?\b(?! (?:me|us|only|instead|please|pls)\b)|texted|texting|calls\b|called)"
    r"|(?:(?<=\bu )|(?<=\byou )|(?<=\bto )|(?<=\bever ))text\b"
    r"|call (?:list|registry)\b|(?:(?<=\byou )|(?<=\bi'll ))call\b"
)
"""Messages spoken of, where nothing is said of how to reach: "these texts", "you text me daily"."""
NOT: Final = _words(r"no nunca ni not dont don't never nada_de without sin no_more")
NAO: Final = _words(r"nunca nao nem n jamais nada_de sem not dont")
"""Of Portuguese, in which "no zap" is "by WhatsApp"."""
CHANNELS: Final = (
    (
        Channel.WHATSAPP,
        _words(
            r"whats?\s?app'?s? whatsap\w* watsap\w* wats wasap guasap wpp wp wsp whats",
            r"zap zapzap wa",
        ),
    ),
    (Channel.SMS, _words(r"sms mensajes?_de_texto text_me texts? by_text torpedo")),
    (
        Channel.LETTER,
        _words(
            r"cartas? correo_(?:postal|fisico|certificado)",
            r"(?<!\bthe_)(?<!\bthis_)(?<!\bthat_)(?<!\byour_)(?<!\brep_)letters?",
            r"(?<!\bcame_)(?<!\bgot_it_)(?:in|by|via)_(?:the_|us_)?(?:post|mail) mail_me",
        ),
    ),
    (
        Channel.EMAIL,
        _words(
            r"correos?(?:_electronico)? e-?mails? (?<!\bown_)(?<!\bher_)(?<!\bhis_)mails? imeil"
        ),
    ),
    (
        Channel.VOICE,
        _words(
            r"llamenme llameme llamame llamarme marquenme marqueme marcame llam(?:en|e|ar|es)",
            r"llamadas? por_telefono pelo_telefone por_ligacao liga ligue liguem ligar",
            r"call ring phone_me by_phone marc(?:ar|arme)",
        ),
    ),
)
PERSON: Final = _words(
    r"asesora? alguien persona humano agente atendente alguem pessoa someone somebody person human",
    r"agent supervisora? representante representative ejecutiv[oa] operadora? gerente manager",
)
WORK: Final = re.compile(
    r"\b(?:no|nao|dont|don't|not|never|nunca)\b.{0,40}?\b(?:trabajo|oficina|chamba|pega|laburo|"
    r"empresa|servico|trabalho|escritorio|firma|work|job|(?<!\bour )office|workplace)\b"
)
LANGUAGE: Final = re.compile(
    r"\b(?:(?:en|in|em|habla|hable|hablen|fala|speaks?|able) "
    r"(?:espanol|castellano|ingles|portugues|english|spanish|portuguese)|"
    r"(?:espanol|spanish|english) (?:por favor|please)|"
    r"no (?:hablo|entiendo|speak|falo) (?:ingles|english|espanol|spanish|portugues))\b"
)
DAYS: Final = _words(
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


BETWEEN: Final = re.compile(
    rf"\b(?:entre|between|from|das|de|desde) {_THE}{_hour(1)} "
    rf"(?:y|e|a|and|to|ate|hasta|til|until|as) {_THE}{_hour(2)}\b"
)
AFTER: Final = re.compile(
    r"\b(?:(?:despues|dps|desp) de|a partir de|desde|pasadas?|luego de|depois|dps|apos|a partir|"
    r"after|from|past) "
    rf"{_THE}{_hour(1)}(?:\b|$)"
)
BEFORE: Final = re.compile(rf"\b(?:antes de|antes|before|hasta|until|ate) {_THE}{_hour(1)}(?:\b|$)")
AT: Final = re.compile(
    rf"\b(?:a las|as|at|tipo|a eso de las) {_hour(1)}(?:\b|$)|\b\d{{1,2}}\s?(?:am|pm|hs|hrs)\b"
)
_IN_THE: Final = r"(?:por|en|de|pela|a|x|na|in|at) (?:la |las |a |the )?"
PARTS: Final = (
    (
        re.compile(rf"\b(?:{_IN_THE}(?:mananas?|manhas?)|(?:in the )?(?<!\bgood )mornings?)\b"),
        ("06:00", "12:00"),
    ),
    (
        re.compile(rf"\b(?:{_IN_THE}tardes?|(?:in the )?(?<!\bgood )afternoons?)\b"),
        ("12:00", "18:00"),
    ),
    (
        re.compile(
            rf"\b(?:{_IN_THE}(?:noches?|noite)|(?:in the )?(?<!\bgood )evenings?|at night)\b"
        ),
        ("18:00", "24:00"),
    ),
)
LAST_OF_AFTERNOON: Final = 7
"""Up to this hour, without more said, those of the afternoon are meant: nobody is called at six."""


FROM_NOW_ON: Final = re.compile(
    r"\b(?:de (?:ahora|hoy) en adelante|(?:a partir de|desde) (?:ahora|hoy|agora|hoje|ya)"
    r"(?: mismo)?|a partir (?:desta|de esta) (?:data|fecha)|daqui (?:pra|para|p/?) frente|"
    r"from (?:now|here) on(?: out)?|in (?:the )?future|going forward|siempre|sempre|always)\b"
)
CALLING: Final = _words(
    r"llam\w* marqu\w* marcar\w* ligu\w* ligar ligac\w* call\w* telefon\w* ring"
)

BESIDE: Final = _words(
    r"a al con de del el en es esta estaria este favor gracias hola buenas buen buenos dia dias",
    r"tardes la las le les lo los mi me mas para por porfa porfavor xfa xfavor pf plis que q se",
    r"senor senora senorita seria si su todo todos toda todas via x y yo usted ustedes pueden",
    r"puede podria podrian podeis quiero quisiera gustaria recibir comodo numero canal medio",
    r"preferido preferida queda quedaria va vendria bien mensajitos? mensajes? msjs? msg texto",
    r"electronico llamadas? hrs hs facil cada cualquier dps",
    r"o os as da do dos das na nas pra pro pela pelo pelas pelos com eu mim pfvr? obrigad[oa]",
    r"oi ola bom boa tarde noite e eh fica ficaria quero queria gostaria receber tudo td voces?",
    r"vcs? podem? meu minha mensage[mn]s? ligac(?:ao|oes) horario blz moc[ao] p pq mais",
    r"qualquer ser depois antes",
    r"please pls plz thanks thank thx you hi hello hey i i'd id im i'm my would like to be by on",
    r"via at the for with is are works? way get got reach reached us can could use txts? msgs?",
    r"messages? text sms calls? phone contact d every day any",
)
"""Whoever asks for more than these words can say is read by a person."""
