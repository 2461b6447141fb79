"""Which files go which way."""

import pytest
from pydantic import ValidationError

from domain.channels import TO_PARTIES, Channel, Purpose
from domain.documents.carrying import MOST_BY_MAIL, Way, why_none, why_not
from domain.documents.document import MEDIA_TYPES, DocumentKind, is_what_it_says
from domain.strategy import Attached

PDF, PNG, OGG = "application/pdf", "image/png", "audio/ogg"
KB, MB = 1024, 1024 * 1024


def way(channel: Channel, **more: object) -> Way:
    about = {"provider": "twilio", "to": "+13055550123", **more}
    return Way.model_validate({"channel": channel, **about})


@pytest.mark.parametrize(
    ("channel", "more", "some"),
    [
        (Channel.EMAIL, {"provider": "resend", "to": "a@b.c"}, True),
        (Channel.SMS, {}, True),
        (Channel.SMS, {"to": "+14165550123"}, True),  # Toronto
        (Channel.SMS, {"to": "+18765550123"}, False),  # Jamaica, which has the same calling code
        (Channel.SMS, {"to": "+573001234567"}, False),
        (Channel.SMS, {"to": "nobody"}, False),
        (Channel.SMS, {"provider": "infobip"}, False),
        (Channel.WHATSAPP, {"to": "+573001234567"}, True),
        (Channel.WHATSAPP, {"is_template": True}, False),
        (Channel.VOICE, {}, False),
    ],
)
def test_some_ways_take_no_file(channel: Channel, more: dict[str, object], *, some: bool) -> None:
    assert (why_none(way(channel, **more)) is None) is some


@pytest.mark.parametrize(
    ("channel", "media_type", "size", "already", "count", "goes"),
    [
        (Channel.EMAIL, PDF, MOST_BY_MAIL, 0, 0, True),
        (Channel.EMAIL, PDF, MOST_BY_MAIL, 1, 1, False),
        (Channel.EMAIL, OGG, 1, 2, 2, True),
        (Channel.EMAIL, OGG, 1, 3, 3, False),
        (Channel.SMS, PNG, 5 * MB, 0, 0, True),
        (Channel.SMS, PNG, 5 * MB + 1, 0, 0, False),
        (Channel.SMS, PNG, 3 * MB, 3 * MB, 1, False),
        (Channel.SMS, PDF, 600 * KB, 0, 0, True),
        (Channel.SMS, PDF, 600 * KB + 1, 0, 0, False),
        (Channel.WHATSAPP, PNG, 5 * MB, 0, 0, True),
        (Channel.WHATSAPP, PNG, 5 * MB + 1, 0, 0, False),
        (Channel.WHATSAPP, PNG, 1, 1, 1, False),
        (Channel.WHATSAPP, PDF, 1, 0, 0, False),
        (Channel.WHATSAPP, OGG, 1, 0, 0, False),
    ],
)
def test_each_channel_has_its_bounds(
    channel: Channel, media_type: str, size: int, already: int, count: int, *, goes: bool
) -> None:
    assert (why_not(way(channel), media_type, size, already, count) is None) is goes


def test_a_pdf_goes_by_whatsapp_where_the_operator_says_so_and_no_recording_does() -> None:
    taking = way(Channel.WHATSAPP, takes_pdf=True)
    assert why_not(taking, PDF, 16 * MB, 0, 0) is None
    assert why_not(taking, PDF, 16 * MB + 1, 0, 0) is not None
    assert why_not(taking, OGG, 1, 0, 0) is not None


def test_a_recording_goes_by_whatsapp_where_the_operator_says_so_and_no_pdf_does() -> None:
    taking = way(Channel.WHATSAPP, takes_recordings=True)
    assert why_not(taking, OGG, 16 * MB, 0, 0) is None
    assert why_not(taking, OGG, 16 * MB + 1, 0, 0) is not None
    assert why_not(taking, OGG, 1, 1, 1) is not None
    assert why_not(taking, "audio/mp4", 1, 0, 0) is not None, "Twilio names it no audio of WhatsApp"
    assert why_not(taking, PDF, 1, 0, 0) is not None


@pytest.mark.parametrize("purpose", list(Purpose))
def test_no_file_goes_with_what_somebody_else_may_read(purpose: Purpose) -> None:
    read_by_anybody = {
        Purpose.OPT_OUT_CONFIRMATION,
        Purpose.IDENTITY_ANSWER,
        Purpose.CRISIS_ANSWER,
        Purpose.PREFERENCE_CONFIRMATION,
        *TO_PARTIES,
    }
    given = {"purpose": purpose, "kind": DocumentKind.STATEMENT}
    if purpose in read_by_anybody:
        with pytest.raises(ValidationError, match="somebody else"):
            Attached.model_validate(given)
    else:
        assert Channel.SMS not in Attached.model_validate(given).channels, "an MMS has its price"


def test_no_call_carries_a_file() -> None:
    given = {"purpose": "reminder", "kind": "statement", "channels": ["voice"]}
    with pytest.raises(ValidationError, match="voice takes no file"):
        Attached.model_validate(given)


@pytest.mark.parametrize(
    ("media_type", "begins"),
    [
        ("application/pdf", b"%PDF-1.4"),
        ("image/jpeg", b"\xff\xd8\xff\xe0"),
        ("image/png", b"\x89PNG\r\n\x1a\n"),
        ("audio/ogg", b"OggS\0"),
        ("audio/mpeg", b"ID3\x04"),
        ("audio/amr", b"#!AMR\n"),
        ("audio/aac", b"\xff\xf1\x50"),
        ("audio/mp4", b"\0\0\0\x20ftypM4A "),
    ],
)
def test_a_file_begins_as_its_type_does(media_type: str, begins: bytes) -> None:
    assert is_what_it_says(begins, media_type)
    for other in (b"", b"MZ\x90", b"<html>", b"PK\x03\x04"):
        assert not is_what_it_says(other, media_type)


def test_every_type_of_every_kind_can_be_told() -> None:
    for known in MEDIA_TYPES.values():
        for media_type in known:
            assert not is_what_it_says(b"?" * 20, media_type)
