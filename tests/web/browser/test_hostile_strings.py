"""A thousand hostile strings through every field that shows what people wrote: nothing runs, nothing leaves the host.

The content policy is off here, so that it is the escaping that is tested and not what stands behind it.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Dialog, Page, expect

from kb.bulletins.rules import Question
from kb.calls.rules import ContactRecord
from kb.corrections.rules import MAX_EVIDENCE, MAX_PASSAGE, MAX_RIGHT, MAX_WRONG, Severity
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.entries.rules import Level
from kb.errors import InvalidInputError
from kb.forum import operations as forum
from kb.forum.models import ThreadKind
from kb.lexicon import operations as lexicon
from kb.lexicon.rules import WordFacts
from kb.maturity import nominating
from kb.maturity import operations as maturity
from kb.people import operations as people
from kb.people.models import User
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.support.installation import Installation
from tests.web.browser import hostile_more as more
from tests.web.browser import hostile_reach as reach
from tests.web.browser import hostile_rest as rest
from tests.web.browser.hostile import SIZE, corpus

pytestmark = pytest.mark.browser

BATCH = 100
FIELDS = ("script", "steps", "internal_note", "exceptions", "fees", "deadlines", "body")
RAN = "window.ran = () => (window.top.ranIn = window.top.ranIn || []).push(location.href);"
AUDIT = r"""() => {
  const found = [...(window.ranIn || []).map((where) => `ran in ${where}`)];
  const addresses = new Set(["href", "src", "action", "formaction", "data", "xlink:href", "poster", "background",
    "srcdoc", "ping", "srcset", "manifest"]);
  for (const element of document.querySelectorAll("*")) {
    const tag = element.localName;
    if (["iframe", "object", "embed", "base", "style", "applet", "portal", "frame"].includes(tag)) found.push(tag);
    if (tag === "script" && !/^\/static\//.test(element.getAttribute("src") || "")) found.push("script");
    if (tag === "link" && !/^\//.test(element.getAttribute("href") || "")) found.push("link");
    for (const {name, value} of element.attributes) {
      if (/^on/i.test(name) || name === "style") found.push(`${tag} ${name}=${value}`);
      const plain = value.replace(/[\u0000-\u0020]/g, "").toLowerCase();
      if (addresses.has(name) && /^[a-z-]+:/.test(plain) && !/^(https?|mailto|tel):/.test(plain))
        found.push(`${tag} ${name}=${value}`);
    }
  }
  return found;
}"""

PUT = """async (address) => {
  const parsed = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  document.body.append(...parsed.body.childNodes);
}"""


def batches(strings: list[str]) -> Iterator[tuple[int, list[str]]]:
    return enumerate(strings[start : start + BATCH] for start in range(0, len(strings), BATCH))


def cut(strings: list[str], longest: int) -> str:
    """Return as many of *strings* as fit, a paragraph each."""
    text = ""
    for string in strings:
        if len(text) + len(string) + 2 > longest:
            break
        text += f"{string}\n\n"
    return text


@pytest.fixture
def hostile(installation: Installation) -> Installation:
    """Everything that people write, written by somebody with bad intentions."""
    strings, now = corpus(), installation.clock()
    with unit_of_work(installation.sessions) as session:
        user = by_username(session, "agent")
        people.set_roles(session, SYSTEM, user, roles=set(Role), expertise=["fault"], now=now)
        team = people.put_team(session, SYSTEM, key="team", name=strings[0][:80], region=None)
        session.get_one(User, user.id).name = strings[1][:60]
        for number, name in enumerate(strings[: SIZE // BATCH]):
            given = {"username": f"person-{number}", "name": name[:80], "roles": [Role.AGENT], "team": team}
            people.add_user(session, SYSTEM, now=now, **given)
    actor = installation.actor("agent")
    for number, batch in batches(strings):
        _write(installation, actor, number, batch)
    rest.deliver(installation)
    installation.reindex()
    return installation


def _write(installation, actor, number, batch) -> None:
    now, key = installation.clock(), f"x{number}"
    author = installation.actor(f"person-{number}")
    short = [string for string in batch if len(string) <= 100 and len(string.splitlines()) == 1 and string.strip()]
    parts = {field: "\n\n".join(batch[place :: len(FIELDS)]) for place, field in enumerate(FIELDS)}
    with unit_of_work(installation.sessions) as session:
        content = factories.content(
            title=f"红灯 {short[0]}",
            answer=f"红灯 {short[1]} 【待填：{short[2]}】",
            wordings=tuple(dict.fromkeys(string.strip()[:200] or "x" for string in batch)),
            transfer_to=short[3],
            **parts,
        )
        entry = entries.create(session, author, content, key=key, note=short[4], now=now)
        for verb in (entries.submit, entries.approve, entries.publish):
            verb(session, SYSTEM, entry, now=now)
        facts = {"kind": ThreadKind.CASE, "module": "fault.broadband", "key": key, "now": now}
        thread = forum.start(session, author, title=f"红灯 {short[5]}", body="\n\n".join(batch), **facts)
        forum.reply(session, author, thread, "\n\n".join(reversed(batch)), now=now)
        for place, string in enumerate(short[:10]):
            _or_refused(
                lambda string=string, place=place: lexicon.add_word(
                    session, actor, WordFacts(text=f"红灯词{number * 10 + place}", note=string), now=now
                )
            )
        nominating.nominate(session, actor, entry, reason=cut(short, 280), now=now)
        maturity.hold(session, actor, entry, Level.L3, reason=cut(short[5:], 280), now=now)
    for string in short[:6]:
        factories.missed(installation, string, by=author, note=string)
    factories.bulletin(
        installation,
        actor,
        title=f"红灯 {short[6]}",
        text=cut(batch, 9000),
        script=cut(batch, 9000),
        words=(),
        must_read=True,
        question=Question(
            prompt=short[7], options=tuple(dict.fromkeys([*short[8:11], "甲"])), right=0, explanation=short[0]
        ),
        valid_until=now + timedelta(days=1),
    )
    factories.correction(
        installation, key, author, severity=Severity.P3, wrong=cut(batch, MAX_WRONG), right=cut(batch, MAX_RIGHT),
        passage=cut(short, MAX_PASSAGE), evidence=cut(short[9:], MAX_EVIDENCE),
    )  # fmt: skip
    call = factories.call(installation, actor, text=short[12])
    factories.recorded(installation, actor, call.reference, ContactRecord.of(topic="", ticket="T-1000", note=short[11]))
    installation.clock.advance(hours=3)  # the next call is another one
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, key)
        entries.save(
            session,
            SYSTEM,
            entry,
            factories.content(title=short[13], steps="\n\n".join(batch)),
            now=now,
            note=short[14],
        )
    more.write(installation, actor, number, batch, short)
    rest.write(installation, actor, number, batch, short)


def _or_refused(job) -> None:
    """Some fields take no such text at all: that is an answer too."""
    try:
        job()
    except InvalidInputError:
        return


ONCE = (
    "/", "/?module=fault", "/?q=红灯", "/?q=红灯&source=thread", "/threads", "/gaps?view=all", "/gaps?view=all&page=2",
    "/gaps/1", "/gaps/9", "/bulletins", "/bulletins/manage", "/corrections", "/corrections/mine", "/desk/mine",
    "/desk/tickets?number=T-1000", "/lexicon/words", "/lexicon/words?page=4", "/nominations", "/maturity", "/brief",
    "/notices", "/levels", "/ratings", "/wordings", "/search/why?q=红灯", "/entries/x1?q=红灯", "/maturity/flags",
)  # fmt: skip
EACH = (
    "/entries/x{0}", "/entries/x{0}/revisions", "/entries/x{0}/maturity", "/desk?open=x{0}&q=红灯&region=",
    "/threads/x{0}", "/bulletins/{1}", "/corrections/{1}",
)  # fmt: skip
SAID_BACK = (
    "/?q={}", "/desk?q={}&region=", "/threads/new?title={}", "/lexicon/words/new?text={}", "/lexicon/words?in={}",
    "/sign-in?next={}", "/entries/x1?q={}", "/desk/tickets?number={}", "/corrections?tab={}",
    "/?module={}", "/search/why?q={}", "/gaps?view={}",
)  # fmt: skip


def addresses() -> list[str]:
    """Return where everything is looked at."""
    each = (*EACH, *more.EACH)
    found = [pattern.format(number, number + 1) for number in range(SIZE // BATCH) for pattern in each]
    return [*ONCE, *more.ONCE, *rest.ONCE, *found]


def test_no_page_is_left_out(app: Flask):
    every = [*addresses(), *rest.PARTS, *(pattern.replace("{}", "x") for pattern in SAID_BACK)]
    assert reach.pages_left_out(app, every) == set(), "add its address here, or to what shows nothing"


def test_nothing_that_is_written_runs_or_asks_another_host(hostile, new_page, sign_in):
    assert len(set(corpus())) == SIZE
    page: Page = new_page(bypass_csp=True, refused=True)
    page.set_default_navigation_timeout(120_000)  # nothing here is about time
    page.context.add_init_script(RAN)
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    sign_in(page)
    with hostile.sessions() as session:
        assert reach.columns_left_out(session) == set(), "write something hostile there"
    for address in addresses():
        answer = page.goto(address, wait_until="load")
        assert answer is not None
        assert answer.status == 200, address
        assert page.evaluate(AUDIT) == [], address
    assert dialogs == []
    _while_typing(page)
    _said_back(page)
    assert dialogs == []


def _while_typing(page: Page) -> None:
    """What scripts put into a page: suggestions, and results while somebody types."""
    page.goto("/")
    page.locator("#q").press_sequentially("红灯")
    expect(page.get_by_role("option").first).to_be_visible()
    assert page.evaluate(AUDIT) == []
    page.goto("/threads/new")
    page.locator("#title").press_sequentially("红灯")
    expect(page.locator("[data-similar-list] a").first).to_be_visible()
    page.locator("#body").press_sequentially("@person")
    expect(page.locator("#names li").first).to_be_visible()
    assert page.evaluate(AUDIT) == []
    page.goto("/training/packs/1/edit")
    page.locator(".pick-around input[type=text]").press_sequentially("红灯")
    expect(page.locator(".pick-around [role=option]").first).to_be_visible()
    assert page.evaluate(AUDIT) == []
    page.goto("/desk?region=")
    for address in rest.PARTS:
        page.evaluate(PUT, address)
        assert page.evaluate(AUDIT) == [], address
    for string in corpus()[::100]:
        with page.expect_response(lambda answer: "/desk/results" in answer.url):
            page.fill("#q", f"红灯 {string}")
    assert page.evaluate(AUDIT) == []


def _said_back(page: Page) -> None:
    """What an address says, and the page says back; many to a page, in frames of their own."""
    strings = corpus()
    wanted = [SAID_BACK[place % len(SAID_BACK)].replace("{}", "%s") for place in range(len(strings) // 4)]
    found = page.evaluate(
        """async ([patterns, strings]) => {
          const troubles = [];
          for (let start = 0; start < patterns.length; start += 25) {
            await Promise.all(patterns.slice(start, start + 25).map(async (pattern, place) => {
              const address = pattern.replace("%s", encodeURIComponent(strings[start + place]));
              const text = await (await fetch(address)).text();
              const parsed = new DOMParser().parseFromString(text, "text/html");
              const frame = document.createElement("div");
              frame.append(...parsed.body.childNodes);
              document.body.append(frame);
              if (parsed.querySelectorAll("script:not([src^='/static/'])").length) troubles.push(address);
            }));
          }
          return troubles;
        }""",
        [wanted, strings[: len(wanted)]],
    )
    assert found == []
    assert page.evaluate(AUDIT) == []
