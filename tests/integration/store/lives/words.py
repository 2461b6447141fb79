"""What is written in these lives, in three languages, and what a person would make of it."""

from typing import Final, NamedTuple


class Words(NamedTuple):
    """A message, and what it means: typed by hand."""

    text: str
    asks: str | None = None
    """What a person is asked for; None: nothing."""
    says: str = ""
    """``stop``, ``start`` or ``wrong``: done at once."""


def _of(asks: str, *texts: str) -> tuple[Words, ...]:
    return tuple(Words(text, asks) for text in texts)


SILENCING: Final = frozenset({"crisis", "deceased", "attorney", "bankruptcy", "dispute"})
"""Nobody is contacted until a person has decided."""

QUESTIONS: Final = (
    *_of("balance", "cuanto debo?", "¿cómo puedo pagar?", "quanto eu devo?", "how much do I owe?"),
    *_of("identity", "quien es? es una estafa?", "quem está falando?", "who is this?"),
    *_of("promise", "el viernes les pago 200 mil", "I will pay $200 on Friday"),
    *_of("promise", "les pago el viernes", "vou pagar na sexta", "I will pay on Friday"),
    *_of("already_paid", "ya pagué ayer", "já paguei ontem", "I already paid"),
    *_of(
        "preference", "mejor escríbanme por la tarde", "prefiro por e-mail", "prefiero por correo"
    ),
)
REST: Final = (
    *_of("dispute", "no reconozco esa deuda", "não reconheço essa dívida", "I don't owe this"),
    *_of("attorney", "mi abogado los va a contactar", "meu advogado vai falar com vocês"),
    *_of("deceased", "murió mi esposo", "minha mãe faleceu"),
    *_of("bankruptcy", "I filed for bankruptcy"),
    *_of("crisis", "me quiero morir"),
    *_of("plan_request", "puedo pagar en cuotas?", "can I pay in installments?"),
    *_of("hardship", "me quedé sin trabajo"),
    *_of("wants_person", "quiero hablar con una persona", "quero falar com um atendente"),
    *_of("wrong_person", "soy la hija"),
    *_of("unclear", "hola"),
    *(Words(text) for text in ("gracias", "obrigado", "ok")),
    *(Words(text, says="stop") for text in ("BASTA", "no me escriban más", "PARAR", "STOP")),
    Words("START", says="start"),
    *(Words(text, says="wrong") for text in ("número equivocado", "wrong number")),
)
