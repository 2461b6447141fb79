"""A file of made-up clients in the columns of the card data, and a run of tiny numbers over it."""

from pathlib import Path
from typing import Any

from lab.headline import __main__ as headline
from people.draws import u

_HEAD = (
    "ID,LIMIT_BAL,SEX,EDUCATION,MARRIAGE,AGE,PAY_0,PAY_2,PAY_3,PAY_4,PAY_5,PAY_6,"
    "BILL_AMT1,BILL_AMT2,BILL_AMT3,BILL_AMT4,BILL_AMT5,BILL_AMT6,DEFAULT_NEXT_MONTH"
)


def write_clients(file: Path, number: int = 60, sex: str = "1", age: str = "40") -> Path:
    """Three kinds, who were past due in one month, in three, in six; half of them defaulted."""
    lines = [_HEAD]
    for client in range(1, number + 1):
        months = (1, 3, 6)[client % 3]
        late = ["2" if place < months else "0" for place in range(6)]
        bills = [str(1_000 + int(u(1, str(client), "bill") * 50_000))] * 6
        defaulted = str(int(u(1, str(client), "defaulted") < 0.2 + 0.1 * months))
        lines.append(",".join([str(client), "1", sex, "1", "1", age, *late, *bills, defaulted]))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def measured(folder: Path, *words: str, clients: Path | None = None) -> dict[str, Any]:
    file = clients or write_clients(folder / "clients.csv")
    told = ("--worlds", "2", "--people", "8", "--levers-in", "1", "--cores", "1")
    asked = headline.asked_for([str(file), *told, "--folder", str(folder / "kept"), *words])
    return headline.measure(asked)
