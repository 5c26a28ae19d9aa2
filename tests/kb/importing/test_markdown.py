import pytest

from kb.importing.markdown import parse
from kb.importing.records import FormatError
from tests.kb.importing.conftest import PAGE, THREAD_PAGE


def page(text, *, stem="los-red", in_threads=False):
    return parse(text.encode(), stem=stem, in_threads=in_threads)


def refused(text, **options):
    with pytest.raises(FormatError) as caught:
        page(text, **options)
    return caught.value.line, caught.value.field, str(caught.value)


def test_front_matter_and_sections_become_fields():
    found = page(PAGE + "\n## 正文\n### 原理\n光纤。\n\n")
    assert found.raw["title"] == "光猫 LOS 红灯"
    assert found.raw["script"].strip() == "您好，这个红灯表示光纤信号断了。"
    assert found.raw["body"].strip() == "### 原理\n光纤。"


@pytest.mark.parametrize("change", [lambda text: f"\ufeff{text}", lambda text: text.replace("\n", "\r\n")])
def test_byte_order_mark_and_windows_line_ends_change_nothing(change):
    assert page(change(PAGE)) == page(PAGE)
    assert page(change(THREAD_PAGE)) == page(THREAD_PAGE)


def test_text_is_kept_as_written():
    written = PAGE.replace("title: 光猫 LOS 红灯", "title: 0691").replace(
        "tier: first", "tier: no\nvalid_from: 2026-01-01"
    )
    found = page(written.replace("module: fault.broadband", "module:\nproducts: [0123, yes, ~]\nowner: null"))
    assert (found.raw["title"], found.raw["tier"], found.raw["valid_from"]) == ("0691", "no", "2026-01-01")
    assert (found.raw["module"], found.raw["owner"], found.raw["products"]) == (None, None, ["0123", "yes", None])


def test_the_file_name_is_the_id_unless_the_file_says_another():
    assert page(PAGE, stem="other").raw["id"] == "los-red"
    assert page(PAGE.replace("id: los-red\n", ""), stem="other").raw["id"] == "other"
    assert page(PAGE.replace("id: los-red\n", "id:\n"), stem="other").raw["id"] == "other"


def test_every_field_knows_its_line():
    found = page(PAGE)
    assert [found.line(name) for name in ("id", "answer", "script", "nowhere")] == [2, 7, 9, 1]
    found = page(THREAD_PAGE)
    assert [found.line(name) for name in ("created", "body", "replies.2")] == [8, 11, 16]


@pytest.mark.parametrize("fence", ["```", "~~~~", "   ```sql"])
def test_a_heading_inside_a_code_block_is_none(fence):
    closing = fence.strip().removesuffix("sql")
    found = page(f"{PAGE}\n{fence}\n## 步骤\n{closing}\n## 费用\n无")
    assert "## 步骤" in found.raw["script"]
    assert found.raw["fees"] == "无"
    assert "steps" not in found.raw


def test_a_shorter_fence_or_one_with_text_does_not_close_a_code_block():
    found = page(f"{PAGE}\n````\n```\n```` x\n## 步骤\n````\n")
    assert "steps" not in found.raw


@pytest.mark.parametrize("heading", ["## 步骤", "##步骤", "  ## 步骤  ##", "##\t步骤"])
def test_headings_are_read_as_the_renderer_reads_them(heading):
    assert page(f"{PAGE}\n{heading}\n1. 看灯").raw["steps"] == "1. 看灯"


@pytest.mark.parametrize(
    ("text", "line", "field", "reason"),
    [
        ("# 光猫\n", 1, None, "---"),
        ("", 1, None, "---"),
        ("---\nid: a\n", 1, None, "少一行"),
        ("---\n- a\n---\n", 2, None, "栏目: 内容"),
        ("---\nid: a\ntitle: [b\n---\n", 3, None, "看不懂"),
        ("---\nid: a\ntitle: b: c\n---\n", 3, None, "看不懂"),
        ("---\nid: a\ntitle: {b: c}\n---\n", 3, "title", "引号"),
        ("---\nid: a\nwordings:\n  - b\n  - 他说: 红了\n---\n", 5, "wordings", "引号"),
        ("---\nid: a\nwordings: &x [*x]\n---\n", 3, "wordings", "文字"),
        ("---\nid: a\nid: b\n---\n", 3, "id", "两次"),
        ("---\nid: a\ntitle: \x07\n---\n", 3, None, "看不懂"),
        (f"{PAGE}\n## 话术\n再说一次", 12, "script", "两次"),
        (THREAD_PAGE.replace("accepted: 1", "replies: x"), 13, "replies", "两次"),
        (f"{PAGE}\n## 备注\n无", 12, None, "话术、步骤、内部口径、例外、费用、时限、正文"),
        (PAGE.replace("## 话术\n", ""), 9, None, "不在任何小节"),
        (f"{PAGE}\n```\n## 步骤\n", 12, None, "代码块"),
    ],
)
def test_a_file_of_another_form_is_refused_with_the_line(text, line, field, reason):
    found = refused(text)
    assert found[:2] == (line, field)
    assert reason in found[2]


def test_other_encodings_are_refused_with_the_line():
    with pytest.raises(FormatError, match="UTF-8") as caught:
        parse(b"---\nid: a\n" + "title: 光猫".encode("gb18030"), stem="a", in_threads=False)
    assert caught.value.line == 3


def test_a_thread_is_known_by_its_folder_its_type_or_its_fields():
    bare = THREAD_PAGE.replace("author: agent\n", "").replace("created: 2026-09-12 09:41\n", "")
    assert page(THREAD_PAGE).raw["type"] == "thread"
    assert page(bare, in_threads=True).raw["type"] == "thread"
    assert page(bare.replace("---\nid", "---\ntype: thread\nid")).raw["type"] == "thread"
    assert "type" not in page(PAGE.replace("answer:", "author: x\nanswer:")).raw


def test_posts_are_split_at_reply_lines_outside_of_code():
    text = THREAD_PAGE + "```\n--- reply nobody 2026-01-01 00:00\n```\n\n---\n还有\n"
    found = page(text)
    assert found.raw["body"].strip() == "刚接了三个……"
    assert [(reply["author"], reply["created"]) for reply in found.raw["replies"]] == [
        ("expert", "2026-09-12 09:55"),
        ("老王", "2026-09-12 10:10"),
    ]
    assert found.raw["replies"][1]["body"].endswith("---\n还有\n")
