"""A portfolio is read in little memory, whoever stands where in the file."""

import tracemalloc
from itertools import combinations
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lab.builders.intake_files import rows, write_csv
from tests.unit.simulation.support import BEGAN
from workers.simulation.book.file import read_file
from workers.simulation.book.packed import LOT, Packed, pack, plain, unpack
from workers.simulation.book.together import Together
from workers.simulation.portfolio import Somebody


@given(st.lists(st.lists(st.integers(), max_size=3 * LOT), max_size=4))
def test_what_is_packed_comes_out_in_the_order_in_which_it_went_in(some: list[list[int]]) -> None:
    together: Packed[int] = Packed()
    for each in some:
        together.extend(Packed(each))
    wanted = [one for each in some for one in each]
    assert list(together) == wanted
    assert len(together) == len(wanted)
    assert together == Packed(wanted) != Packed([*wanted, 0])
    assert [one for lot in together.lots() for one in lot] == wanted
    assert sum(map(len, together.lots())) == len(wanted)


def test_what_is_alike_takes_little() -> None:
    first, other = (tuple(f"{word}{number}" for number in range(40)) for word in ("a", "a"))
    like = plain(first)
    assert unpack(pack(other, like), like) == other
    assert len(pack(other, like)) < len(pack(other)) / 2


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_those_are_together_who_share_an_address_directly_or_by_others(
    said: list[tuple[int, int]],
) -> None:
    together = Together()
    for _ in range(10):
        together.comes()
    for number, address in said:
        together.reached(number, address)
    at = [{address for number, address in said if number == one} for one in range(10)]
    slow = [{one} for one in range(10)]
    for _ in range(10):
        for one, other in combinations(range(10), 2):
            if at[one] & at[other] or slow[one] & slow[other]:
                slow[one] |= slow[other]
                slow[other] |= slow[one]
    groups = list(together.groups())
    assert {frozenset(one) for one in groups} == {frozenset(one) for one in slow}
    assert [min(one) for one in groups] == [one[0] for one in groups]
    assert [one[0] for one in groups] == sorted(one[0] for one in groups)


def test_a_customers_accounts_come_together_from_all_over_a_file(tmp_path: Path) -> None:
    made = rows(1_000)
    for number, one in enumerate(made):
        one["customer_id"] = f"C{number % 250}"
        one["mobile"], one["email"] = made[number % 250]["mobile"], made[number % 250]["email"]
    in_order = read_file(write_csv(tmp_path / "a.csv", sorted(made, key=str)), BEGAN.date())
    Random(1).shuffle(made)
    shuffled = read_file(write_csv(tmp_path / "b.csv", made), BEGAN.date())
    for people in (in_order, shuffled):
        assert (people.accounts, len(people.groups), people.refused) == (1_000, 250, 0)
    theirs = [
        {
            one.customer_id: (one.points, sorted(one.accounts))
            for group in people.groups
            for one in group
            if isinstance(one, Somebody)
        }
        for people in (in_order, shuffled)
    ]
    assert theirs[0] == theirs[1]
    first = [made[0]["customer_id"], made[1]["customer_id"]]
    assert [group[0].customer_id for group in shuffled.groups][:2] == first


def test_an_account_of_a_file_takes_a_kilobyte_at_most(tmp_path: Path) -> None:
    """It was four, in the first process; 100,000 of them have a gigabyte with all else."""
    many = 1_000
    file = write_csv(tmp_path / "a.csv", rows(many))
    # What is read once, tables and caches, is no account's.
    read_file(file, BEGAN.date())
    tracemalloc.start()
    try:
        people = read_file(file, BEGAN.date())
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert people.accounts == many
    assert kept / many < 500
    assert most / many < 1_500
