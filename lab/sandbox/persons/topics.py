"""What people say in a conversation: who writes, how much, when they pay, what is wrong.

Written from how people write, never from what the product is known to understand: like
`wordings.py`. A place in braces is filled when it is said: {amount}, {day}, {hours}.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from lab.sandbox.persons.reading import Language
from lab.sandbox.persons.wordings import Wordings


class Topic(StrEnum):
    """What a line is about."""

    IDENTITY = "identity"
    BALANCE = "balance"
    PROMISE = "promise"
    WITHOUT_DAY = "promise without a day"
    WITHOUT_AMOUNT = "promise without an amount"
    THE_DAY = "the day that was asked for"
    THE_AMOUNT = "the amount that was asked for"
    ALREADY_PAID = "already paid"
    RECEIPT = "the receipt that was asked for"
    DISPUTE = "dispute"
    PLAN_REQUEST = "plan request"
    HARDSHIP = "hardship"
    HARDSHIP_AND_PLAN = "hardship, and a plan"
    CHANNEL = "a wish for a channel"
    HOURS = "a wish for hours"
    WANTS_PERSON = "a person"
    THANKS = "thanks"
    OTHER = "anything else"
    STOP = "stop"
    WRONG_PERSON = "wrong person"


MEANS: Final[Mapping[Topic, tuple[str, ...]]] = {
    Topic.IDENTITY: ("identity",),
    Topic.BALANCE: ("balance",),
    Topic.PROMISE: ("promise",),
    Topic.WITHOUT_DAY: ("promise",),
    Topic.WITHOUT_AMOUNT: ("promise",),
    Topic.THE_DAY: ("promise",),
    Topic.THE_AMOUNT: ("promise",),
    Topic.ALREADY_PAID: ("already_paid",),
    Topic.RECEIPT: ("already_paid",),
    Topic.DISPUTE: ("dispute",),
    Topic.PLAN_REQUEST: ("plan_request",),
    Topic.HARDSHIP: ("hardship",),
    Topic.HARDSHIP_AND_PLAN: ("hardship", "plan_request"),
    Topic.CHANNEL: ("preference",),
    Topic.HOURS: ("preference",),
    Topic.WANTS_PERSON: ("wants_person",),
    Topic.THANKS: ("thanks",),
    Topic.OTHER: ("other",),
    Topic.STOP: ("stop",),
    Topic.WRONG_PERSON: ("wrong_person",),
}
"""The intents that whoever says it has, by the names of docs/guide/reading.md."""

CHANNELS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"whatsapp": "WhatsApp", "sms": "text message", "email": "email", "voice": "phone"},
    "es": {
        "whatsapp": "WhatsApp",
        "sms": "mensaje de texto",
        "email": "correo",
        "voice": "teléfono",
    },
    "pt": {"whatsapp": "WhatsApp", "sms": "SMS", "email": "e-mail", "voice": "telefone"},
}

HOURS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("after 6 pm", "in the mornings", "between 5 and 7 in the evening", "before noon"),
    "es": (
        "después de las 6 de la tarde",
        "en las mañanas",
        "entre 5 y 7 de la tarde",
        "antes del mediodía",
    ),
    "pt": ("depois das 18h", "de manhã", "entre 17h e 19h", "antes do meio-dia"),
}

TALK: Final[Mapping[Topic, Wordings]] = {
    Topic.IDENTITY: {
        "en": (
            "Who is this?",
            "who are you guys?",
            "Sorry, who am I talking to?",
            "what company is this from",
            "How do I know this isn't a scam?",
            "I don't have this number saved, who is it",
        ),
        "es": (
            "¿Quién es?",
            "Con quién hablo?",
            "Disculpe, ¿de qué empresa me escriben?",
            "quien me escribe, no tengo este número",
            "¿Cómo sé que esto no es una estafa?",
            "¿y ustedes quiénes son?",
        ),
        "pt": (
            "Quem fala?",
            "Quem é?",
            "Com quem estou falando?",
            "De que empresa vocês são?",
            "como vou saber que não é golpe?",
            "não tenho esse número salvo, quem é",
        ),
    },
    Topic.BALANCE: {
        "en": (
            "How much do I owe?",
            "How can I pay?",
            "what's the total right now",
            "how much is it exactly and where do I pay",
            "Can you send me the amount again?",
            "What is my balance as of today?",
        ),
        "es": (
            "¿Cuánto debo?",
            "¿Cómo puedo pagar?",
            "cuánto es en total a hoy",
            "¿Me recuerda el valor y dónde consigno?",
            "me pasa el saldo por favor",
            "¿a cuánto va la deuda?",
        ),
        "pt": (
            "Quanto eu devo?",
            "Como faço para pagar?",
            "qual o valor total hoje",
            "Pode me mandar o valor de novo?",
            "quanto está a dívida e onde eu pago",
            "Me passa o saldo por favor",
        ),
    },
    Topic.PROMISE: {
        "en": (
            "I will pay {amount} {day}",
            "I can do {amount} {day}",
            "ok I'll send you {amount} {day}, promise",
            "{day} I'll put in {amount}",
            "Hi, I'm going to pay {amount} {day}, that's what I have",
        ),
        "es": (
            "Voy a pagar {amount} {day}",
            "{day} les pago {amount}",
            "Puedo abonar {amount} {day}",
            "{day} consigno {amount} sin falta",
            "Buenas, {day} le hago un abono de {amount}",
        ),
        "pt": (
            "Vou pagar {amount} {day}",
            "{day} eu pago {amount}",
            "Consigo pagar {amount} {day}",
            "{day} faço um pix de {amount}",
            "Oi, {day} deposito {amount} sem falta",
        ),
    },
    Topic.WITHOUT_DAY: {
        "en": (
            "I can pay {amount}",
            "I'll give you {amount} as soon as I get paid",
            "I'm able to put {amount} toward it",
            "ok I will send {amount}",
        ),
        "es": (
            "Puedo pagar {amount}",
            "Les abono {amount} apenas me paguen",
            "yo les voy a dar {amount}",
            "bueno, consigno {amount}",
        ),
        "pt": (
            "Posso pagar {amount}",
            "Pago {amount} assim que eu receber",
            "vou mandar {amount}",
            "ok, consigo dar {amount}",
        ),
    },
    Topic.WITHOUT_AMOUNT: {
        "en": (
            "I'll pay {day}",
            "I will make a payment {day}",
            "will stop by the office {day} to pay",
            "{day} I pay, ok?",
        ),
        "es": (
            "{day} pago",
            "Me pagan {day}, ese día les cancelo",
            "paso {day} a la oficina a pagar",
            "{day} sin falta hago el pago",
        ),
        "pt": (
            "{day} eu pago",
            "Recebo {day}, nesse dia eu pago",
            "passo na loja {day} para pagar",
            "{day} faço o pagamento, pode ser?",
        ),
    },
    Topic.THE_DAY: {
        "en": ("{day}", "{day}, {amount}", "it would be {day}", "{amount} {day}"),
        "es": ("{day}", "{day}, {amount}", "sería {day}", "{amount} {day}"),
        "pt": ("{day}", "{day}, {amount}", "seria {day}", "{amount} {day}"),
    },
    Topic.THE_AMOUNT: {
        "en": ("{amount}", "about {amount}", "{amount} {day}", "it will be {amount}"),
        "es": ("{amount}", "serían {amount}", "{amount} {day}", "voy a pagar {amount}"),
        "pt": ("{amount}", "seriam {amount}", "{amount} {day}", "vou pagar {amount}"),
    },
    Topic.ALREADY_PAID: {
        "en": (
            "I already paid last week.",
            "this was paid already",
            "I sent the money on Monday, check your system",
            "Paid! Please look at it again",
            "I paid this at the branch",
        ),
        "es": (
            "Ya pagué la semana pasada.",
            "eso ya está pago",
            "Ya consigné el lunes, revisen por favor",
            "ya hice el pago en el banco",
            "Eso lo pagué hace días",
        ),
        "pt": (
            "Já paguei na semana passada.",
            "isso já está pago",
            "Paguei na segunda, olhem aí no sistema",
            "já fiz o pix",
            "Eu já quitei isso",
        ),
    },
    Topic.RECEIPT: {
        "en": (
            "I paid it at the bank, the receipt number is 448120",
            "Confirmation 448120, paid at the branch",
            "I don't have the receipt with me but I did pay",
        ),
        "es": (
            "Lo pagué en el banco, el comprobante es el 448120",
            "comprobante 448120, pagué en la sucursal",
            "No tengo el recibo a la mano pero ya pagué",
        ),
        "pt": (
            "Paguei no banco, o comprovante é o 448120",
            "comprovante 448120, paguei na agência",
            "Estou sem o recibo agora mas já paguei",
        ),
    },
    Topic.DISPUTE: {
        "en": (
            "The amount is wrong, I never agreed to those fees",
            "I don't owe this, I never had a card with them",
            "That is not my debt",
            "I never bought anything there. I don't recognize this",
            "you are charging me more than what I borrowed, I don't agree",
        ),
        "es": (
            "El valor está mal, yo no acepté esos cargos",
            "Yo no debo eso, nunca tuve tarjeta con ellos",
            "Esa deuda no es mía",
            "No reconozco esa deuda, jamás compré nada ahí",
            "me están cobrando más de lo que presté, no estoy de acuerdo",
        ),
        "pt": (
            "O valor está errado, eu não aceitei essas taxas",
            "Eu não devo isso, nunca tive cartão com eles",
            "Essa dívida não é minha",
            "Não reconheço essa dívida, nunca comprei nada aí",
            "estão me cobrando mais do que eu peguei, não concordo",
        ),
    },
    Topic.PLAN_REQUEST: {
        "en": (
            "Can I pay it in installments?",
            "could we split it in 3 payments",
            "Is there a payment plan?",
            "can I pay a bit every month instead of all of it",
            "I can't pay everything right now, can we do parts?",
        ),
        "es": (
            "¿Puedo pagarlo en cuotas?",
            "se puede dividir en 3 pagos?",
            "¿Hay algún plan de pagos?",
            "puedo ir pagando un poco cada mes en vez de todo?",
            "No puedo pagar todo en este momento, ¿me dan facilidades?",
        ),
        "pt": (
            "Posso parcelar?",
            "dá pra dividir em 3 vezes?",
            "Tem algum plano de pagamento?",
            "posso ir pagando um pouco por mês em vez de tudo?",
            "Não consigo pagar tudo agora, dá pra fazer em parcelas?",
        ),
    },
    Topic.HARDSHIP: {
        "en": (
            "I lost my job last month",
            "I'm sick and haven't worked in weeks",
            "there is no money right now, my husband is in the hospital",
            "They cut my hours, I barely have enough for food",
        ),
        "es": (
            "Me quedé sin trabajo el mes pasado",
            "Estoy enferma y hace semanas que no trabajo",
            "no tengo plata, mi esposo está hospitalizado",
            "me bajaron el sueldo, apenas me alcanza para comer",
        ),
        "pt": (
            "Fiquei sem emprego mês passado",
            "Estou doente e faz semanas que não trabalho",
            "não tenho dinheiro agora, meu marido está internado",
            "reduziram meu salário, mal dá pra comida",
        ),
    },
    Topic.HARDSHIP_AND_PLAN: {
        "en": (
            "I lost my job, can I pay in two parts?",
            "I've been out of work since spring, is there any way to pay it little by little?",
        ),
        "es": (
            "Me quedé sin trabajo, ¿puedo pagar en dos partes?",
            "llevo meses desempleado, ¿hay forma de ir pagando de a poquito?",
        ),
        "pt": (
            "Fiquei sem emprego, posso pagar em duas vezes?",
            "estou desempregada faz meses, tem como ir pagando aos poucos?",
        ),
    },
    Topic.CHANNEL: {
        "en": (
            "Better by {channel} please",
            "I'd rather you write me by {channel}",
            "{channel} is better for me",
            "can you reach me by {channel} instead?",
        ),
        "es": (
            "Mejor por {channel} por favor",
            "prefiero que me escriban por {channel}",
            "me queda mejor por {channel}",
            "¿me pueden contactar por {channel}?",
        ),
        "pt": (
            "Melhor por {channel} por favor",
            "prefiro que falem comigo por {channel}",
            "por {channel} é melhor pra mim",
            "podem me chamar por {channel}?",
        ),
    },
    Topic.HOURS: {
        "en": (
            "please only {hours}",
            "I can only talk {hours}",
            "Contact me {hours}, I work the rest of the day",
            "{hours} is best for me",
        ),
        "es": (
            "por favor solo {hours}",
            "Solo puedo atender {hours}",
            "Escríbanme {hours}, el resto del día trabajo",
            "mejor {hours}",
        ),
        "pt": (
            "por favor só {hours}",
            "Só consigo atender {hours}",
            "Me chamem {hours}, no resto do dia eu trabalho",
            "melhor {hours}",
        ),
    },
    Topic.WANTS_PERSON: {
        "en": (
            "I want to talk to a person",
            "Can somebody call me?",
            "is there a human there?",
            "Please call me tomorrow afternoon",
            "Let me speak with an agent please",
        ),
        "es": (
            "Quiero hablar con una persona",
            "¿Me puede llamar alguien?",
            "hay algún humano ahí?",
            "Por favor llámenme mañana en la tarde",
            "páseme con un asesor por favor",
        ),
        "pt": (
            "Quero falar com uma pessoa",
            "Alguém pode me ligar?",
            "tem algum humano aí?",
            "Por favor me liguem amanhã à tarde",
            "me passa para um atendente por favor",
        ),
    },
    Topic.THANKS: {
        "en": ("Thank you", "ok thanks", "thx!", "Great, thanks for the help"),
        "es": ("Gracias", "ok gracias", "muchas gracias!", "Listo, mil gracias por la ayuda"),
        "pt": ("Obrigado", "ok obrigada", "valeu!", "Certo, muito obrigada pela ajuda"),
    },
    Topic.OTHER: {
        "en": (
            "Your last agent was very rude to me",
            "don't stop sending me the reminders please, I forget",
            "Why did the interest go up?",
        ),
        "es": (
            "La persona que me atendió fue muy grosera",
            "no dejen de mandarme el recordatorio, se me olvida",
            "¿Por qué subió el interés?",
        ),
        "pt": (
            "A atendente foi muito grossa comigo",
            "não parem de mandar o lembrete, eu esqueço",
            "Por que os juros subiram?",
        ),
    },
}
"""Nobody who says one of these has asked for silence."""
