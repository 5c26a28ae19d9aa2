from datetime import UTC, date, datetime

import pytest

from kb.entries.content import KIND_LABELS, Kind
from kb.errors import InvalidInputError
from kb.importing.fields import BETWEEN_SENTENCES, Context, Fields
from kb.taxonomy.queries import Taxonomy, Term, Tree


@pytest.fixture
def field(context):
    return lambda value: Fields({"x": value}, context)


@pytest.mark.parametrize(
    "written", ["2026-12-31", "2026/12/31", "2026.12.31", "2026年12月31日", " 2026-12-31 ", "\u200b2026-12-31"]
)
def test_a_day_is_read_as_people_write_it(field, written):
    assert field(written).day("x") == date(2026, 12, 31)


@pytest.mark.parametrize(
    "written", ["31.12.2026", "明年", "2026-13-01", "2026-02-30", "46023", "9999-12-31", "0001-1-1"]
)
def test_what_is_no_day_is_refused(field, written):
    with pytest.raises(InvalidInputError, match=written) as caught:
        field(written).moment("x")
    assert caught.value.field == "x"


def test_validity_starts_with_its_first_day_and_includes_its_last(field):
    assert field("2026-01-01").moment("x") == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert field("2026-12-31").moment("x", day_end=True) == datetime(2026, 12, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "hour"),
    [("2026-09-12 09:41", 1), ("2026-09-12T9:41:00", 1), ("2026-09-12T09:41:00Z", 9), ("2026-09-12 09:41+0200", 7)],
)
def test_a_moment_is_local_unless_it_says_otherwise(field, written, hour):
    expected = datetime(2026, 9, 12, hour, 41, tzinfo=UTC)
    assert field(written).moment("x") == expected
    assert field(written).moment("x", day_end=True) == expected


def test_a_day_with_a_time_is_refused(field):
    with pytest.raises(InvalidInputError, match="钟点"):
        field("2026-12-31 08:00").day("x")


@pytest.mark.parametrize("written", ["", None, "  ", "\u3000"])
def test_nothing_is_nothing(field, written):
    fields = field(written)
    assert (fields.line("x"), fields.text("x"), fields.items("x")) == ("", "", ())
    assert (fields.day("x"), fields.moment("x"), fields.number("x"), fields.reference("x")) == (None, None, None, None)
    assert fields.choice("x", KIND_LABELS, Kind.CASE) is Kind.CASE
    with pytest.raises(InvalidInputError, match="空着"):
        fields.choice("x", KIND_LABELS)


@pytest.mark.parametrize(("value", "text"), [(691, "691"), (691.0, "691"), (0.5, "0.5"), ("0691", "0691")])
def test_a_number_is_text_where_text_is_wanted(field, value, text):
    assert field(value).line("x") == text


@pytest.mark.parametrize("value", [True, {"a": 1}, ["a"], b"a"])
def test_other_values_are_no_text(field, value):
    with pytest.raises(InvalidInputError, match="文字"):
        field(value).text("x")


@pytest.mark.parametrize("garbage", ["\x00", "\x07", "\ufffd", "\x7f", "\uffff"])
def test_text_that_was_decoded_wrongly_is_refused_with_its_place(field, garbage):
    with pytest.raises(InvalidInputError, match="第 3 个字"):
        field(f"光猫{garbage}").text("x")


def test_line_ends_of_every_system_become_one_kind(field):
    assert field("\r\n\r\n1. 看灯\r\n2. 重启\x0b3. 报修\r\n").text("x") == "1. 看灯\n2. 重启\n3. 报修"


def test_blank_lines_go_but_an_indent_stays(field):
    assert field("\n   \n    code\n\n").text("x") == "    code"


def test_one_line_is_one_line(field):
    with pytest.raises(InvalidInputError, match="一行"):
        field("a\nb").line("x")


def test_items_are_split_and_kept_once(field):
    assert field("宽带、电视，宽带\n手机").items("x") == ("宽带", "电视", "手机")
    assert field("红灯，一直闪|上不了网；上不了网\n").items("x", BETWEEN_SENTENCES) == ("红灯，一直闪", "上不了网")
    assert field(["红灯|闪", None, " 691 ", 691]).items("x") == ("红灯|闪", "691")


@pytest.mark.parametrize("written", ["los-red", "KB_2024.001", "知识001", "x" * 64])
def test_a_key_is_what_an_address_can_hold(field, written):
    assert field(written).key("x") == written


@pytest.mark.parametrize("written", ["a b", "a/b", "a:b", "-a", ".", "x" * 65, "a?b"])
def test_other_keys_are_refused(field, written):
    with pytest.raises(InvalidInputError, match="编号"):
        field(written).key("x")


def test_provenance_names_a_thread_or_an_entry(field):
    assert field("thread:after-rain").reference("x") == "thread:after-rain"
    with pytest.raises(InvalidInputError, match="thread:"):
        field("after-rain").reference("x")


def test_a_choice_is_known_by_value_and_by_chinese_name(field):
    assert field("faq").choice("x", KIND_LABELS) is field("标准问答").choice("x", KIND_LABELS) is Kind.FAQ
    with pytest.raises(InvalidInputError, match="标准问答、"):
        field("问答").choice("x", KIND_LABELS)


def test_a_term_is_known_by_key_and_by_name(field, taxonomy):
    for written in ("jiangyang", "江阳区", "Jiangyang District"):
        assert field(written).terms("x", taxonomy.regions, "%(key)s") == ("jiangyang",)


def test_an_ambiguous_name_asks_for_the_key():
    terms = Tree({key: Term(key, "城区", "City", retired=key == "c") for key in "abc"})
    fields = Fields({"x": "城区"}, Context(Taxonomy(Tree(), terms, {}, {}), "UTC"))
    with pytest.raises(InvalidInputError, match=r"a、b$"):
        fields.term("x", terms, "%(key)s")


@pytest.mark.parametrize("written", ["第二条", "-1", "1.5", "9" * 10])
def test_what_is_no_number_is_refused(field, written):
    with pytest.raises(InvalidInputError, match="数字"):
        field(written).number("x")
