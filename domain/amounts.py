"""An amount of money with the text in which it was written.

What a number is, a reader finds in many texts: ``1_000`` is a thousand to one program, a digit of
another script is a digit, blanks fall away. Whether an amount may be written so is judged where it
is recorded, by ``domain/entry/money.py``; until there its text has to come along, through a
workflow and its history. Shapes stay as they are: what a history has read is read again.
"""

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema


class Written(Decimal):
    """An amount that was not written as it is spelt. It reckons as any other."""

    text: str

    def __new__(cls, value: Decimal, text: str) -> Self:
        """The amount, and what was written."""
        made = super().__new__(cls, value)
        made.text = text
        return made

    def __reduce__(self) -> Any:
        return (Written, (Decimal(self), self.text))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self


def spelling(amount: Decimal) -> str:
    """The text of an amount, as its sender wrote it."""
    return amount.text if isinstance(amount, Written) else str(amount)


def _with_text(value: Any, read: core_schema.ValidatorFunctionWrapHandler) -> Decimal:
    amount: Decimal = read(value)
    text = value if isinstance(value, str) else None
    if isinstance(value, Written):
        text = value.text
    return amount if text is None or text == str(amount) else Written(amount, text)


class _AsWritten:
    """Marks an amount that keeps its text, and has it again in JSON.

    What bounds its number stands before it: it changes nothing of the number's schema.
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_wrap_validator_function(
            _with_text,
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(
                spelling, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        number: core_schema.CoreSchema = schema["schema"]
        return handler(number)


Amount = Annotated[Decimal, _AsWritten()]
"""Any amount at all."""

Money = Annotated[Decimal, Field(max_digits=18, decimal_places=2), _AsWritten()]
"""As much as is kept."""

Sum = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=2), _AsWritten()]
"""The same, and more than nothing."""
