"""What was delivered, and everything else that a restart must not forget.

Three files of JSON lines, each line flushed as it is written; the first two are there from the
start, so that one that is missing is not taken for one in which nothing happened:

- the *received* file: one line for each acceptance that reached a person, so a double is two lines;
- the *stops* file: one line for each person who asked to be left alone, or said who they are not;
- the *state* file: a journal of (table, key, value), where the last line for a key counts.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal

from pydantic import BaseModel, Field

Provider = Literal["twilio", "sendgrid", "infobip", "resend"]
Json = dict[str, Any]


class Meant(BaseModel):
    """What somebody meant by what they wrote, whatever words they found for it."""

    topic: str
    """Of which topic it is, as `persons/topics.py` names them."""
    intents: list[str]
    """All that it says, by the names of docs/guide/reading.md."""
    language: Literal["en", "es", "pt"]
    amount: Decimal | None = None
    """What they offer, in the money of the debt."""
    on: date | None = None
    """The day that they name."""
    channel: str | None = None
    """By which they wish to be reached."""
    hours: str | None = None
    """In which they wish to be reached, in their own words."""


class Message(BaseModel):
    """One message, out to a person or in from one."""

    provider: Provider
    provider_message_id: str
    """Twilio's MessageSid; SendGrid's sg_message_id (X-Message-Id and a suffix per recipient)."""
    channel: str
    direction: Literal["out", "in"] = "out"
    attempt: str | None = None
    account: str | None = None
    to: str
    sender: str
    subject: str | None = None
    text: str
    at: datetime
    """On the clock of the account, as the sandbox read it when the request came in."""
    clock_exact: bool = True
    status: str
    """As the provider shows it now."""
    fate: str
    """The final status, known to chance from the start."""
    error: int | str | None = None
    reached: bool = True
    """Whether the person got it."""
    nth: int = 1
    """How many messages this address has got on this channel, this one included, if it reached."""
    callback: str | None = None
    answer_url: str | None = None
    """Of a call: where its TwiML comes from."""
    answered_by: str | None = None
    pressed: list[str] = []
    """Of a call: what its person wished by the keys they pressed, in their order."""
    heard: int = 0
    """Of a call: to how many of these wishes it went on as if they were heard."""
    sip: str | None = None
    service: str | None = None
    custom_args: dict[str, str] = {}
    categories: list[str] = []
    events: list[Json] = Field(default_factory=list)
    """SendGrid's events so far."""
    attachments: list[Json] = []
    """Files that came along: of Twilio the `url`, of a mail its `name`, `type`, `bytes` and
    `sha256`."""
    meant: Meant | None = None
    """Of a message that one of the people wrote; None: somebody else put words in their mouth."""

    def answer(self, name: str, text: str, at: datetime, *, exact: bool) -> "Message":
        """What its person writes in answer to it, as it comes in."""
        return Message(
            provider=self.provider,
            provider_message_id=name,
            channel=self.channel,
            direction="in",
            account=self.account,
            to=self.sender,
            sender=self.to,
            text=text,
            at=at,
            clock_exact=exact,
            status="received",
            fate="received",
        )

    @property
    def person(self) -> str:
        """The customer's address, whichever way the message went."""
        return self.to if self.direction == "out" else self.sender

    def line(self) -> Json:
        """The line of the received file."""
        return {
            "attempt": self.attempt,
            "account": self.account,
            "channel": self.channel,
            "provider": self.provider,
            "to": self.to,
            "at": self.at.isoformat(),
            "from": self.sender,
            "subject": self.subject,
            "text": self.text,
            "status": self.fate,
            "provider_message_id": self.provider_message_id,
            "clock": "account" if self.clock_exact else "estimate",
        }


class Stop(BaseModel):
    """Somebody asked to be left alone, or to be written to again, or said that they are not whom we
    look for: by what they meant, whatever words they found for it."""

    kind: Literal["stop", "start", "wrong_person"]
    at: datetime
    """On the clock of the account, when our side had taken it: from then on it knew."""
    said_at: datetime | None = None
    """When they said it, if that is noted: it may be answered before we are known to have it."""
    address: str
    channel: str
    words: str
    account: str | None = None
    """About which they had been contacted."""
    clock: Literal["account", "estimate"] = "account"
    """Whether the account's own clock could be read."""


class Lines:
    """A file of JSON lines that survives being killed in the middle of one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def read(self) -> Iterator[Json]:
        """Every whole line; a torn last one is cut off, as it was never acknowledged."""
        if not self._path.exists():
            return
        whole = 0
        for number, line in enumerate(raw := self._path.read_bytes().splitlines(keepends=True), 1):
            if not line.endswith(b"\n"):
                break
            try:
                value = json.loads(line)
            except ValueError as error:
                raise ValueError(f"{self._path}, line {number} of {len(raw)}: {error}") from error
            whole += len(line)
            yield value
        if whole < self._path.stat().st_size:
            with self._path.open("r+b") as file:
                file.truncate(whole)

    def append(self, value: Json) -> None:
        """Write one line and hand it to the operating system."""
        file = self.open()
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
        file.write(line.encode() + b"\n")
        file.flush()

    def open(self) -> IO[bytes]:
        """The file, made if it is not there."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab")
        return self._file

    def close(self) -> None:
        """Close the file if it was opened."""
        if self._file is not None:
            self._file.close()
            self._file = None


class State:
    """Tables of JSON values in memory, with a journal of every change."""

    def __init__(self, path: Path | None) -> None:
        self._lines = Lines(path) if path else None
        self.tables: dict[str, dict[str, Any]] = defaultdict(dict)
        for entry in self._lines.read() if self._lines else ():
            if entry["v"] is None:
                self.tables[entry["t"]].pop(entry["k"], None)
            else:
                self.tables[entry["t"]][entry["k"]] = entry["v"]

    def put(self, table: str, key: str, value: Any) -> None:
        """Set a value; None takes it away."""
        if value is None:
            self.tables[table].pop(key, None)
        else:
            self.tables[table][key] = value
        if self._lines:
            self._lines.append({"t": table, "k": key, "v": value})

    def get(self, table: str, key: str) -> Any:
        """The value, or None."""
        return self.tables[table].get(key)

    def close(self) -> None:
        """Close the journal."""
        if self._lines:
            self._lines.close()


class Record:
    """Every message, by id, by person and by the order of change."""

    def __init__(self, state: State, received: Path | None, stops: Path | None = None) -> None:
        self._state = state
        self._received = Lines(received) if received else None
        self._stops = Lines(stops) if stops else None
        if self._stops:
            list(self._stops.read())  # cuts off a torn last line
        self.messages: dict[str, Message] = {}
        self._people: dict[str, list[str]] = defaultdict(list)
        self._changes: list[tuple[int, str]] = []
        self._accounts: dict[tuple[str, str | None], int] = defaultdict(int)
        self.revision = 0
        self._reload()
        for lines in (self._received, self._stops):
            if lines:
                lines.open()

    def _reload(self) -> None:
        written = {line["provider_message_id"] for line in self._written()}
        for value in list(self._state.tables["message"].values()):
            message = Message.model_validate(value)
            message.status = message.fate
            self._index(message)
            heard = message.direction == "out" and message.reached
            if heard and message.provider_message_id not in written:
                self._write(message)

    def _written(self) -> Iterator[Json]:
        return self._received.read() if self._received else iter(())

    def _write(self, message: Message) -> None:
        if self._received:
            self._received.append(message.line())

    def _index(self, message: Message) -> None:
        self.messages[message.provider_message_id] = message
        self._people[message.person].append(message.provider_message_id)
        if message.direction == "out" and message.reached:
            self._accounts[message.person, message.account] += 1
        self._changed(message)

    def _changed(self, message: Message) -> None:
        self.revision += 1
        self._changes.append((self.revision, message.provider_message_id))

    def add(self, message: Message) -> None:
        """Keep a message; one that reached a person is a line of the received file."""
        self._state.put("message", message.provider_message_id, message.model_dump(mode="json"))
        if message.direction == "out" and message.reached:
            self._write(message)
        self._index(message)

    def update(self, message: Message) -> None:
        """Keep what changed about a message."""
        self._state.put("message", message.provider_message_id, message.model_dump(mode="json"))
        self._changed(message)

    def heed(self, key: str, stop: Stop) -> None:
        """Keep what somebody asked for; the same key again is the same request."""
        if self._state.get("stop", key) is None:
            value = stop.model_dump(mode="json")
            if self._stops:
                self._stops.append(value)
            self._state.put("stop", key, value)

    @property
    def stops(self) -> list[Json]:
        """All that was asked, in its order."""
        return list(self._state.tables["stop"].values())

    def of(self, person: str) -> list[Message]:
        """All messages to and from an address, oldest first."""
        return [self.messages[key] for key in self._people.get(person, ())]

    def tries(self, person: str) -> int:
        """How many messages were accepted for this address, reached or not."""
        return sum(self.messages[k].direction == "out" for k in self._people.get(person, ()))

    def heard(self, person: str, account: str | None) -> int:
        """How many messages about an account reached this address."""
        return self._accounts[person, account]

    def since(self, revision: int, limit: int) -> tuple[int, list[Message]]:
        """What changed after a revision, each message once, and the revision to go on from."""
        start = bisect_right(self._changes, (revision, "\U0010ffff"))
        changes = self._changes[start : start + limit]
        keys = dict.fromkeys(key for _, key in changes)
        return changes[-1][0] if changes else revision, [self.messages[key] for key in keys]

    def close(self) -> None:
        """Close the files."""
        for lines in (self._received, self._stops):
            if lines:
                lines.close()
        self._state.close()
