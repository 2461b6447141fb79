"""The tables as an intake row asks them: does this region, postal code, zone exist?"""

import difflib
from typing import Final

from config.geo import postal, zones
from config.geo.tables import regions_of_country

COMPLETE: Final = frozenset({"AR", "BR", "CL", "CO", "EC", "ES", "GB", "MX", "PE", "US"})
"""Countries all of whose regions the tables have; elsewhere a region's form is all we know."""


class Atlas:
    """What ``domain.entry.intake.Atlas`` asks for, by the tables of ``config/geo``."""

    def zone(self, name: str) -> str:
        """The name under which a place's zone is known; ValueError for what is no such zone."""
        return zones.canonical(name)

    def postal_code(self, country: str, code: str) -> str:
        """A postal code as its country writes it; ValueError for one that cannot be read."""
        return postal.mended(country, code)

    def region(self, country: str, code: str) -> str:
        """A region that exists; ValueError, with those of a like name, for one that does not."""
        known = regions_of_country(country)
        if code in known or country not in COMPLETE:
            return code
        near = difflib.get_close_matches(code, sorted(known), n=3, cutoff=0.6)
        hint = f"; near ones are {', '.join(near)}" if near else ""
        raise ValueError(f"is no region of {country} (ISO 3166-2){hint}")


ATLAS: Final = Atlas()
