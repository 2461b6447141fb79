"""What a mail of ours names as the mail that it answers: a Message-ID, and nothing else."""

from datetime import timedelta

import pytest

from domain.channels import Channel
from domain.situation import Reply
from lab.builders.situations import NOW, situation


def named(*names: str, point: str = "p-email", channel: Channel = Channel.EMAIL) -> str | None:
    """What answers what came from the mailbox, the last of these last."""
    replies = tuple(
        Reply(
            at=NOW + timedelta(seconds=number),
            channel=channel,
            contact_point_id=point,
            message=name,
        )
        for number, name in enumerate(names)
    )
    return situation(replies=replies).answers_mail("p-email")


@pytest.mark.parametrize(
    "name",
    [
        "CAF=abc+1_x@mail.gmail.com",
        "20261129.1@[192.0.2.1]",
        "a/b/c@d",
        "AS8PR10MB.4711$%{x}!@EURPRD10.PROD.OUTLOOK.COM",
    ],
)
def test_the_last_mail_from_there_is_named_as_it_named_itself(name: str) -> None:
    assert named("sendgrid/first@x.example", f"resend/{name}") == f"<{name}>"


@pytest.mark.parametrize(
    "name",
    [
        "unnamed:0123456789",
        "long:0123456789",
        "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794",
        "a@b.example\r\nBcc: x@evil.example",
        "a@b.example\n",
        "a b@c.example",
        "a@b.example> <c@d.example",
        "a@b@c.example",
        "a@b.example:stop",
        "ñ@b.example",
        "a@bé.example",
        "a\x00@b.example",
        "a\u2028@b.example",
        "@b.example",
        "a@",
        "",
        "x" * 201 + "@b.example",
    ],
)
def test_what_is_no_message_id_is_never_put_into_a_header(name: str) -> None:
    assert named(f"sendgrid/{name}") is None


def test_only_a_mail_from_that_very_mailbox_is_answered() -> None:
    assert named("sendgrid/a@b.example", point="p-other") is None
    assert named("twilio/a@b.example", channel=Channel.SMS) is None
    assert named() is None
