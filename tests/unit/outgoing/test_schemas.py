"""What is published of events: schemas that hold, and a document that refers to each of them."""

import json
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator, ValidationError

from domain.outgoing.events import KINDS, Event, checked
from lab.reference.outgoing.webhooks import asyncapi, schema, schema_files

SAMPLE = {
    "contact": "t1",
    "channel": "sms",
    "purpose": "reminder",
    "phase": "early",
    "touch": 1,
    "provider": "twilio",
}


def event(**data: object) -> Event:
    return Event(
        id="evt_1",
        type="contact.made",
        version=1,
        time=datetime(2026, 11, 20, 15, tzinfo=UTC),
        creditor="bank",
        account="A1",
        customer="C1",
        data=data,
    )


@pytest.mark.parametrize("name", KINDS)
def test_each_type_has_a_schema_that_is_one(name: str) -> None:
    made = schema(name)
    Draft202012Validator.check_schema(made)
    assert made["properties"]["type"]["const"] == name


def test_an_event_fits_the_schema_of_its_type_and_of_no_other() -> None:
    told = event(**SAMPLE).model_dump(mode="json")
    Draft202012Validator(schema("contact.made")).validate(told)
    with pytest.raises(ValidationError):
        Draft202012Validator(schema("promise.made")).validate(told)


def test_who_reads_by_the_schema_takes_fields_that_come_later() -> None:
    told = event(**SAMPLE, later="new").model_dump(mode="json")
    Draft202012Validator(schema("contact.made")).validate(told)


def test_nothing_goes_out_that_its_type_does_not_say() -> None:
    checked(event(**SAMPLE))
    with pytest.raises(ValueError, match="name"):
        checked(event(**SAMPLE, name="Ana Rojas"))


def test_the_document_names_every_type_and_its_schema() -> None:
    told = json.loads(asyncapi())
    messages = told["components"]["messages"]
    assert set(messages) == set(told["channels"]["events"]["messages"]) == set(KINDS)
    assert {one["payload"]["schema"]["$ref"] for one in messages.values()} == set(schema_files())
