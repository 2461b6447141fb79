"""The few things that hundreds of codes mean.

Those about the address hold for everybody who has it, for as long as their kind says: a withdrawn
consent until it is given again, a bad address for good, what passes for a while.
"""

from typing import Final

from activities.channels.base import Meaning
from domain.ledger.attempt import RefusalKind

OUR_ACCOUNT: Final = Meaning(RefusalKind.CONFIGURATION)
"""Our key, sender, permissions, credit or request is wrong: a person must act."""
OUR_TEMPLATE: Final = Meaning(RefusalKind.TEMPLATE)
BAD_ADDRESS: Final = Meaning(RefusalKind.RECIPIENT, about_address=True)
"""No such address, or none that this channel can reach."""
OPTED_OUT: Final = Meaning(RefusalKind.CONSENT, about_address=True)
"""Who has the address wants no messages, and said so to the provider or the operator."""
BAD_CONTENT: Final = Meaning(RefusalKind.CONTENT)
TOO_MUCH_TO_IT: Final = Meaning(RefusalKind.CONTENT, about_address=True)
"""A filter stands before this address: too many messages to it, or too great a risk of fraud."""
PASSING: Final = Meaning(RefusalKind.TEMPORARY)
PASSING_THERE: Final = Meaning(RefusalKind.TEMPORARY, about_address=True)
"""The address cannot be reached just now: switched off, full, held back for a while."""
TOO_FAST: Final = Meaning(RefusalKind.RATE)
OTHER: Final = Meaning(RefusalKind.OTHER)
