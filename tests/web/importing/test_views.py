import base64
import io
import re

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from kb.documents.models import Import, ImportDraft
from kb.entries import queries as entry_queries
from kb.entries.rules import State
from kb.permissions import Role
from tests.support import factories
from tests.support.manual import manual, png
from tests.support.statements import counted
from tests.web.visitor import Outline
from web.services import services

TEXT = "这一条要说的话有这么长，才算是一条答案。" * 4
PAGE = f"""# 手册

## 光猫 LOS 红灯

先看尾纤。{TEXT}

### 话术

您好，我帮您看一下。

### 其他情况

老人可以代办。

## 怎么退订

发短信退订。{TEXT}

![图](data:image/png;base64,%s)
"""


@pytest.fixture
def editor(visit_as):
    return visit_as(Role.EDITOR)


def upload(visitor, data, name="手册.md"):
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/imports").text).group(1)
    # Encoded here: for a long form the client would leave a temporary file open.
    file = FileStorage(io.BytesIO(data), name)
    boundary, body = encode_multipart({"csrf_token": token, "file": file})
    return visitor.client.post("/imports", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def page():
    return (PAGE % base64.b64encode(png(1)).decode()).encode("gb18030")


def decide(visitor, address, do, **fields):
    return visitor.post(
        address, form=address, do=do, **{name.replace("_", "-"): value for name, value in fields.items()}
    )


def drafts(installation):
    with installation.sessions() as session:
        return entry_queries.by_ids(session, session.scalars(select(ImportDraft.entry_id)).all())


def test_a_page_is_taken_apart_looked_at_and_becomes_drafts(installation, editor):
    factories.publish(installation, "los", title="光猫 LOS 红灯")
    installation.reindex()
    address = upload(editor, page()).location
    shown = editor.get(address).text
    assert "读懂了 5 个标题、1 张图、0 个表格，分成 2 条" in shown
    assert "可能已经有了" in shown
    assert 'name="take-1" value="yes" aria-label="转成草稿：光猫 LOS 红灯">' in shown  # not chosen: it is there already
    assert 'name="take-4" value="yes" aria-label="转成草稿：怎么退订" checked>' in shown
    part = editor.get(f"{address}/parts/1").text
    assert "您好，我帮您看一下。" in part
    assert 'value="part:3"' in part
    # Something begins of its own, is joined again; what was typed stays.
    shown = decide(editor, address, "part:3", title_1="红灯", take_1="yes").text
    assert 'value="红灯"' in shown
    assert 'name="title-3" value="其他情况"' in shown
    assert 'name="title-3"' not in decide(editor, address, "join:3").text
    refused = decide(editor, address, "take", title_1="", take_1="yes", module="billing", tier="first")
    assert (refused.status_code, "标题不能为空" in refused.text) == (400, True)
    assert decide(editor, address, "take", title_4="怎么退订", take_4="yes").status_code == 400  # no module
    assert decide(editor, address, "take", title_4="怎么退订", module="billing").status_code == 400  # nothing
    assert drafts(installation) == []
    taken = decide(
        editor,
        address,
        "take",
        title_4="怎么退订",
        take_4="yes",
        kind="faq",
        module="billing.bill",
        tier="first",
        region_4="lanjiang",
    )
    assert taken.location == address
    (entry,) = drafts(installation)
    assert (entry.work_state, entry.live_revision) == (State.DRAFT, None)
    content = entry.work_revision.content
    assert (content.title, content.answer, content.regions) == ("怎么退订", "发短信退订。", ("lanjiang",))
    picture = re.search(r"/imports/pictures/[0-9a-f]{64}", content.body).group(0)
    sent = editor.get(picture)
    assert (sent.content_type, sent.data) == ("image/png", png(1))
    assert "sandbox" in sent.headers["Content-Security-Policy"]
    assert f'src="{picture}"' in editor.get(f"/entries/{entry.key}").text
    assert "已有 1 条转成草稿" in Outline(editor.get(address).text).text
    # The button pressed again, or the cuts changed under what is a draft.
    again = decide(editor, address, "take", title_4="怎么退订", take_4="yes", module="billing.bill", tier="first")
    assert again.status_code == 400
    assert decide(editor, address, "level:1").status_code == 409
    assert len(drafts(installation)) == 1
    assert "这个文件以前导入过" in editor.get(upload(editor, page()).location).text


def test_imports_are_their_uploaders_own_and_not_everybodys(installation, editor, visit_as, agent):
    address = upload(editor, page()).location
    manager = visit_as(Role.MANAGER)
    for closed in (address, f"{address}/parts/1"):
        assert manager.get(closed).status_code == 404
    assert manager.post(address, form="/imports", do="take").status_code == 404
    assert manager.post(f"{address}/discard", form="/imports").status_code == 404
    assert agent.get("/imports").status_code == 403
    assert agent.client.post("/imports", data={}).status_code == 400  # no token
    assert editor.get("/imports/pictures/" + "0" * 64).status_code == 404
    assert editor.get("/imports/pictures/..%2fsecret_key").status_code == 404
    for do in ("level:99999", "join:x", "part:-1", "part:99", "burn:1", ""):
        assert decide(editor, address, do).status_code == 400
    assert editor.post(f"{address}/discard", form="/imports").location == "/imports"
    assert editor.get(address).status_code == 404


def test_a_file_that_cant_be_taken_is_explained_and_leaves_nothing(installation, editor):
    for data, name, said in ((b"%PDF-1.7", "a.pdf", "PDF 里没有标题"), (b"MZ\x90", "<b>.exe", "不能导入这种文件")):
        answer = upload(editor, data, name)
        assert (answer.status_code, said in answer.text) == (400, True)
    assert editor.post("/imports", form="/imports").status_code == 400
    with installation.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Import)) == 0


@pytest.mark.slow
def test_a_whole_manual_becomes_drafts_at_once(app, installation, editor):
    made = manual()
    address = upload(editor, made.data, "手册.docx").location
    editor.get(address)
    with counted(services(app).engine) as statements:
        shown = editor.get(address).text
    assert len(statements) <= 20
    starts = re.findall(r'name="take-(\d+)" value="yes"', shown)
    fields = {f"take_{start}": "yes" for start in starts}
    titles = {f"title_{start}": f"第 {start} 条" for start in starts}
    decide(editor, address, "take", module="billing.bill", tier="first", kind="article", **fields, **titles)
    found = drafts(installation)
    assert len(found) == len(starts) == made.entries + 1
    texts = [entry.work_revision.steps for entry in found]
    assert sum(text.count("](/imports/pictures/") for text in texts) == made.pictures
    assert sum("| --- |" in text for text in texts) == made.tables
