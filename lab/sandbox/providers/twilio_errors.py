"""What Twilio answers when it says no: its codes, their words and HTTP statuses.

Source: https://www.twilio.com/docs/api/errors.
"""

from typing import Final

from starlette.responses import Response

from lab.sandbox.wire import json_answer

MESSAGES: Final = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21205: "Url is not a valid URL.",
    21211: "Invalid 'To' Phone Number: {to}",
    21212: "Invalid From Number (caller ID): {sender}",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number {sender} is not a valid message-capable Twilio phone number",
    21609: "The 'StatusCallback' URL {callback} is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21614: "To number: {to}, is not a mobile number",
    21620: "Invalid media URL(s)",
    21623: "Number of media files exceeds allowed limit",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21218: "Timeout is out of range.",
    21655: "The ContentSid is invalid.",
    21656: "The ContentVariables parameter is invalid.",
    21910: "Invalid 'From' and 'To' pair. 'From' and 'To' should be of the same channel",
    90007: "Validity Period is out of range. Must be between 1 and 36000 seconds.",
}
HTTP_STATUS: Final = {20003: 401, 20404: 404, 20429: 429, 20500: 500, 20503: 503}


class RefusedError(Exception):
    """The API says no, with one of its codes."""

    def __init__(self, code: int, **about: str) -> None:
        super().__init__(code)
        self.code = code
        self.about = about

    def response(self) -> Response:
        """The error as Twilio writes it."""
        return failure(self.code, HTTP_STATUS.get(self.code, 400), **self.about)


class _About(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def failure(code: int, status: int, **about: str) -> Response:
    """Twilio's error document."""
    message = MESSAGES.get(code, "Error").format_map(_About(about))
    more = f"https://www.twilio.com/docs/errors/{code}"
    error = {"code": code, "message": message, "more_info": more, "status": status}
    return json_answer(error, status)


def server_failure(status: int) -> Response:
    """Twilio's 5xx."""
    return failure(20503 if status == 503 else 20500, status)
