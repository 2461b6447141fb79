"""The health of providers: signs that their sends leave, in one table that all workers share.

Nothing is written while all is well, so a contact costs no statement more; see
domain/ledger/circuit.py for how the signs are read. Planning reads them with the situation.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.channels import Channel
from domain.ledger.circuit import KEPT, MEMORY, HealthSign, Sign
from store.database import Connection, Pool

# Who claims has reserved nothing, so what it claimed before never left: it was planned anew.
WITHDRAW: Final = "DELETE FROM provider_health WHERE attempt_id = $1 AND sign = 'probe'"

# Who comes second waits for the first one's transaction, and then writes nothing.
CLAIM_PROBE: Final = """
INSERT INTO provider_health (channel, provider, at, sign, attempt_id, due)
VALUES ($1, $2, $3, 'probe', $4, $5) ON CONFLICT DO NOTHING RETURNING attempt_id
"""

NOTE: Final = """
INSERT INTO provider_health (channel, provider, at, sign, attempt_id)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""

# By the real time of writing: where time is skipped, an account's own clock says nothing of age.
FORGET: Final = "DELETE FROM provider_health WHERE recorded_at < now() - interval '7 days'"

SELECT_HEALTH: Final = f"""
SELECT h.channel, h.provider, h.at, h.sign
FROM (SELECT DISTINCT channel, provider FROM provider_health) p, LATERAL (
    SELECT * FROM provider_health s
    WHERE s.channel = p.channel AND s.provider = p.provider AND s.at <= $1 AND s.at > $2
    ORDER BY s.at DESC LIMIT {KEPT}) h
"""  # noqa: S608 - a number of ours


class ProviderHealth:
    """Writing and reading the signs."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def claim(
        self,
        connection: Connection,
        served: tuple[Channel, str],
        attempt_id: str,
        due: datetime,
        at: datetime,
    ) -> bool:
        """Become the one send that probes a half-open circuit; False: another one is.

        ``due`` is the circuit's ``next_at``; part of the reservation's transaction.
        """
        await connection.execute(FORGET)
        await connection.execute(WITHDRAW, attempt_id)
        channel, provider = served
        done = await connection.fetchval(CLAIM_PROBE, channel.value, provider, at, attempt_id, due)
        return done is not None

    async def note(
        self, served: tuple[Channel, str], sign: Sign, attempt_id: str, at: datetime
    ) -> None:
        """Write what a send said of its provider; a repetition changes nothing."""
        channel, provider = served
        await self._pool.execute(NOTE, channel.value, provider, at, sign.value, attempt_id)

    async def signs(self, now: datetime) -> Sequence[HealthSign]:
        """All signs that still say something at ``now``, for those who plan nothing."""
        rows = await self._pool.fetch(SELECT_HEALTH, now, now - MEMORY)
        return [HealthSign(**dict(row)) for row in rows]
