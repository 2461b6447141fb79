"""What an id has in common with those that another system makes of it, in one function.

0015 folded the case of plain letters alone in a database of locale C, and no blanks. Its indexes
stay: workers of the version before ask them.

Only adds: workers that know nothing of it go on working beside it.
"""

import unicodedata

from alembic import op

revision = "0016"
down_revision = "0015"

# All letters that an id may hold beyond ASCII and that have a small form of one letter; stated by
# themselves, since not every locale of a database knows them.
_CAPITALS = [
    letter
    for letter in map(chr, range(0x80, 0x250))
    if letter.casefold() != letter
    and len(letter.casefold()) == 1
    and unicodedata.normalize("NFKC", letter) == letter
]
_SMALL = [letter.casefold() for letter in _CAPITALS]

# As `spelt` of domain/entry/ids.py has it, to which a test holds this. Ids of plain letters, which
# nearly all are, take the short way.
FUNCTION = rf"""
CREATE OR REPLACE FUNCTION spelt(id text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ltrim(translate(lower((
        CASE WHEN octet_length(id) = length(id) THEN id
        ELSE replace(replace(translate(normalize(id, NFKC), '{"".join(_CAPITALS)}',
            '{"".join(_SMALL)}'), 'ß', 'ss'), 'İ', 'i') END
        ) COLLATE "C"), E' \t\n\r\f\v', ''), '0')
$$
"""

_LOOSELY = r"""ltrim(translate(spelt({0}), '-_.,''"', ''), '0')"""
"""As ``store/intake/spelling.py`` asks."""

_KEPT_FOR = " || '/' || ".join(
    _LOOSELY.format(part)
    for part in ("split_part(account, '/', 1)", "substr(account, strpos(account, '/') + 1)")
)

INDEXES = {
    "accounts_by_spelling": f"accounts (({_LOOSELY.format('creditor')}), "
    f"({_LOOSELY.format('account_id')}))",
    "customers_by_spelt_id": f"customers (({_LOOSELY.format('customer_id')}))",
    # What was said before the file of whoever comes under another spelling.
    "law_events_by_spelling": f"law_events (({_LOOSELY.format('customer_id')})) "
    "WHERE event_id LIKE 'file:%'",
    "law_events_kept": f"law_events (({_KEPT_FOR})) "
    "WHERE customer_id IS NULL AND account IS NOT NULL",
}


def upgrade() -> None:
    # Built beside running workers and gateways, as in 0009.
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '5s'")
        op.execute(FUNCTION)
        op.execute("SET lock_timeout = 0")
        for name, of in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {of}")
        op.execute("SET lock_timeout = '5s'")  # as every migration has it
