"""Every rule of an intake row, from both sides."""

from datetime import date

import pytest
from pydantic import ValidationError

from config.geo.atlas import ATLAS
from domain.account import PointKind
from domain.channels import Channel
from domain.entry.intake import COLUMNS, IntakeRow, Point, problems
from lab.builders.intake_files import row

TODAY = date(2025, 11, 21)


def check(**cells: object) -> IntakeRow | list[tuple[str, str]]:
    try:
        return IntakeRow.model_validate(row() | cells, context={"today": TODAY, "atlas": ATLAS})
    except ValidationError as error:
        return [(problem.field, problem.rule) for problem in problems(error)]


@pytest.mark.parametrize(
    ("field", "good", "bad", "rule"),
    [
        ("account_id", "A-1 b", "a/b", "without '/'"),
        ("account_id", "A1", " A1", "blanks at either end"),
        ("account_id", "x" * 64, "x" * 65, "at most 64 characters"),
        ("account_id", "A1", "", "is missing"),
        ("account_id", "A1", 17, "must be text"),
        ("customer_id", "C1", "C\n1", "U+000A"),
        ("creditor", "banco", "   ", "is missing"),
        ("currency", "MXN", "DEM", "ISO 4217"),
        ("currency", "COU", "XXX", "ISO 4217"),
        ("currency", "USD", "usd", "ISO 4217"),
        ("balance", "0", "-0.01", "must not be negative"),
        ("balance", "0.5", "0.555", "at most 2 decimals"),
        ("balance", "1234.50", "1,234.50", "no separators between thousands"),
        ("balance", "1234", "1234,50", "a point before the decimals"),
        ("balance", "99999999999", "9" * 17, "at most 16 digits"),
        ("balance", 10, True, "decimal number"),
        ("balance", "1", "$1", "no currency sign"),
        ("balance", "1", "1e3", "plain number"),
        ("balance", "1", "NaN", "plain number"),
        ("oldest_due_date", "2025-11-21", "21/11/2025", "year-month-day"),
        ("oldest_due_date", "2024-02-29", "2025-02-29", "a day that exists"),
        ("oldest_due_date", "2025-01-01", "20250101", "year-month-day"),
        ("oldest_due_date", "2026-01-20", "2026-01-21", "more than 60 days ahead"),
        ("oldest_due_date", "1990-01-01", "1989-12-31", "must not be before 1990-01-01"),
        ("name", "Zoë Ñandú", "", "is missing"),
        ("name", "Nadia Null", "NULL", "nobody's name"),
        ("name", "x" * 200, "x" * 201, "at most 200 characters"),
        ("locale", "es_CO", "xx-CO", "known to CLDR"),
        ("locale", "en-US", "en-USA", "known to CLDR"),
        ("country", "CO", "ZZ", "ISO 3166-1"),
        ("country", "CO", "co", "ISO 3166-1"),
        ("region", "CO-DC", "Antioquia", "ISO 3166-2"),
        ("region", "", "US-MA", "of the row's country"),
        ("postal_code", "", "1" * 17, "at most 16 characters"),
        ("timezone", "America/Bogota", "America/Bogata", "did you mean America/Bogota?"),
        ("timezone", "America/Bogota; America/Lima", "UTC-5", "no such time zone"),
        ("timezone", ["America/Bogota"], "GMT+5;America/Lima", "no such time zone"),
        ("mobile", "+1 212-555-0142", "2125550142", "with + and the country code"),
        ("mobile", "+12125550142", "+1212555014", "number of digits"),
        ("mobile", "+573990000001", "+999123456789", "must be a phone number"),
        ("landline", "+576010000001", "+57 601 000 0001 ext 5", "without an extension"),
        ("whatsapp", "+525500000001", "+52", "must be a phone number"),
        ("email", "a.b+c@example.co", "a@b", "e-mail address"),
        ("email", "a@example.com", "a..b@example.com", "e-mail address"),
        ("email", "a@example.com", "a b@example.com", "e-mail address"),
        ("consents", "sms;email", "sms;fax", "must be a channel"),
        ("consents", "sms; voice", "whatsapp", "given for whatsapp, for which"),
        ("consents", "", "letter", "given for letter, for which"),
        ("preferred_channel", "letter", "fax", "must be a channel"),
    ],
)
def test_each_rule_has_two_sides(field: str, good: object, bad: object, rule: str) -> None:
    assert isinstance(check(**{field: good}), IntakeRow)
    found = check(**{field: bad})
    assert isinstance(found, list)
    assert [name for name, _ in found] == [field]
    assert rule in found[0][1]


def test_no_rule_repeats_the_value() -> None:
    found = check(name="\x07secret-name", mobile="+1secret", email="secret@", locale="secret")
    assert isinstance(found, list)
    assert len(found) == 4
    assert "secret" not in str(found)


def test_someone_without_any_address_cannot_be_reached() -> None:
    found = check(mobile="", email="", consents="")
    assert found == [
        ("row", "at least one of mobile, landline, email, whatsapp is needed to reach the customer")
    ]


def test_an_unknown_column_is_named_with_the_nearest_known_one() -> None:
    assert check(balanse="1") == [
        ("balanse", "is not a column of an intake file; did you mean balance?")
    ]


def test_all_problems_of_a_row_are_told_at_once() -> None:
    found = check(balance="-1", country="XX", email="nobody")
    assert isinstance(found, list)
    assert {name for name, _ in found} >= {"balance", "country", "email"}


def test_a_spelling_that_its_country_has_given_up_is_understood() -> None:
    made = check(whatsapp="+52 1 55 1234 5678")
    assert isinstance(made, IntakeRow)
    assert made.whatsapp == "+525512345678"


def test_addresses_are_normalised() -> None:
    made = check(mobile="+57 399 000-0001", email="Ana@EXAMPLE.com", locale="es_CO")
    assert isinstance(made, IntakeRow)
    assert (made.mobile, made.email, made.locale) == ("+573990000001", "Ana@example.com", "es-CO")


@pytest.mark.parametrize(
    ("country", "currency", "locale"),
    [
        ("BR", "BRL", "pt-BR"),
        ("AR", "ARS", "es-AR"),
        ("GB", "GBP", "en-GB"),
        ("US", "USD", "en-US"),
    ],
)
def test_without_a_locale_the_countrys_language_is_meant(
    country: str, currency: str, locale: str
) -> None:
    made = check(country=country, currency=currency, region="", postal_code="", locale="")
    assert isinstance(made, IntakeRow)
    assert made.locale == locale


def test_no_locale_and_no_country_are_two_problems() -> None:
    assert check(country="ZZ", region="", locale="") == [
        ("locale", "is missing"),
        ("country", "must be a country code of two capital letters (ISO 3166-1), such as CO"),
    ]


def test_points_follow_from_addresses_and_consents() -> None:
    made = check(landline="+576010000001", whatsapp="+573990000001", consents="sms;voice")
    assert isinstance(made, IntakeRow)
    assert made.points() == (
        Point(Channel.SMS, PointKind.MOBILE, "+573990000001", True),
        Point(Channel.VOICE, PointKind.MOBILE, "+573990000001", True),
        Point(Channel.VOICE, PointKind.LANDLINE, "+576010000001", True),
        Point(Channel.WHATSAPP, PointKind.MOBILE, "+573990000001", False),
        Point(Channel.EMAIL, PointKind.EMAIL, "ana@example.com", False),
    )
    assert made.phones() == ("+573990000001", "+576010000001")


def test_the_columns_are_those_of_the_specification() -> None:
    assert ",".join(COLUMNS) == (
        "account_id,customer_id,creditor,currency,balance,oldest_due_date,name,locale,country,"
        "region,postal_code,timezone,mobile,landline,email,whatsapp,consents,preferred_channel"
    )
