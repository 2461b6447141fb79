"""The sentences that operators read on timers and activities."""

import pytest

from domain.planning.words import short_cite


@pytest.mark.parametrize(
    ("cite", "told"),
    [
        ("Ley 2300 de 2023, art. 3; holidays of Ley 51 de 1983", "Ley 2300 de 2023, art. 3"),
        ("12 CFR 1006.6(b)(1)(i), comment 6(b)(1)(i)-2", "12 CFR 1006.6(b)(1)(i)"),
        (
            "CONDUSEF, Disposiciones en materia de Despachos de Cobranza (DOF 7 Oct 2014)",
            "CONDUSEF, Disposiciones en materia de Despachos de Cobranza",
        ),
    ],
)
def test_a_citation_is_cut_to_its_first_source(cite: str, told: str) -> None:
    assert short_cite(cite) == told
