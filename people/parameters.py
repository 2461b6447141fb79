"""What the models of people assume: every number with its range, and where it comes from.

A number that nobody has published says so. ``docs/simulation.md`` is written from this table.
"""

from typing import Final, NamedTuple


class Parameter(NamedTuple):
    """One number of a world."""

    name: str
    low: float
    centre: float
    high: float
    what: str
    source: str
    """Who published it, or `assumed`."""

    @property
    def assumed(self) -> bool:
        """Whether nobody has published it."""
        return self.source.startswith("assumed")


_CADENA: Final = "Cadena & Schoar 2011 (NBER 17020): +7-9 % on time; Karlan et al. 2015: 0"
_LAUDENBACH: Final = (
    "Laudenbach, Pirschel, Siegel (SAFE): 34.4 points where a person was reached, a local effect"
)
_FIELD: Final = "assumed; sign from field experiments (Karlan et al. 2015, Saulītis: no effect)"

PARAMETERS: Final = (
    Parameter(
        *("self_cure", 0.20, 0.45, 0.60),
        "of those who can pay, the share that pays within 30 days of the due date by itself",
        "assumed; a consultants' figure of 40-60 % at second hand",
    ),
    Parameter(
        *("self_cure_shape", 0.5, 0.7, 1.0),
        "how soon they do: 1 is evenly, less is early",
        "assumed",
    ),
    Parameter(
        *("cannot_pay", 0.05, 0.15, 0.30),
        "share of people who cannot pay when their debt falls due",
        "assumed; Bhanot 2017 reads like it",
    ),
    Parameter(
        *("cannot_pay_later", 0.05, 0.25, 0.40),
        "what that share grows by until 90 days past due",
        "assumed",
    ),
    Parameter(
        *("recovery_days", 60, 150, 400),
        "days until somebody who cannot pay can again, on average",
        "assumed",
    ),
    Parameter(
        *("first_effect", 0.0, 0.04, 0.10),
        "how likely the first message that is read moves somebody who can pay",
        _CADENA,
    ),
    Parameter(
        *("repeat", 0.3, 0.5, 0.8), "each message still in mind leaves so much of it", _FIELD
    ),
    Parameter(
        *("attention_days", 5, 10, 20),
        "days after which half of a message is forgotten, and the next one counts again",
        "assumed",
    ),
    Parameter(
        *("pay_days", 1, 2, 4), "days from being moved to paying, for half of them", "assumed"
    ),
    Parameter(
        *("pay_spread", 0.3, 0.6, 1.0),
        "how unlike these days are: the standard deviation of their logarithm",
        "assumed",
    ),
    Parameter(
        *("payday", 0.0, 0.4, 0.7),
        "of payments in Colombia and Mexico, the share that waits for the 15th or the month's end",
        "assumed",
    ),
    Parameter(*("pays_part", 0.0, 0.15, 0.3), "of payments, the share that is half", "assumed"),
    Parameter(
        *("promises", 0.1, 0.25, 0.5), "of those moved, the share that promises instead", "assumed"
    ),
    Parameter(*("promise_kept", 0.4, 0.6, 0.8), "of promises, the share that is kept", "assumed"),
    Parameter(
        *("asks_plan", 0.0, 0.06, 0.15),
        "how likely a message that is read has who cannot pay ask for a plan",
        "assumed; Dewies et al. 2022: more plans where the wording invites",
    ),
    Parameter(
        *("asks_uninvited", 0.1, 0.4, 0.8),
        "where the message does not invite to it, so much of that",
        "assumed; Dewies et al. 2022: more plans where the wording invites",
    ),
    Parameter(
        *("accepts_plan", 0.2, 0.5, 0.8), "of plans offered by a person, accepted", "assumed"
    ),
    Parameter(*("plan_kept", 0.7, 0.85, 0.95), "of instalments, the share that is paid", "assumed"),
    Parameter(
        *("call_effect", 0.0, 0.20, 0.35),
        "how likely a person's call that reaches somebody who can pay moves them",
        _LAUDENBACH,
    ),
    Parameter(
        *("machine_call", 0.4, 0.7, 1.0),
        "a machine's call has so much of a message's effect where it is taken",
        "assumed; Choi et al. 2025 (NBER 33669): machines collect 5-9 points less than people",
    ),
    Parameter(
        *("dead_address", 0.02, 0.10, 0.25),
        "of addresses, the share that reaches nobody",
        "assumed",
    ),
    Parameter(
        *("stranger", 0.0, 0.02, 0.05), "of addresses, the share that is somebody else's", "assumed"
    ),
    Parameter(
        *("sees_sms", 0.6, 0.85, 0.95), "of text messages, the share that is read", "assumed"
    ),
    Parameter(*("sees_email", 0.1, 0.25, 0.45), "of mails, the share that is read", "assumed"),
    Parameter(
        *("sees_whatsapp", 0.5, 0.8, 0.95),
        "of WhatsApp messages, the share that is read",
        "assumed",
    ),
    Parameter(
        *("other_channel", 0.5, 0.75, 1.0),
        "reading, and its effect, on channels that somebody does not like: so much of it",
        "assumed; surveys (FICO) say that channels differ by person",
    ),
    Parameter(
        *("wish_right", 0.7, 0.85, 0.95),
        "of channels that are stated as preferred, the share that is the one liked",
        "assumed",
    ),
    Parameter(
        *("takes_call", 0.05, 0.15, 0.30),
        "of calls, the share that the right person takes",
        "assumed",
    ),
    Parameter(
        *("voicemail", 0.2, 0.4, 0.6),
        "of calls that nobody takes, the share that goes to voicemail",
        "assumed",
    ),
    Parameter(
        *("busy", 0.0, 0.05, 0.10),
        "of calls that nobody takes, the share that finds the line busy; the rest ring out",
        "assumed",
    ),
    Parameter(
        *("person_taken", 1.0, 2.0, 3.0),
        "a person's call is taken so many times as often as a machine's",
        "assumed",
    ),
    Parameter(
        *("other_hours", 0.6, 0.9, 1.0),
        "reading and taking calls outside the hours that suit somebody: so much of it",
        "assumed; no experiment on the hour of day in collections is known",
    ),
    Parameter(
        *("opt_out", 0.001, 0.004, 0.02),
        "how likely a message that is read is answered by a stop",
        "assumed",
    ),
    Parameter(
        *("irritation", 0.0, 0.5, 2.0),
        "each further message within a week raises that by so much of it",
        "assumed",
    ),
    Parameter(*("complains", 0.0, 0.1, 0.3), "of stops, the share that is a complaint", "assumed"),
    Parameter(
        *("disputes", 0.0, 0.004, 0.02), "how likely a message that is read is disputed", "assumed"
    ),
    Parameter(
        *("writes", 0.0, 0.03, 0.08),
        "how likely a message that is read has somebody ask something, or for a person",
        "assumed",
    ),
    Parameter(
        *("wants_person", 0.1, 0.3, 0.5),
        "of those who write so, the share that asks for a person",
        "assumed",
    ),
    Parameter(
        *("answers_after", 30, 90, 600),
        "minutes until somebody answers a message that is read, on average",
        "assumed",
    ),
    Parameter(
        *("states_wish", 0.0, 0.01, 0.05),
        "how likely a message that is read has somebody say how they want to be reached",
        "assumed",
    ),
    Parameter(
        *("backfires", 0.0, 0.0, 0.05),
        "how likely a message that is read keeps somebody from paying who would have by themselves",
        "assumed; Medina 2017: effects differ in sign between people",
    ),
    Parameter(
        *("desk_hours", 1, 6, 48),
        "hours until a person of ours does what was asked of them",
        "assumed",
    ),
    Parameter(
        *("dispute_days", 2, 5, 15),
        "days until a person of ours has settled a dispute",
        "assumed",
    ),
    Parameter(
        *("desk_calls", 1, 3, 5),
        "how often a person of ours calls who was asked to, until somebody takes it",
        "assumed",
    ),
    Parameter(
        *("instalments", 2, 3, 6),
        "parts of a plan that a person of ours offers, a month from one to the next",
        "assumed",
    ),
)

BY_NAME: Final = {one.name: one for one in PARAMETERS}
