"""All spellings of one subscriber are one address, and two subscribers stay two."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.channels import Channel
from domain.entry.addresses import SPELLINGS, canonical, variants

TELEPHONE = (Channel.SMS, Channel.WHATSAPP, Channel.VOICE)


@pytest.mark.parametrize("channel", TELEPHONE)
@pytest.mark.parametrize(
    ("spellings", "country", "one"),
    [
        # As stated, and as WhatsApp names the sender.
        (("+55 64 9 9123-4567", "556491234567", "whatsapp:+556491234567"), None, "+5564991234567"),
        (("(64) 99123-4567", "0 64 9123-4567", "64991234567"), "BR", "+5564991234567"),
        (("+551133334444", "551133334444", "whatsapp:+551133334444"), None, "+551133334444"),
        (("+525512345678", "+5215512345678", "5215512345678"), None, "+525512345678"),
        (("55 1234 5678", "044 55 1234 5678", "01 55 1234 5678"), "MX", "+525512345678"),
        (("+5491143211234", "+541143211234", "541143211234"), None, "+5491143211234"),
        (("011 15 4321-1234", "11 4321-1234", "54 9 11 4321 1234"), "AR", "+5491143211234"),
        (
            ("+573000000001", "573000000001", "00573000000001", "WhatsApp:+573000000001"),
            None,
            "+573000000001",
        ),
        (
            ("300 000 0001", "573000000001", "00573000000001", "+٥٧٣٠٠٠٠٠٠٠٠١"),
            "CO",
            "+573000000001",
        ),
        (("212-555-0142", "1 (212) 555-0142", "tel:+12125550142"), "US", "+12125550142"),
        (
            ("+44 (0)20 7946 0958", "00442079460958", "sip:+442079460958@edge.example"),
            None,
            "+442079460958",
        ),
    ],
)
def test_every_spelling_is_the_same_address(
    spellings: tuple[str, ...], country: str | None, one: str, channel: Channel
) -> None:
    assert {canonical(channel, spelling, country) for spelling in spellings} == {one}


@pytest.mark.parametrize(
    ("address", "all_of_them"),
    [
        ("+556491234567", {"+5564991234567", "+556491234567"}),
        ("+551133334444", {"+551133334444"}),
        ("+525512345678", {"+525512345678", "+5215512345678"}),
        ("+541143211234", {"+541143211234", "+5491143211234"}),
        ("+573000000001", {"+573000000001"}),
        ("anonymous", {"anonymous"}),
        ("12345", {"12345"}),
    ],
)
def test_all_spellings_that_may_be_on_file_are_told(address: str, all_of_them: set[str]) -> None:
    assert variants(Channel.SMS, address) == all_of_them


@pytest.mark.parametrize(
    "odd",
    [
        "",
        " ",
        "12345",
        "anonymous",
        "AMAZON",
        "1800FLOWERS",
        "+",
        "00",
        "+0",
        "whatsapp:",
        "+" * 50,
        "9" * 5000,
        "\x00",
        "US.1234567890",
        "٣",
    ],
)
def test_what_is_no_number_stays_as_it_is(odd: str) -> None:
    assert canonical(Channel.SMS, f" {odd} ") == odd.strip().removeprefix("whatsapp:")


@pytest.mark.parametrize(
    ("address", "one"),
    [
        ("Ana@Example.COM", "ana@example.com"),
        (" ana@example.com\n", "ana@example.com"),
        ("a.n.a+debt@gmail.com", "a.n.a+debt@gmail.com"),
        ("whatsapp:ana@example.com", "whatsapp:ana@example.com"),
    ],
)
def test_a_mailbox_differs_by_more_than_case(address: str, one: str) -> None:
    assert canonical(Channel.EMAIL, address) == one
    assert variants(Channel.EMAIL, address) == {one}


def digits(count: int, first: str = string.digits) -> st.SearchStrategy[str]:
    return st.tuples(
        st.sampled_from(first), st.text(string.digits, min_size=count - 1, max_size=count - 1)
    ).map("".join)


NUMBERS = st.one_of(
    st.tuples(digits(2, "123456789").filter(lambda ddd: "0" not in ddd), digits(8, "6789")).map(
        lambda n: f"+55{n[0]}9{n[1]}"
    ),
    st.tuples(digits(2, "123456789").filter(lambda ddd: "0" not in ddd), digits(8, "2345")).map(
        lambda n: f"+55{n[0]}{n[1]}"
    ),
    digits(10, "23456789").map(lambda n: f"+52{n}"),
    digits(10, "123").map(lambda n: f"+549{n}"),
    digits(10, "3").map(lambda n: f"+57{n}"),
    digits(10, "23456789").map(lambda n: f"+1{n}"),
)
"""Numbers of the countries whose spellings vary, and of others, each in its canonical form."""

DRESSED = st.sampled_from(["{}", " {} ", "whatsapp:{}", "tel:{}", "sip:{}@edge.example"])


@given(number=NUMBERS, dress=DRESSED, channel=st.sampled_from(TELEPHONE), data=st.data())
def test_whatever_is_put_around_a_number_it_is_the_same(
    number: str, dress: str, channel: Channel, data: st.DataObject
) -> None:
    spelling = data.draw(st.sampled_from(sorted(variants(channel, number))))
    start = data.draw(st.sampled_from(["+", "00", ""]))
    blanks = data.draw(st.lists(st.sampled_from(["", "", " ", "-"]), min_size=20, max_size=20))
    body = "".join(digit + blank for digit, blank in zip(spelling[1:], blanks, strict=False))
    assert canonical(channel, dress.format(start + body)) == number


@given(one=NUMBERS, other=NUMBERS)
def test_two_subscribers_stay_two(one: str, other: str) -> None:
    assert (variants(Channel.SMS, one) == variants(Channel.SMS, other)) is (one == other)
    assert variants(Channel.SMS, one).isdisjoint(variants(Channel.SMS, other)) is (one != other)


@given(text=st.text(), country=st.sampled_from([None, "BR", "MX", "AR", "CO", "US", "xx"]))
def test_it_takes_any_text_and_a_second_time_changes_nothing(
    text: str, country: str | None
) -> None:
    for channel in Channel:
        once = canonical(channel, text, country)
        assert canonical(channel, once) == once
        assert once in variants(channel, text, country)


def test_every_spelling_has_its_source() -> None:
    assert all("http" in spelling.source for spelling in SPELLINGS)
