"""Postal codes as spreadsheets leave them: mended where there is one meaning, refused elsewhere."""

import pytest
import zipcodes
from hypothesis import given
from hypothesis import strategies as st

from config.geo.postal import FORMS, mended, postal_code_tells
from config.geo.tables import SOMEWHERE, regions_of_country, rows


@pytest.mark.parametrize(
    ("country", "written", "meant"),
    [
        ("US", "02139", "02139"),
        ("US", "2139", "02139"),
        ("US", " 2139 ", "02139"),
        ("US", "2139.0", "02139"),
        ("US", "2139.00", "02139"),
        ("US", "2139,0", "02139"),
        ("US", "'02139", "02139"),
        ("US", '="02139"', "02139"),
        ("US", "２139", "02139"),
        ("US", "\u00a02139\u00a0", "02139"),
        ("US", "2139-1234", "02139-1234"),
        ("US", "02139 - 1234", "02139-1234"),
        ("US", "02139–1234", "02139-1234"),
        ("US", "021391234", "02139-1234"),
        ("US", "21391234", "02139-1234"),
        ("US", "21391234.0", "02139-1234"),
        ("US", "MA 02139", "02139"),
        ("US", "MA02139", "02139"),
        ("US", "ma 2139-1234", "02139-1234"),
        ("US", "02139, MA", "02139"),
        ("US", "US-02139", "02139"),
        ("US", "ZIP 02139", "02139"),
        ("US", "601", "00601"),
        ("US", "601-1234", "00601-1234"),
        ("US", "6011234", "00601-1234"),
        ("US", "501", "00501"),
        ("BR", "01310-100", "01310-100"),
        ("BR", "1310100", "01310-100"),
        ("BR", "1310100.0", "01310-100"),
        ("BR", "1310-100", "01310-100"),
        ("BR", "01.310-100", "01310-100"),
        ("BR", "CEP 01310100", "01310-100"),
        ("BR", "69900", "69900"),
        ("BR", "1310", "01310"),
        ("MX", "1000", "01000"),
        ("MX", "C.P. 06600", "06600"),
        ("MX", "MX-6600", "06600"),
        ("MX", "CP: 22000", "22000"),
        ("ES", "8001", "08001"),
        ("ES", "8001.0", "08001"),
        ("ES", "E-28001", "28001"),
        ("CL", "834-0457", "8340457"),
        ("CL", "834 0457", "8340457"),
        ("EC", "90105", "090105"),
        ("AR", "1070", "1070"),
        ("AR", "1070.0", "1070"),
        ("AR", "c1070aam", "C1070AAM"),
        ("GB", "EC1A 1BB", "EC1A 1BB"),
        ("CO", "050001", "050001"),
        ("DE", "01067", "01067"),
    ],
)
def test_what_a_spreadsheet_lost_is_mended(country: str, written: str, meant: str) -> None:
    assert mended(country, written) == meant
    assert mended(country, meant) == meant


@pytest.mark.parametrize(
    ("country", "written"),
    [
        *(
            ("US", text)
            for text in ("21", "213912", "2139.5", "2.139", "2,139", "2.139E+3", "2139O")
        ),
        *(("US", text) for text in ("N/A", "-", "0", "02139-12345", "02139-1-2", "2139 Main St")),
        *(("US", text) for text in ("NY 02139", "ZZ 02139", "0213912345", "٠٢١٣٩")),
        *(("BR", text) for text in ("131010", "131", "1310-1000", "013101000", "13.10-100")),
        *(("MX", text) for text in ("100", "010000", "22.000", "B.C.")),
        *(("ES", text) for text in ("801", "080010")),
        *(("CL", text) for text in ("834045", "83404571")),
        *(("EC", text) for text in ("9010", "EC9010550")),
        *(("AR", text) for text in ("107", "I1070", "C107O", "10700")),
    ],
)
def test_what_has_no_one_meaning_is_refused(country: str, written: str) -> None:
    with pytest.raises(ValueError, match=f"must be a postal code of {country}"):
        mended(country, written)
    assert postal_code_tells(country, written) == SOMEWHERE, "elsewhere it narrows nothing"


CODES = sorted(entry["zip_code"] for entry in zipcodes.list_all())  # type: ignore[no-untyped-call]


@given(code=st.sampled_from(CODES))
def test_a_zip_code_that_was_made_a_number_is_the_same_place(code: str) -> None:
    for lost in (str(int(code)), f"{int(code)}.0", str(float(code)), f"{int(code)}-0001"):
        assert postal_code_tells("US", lost) == postal_code_tells("US", code)


@given(country=st.sampled_from([*sorted(FORMS), "AR", "GB"]), text=st.text(max_size=16))
def test_a_text_is_mended_for_good_or_refused(country: str, text: str) -> None:
    postal_code_tells(country, text)
    try:
        once = mended(country, text)
    except ValueError:
        return
    assert mended(country, once) == once


def test_the_table_names_regions_that_exist() -> None:
    for row in rows("postal.csv"):
        assert set(row["regions"].split(";")) <= regions_of_country(row["prefix"][:2]), row


@pytest.mark.parametrize(
    ("country", "code", "regions"),
    [
        ("BR", "72800-000", {"BR-GO"}),
        ("BR", "70002-900", {"BR-DF"}),
        ("BR", "29010-000", {"BR-ES"}),
        ("BR", "76801-000", {"BR-GO", "BR-RO"}),
        ("AR", "C1070AAM", {"AR-C"}),
        ("AR", "1070", {"AR-B", "AR-C", "AR-E"}),
        ("CL", "1000000", {"CL-AP"}),
        ("CL", "3780000", {"CL-LI", "CL-ML", "CL-NB"}),
        ("MX", "77520", {"MX-ROO"}),
        ("US", "10001", {"US-NY", "US-NY-NYC"}),
        ("US", "02139", {"US-MA"}),
        ("US", "99634", {"US-AK"}),
        ("US", "09001", set()),
        ("CO", "050001", set()),
    ],
)
def test_the_region_that_a_code_tells(country: str, code: str, regions: set[str]) -> None:
    assert postal_code_tells(country, code).regions == regions
