"""Twilio's codes, and its error document.

Read on 2026-11-28 in https://www.twilio.com/docs/api/errors: the dictionary as JSON of 2023-05-15,
and the pages of single codes, of 2024 to 2026, where the code is newer; WhatsApp's beside Meta's
own in https://www.twilio.com/docs/whatsapp/api/error-code-mapping.

``AT_THE_DOOR`` holds what the dictionary tells of a *request* to make a message or a call. What it
tells of a message that exists ("Message SID ...", "message delivery") is in ``LATER``. In neither,
so that nothing is known: 20409 (conflict), 20500 and 20503 (Twilio's own faults; what they may
have made, https://www.twilio.com/docs/api/errors/20500), 21204 (call already initiated), 21619
(unable to create record), and whatever is new.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

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

AT_THE_DOOR: Final[dict[int, Meaning]] = {
    # The account and its credentials.
    10001: OUR_ACCOUNT,  # not active
    10002: OUR_ACCOUNT,  # not for trial accounts
    20001: OUR_ACCOUNT,  # unknown parameters
    20003: OUR_ACCOUNT,  # wrong credentials
    20004: OUR_ACCOUNT,  # method not allowed
    20005: OUR_ACCOUNT,  # not active
    20006: OUR_ACCOUNT,  # access denied
    20008: OUR_ACCOUNT,  # test credentials
    20010: OUR_ACCOUNT,  # action disabled for the account
    20403: OUR_ACCOUNT,
    20404: OUR_ACCOUNT,
    20410: OUR_ACCOUNT,  # the API is no longer available
    20413: OUR_ACCOUNT,  # request too large
    20422: OUR_ACCOUNT,  # invalid parameter
    20423: OUR_ACCOUNT,  # invalid SID
    20426: OUR_ACCOUNT,  # TLS too old
    # Too much at a time.
    10004: TOO_FAST,  # too many calls at a time
    20429: TOO_FAST,  # "aren't processed and are safe to retry", docs/api/errors/20429
    21611: PASSING,  # "thrown when attempting to create": the sender's queue is full
    63038: TOO_FAST,  # the account's daily limit
    # Calls.
    21201: OUR_ACCOUNT,  # no number to call
    21202: BAD_ADDRESS,  # a premium number
    21203: OUR_ACCOUNT,  # international calls not enabled
    21205: OUR_ACCOUNT,  # the Url is no URL
    21206: OUR_ACCOUNT,
    21207: OUR_ACCOUNT,
    21208: OUR_ACCOUNT,
    21209: OUR_ACCOUNT,
    21210: OUR_ACCOUNT,  # From is not verified
    21212: OUR_ACCOUNT,  # From is no valid sender
    21213: OUR_ACCOUNT,
    21214: BAD_ADDRESS,  # cannot be reached
    21215: OUR_ACCOUNT,  # no geographic permission for this country
    21216: OUR_ACCOUNT,  # blocked, often for want of a customer profile
    21217: BAD_ADDRESS,  # does not appear to be valid
    21218: OUR_ACCOUNT,
    21219: OUR_ACCOUNT,  # a trial account, which calls verified numbers only
    21234: OUR_ACCOUNT,
    # Who is written to.
    21211: BAD_ADDRESS,
    21265: BAD_ADDRESS,  # a short code
    21610: OPTED_OUT,  # answered STOP to this sender or service: no other one makes up for it
    21614: BAD_ADDRESS,  # not a mobile number
    21635: BAD_ADDRESS,  # a landline
    21612: OTHER,  # this sender cannot reach this number: of the pair, not of the number
    # From whom.
    21266: OUR_ACCOUNT,  # the sender itself
    21408: OUR_ACCOUNT,  # no geographic permission for this country
    21601: OUR_ACCOUNT,
    21603: OUR_ACCOUNT,
    21604: OUR_ACCOUNT,  # no To
    21606: OUR_ACCOUNT,
    21607: OUR_ACCOUNT,
    21608: OUR_ACCOUNT,  # a trial account, which writes to verified numbers only
    21609: OUR_ACCOUNT,  # invalid StatusCallback
    21616: OUR_ACCOUNT,
    21624: OUR_ACCOUNT,  # validity period
    21626: OUR_ACCOUNT,
    21627: OUR_ACCOUNT,
    21657: OUR_ACCOUNT,
    21659: OUR_ACCOUNT,  # From is not of Twilio, or a short code of another country
    21660: OUR_ACCOUNT,  # From is of another account
    21661: OUR_ACCOUNT,  # From cannot write
    21701: OUR_ACCOUNT,  # 21701 to 21711: the messaging service and its senders
    21702: OUR_ACCOUNT,
    21703: OUR_ACCOUNT,
    21704: OUR_ACCOUNT,
    21705: OUR_ACCOUNT,
    21708: OUR_ACCOUNT,
    21709: OUR_ACCOUNT,
    21711: OUR_ACCOUNT,
    21900: OUR_ACCOUNT,  # India's DLT ids
    21901: OUR_ACCOUNT,
    21910: OUR_ACCOUNT,  # From and To of different channels
    35118: OUR_ACCOUNT,
    63007: OUR_ACCOUNT,  # no WhatsApp sender with this From
    90007: OUR_ACCOUNT,  # validity period out of range
    # What is said.
    21602: OUR_TEMPLATE,  # no Body
    21605: OUR_TEMPLATE,  # too long
    21617: OUR_TEMPLATE,  # longer than 1600 characters
    21620: OUR_TEMPLATE,  # an address of a file that is none
    21623: OUR_TEMPLATE,  # too many files
    21618: OUR_TEMPLATE,  # "the message body cannot be sent"
    21654: OUR_TEMPLATE,  # ContentVariables without ContentSid
    21655: OUR_TEMPLATE,  # no such ContentSid
    21656: OUR_TEMPLATE,  # ContentVariables do not fit it
    21658: OUR_TEMPLATE,  # a variable is too long
}
"""A request was turned away: nothing was made of it."""

LATER: Final[dict[int, Meaning]] = {
    13223: BAD_ADDRESS,
    13224: BAD_ADDRESS,  # no such number
    13225: BAD_ADDRESS,  # on Twilio's block list
    13227: OUR_ACCOUNT,  # no geographic permission
    14107: PASSING_THERE,  # too many messages between two numbers within half a minute
    30001: PASSING,
    30002: OUR_ACCOUNT,  # suspended
    30003: PASSING_THERE,  # switched off, or out of reach
    30004: TOO_MUCH_TO_IT,  # blocked by the operator for this number
    30005: BAD_ADDRESS,
    30006: BAD_ADDRESS,  # a landline
    30007: BAD_CONTENT,  # filtered
    30008: OTHER,
    30010: OUR_ACCOUNT,  # dearer than allowed
    30017: PASSING,
    30018: OUR_ACCOUNT,  # 30018 and 30024: the sender is not registered with the operator
    30019: BAD_CONTENT,
    30022: PASSING,  # 30022, 30023, 30027: limits of US operators
    30023: PASSING,
    30024: OUR_ACCOUNT,
    30027: PASSING,
    30032: OUR_ACCOUNT,  # toll-free number not verified
    30033: OUR_ACCOUNT,  # campaign suspended
    30034: OUR_ACCOUNT,  # 10DLC sender not registered
    30035: OUR_ACCOUNT,  # 10DLC sender being registered
    30036: PASSING,  # the validity period ran out: it cannot arrive any more
    30038: BAD_CONTENT,
    30410: PASSING,
    30450: PASSING_THERE,  # held for half an hour, taken for pumping
    30500: PASSING,
    63001: OUR_ACCOUNT,  # WhatsApp: the sender cannot authenticate
    63002: OUR_ACCOUNT,
    63003: BAD_ADDRESS,
    63005: OUR_TEMPLATE,  # WhatsApp does not take this content
    63006: OUR_TEMPLATE,
    63008: OUR_ACCOUNT,
    63009: PASSING,
    63010: PASSING,
    63012: PASSING,
    63013: OUR_ACCOUNT,
    63014: OPTED_OUT,  # "blocked by user action": blocked us, or opted out
    63015: OUR_ACCOUNT,  # WhatsApp's sandbox
    63016: OUR_TEMPLATE,  # outside WhatsApp's 24 hours: only a template may go
    63017: TOO_FAST,
    63018: TOO_FAST,  # WhatsApp's own limits
    63020: OUR_ACCOUNT,
    63021: OUR_TEMPLATE,
    63022: OUR_ACCOUNT,
    63024: BAD_ADDRESS,
    63026: BAD_CONTENT,  # taken for spam
    63027: OUR_TEMPLATE,
    63028: OUR_TEMPLATE,
    63029: OUR_TEMPLATE,
    63030: OUR_TEMPLATE,
    63031: OUR_ACCOUNT,
    63032: PASSING_THERE,  # the number takes part in an experiment of WhatsApp
    63033: OPTED_OUT,  # the person has blocked this sender, or wants none of its offers
    63040: OUR_TEMPLATE,  # rejected, paused, disabled by Meta
    63041: OUR_TEMPLATE,
    63042: OUR_TEMPLATE,
    63049: PASSING_THERE,  # Meta chose not to deliver it to them: another channel may
    63051: OUR_ACCOUNT,  # WhatsApp has locked our account
}
"""A message or call that was taken did not arrive. As an answer to a request they prove nothing."""


def meaning_of(code: int | None) -> Meaning:
    """What the code of a status callback means; OTHER for one we do not know.

    Through a messaging service Twilio reports there, too, what it would else say at the door.
    """
    if code is None:
        return OTHER
    return LATER.get(code) or AT_THE_DOOR.get(code, OTHER)


def error(status: int, body: Mapping[str, Any]) -> Said | None:
    """Twilio's error document (https://www.twilio.com/docs/usage/twilios-response).

    ``{"code": 21211, "message": "...", "more_info": "https://www.twilio.com/...", "status": 400}``,
    or what its SDK also reads: RFC 9457 with ``title`` and ``type`` for message and more_info.
    """
    code = body.get("code")
    words, page = body.get("message", body.get("title")), body.get("more_info", body.get("type"))
    if type(code) is not int or body.get("status") != status or not isinstance(words, str):
        return None
    if not isinstance(page, str) or not f".{_host(page)}".endswith(".twilio.com"):
        return None
    return Said(str(code), AT_THE_DOOR.get(code), f"https://www.twilio.com/docs/api/errors/{code}")


def _host(page: str) -> str:
    try:
        return urlsplit(page).hostname or ""
    except ValueError:  # brackets that enclose no address
        return ""
