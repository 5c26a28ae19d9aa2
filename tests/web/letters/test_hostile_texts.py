"""What people write gets into mails: it stays words on a line of its own, and no link of theirs is ours."""

import re
from email import message_from_bytes, policy

import pytest

from kb.db import unit_of_work
from kb.letters import operations
from kb.notices.models import Telling
from kb.people.models import User
from tests.support.notices import listener, tell
from web.letters.writing import MAX_SUBJECT, one_line, write
from web.services import services

HEADERS = ["Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-ID"]
HOSTILE = {
    "line ends": "盒子\r\nBcc: all@elsewhere.example\r\n\r\n正文",
    "other line ends": "盒子\x0b\x0c\x85\u2028\u2029Bcc: all@elsewhere.example",
    "encoded": "=?utf-8?q?=0D=0ABcc=3A_all=40elsewhere=2Eexample?=",
    "direction": "盒子\u202egnp.exe\u2066\u2069\u200b\ufeff",
    "control": "盒子\x00\x07\x1b[31m\x7f",
    "html": '<a href="https://elsewhere.example/">点这里</a><script>alert(1)</script>',
    "long": "盒子" * 150,
    "address": '"x" <all@elsewhere.example>, y@elsewhere.example;',
    "end of a mail": "盒子\r\n.\r\nMAIL FROM:<x@y>",
    "format": "%(name)s {0} %s ${x} {{ 7*7 }}",
    "surrogate": "盒子\ud83d",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_mail_stays_one_mail_whatever_people_write(installation, app, kind):
    words = HOSTILE[kind].encode("utf-8", "replace").decode()  # as a database takes it
    chen = listener(installation, "chen", Telling.AT_ONCE)
    with unit_of_work(installation.sessions) as session:
        session.get_one(User, chen.user_id).name = words[:80].replace("\x00", "")
    tell(installation, chen, words.replace("\x00", "")[:300])
    settings = services(app).settings.model_copy(update={"public_url": "https://kb.example.com/"})
    with unit_of_work(installation.sessions) as session:
        operations.make(session, timezone="Asia/Shanghai", hour=8, now=installation.clock())
        parcel = operations.take(session, now=installation.clock())
        data = write(app, settings, parcel).as_bytes()
        assert data == write(app, settings, parcel).as_bytes()
    message = message_from_bytes(data, policy=policy.default)
    assert sorted(message.keys()) == sorted([*HEADERS, "Subject", "To"])
    assert [item.addr_spec for item in message["To"].addresses] == ["chen@centre.example"]
    assert len(message["Subject"]) <= MAX_SUBJECT
    assert message.get_content_type() == "text/plain"
    assert all(len(line) < 100 for line in data.splitlines())
    text = message.get_content().replace("\r\n", "\n")
    for seen in (*text.split("\n"), message["Subject"], message["To"].addresses[0].display_name):
        assert seen == one_line(seen)
    assert text.count("\n") == 6  # greeting, notice, two links, and a space between: never one more
    links = re.findall(r"^\s*(?:\S+：)?(https?://\S+)$", text, re.MULTILINE)
    assert all(link.startswith("https://kb.example.com/") for link in links)


def test_what_nobody_sees_is_no_part_of_a_line():
    assert one_line("a\u202eb\u200bc\r\nd\x00e\u2028f\ud800") == "a b c d e f"
    assert one_line(" 光猫 \t 红灯 ") == "光猫 红灯"
