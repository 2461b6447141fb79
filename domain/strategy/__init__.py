"""What an operator wants done in each phase; data, edited as YAML, never code."""

from domain.strategy.bands import UNKNOWN as UNKNOWN
from domain.strategy.bands import ScoreBand as ScoreBand
from domain.strategy.bands import Treatment as Treatment
from domain.strategy.cadence import Cadence as Cadence
from domain.strategy.cadence import PersonsTurn as PersonsTurn
from domain.strategy.conditions import Condition as Condition
from domain.strategy.limits import Capacity as Capacity
from domain.strategy.limits import Caps as Caps
from domain.strategy.limits import Quiet as Quiet
from domain.strategy.limits import QuietHours as QuietHours
from domain.strategy.phase import Phase as Phase
from domain.strategy.strategy import Attached as Attached
from domain.strategy.strategy import PromisePolicy as PromisePolicy
from domain.strategy.strategy import Strategy as Strategy
