"""What the campaign itself calls doubled: touches, courtesies and answers to stops."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lab.campaign.verdict import _doubled, _Record, _unlawful
from tests.support.runs import Row, Run, address_of, attempt_row, received_row, stop_row

HERS = address_of("c100", "sms")
SAID = datetime.fromisoformat("2026-03-04T16:00:00+00:00")
DONE = "Done. We won't send any more texts to this number. If you change your mind, reply START."


def confirmed(number: int, after: timedelta = timedelta(seconds=5), **changes: object) -> Row:
    at = (SAID + after).isoformat()
    over = (SAID + after + timedelta(minutes=5)).isoformat()
    moments = dict.fromkeys(("not_before", "reserved_at", "dispatched_at"), at)
    told = {"purpose": "opt_out_confirmation", "touch": 0, "not_after": over, **moments}
    return attempt_row(number, **told | changes)


def asked(
    after: timedelta = timedelta(0), kind: str = "stop", address: str = HERS, channel: str = "sms"
) -> Row:
    at = (SAID + after).isoformat()
    told = {"said_at": at, "account": "meridian/100", "clock": "account", "channel": channel}
    return stop_row(address, at, kind=kind, **told)


def recorded(
    folder: Path, *rows: Row, stops: Iterable[Row] = (), said: Iterable[timedelta] = ()
) -> _Record:
    """A record in which every attempt was taken once and reached somebody; ``said``: when she
    wrote."""
    bare = {row["attempt_id"]: DONE for row in rows if row["purpose"] == "opt_out_confirmation"}
    received = [
        received_row(row) | ({"text": DONE} if row["attempt_id"] in bare else {}) for row in rows
    ]
    Run(list(rows), received, [], [], list(stops)).write(folder)
    messages: list[Row] = [
        {
            "id": row["provider_message_id"],
            "direction": "out",
            "person": heard["to"],
            "channel": row["channel"],
            "attempt": row["attempt_id"],
            "account": heard["account"],
            "at": heard["at"],
            "reached": True,
        }
        for row, heard in zip(rows, received, strict=True)
    ]
    messages += [
        {
            "id": f"in{after}",
            "direction": "in",
            "person": HERS,
            "channel": "sms",
            "account": "meridian/100",
            "at": (SAID + after).isoformat(),
            "text": "How much?",
            "clock": "account",
        }
        for after in said
    ]
    empty = ("agreed", "orders", "bank", "facts", "webhooks")
    for name, lines in {**dict.fromkeys(empty, ()), "messages": messages}.items():
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")
    return _Record(folder)


def doubled(folder: Path, *rows: Row, stops: list[Row]) -> list[str]:
    """What is doubled in it."""
    return list(_doubled(recorded(folder, *rows, stops=stops)))


MAILBOX = address_of("c100", "email")
BY_MAIL = {"channel": "email", "provider": "sendgrid", "step": 3}
HOUR = timedelta(hours=1)


def test_an_answer_for_each_place_in_which_somebody_stopped_is_none_too_many(
    tmp_path: Path,
) -> None:
    stops = [asked(), asked(HOUR, address=MAILBOX, channel="email")]
    rows = [attempt_row(1, touch=1), confirmed(2), confirmed(3, HOUR, **BY_MAIL)]
    assert doubled(tmp_path, *rows, stops=stops) == []


@pytest.mark.parametrize("other", [{}, {"account_id": "200", "covers": ["meridian/200"]}])
def test_two_answers_in_one_place_are_one_too_many_about_whatever_account(
    tmp_path: Path, other: Row
) -> None:
    rows = [confirmed(2), confirmed(3, HOUR, step=3, **other)]
    told = doubled(tmp_path, *rows, stops=[asked(), asked(HOUR)])
    (found,) = (one for one in told if "was confirmed" in one)
    assert f"from {HERS[1:]} was confirmed 2 times" in found


def test_two_people_are_answered_each_in_their_own_place(tmp_path: Path) -> None:
    rows = [confirmed(2), confirmed(3, customer_id="c7", account_id="700", covers=["meridian/700"])]
    stops = [asked(), asked(address=address_of("c7", "sms"))]
    assert doubled(tmp_path, *rows, stops=stops) == []


def test_whoever_came_back_and_stops_again_is_answered_again(tmp_path: Path) -> None:
    stops = [asked(), asked(HOUR / 2, kind="start"), asked(HOUR)]
    rows = [confirmed(2), confirmed(3, HOUR, step=3)]
    assert doubled(tmp_path, *rows, stops=stops) == []


@pytest.mark.parametrize(
    ("touch", "purposes", "found"),
    [
        (1, ("reminder", "reminder"), True),
        (1, ("reminder", "promise_broken"), True),
        (0, ("payment_thanks", "payment_thanks"), True),
        (0, ("payment_thanks", "promise_reminder"), False),
        (0, ("payment_thanks", "opt_out_confirmation"), False),
    ],
)
def test_a_touch_is_told_by_its_number_and_a_courtesy_by_what_it_says(
    tmp_path: Path, touch: int, purposes: tuple[str, str], *, found: bool
) -> None:
    """Two weeks apart, so that nothing else forbids them."""
    first, second = (attempt_row(1 + 2 * n, touch=touch, purpose=p) for n, p in enumerate(purposes))
    stop = asked(timedelta(days=13, hours=23))
    told = doubled(tmp_path, first, second, stops=[stop])
    assert any("reached the person 2 times" in one for one in told) is found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([timedelta(0), HOUR], set()),
        ([timedelta(0)], {"had a second balance_answer"}),
        ([], {"answers nothing that was asked"}),
    ],
    ids=["asked twice", "asked once", "never asked"],
)
def test_an_answer_is_judged_by_what_was_written_and_no_touch(
    tmp_path: Path, said: list[timedelta], found: set[str]
) -> None:
    """Two about one account, in one phase, an hour apart."""
    rows = [
        confirmed(n, at, purpose="balance_answer")
        for n, at in ((2, timedelta(seconds=5)), (3, HOUR + timedelta(seconds=5)))
    ]
    record = recorded(tmp_path, *rows, said=said)
    told = [*_doubled(record), *_unlawful(record)]
    assert not any(one.startswith("Touch") for one in told)
    words = ("had a second balance_answer", "answers nothing that was asked")
    assert {word for word in words if any(word in one for one in told)} == found
