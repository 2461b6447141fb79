"""What an installation takes is measured whole, in its short form; counts, never times."""

import re

from lab.capacity.__main__ import measure, options

SHORT = ["--accounts", "20", "--due", "6", "--attempts", "1000", "--events", "100"]


async def test_the_page_is_made_of_a_short_run() -> None:
    text = await measure(options(SHORT))

    figures = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE))
    assert float(figures["actions, a contact"]) == 2
    history = int(figures["bytes of history, a contact"].replace(",", ""))
    # What has no part in it: the name of this machine, which stands in seven events.
    assert 1_300 < history < 2_000
    assert "| Open accounts | 100 thousand | 1 million | 10 million |" in text
