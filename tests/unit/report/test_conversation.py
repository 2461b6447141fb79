"""One conversation is told whole, with what was read and decided, and shows of nobody who it is."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.report.conversation import conversation, figures, lasting, mask
from lab.report.page import write_report
from lab.report.run_record import CustomerLine, read_record
from lab.report.summary import summarise
from tests.support.runs import Row, Run, attempt_row, received_row, said_row

ANN = CustomerLine(customer_id="c100", name="Ana María Peña", locale="es-CO")
ASKED = datetime.fromisoformat("2026-03-04T16:00:00+00:00")
"""An hour after the first contact."""


def at(minutes: float) -> str:
    return (ASKED + timedelta(minutes=minutes)).isoformat()


def customer(name: str = "c100", **changes: Any) -> Row:
    row = {"customer_id": name, "name": "Ana María Peña", "locale": "es-CO", "country": "CO"}
    return {**row, "zones": ["America/Bogota"], **changes}


def wrote(number: int, minutes: float, intent: str, /, **changes: Any) -> Row:
    words = {"intents": [intent], "evidence": [{"intent": intent, "words": "¿Cuánto debo?"}]}
    row = {
        "id": f"twilio/SM{number}",
        "customer_id": "c100",
        "at": at(minutes),
        "channel": "sms",
        "intent": "other",
        "text": "¿Cuánto debo? Soy Ana Peña, mi correo es ana@example.com",
        "reading": words | {"amount": None, "date": None, "channel": None, "hours": []},
    }
    return row | changes


def answer(number: int, minutes: float, purpose: str, **changes: Any) -> Row:
    moments = ("reserved_at", "dispatched_at", "settled_at")
    told = {
        "purpose": purpose,
        "attempt_id": f"x{number:03}",
        **dict.fromkeys(moments, at(minutes)),
    }
    return attempt_row(1, **told, **changes)


def item(number: int, reason: str, message: int, **changes: Any) -> Row:
    row = {"work_id": number, "customer_id": "c100", "reason": reason, "opened_at": at(0)}
    row |= {"messages": [f"twilio/SM{message}"], "outcome": None, "note": None}
    return row | {"done_by": None, "done_at": None, **changes}


def a_run(*more: Row, **written: list[Row]) -> Run:
    """A reminder, whatever else went out, and what came in."""
    ledger = [attempt_row(), *more]
    rows = [
        received_row(row, text=f"Hola Ana Peña: https://x.example/{row['purpose']}")
        for row in ledger
    ]
    files = {"messages": [], "work": [], "plans": [], "customers": [customer()], **written}
    return Run(ledger, rows, [ACCOUNT], [], written=files)


ACCOUNT: Row = {
    "creditor": "meridian",
    "account_id": "100",
    "customer_id": "c100",
    "currency": "COP",
    "status": "open",
    "oldest_due_date": "2026-02-20",
    "country": "CO",
    "zones": ["America/Bogota"],
    "opened_balance": "850000",
    "balance": "850000",
}


def told(run: Run, folder: Path) -> Row:
    found = conversation(read_record(run.write(folder)))
    assert found is not None
    return found


def test_what_was_said_is_told_in_order_by_whom_and_how(tmp_path: Path) -> None:
    messages = [wrote(1, 0, "balance"), wrote(2, 180, "thanks", channel="whatsapp", text="gracias")]
    found = told(a_run(answer(1, 2, "balance_answer"), messages=messages), tmp_path)
    shown = [(i["side"], i["channel"], i["when"]) for i in found["items"]]
    assert shown == [
        ("us", "sms", "Wed 04 Mar 2026, 10:00"),
        ("them", "sms", "Wed 04 Mar 2026, 11:00"),
        ("us", "sms", "Wed 04 Mar 2026, 11:02"),
        ("them", "whatsapp", "Wed 04 Mar 2026, 14:00"),
    ]
    assert found["channels"] == ["sms", "whatsapp"]
    assert found["title"] == "One conversation across two channels"
    assert [i["answers"] for i in found["items"] if i["side"] == "us"] == [False, True]


@pytest.mark.parametrize(
    ("intent", "purpose", "answered"),
    [
        ("balance", "balance_answer", True),
        ("identity", "identity_answer", True),
        ("promise", "promise_question", True),
        ("promise", "promise_confirmation", True),
        ("balance", "identity_answer", False),
        ("balance", "reminder", False),
        ("dispute", "balance_answer", False),
    ],
)
def test_what_was_answered_by_itself_is_told_with_its_answer(
    intent: str, purpose: str, answered: bool, tmp_path: Path
) -> None:
    found = told(a_run(answer(1, 65, purpose), messages=[wrote(1, 0, intent)]), tmp_path)
    (theirs,) = [i for i in found["items"] if i["side"] == "them"]
    words = f"Answered by itself after 1 h 5 min: {purpose.replace('_', ' ')}"
    assert (words in theirs["decided"]) is answered


@pytest.mark.parametrize(
    ("minutes", "changes"),
    [(-5, {}), (21 * 60, {}), (5, {"channel": "email"}), (5, {"customer_id": "c200"})],
)
def test_an_answer_comes_after_it_soon_and_where_it_was_asked(
    minutes: float, changes: Row, tmp_path: Path
) -> None:
    run = a_run(answer(1, minutes, "balance_answer", **changes), messages=[wrote(1, 0, "balance")])
    assert (figures(read_record(run.write(tmp_path))) or {})["answered"]["count"] == 0


def test_one_answer_is_of_one_message(tmp_path: Path) -> None:
    messages = [wrote(1, 0, "balance"), wrote(2, 1, "balance")]
    once = figures(
        read_record(a_run(answer(1, 2, "balance_answer"), messages=messages).write(tmp_path))
    )
    assert (once or {})["answered"] == {
        "count": 1,
        "median_seconds": 60,
        "longest_seconds": 60,
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "A person is asked (dispute, work 7): still open at the end"),
        (
            {"done_by": "ana", "done_at": at(95), "outcome": "handled"},
            "Handed to a person (dispute, work 7): done by ana after 1 h 35 min",
        ),
        (
            {"done_by": "contrapunto", "done_at": at(0), "outcome": "answered"},
            "Noted for a person (dispute, work 7), and done by itself at once",
        ),
    ],
)
def test_what_a_person_is_asked_is_told_with_what_came_of_it(
    changes: Row, words: str, tmp_path: Path
) -> None:
    run = a_run(messages=[wrote(1, 0, "dispute")], work=[item(7, "dispute", 1, **changes)])
    (theirs,) = [i for i in told(run, tmp_path)["items"] if i["side"] == "them"]
    assert theirs["decided"] == [words]


def test_what_a_person_did_stands_in_the_conversation(tmp_path: Path) -> None:
    done = {"done_by": "ana", "done_at": at(95), "outcome": "handled", "note": "sent the contract"}
    run = a_run(messages=[wrote(1, 0, "dispute")], work=[item(7, "dispute", 1, **done)])
    last = told(run, tmp_path)["items"][-1]
    assert last["side"] == "desk"
    assert last["text"] == "Dispute (work 7) is done by ana, handled: sent the contract"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (wrote(1, 0, "thanks"), "Nobody is asked: there is nothing to do"),
        (wrote(1, 0, "stop", intent="opt_out"), "No contact by SMS any more, at once"),
        (
            wrote(1, 0, "wrong_person", intent="wrong_person"),
            "This address is used no more, at once",
        ),
        (wrote(1, 0, "preference"), "The wish is kept, and planned around"),
    ],
)
def test_what_is_done_at_once_is_told(message: Row, words: str, tmp_path: Path) -> None:
    (theirs,) = [
        i for i in told(a_run(messages=[message]), tmp_path)["items"] if i["side"] == "them"
    ]
    assert theirs["decided"] == [words]


def test_what_follows_is_told_in_the_planners_words(tmp_path: Path) -> None:
    plans: list[Row] = [
        {"account": "meridian/100", "at": at(-1), "summary": "before", "cite": None},
        {"account": "meridian/200", "at": at(0.1), "summary": "of another", "cite": None},
        {"account": "meridian/100", "at": at(0.2), "summary": "Silent (work 7)", "cite": "Art. 1"},
        {"account": "meridian/100", "at": at(90), "summary": "much later", "cite": None},
    ]
    run = a_run(messages=[wrote(1, 0, "dispute")], plans=plans)
    (theirs,) = [i for i in told(run, tmp_path)["items"] if i["side"] == "them"]
    assert theirs["then"] == {"text": "Silent (work 7)", "cite": "Art. 1"}


def test_the_one_over_most_channels_and_with_most_turns_is_told(tmp_path: Path) -> None:
    many = [wrote(n, n, "thanks", customer_id="c200") for n in range(1, 6)]
    wide = [wrote(7, 0, "balance"), wrote(8, 5, "thanks", channel="whatsapp")]
    run = a_run(messages=[*many, *wide], customers=[customer("c200"), customer()])
    assert told(run, tmp_path)["channels"] == ["sms", "whatsapp"]
    more = [
        *wide,
        *(
            wrote(n, n, "thanks", customer_id="c200", channel=c)
            for n, c in ((1, "sms"), (2, "whatsapp"), (3, "sms"))
        ),
    ]
    run = a_run(messages=more, customers=[customer("c200"), customer()])
    assert told(run, tmp_path)["written"] == 3


@pytest.mark.parametrize(
    "message",
    [
        wrote(1, 0, "other", channel="voice"),
        wrote(1, 0, "other", intent="automatic"),
        wrote(1, 0, "other", customer_id="c999"),
        wrote(1, 0, "other", customer_id=None),
    ],
)
def test_where_nobody_wrote_there_is_no_conversation(message: Row, tmp_path: Path) -> None:
    run = a_run(messages=[message])
    assert conversation(read_record(run.write(tmp_path))) is None
    assert "h-talk" not in write_report(tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "masked"),
    [
        ("Hola, Ana María Peña:", "Hola, A… M… P…:"),
        ("hola ANA, peña", "hola A…, P…"),
        ("Mañana no es Ananá", "Mañana no es Ananá"),
        ("a ana.p+1@mail.example.com ya", "a [e-mail] ya"),
        ("llame al +57 (300) 555-0101 o 3005550101", "llame al [number] o [number]"),
        ("ver https://x.example/u/abc.1?x=2 y http://y", "ver [link] y [link]"),
        ("su cuenta *0200 por $1.250.000", "su cuenta *0200 por $1.250.000"),
    ],
)
def test_nothing_is_shown_that_tells_who_it_is(words: str, masked: str) -> None:
    assert mask(words, ANN) == masked


def test_the_page_shows_the_words_in_their_language_and_of_nobody_who_it_is(tmp_path: Path) -> None:
    meant = {"topic": "balance", "intents": ["balance"], "language": "pt"}
    run = a_run(messages=[wrote(1, 0, "balance")])
    run.said = [said_row("+573005550101", at(0), id="SM1", meant=meant)]
    source = write_report(run.write(tmp_path)).read_text(encoding="utf-8")
    assert (
        '<blockquote lang="pt">¿Cuánto debo? Soy A… P…, mi correo es [e-mail]</blockquote>'
        in source
    )
    assert '<blockquote lang="es">Hola A… P…: [link]</blockquote>' in source
    for personal in ("Ana", "Peña", "example.com", "5550101"):
        assert personal not in source


def test_what_a_customer_writes_is_escaped(tmp_path: Path) -> None:
    evil = "</blockquote><script>alert(1)</script>"
    source = write_report(
        a_run(messages=[wrote(1, 0, "other", text=evil)]).write(tmp_path)
    ).read_text()
    assert evil not in source
    assert "&lt;script&gt;alert(1)" in source


def test_what_was_read_is_counted_beside_what_was_meant(tmp_path: Path) -> None:
    messages = [wrote(1, 0, "balance"), wrote(2, 1, "balance"), wrote(3, 2, "dispute")]
    run = a_run(messages=messages, work=[item(7, "dispute", 3), item(8, "balance", 1)])
    run.said = [
        said_row("+573005550101", at(n), id=f"SM{n + 1}", meant={"topic": "x", "intents": [intent]})
        for n, intent in enumerate(("balance", "identity"))
    ]
    summarise(run.write(tmp_path))
    counted = json.loads((tmp_path / "summary.json").read_text())["conversations"]
    assert counted["messages"] == 3
    rows = {row.pop("intent"): row for row in counted["by_intent"]}
    assert rows == {
        "balance": {"read": 2, "meant": 1, "both": 1},
        "identity": {"read": 0, "meant": 1, "both": 0},
        "dispute": {"read": 1, "meant": 0, "both": 0},
    }
    assert (counted["work"]["total"], counted["work"]["open"]) == (2, 2)


def test_what_people_were_asked_is_counted_by_who_did_it(tmp_path: Path) -> None:
    done = {"done_at": at(60), "outcome": "handled"}
    work = [
        item(1, "dispute", 1, done_by="ana", **done),
        item(2, "dispute", 1, done_by="ben", **done | {"done_at": at(180)}),
        item(3, "balance", 1, done_by="contrapunto", **done),
        item(4, "balance", 1),
    ]
    counted = (figures(read_record(a_run(work=work).write(tmp_path))) or {})["work"]
    assert (counted["by_people"], counted["by_itself"], counted["open"]) == (2, 1, 1)
    assert counted["median_seconds"] == 120 * 60
    assert [row["reason"] for row in counted["by_reason"]] == ["balance", "dispute"]


def test_a_run_of_before_anybody_kept_it_has_no_such_figures(tmp_path: Path) -> None:
    assert summarise(Run([attempt_row()]).write(tmp_path))["conversations"] is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59, "59 s"), (60, "1 min"), (3_660, "1 h 1 min"), (90_000, "1 d 1 h")],
)
def test_how_long_it_took_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == words
