from datetime import UTC, date, datetime

import pytest

from kb.entries.content import MAX_TEXT, Content, Freshness, Kind
from kb.entries.rules import State
from kb.errors import InvalidInputError
from kb.forum.models import ThreadKind
from kb.importing.records import entry_record, interpret, thread_record
from kb.permissions import Role
from tests.kb.importing.conftest import HERE, row

THREAD = {
    "id": "after-rain",
    "title": "下雨后 LOS 红灯",
    "kind": "提问",
    "module": "宽带故障",
    "region": "江阳区",
    "author": "wangmin",
    "created": "2026-09-12 09:41",
    "body": "刚接了三个",
    "replies": [{"author": "liuhao", "created": "2026-09-12 09:55", "body": "看分光器"}],
    "accepted": 1,
}


def test_every_field_is_read_from_chinese_headers_and_names(context):
    raw = row(
        产品="宽带、电视",
        区域="江阳区|云溪县",
        时效="故障",
        客户说法="盒子亮红灯\n猫上有个红灯，一直闪",
        话术="您好",
        步骤="1. 看灯",
        内部口径="不说设备老化",
        例外="停电除外",
        费用="不收费",
        时限="24 小时",
        转接="装维派单",
        正文="## 原理",
        生效日期="2026-01-01",
        失效日期="2026-12-31",
        复核日期="2026/11/30",
        责任人="liuhao",
        相关="pon-blink、outage",
        来源="thread:after-rain",
        可见角色="专家、审核",
        状态="草稿",
    )
    record = entry_record(raw, HERE, context)
    assert record.content == Content(
        title="光猫 LOS 红灯",
        kind=Kind.FAQ,
        module_key="fault.broadband",
        tier_key="first",
        products=("broadband", "tv"),
        regions=("jiangyang", "yunxi"),
        freshness=Freshness.FAULT,
        answer="先插紧尾纤再重启光猫，仍红就报装维。",
        wordings=("盒子亮红灯", "猫上有个红灯，一直闪"),
        script="您好",
        steps="1. 看灯",
        internal_note="不说设备老化",
        exceptions="停电除外",
        fees="不收费",
        deadlines="24 小时",
        transfer_to="装维派单",
        body="## 原理",
        valid_from=datetime(2025, 12, 31, 16, tzinfo=UTC),
        valid_until=datetime(2026, 12, 31, 16, tzinfo=UTC),
        review_due=date(2026, 11, 30),
        audience=(Role.EXPERT, Role.REVIEWER),
        related=("pon-blink", "outage"),
    )
    assert (record.key, record.owner, record.derived_from) == ("los-red", "liuhao", "thread:after-rain")
    assert (record.state, record.where, record.raw) == (State.DRAFT, HERE, raw)


def test_a_record_is_published_and_evergreen_unless_it_says_otherwise(context):
    record = entry_record(row(), HERE, context)
    assert (record.state, record.content.freshness) == (State.PUBLISHED, Freshness.EVERGREEN)
    assert (record.owner, record.content.valid_from, record.content.audience) == (None, None, ())


@pytest.mark.parametrize(
    ("header", "value", "field"),
    [
        ("编号", "", "id"),
        ("编号", "a b", "id"),
        ("标题", "", "title"),
        ("标题", "字" * 121, "title"),
        ("类型", "随笔", "kind"),
        ("业务模块", "没有的模块", "module"),
        ("层级", "四线", "tier"),
        ("产品", "卫星电话", "products"),
        ("区域", "江阳市", "regions"),
        ("时效", "很快", "freshness"),
        ("一句话答案", "", "answer"),
        ("一句话答案", "字" * 241, "answer"),
        ("客户说法", "字" * 201, "wordings"),
        ("正文", "字" * (MAX_TEXT + 1), "body"),
        ("生效日期", "昨天", "valid_from"),
        ("失效日期", "2026-02-30", "valid_until"),
        ("复核日期", "2026-12-31 08:00", "review_due"),
        ("来源", "论坛", "derived_from"),
        ("可见角色", "客户", "audience"),
        ("状态", "停用", "state"),
        ("备注", "无", "备注"),
    ],
)
def test_what_is_malformed_is_refused_with_its_field_and_a_sentence(context, header, value, field):
    with pytest.raises(InvalidInputError) as caught:
        entry_record(row(**{header: value}), HERE, context)
    assert caught.value.field == field
    assert "%" not in str(caught.value)


def test_validity_must_not_end_before_it_starts(context):
    with pytest.raises(InvalidInputError) as caught:
        entry_record(row(生效日期="2026-06-01", 失效日期="2026-05-31"), HERE, context)
    assert caught.value.field == "valid_until"


def test_unknown_fields_are_named_with_the_known_ones(context):
    with pytest.raises(InvalidInputError, match=r"备注、tags。.*编号（id）.*状态（state）"):
        entry_record(row(备注="", tags="a"), HERE, context)


def test_a_field_under_two_names_is_refused(context):
    with pytest.raises(InvalidInputError, match="写了两次"):
        entry_record(row(title="光猫"), HERE, context)


def test_a_thread_is_read_with_its_replies(context):
    record = thread_record(THREAD, HERE, context)
    assert (record.key, record.title, record.kind) == ("after-rain", "下雨后 LOS 红灯", ThreadKind.QUESTION)
    assert (record.module, record.region, record.accepted) == ("fault.broadband", "jiangyang", 1)
    assert [(post.author, post.created, post.body) for post in record.posts] == [
        ("wangmin", datetime(2026, 9, 12, 1, 41, tzinfo=UTC), "刚接了三个"),
        ("liuhao", datetime(2026, 9, 12, 1, 55, tzinfo=UTC), "看分光器"),
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"author": ""}, "author"),
        ({"author": "名" * 81}, "author"),
        ({"created": ""}, "created"),
        ({"body": " \n"}, "body"),
        ({"kind": "faq"}, "kind"),
        ({"region": "江阳市"}, "region"),
        ({"accepted": "二"}, "accepted"),
        ({"answer": "x"}, "answer"),
        ({"replies": "看分光器"}, "replies"),
        ({"replies": [*THREAD["replies"], {"author": "liuhao", "created": "昨天", "body": "x"}]}, "replies.2"),
        ({"replies": [{"author": "liuhao", "created": "2026-09-12 09:55", "text": "x"}]}, "replies.1"),
    ],
)
def test_a_malformed_thread_is_refused_with_its_field(context, change, field):
    with pytest.raises(InvalidInputError) as caught:
        thread_record({**THREAD, **change}, HERE, context)
    assert caught.value.field == field
    assert "%" not in str(caught.value)


def test_the_type_of_a_record_says_what_it_is(context):
    assert interpret({**THREAD, "type": "thread"}, HERE, context).key == "after-rain"
    assert interpret({**row(), "type": "entry"}, HERE, context).key == "los-red"
    assert interpret({**row(), "type": "wiki"}, HERE, context).field == "type"
    assert interpret(THREAD, HERE, context).field == "region"
