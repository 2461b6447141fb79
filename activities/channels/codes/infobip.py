"""Infobip's statuses and errors, and its error document.

Read on 2026-11-28 in https://www.infobip.com/docs/essentials/api-essentials/
response-status-and-error-codes (as copied on 2026-07-25 into
https://github.com/api-evangelist/infobip, errors/infobip-error-codes.yml); the error document in
Infobip's OpenAPI 3.210.0 of 2026-07-23; E429 in https://www.infobip.com/docs/developer-resources/
api-fundamentals/rate-limits-and-throttling.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from activities.channels.answers import Said
from activities.channels.base import Meaning
from activities.channels.codes.meanings import (
    BAD_ADDRESS,
    BAD_CONTENT,
    OPTED_OUT,
    OTHER,
    OUR_ACCOUNT,
    OUR_TEMPLATE,
    PASSING,
    PASSING_THERE,
    TOO_FAST,
    TOO_MUCH_TO_IT,
)

AT_THE_DOOR: Final[dict[str, Meaning]] = {
    "E400": OUR_ACCOUNT,
    "E401": OUR_ACCOUNT,
    "E403": OUR_ACCOUNT,
    "E404": OUR_ACCOUNT,
    "E429": TOO_FAST,
}
"""``errorCode`` of an error document: the request as a whole was turned away."""

REJECTED: Final[dict[int, Meaning]] = {
    6: OUR_ACCOUNT,  # the network is not set up for this account
    8: BAD_ADDRESS,  # no such prefix
    10: OPTED_OUT,  # the person is on a do-not-disturb list
    11: OUR_ACCOUNT,  # sender not registered
    12: OUR_ACCOUNT,  # out of credit
    13: OUR_ACCOUNT,  # sender blocklisted
    14: OPTED_OUT,  # the address is on our account's, or the operator's, blocklist
    17: OUR_ACCOUNT,  # credit too old
    18: OUR_ACCOUNT,  # a trial account, which writes to one number only
    19: OUR_ACCOUNT,  # no route
    20: TOO_MUCH_TO_IT,  # too many, or too similar, messages to one number within an hour
    21: PASSING,  # "system error, retry"
    24: OUR_TEMPLATE,
    25: OUR_TEMPLATE,  # too long
    31: OTHER,  # "the message has not been sent"
    51: BAD_ADDRESS,
    52: BAD_ADDRESS,
    87: TOO_MUCH_TO_IT,  # taken for fraud: the number's risk is too high
    100: PASSING,  # malformed, or the platform is not available
}
"""Id of the status with which a message is rejected, in the answer to a request or in a report.

Not among them is 23, REJECTED_DUPLICATE_MESSAGE_ID: something was sent under this id before, and
what became of it is not said. Nor are 4 and 9, which come from the operator after the message went.
"""

ERRORS: Final[dict[int, Meaning]] = {
    1: BAD_ADDRESS,  # EC_UNKNOWN_SUBSCRIBER
    9: BAD_ADDRESS,
    10: BAD_ADDRESS,  # 10, 11: no SMS in this contract
    11: BAD_ADDRESS,
    12: BAD_ADDRESS,
    345: BAD_ADDRESS,  # no operator has it
    351: BAD_ADDRESS,
    352: BAD_ADDRESS,
    565: BAD_ADDRESS,  # takes nothing from short codes
    566: BAD_ADDRESS,  # suspended or barred by the operator
    568: BAD_ADDRESS,
    569: BAD_ADDRESS,
    629: BAD_ADDRESS,
    2049: BAD_ADDRESS,
    3041: BAD_ADDRESS,  # EC_DEACTIVATED_LIST
    560: OPTED_OUT,  # the sender is blocked for this person
    573: OPTED_OUT,  # EC_SC_BLOCKED_BY_END_USER
    603: OPTED_OUT,  # "content blocked by user opt-out (MO: STOP)"
    604: OPTED_OUT,  # on the campaign's blocklist
    2050: OPTED_OUT,  # EC_DEST_ADDRESS_BLACKLISTED
    2052: OPTED_OUT,
    561: BAD_CONTENT,
    607: BAD_CONTENT,
    608: TOO_MUCH_TO_IT,  # the number's risk of fraud is too high
    609: BAD_CONTENT,
    4103: TOO_MUCH_TO_IT,
    4104: TOO_MUCH_TO_IT,
    355: OUR_TEMPLATE,  # too long
    368: OUR_ACCOUNT,  # invalid sender
    433: OUR_ACCOUNT,
    488: OUR_ACCOUNT,  # toll-free number not verified
    562: OUR_ACCOUNT,  # 562 to 564, 572, 594: short code or campaign not in order
    563: OUR_ACCOUNT,
    564: OUR_ACCOUNT,
    572: OUR_ACCOUNT,
    594: OUR_ACCOUNT,
    2053: OUR_ACCOUNT,  # sender blocklisted
    4099: OUR_ACCOUNT,  # the month's credit is used up
    541: PASSING,  # 541, 542, 4202: limits of the operator
    542: PASSING,
    4202: PASSING,
    4098: PASSING,
    4101: PASSING,  # the validity period ran out: it cannot arrive any more
    6: PASSING_THERE,  # EC_ABSENT_SUBSCRIBER_SM
    13: PASSING_THERE,  # the line is suspended for unpaid bills
    27: PASSING_THERE,
    31: PASSING_THERE,
    33: PASSING_THERE,
    256: PASSING_THERE,  # the telephone's memory is full
    581: PASSING_THERE,  # prepaid credit used up
}
"""Id of an error in a delivery report -> what it means; it says more than the status does."""

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,40}")
_RECIPIENT_FIELD: Final = re.compile(r"messages\[\d+\]\.destinations\[\d+\]\.to")


def error(status: int, body: Mapping[str, Any]) -> Said | None:
    """Infobip's error document, ``ApiError``: all five fields are required there.

    ``{"errorCode": "E400", "description": "...", "action": "...", "violations": [], "resources":
    []}``. The number in the code is the HTTP status.
    """
    code = body.get("errorCode")
    texts, lists = ("description", "action"), ("violations", "resources")
    whole = all(isinstance(body.get(name), str) for name in texts) and all(
        isinstance(body.get(name), list) for name in lists
    )
    if not whole or not isinstance(code, str) or not _CODE.fullmatch(code):
        return None
    meaning = AT_THE_DOOR.get(code) if code == f"E{status}" else None
    if status == HTTPStatus.BAD_REQUEST and meaning and _only_the_recipient(body["violations"]):
        # Without this, one mistyped number would read as a wrong configuration.
        meaning = BAD_ADDRESS
    return Said(code, meaning)


def _only_the_recipient(violations: list[object]) -> bool:
    fields = [one.get("property") if isinstance(one, dict) else None for one in violations]
    return bool(fields) and all(
        isinstance(field, str) and _RECIPIENT_FIELD.fullmatch(field) for field in fields
    )
