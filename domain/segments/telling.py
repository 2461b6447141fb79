"""What an upstream system tells by which a strategy is chosen: a pin, and attributes."""

from typing import Annotated, Any, Final

from pydantic import Field, StrictBool, StrictInt, StrictStr

from domain.model import Model

AS_IT_IS: Final = ""
"""What a message says of the strategy that says nothing of it: ``null`` unpins one."""

Pin = Annotated[str, Field(max_length=64)] | None
AttributeKey = Annotated[str, Field(max_length=64)]
AttributeValue = StrictBool | StrictStr | StrictInt | Annotated[float, Field(allow_inf_nan=False)]


class TellsChoosing(Model):
    """A message that may tell of it. These are shapes; what they may say is judged when it is
    recorded."""

    strategy: Pin = AS_IT_IS
    """The strategy that it is to have, by its id, before all that would be chosen
    ([how](../guide/segments.md#a-pin)); `null`: it is chosen again. Left out: as it was. Send it
    only once every worker knows it."""
    attributes: dict[AttributeKey, AttributeValue | None] | None = None
    """Facts of the portfolio's own, by the names of `config/attributes.yaml`; `null`: not known any
    more. Those that are not named stay. They are kept in histories, so nothing personal."""

    @property
    def tells_choosing(self) -> bool:
        """Whether it says anything of it."""
        return self.strategy != AS_IT_IS or bool(self.attributes)

    def said_of_choosing(self) -> dict[str, Any]:
        """What it says of it, to be kept."""
        said: dict[str, Any] = {} if self.strategy == AS_IT_IS else {"strategy": self.strategy}
        return said if self.attributes is None else {**said, "attributes": dict(self.attributes)}
