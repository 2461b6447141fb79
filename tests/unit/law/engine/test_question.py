"""A question that is asked of many instants answers as if it were asked of each alone."""

from datetime import timedelta
from itertools import islice
from random import Random

import pytest

from domain.law.engine import Question, closes_at, next_opening, verdict
from lab.builders.law import BOOK
from lab.builders.law_requests import Requests


@pytest.mark.parametrize("seed", range(6))
def test_what_is_laid_out_once_answers_as_what_is_laid_out_anew(seed: int) -> None:
    random = Random(seed)
    for request in islice(Requests(seed=seed), 120):
        packs = BOOK.packs_for(request.jurisdictions)
        question = Question(packs, request)
        for _ in range(6):
            # Back and forth, also to before some of what is on file.
            at = request.at + timedelta(minutes=random.randrange(-20_000, 20_000), microseconds=7)
            said = verdict(packs, request, at)
            assert question.verdict(at) == said
            rule = question.forbids(at)
            assert (rule.id if rule else "none") == said.rule
            opens = next_opening(packs, request, at)
            assert question.next_opening(at) == opens
            if opens is not None:
                assert question.closes_at(opens) == closes_at(packs, request, opens)


@pytest.mark.parametrize("seed", range(6))
def test_what_may_open_before_an_instant_is_told_without_looking_for_it(seed: int) -> None:
    random, told = Random(seed), set[bool]()
    for request in islice(Requests(seed=seed), 120):
        question = Question(BOOK.packs_for(request.jurisdictions), request)
        for _ in range(6):
            at = request.at + timedelta(minutes=random.randrange(40_000), microseconds=7)
            until = at + timedelta(minutes=random.choice([1, 700, 2_000, 9_000, 90_000]))
            opens = Question(BOOK.packs_for(request.jurisdictions), request).next_opening(at)
            before = question.opens_before(at, until.replace(microsecond=0))
            if opens is not None and opens < until.replace(microsecond=0):
                assert before, "what opens is never passed over"
            elif before:
                known = [one.at for one in request.events] + [one.at for one in request.history]
                assert max(known) > at, "what is all known by then is told exactly"
            told.add(before)
    assert told == {True, False}
