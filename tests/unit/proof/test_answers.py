"""An answer is one to somebody who wrote there, lately, and only once; or it is a contact."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lab.proof.record import read_said
from lab.proof.verdict import prove, prove_folder
from lab.sandbox.record import Message, Record, State
from tests.support.runs import MIN_DAYS, Row, Run, address_of, stop_row
from tests.unit.proof.support import (
    ASKED,
    BALANCE,
    HERS,
    IDENTITY,
    MAILBOX,
    OURS,
    PROMISE,
    TOLD,
    Came,
    answer,
    broken,
    on,
    proved,
    wrote,
)

ALL = pytest.mark.parametrize("purpose", [BALANCE, IDENTITY, PROMISE])
OTHER: Row = {"account_id": "200", "covers": ["meridian/200"]}


# --- 1. it answers somebody -----------------------------------------------------------------------


@ALL
@pytest.mark.parametrize("minutes", [0, 5, 18 * 60, 20 * 60])
def test_one_to_who_wrote_there_lately_is_lawful(purpose: str, minutes: float) -> None:
    """Whatever came before, and however lately."""
    proof = proved(answer(minutes, purpose=purpose))
    assert proof.holds, proof.violations
    marks = {check.code: check.mark for check in proof.checks}
    assert marks["answered"] == marks["again"] == "kept"


@ALL
@pytest.mark.parametrize(
    ("changes", "said", "told"),
    [
        ({}, [], "nobody had written by sms"),
        ({}, [wrote(6)], "nobody had written by sms"),
        ({"minutes": 20 * 60 + 0.1}, [wrote()], "more than twenty hours before"),
        ({"to": "+573000000001"}, [wrote()], "nobody had written by sms"),
        ({"channel": "whatsapp"}, [wrote()], "nobody had written by whatsapp"),
        ({"channel": "email"}, [wrote()], "nobody had written by email"),
        ({}, [wrote(address=MAILBOX, channel="email")], "nobody had written by sms"),
        ({}, [wrote(address=address_of("c7", "sms"))], "nobody had written by sms"),
    ],
    ids=[
        "nobody wrote",
        "written later",
        "late",
        "another handset",
        "another medium",
        "the mailbox",
        "by mail",
        "somebody else",
    ],
)
def test_one_to_nobody_is_not__and_a_contact_like_any_other(
    purpose: str, changes: Row, said: list[Row], told: str
) -> None:
    """It comes too soon after the reminder, of which real answers know nothing."""
    proof = proved(answer(purpose=purpose, **changes), said=said)
    assert broken(proof) == {"answered", "too_close"}
    assert told in proof.of("answered")[0]
    assert f"The {purpose} to" in proof.of("answered")[0]


def test_a_question_may_be_written_under_another_spelling() -> None:
    spelt = wrote(address="whatsapp:+5215512345678")
    assert proved(answer(to="+525512345678"), said=[spelt]).holds


def test_a_message_at_a_time_that_nobody_could_tell_excuses_one_answer_of_a_kind() -> None:
    undated = [wrote(-9000, clock="estimate")]
    both = [answer(), answer(6, 3, IDENTITY)]
    assert proved(*both, said=undated).holds
    assert "answered" in broken(proved(*both, answer(9, 4), said=undated))
    near = [wrote(clock="estimate")]
    assert "answered" in broken(proved(*both, answer(9, 4), said=near))
    assert "answered" in broken(proved(*both, said=near, stops=[stopped(0)]))


def stopped(minutes: float, **changes: object) -> Row:
    said = ASKED + timedelta(minutes=minutes)
    taken = (said + timedelta(seconds=4)).isoformat()
    return stop_row(HERS, taken, **{"said_at": said.isoformat()} | changes)


@pytest.mark.parametrize("purpose", [BALANCE, PROMISE])
def test_where_nobody_kept_what_was_written_it_is_a_contact(purpose: str) -> None:
    rows = [on(TOLD, 1, "reminder"), answer(purpose=purpose)]
    ledger, received = zip(*rows, strict=True)
    proof = prove(ledger, received, stops=[], min_days=MIN_DAYS)
    assert broken(proof) == {"too_close"}
    marks = {check.code: check.mark for check in proof.checks}
    assert marks["answered"] == marks["again"] == "not_examined"


def test_two_that_answer_nothing_are_one_thing_heard_twice() -> None:
    proof = proved(answer(), answer(9, 3), said=[])
    assert broken(proof) == {"answered", "touch", "repeat", "too_close"}


# --- 2. once --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({}, {"again", "too_close"}),
        (OTHER, {"again"}),
        ({"customer_id": "c7", "to": HERS}, {"again", "too_close", "address"}),
        (OTHER | {"customer_id": "c7", "to": f"00{HERS[1:]}"}, {"again", "address"}),
    ],
    ids=["again", "another account", "another id", "all of it"],
)
def test_a_second_one_to_one_message_is_a_double(other: Row, found: set[str]) -> None:
    """And as a contact it comes too soon after the reminder of its account or its day."""
    proof = proved(answer(), answer(60, 3, **other))
    assert broken(proof) == found
    (told,) = proof.of("again")
    assert "had a second balance_answer" in told
    assert "a002" in told and "a003" in told
    assert told in proof.double


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (answer(60, 3), [wrote(), wrote(30)]),
        (answer(60, 3, IDENTITY), [wrote()]),
        (answer(60, 3, to=MAILBOX, channel="email"), [wrote(), wrote(1, MAILBOX, channel="email")]),
        (answer(6, 3, customer_id="c7"), [wrote(), wrote(1, address_of("c7", "sms"))]),
    ],
    ids=["asked again", "of another kind", "in another place", "somebody else"],
)
def test_whoever_asks_twice_is_answered_twice(second: Came, said: list[Row]) -> None:
    proof = proved(answer(), second, said=said)
    assert proof.holds, proof.violations


@pytest.mark.parametrize("asked_again", [4, 5])
def test_what_was_written_before_an_answer_is_answered_by_it(asked_again: float) -> None:
    proof = proved(answer(5), answer(60, 3), said=[wrote(), wrote(asked_again)])
    assert "again" in broken(proof)


def test_the_same_message_answered_by_two_media_is_both() -> None:
    """One handset; nothing was asked by WhatsApp."""
    proof = proved(answer(), answer(9, 3, channel="whatsapp", to=HERS))
    assert {"answered", "again"} <= broken(proof)


def test_one_that_nobody_asked_for_by_that_medium_is_no_second_one_to_what_was_asked_since() -> (
    None
):
    asked = [wrote(7, channel="whatsapp")]
    assert "again" not in broken(proved(answer(), answer(9, 3), said=asked))


def test_one_that_came_twice_is_one_attempt_that_did() -> None:
    row, got = answer()
    proof = prove(
        [row], [got, got | {"at": (ASKED + timedelta(hours=1)).isoformat()}], said=[wrote()]
    )
    assert {"once"} <= broken(proof)
    assert "again" not in broken(proof)


# --- 3. never after a stop ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stop", "found"),
    [
        (stopped(2), {"opt_out"}),
        (stopped(2, channel=None), {"opt_out"}),
        (stopped(2, channel="email"), set()),
        (stopped(9), set()),
    ],
    ids=["before it", "by every medium", "by another", "after it"],
)
@ALL
def test_none_after_a_stop(purpose: str, stop: Row, found: set[str]) -> None:
    assert broken(proved(answer(purpose=purpose), stops=[stop])) == found


@pytest.mark.parametrize("kind", ["stop", "wrong_person"])
@pytest.mark.parametrize(
    "noted", [{}, {"said_at": None, "words": "How much do I owe?"}], ids=["dated", "by its words"]
)
@pytest.mark.parametrize("seconds", [1, 60], ids=["before it was taken", "after"])
def test_none_to_a_message_that_asks_for_silence(kind: str, noted: Row, seconds: float) -> None:
    proof = proved(answer(seconds / 60), stops=[stopped(0, kind=kind, **noted)])
    assert "answered" in broken(proof)
    assert "asked for no more" in proof.of("answered")[0]


@pytest.mark.parametrize(
    "other",
    [
        stopped(0, said_at=None, words="STOP"),
        stopped(0, said_at=None, words="How much do I owe?", channel="whatsapp"),
        stopped(120, said_at=None, words="How much do I owe?"),
    ],
    ids=["other words", "another medium", "later"],
)
def test_what_asked_for_silence_was_another_message(other: Row) -> None:
    """Answered a second after it was written, before the stop was taken."""
    assert proved(answer(1 / 60), stops=[other]).holds


def test_an_earlier_question_may_be_answered_until_the_stop_is_taken() -> None:
    said = [wrote(), wrote(5, words="STOP")]
    assert proved(answer(5.01), said=said, stops=[stopped(5)]).holds
    assert broken(proved(answer(5.1), said=said, stops=[stopped(5)])) == {"opt_out"}


# --- 4. who writes --------------------------------------------------------------------------------

ACCOUNT: Row = {"account_id": "4100200", "covers": ["meridian/4100200"]}


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        (f"{OURS} Your balance: see the contract.", "balance"),
        (f"{OURS} It is about $ 120.", "$ 1"),
        ("Somos nosotros. Por su deuda llame al teléfono de su contrato.", "deuda"),
        ("Somos nós. Sobre a sua dívida, ligue.", "dívida"),
        (f"{OURS} This is from a debt collector.", "debt"),
        (f"{OURS} About 1.250,00.", "1.250,00"),
        (f"{OURS} About 850.00.", "850.00"),
        (f"{OURS} https://example.com/x?sum=850.00", "850.00"),
        (f"{OURS} Contract 4100200.", "4100200"),
        (f"{OURS} Contract *0200.", "*0200"),
        (f"{OURS} Contract ending in 0200.", "in 0200"),
    ],
)
def test_who_asks_who_writes_hears_nothing_of_a_debt(text: str, spoken: str) -> None:
    proof = proved(answer(purpose=IDENTITY, text=text, **ACCOUNT))
    assert broken(proof) == {"identity"}
    assert f"speaks of a debt, “{spoken}”" in proof.unlawful[0]


@pytest.mark.parametrize(
    "text",
    [
        OURS,
        f"{OURS[:-1]}, or +57 (300) 410-0200, Monday to Friday from 9.00 to 18.30.",
        "Somos nosotros quienes le escribimos. Nunca le pedimos claves ni códigos.",
        # The end of a signed link is chance, and may look like a sum.
        f"{OURS} Unsubscribe: https://example.com/u/ac55ca6b6dd034f6fb3dd498.38TR566Olzrui_r_OR8GRQ",
        "Somos nós que escrevemos. Para confirmar, ligue para o telefone do seu contrato.",
    ],
)
def test_who_writes_and_how_to_make_sure_is_no_word_of_it(text: str) -> None:
    proof = proved(answer(purpose=IDENTITY, text=text, **ACCOUNT))
    assert proof.holds, proof.violations


@pytest.mark.parametrize(
    ("number", "text", "found"),
    [
        ("410020012345", f"{OURS} Contract 410020012345.", {"identity"}),
        ("100", f"{OURS} From a mobile, dial 100.", set()),
    ],
)
def test_a_number_that_could_be_a_telephones(number: str, text: str, found: set[str]) -> None:
    account: Row = {"account_id": number, "covers": [f"meridian/{number}"]}
    assert broken(proved(answer(purpose=IDENTITY, text=text, **account))) == found


def test_nor_by_its_subject__though_nothing_is_known_of_what_was_written() -> None:
    row, got = answer(1, 1, IDENTITY, channel="email", subject="Your debt")
    assert broken(prove([row], [got])) == {"identity"}


def test_other_answers_speak_of_it() -> None:
    assert proved(answer(text="You owe $ 120.00 on your account *0200.")).holds


# --- where it stands ------------------------------------------------------------------------------


def test_it_is_read_off_the_sandboxs_journal(tmp_path: Path) -> None:
    """As the sandbox itself writes it; and without what it was writing when it was killed."""
    record = Record(State(tmp_path / "received.state.jsonl"), tmp_path / "received.jsonl")
    ours = Message(
        provider="twilio",
        provider_message_id="SM1",
        channel="sms",
        account="meridian/100",
        to=HERS,
        sender="+573005550199",
        text="Hello",
        at=TOLD,
        status="delivered",
        fate="delivered",
    )
    record.add(ours)
    said = ours.answer("SM2", "How much do\u2028I owe?", ASKED, exact=True)
    record.add(said)
    record.update(said)
    record.add(ours.answer("SM3", "Hello?", ASKED, exact=False))
    record.close()
    with (tmp_path / "received.state.jsonl").open("ab") as journal:
        journal.write(b'{"t":"message","k":"SM4","v":{"direc')
    dated, undated = read_said(tmp_path) or []
    assert datetime.fromisoformat(dated["at"]) == ASKED
    known = {"at": wrote()["at"], "id": "SM2", "meant": None}
    assert {**dated, **known} == wrote(words="How much do\u2028I owe?", id="SM2", meant=None)
    assert undated["clock"] == "estimate"


def test_a_folder_without_a_journal_says_nothing_of_it(tmp_path: Path) -> None:
    ledger, received = zip(on(TOLD, 1, "reminder"), answer(), strict=True)
    for said, found in ((None, {"too_close"}), ([], {"too_close", "answered"}), ([wrote()], set())):
        run = Run(list(ledger), list(received), said=said)
        folder = run.write(tmp_path / str(len(found)))
        assert broken(prove_folder(folder)) == found


def test_a_broken_journal_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "received.state.jsonl").write_text('{"t":\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 1: not JSON"):
        read_said(tmp_path)
