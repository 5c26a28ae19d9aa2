"""The fields that an imported record may have: their names in files, their Chinese headers in spreadsheets.

What the values may look like is in ``kb.importing.fields``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.errors import InvalidInputError
from kb.i18n import N_


@dataclass(frozen=True, slots=True)
class Column:
    """One field: its *name* in front matter and JSON, its *header* in a spreadsheet, and *help* on what to write.

    *many* says that it takes a list.
    """

    name: str
    header: str
    help: str
    required: bool = False
    many: bool = False

    def __str__(self) -> str:
        return f"{self.header}（{self.name}）"


ENTRY: Sequence[Column] = (
    Column("id", "编号", N_("固定不变的编号，再次导入时按它更新；只用文字、数字和 . _ -，最多 64 位"), required=True),
    Column("title", "标题", N_("客户遇到的事，一句话"), required=True),
    Column("kind", "类型", N_("从下拉里选一种"), required=True),
    Column("module", "业务模块", N_("分类里的名称或编码"), required=True),
    Column("tier", "层级", N_("谁应该答得上来"), required=True),
    Column("products", "产品", N_("可以有几个；空着表示不分产品"), many=True),
    Column("regions", "区域", N_("可以有几个；空着表示全省"), many=True),
    Column("freshness", "时效", N_("内容多快会过时；空着按“长期”")),
    Column("answer", "一句话答案", N_("接起电话就能说的结论，一行，不超过 60 字"), required=True),
    Column("wordings", "客户说法", N_("客户原话，一行一种，至少三种"), many=True),
    Column("script", "话术", N_("念给客户听的话")),
    Column("steps", "步骤", N_("坐席要做的事，一步一行")),
    Column("internal_note", "内部口径", N_("只给坐席看，不念给客户")),
    Column("exceptions", "例外", N_("哪些情况不适用")),
    Column("fees", "费用", N_("收费项目和标准；还不知道的写【待填：…】")),
    Column("deadlines", "时限", N_("对客户承诺的时间；还不知道的写【待填：…】")),
    Column("transfer_to", "转接", N_("解决不了时转给谁")),
    Column("body", "正文", N_("其他内容，可以用 Markdown")),
    Column("valid_from", "生效日期", N_("例如 2026-01-01，从当天零点起；空着表示一直有效")),
    Column("valid_until", "失效日期", N_("例如 2026-12-31，包括当天；空着表示长期有效")),
    Column("review_due", "复核日期", N_("最晚哪天要再看一遍")),
    Column("owner", "责任人", N_("用户名；没有这个用户时先空着")),
    Column("related", "相关", N_("相关知识的编号，可以有几个"), many=True),
    Column("derived_from", "来源", N_("从哪里来的：thread:帖子编号 或 entry:知识编号")),
    Column("audience", "可见角色", N_("只给这些角色看；空着表示大家都能看"), many=True),
    Column("state", "状态", N_("空着按“已发布”")),
)

THREAD: Sequence[Column] = (
    Column("id", "编号", N_("固定不变的编号，再次导入时按它更新"), required=True),
    Column("title", "标题", N_("帖子的标题"), required=True),
    Column("kind", "类型", N_("提问、通话心得或案例讨论"), required=True),
    Column("module", "业务模块", N_("分类里的名称或编码"), required=True),
    Column("region", "区域", N_("分类里的名称或编码")),
    Column("author", "作者", N_("用户名；没有这个用户时保留这个名字"), required=True),
    Column("created", "时间", N_("例如 2026-09-12 09:41"), required=True),
    Column("accepted", "采纳", N_("被采纳的是第几条回复")),
    Column("body", "正文", N_("首帖的内容"), required=True),
    Column("replies", "回复", N_("每条回复的 author、created、body")),
)

SECTIONS: Mapping[str, str] = {
    column.header: column.name
    for name in ("script", "steps", "internal_note", "exceptions", "fees", "deadlines", "body")
    for column in ENTRY
    if column.name == name
}
"""The sections of an entry's Markdown file: heading → field."""

REASON, PLACE, ORIGINAL = "_reason", "_where", "_original"
NOTES: Mapping[str, str] = {REASON: "拒收原因", PLACE: "原位置", ORIGINAL: "原文"}
"""What ``kb.importing.rejects`` writes beside a refused record; ignored when that is read again."""

TYPE = "type"
"""Says in JSON whether a line is an ``entry`` (the default) or a ``thread``."""


def canonical(label: str, columns: Sequence[Column]) -> str | None:
    """Return the name of the column that people call *label*, in any case, or ``None``; a note keeps its own name."""
    label = label.strip(" \t\u3000\u200b\ufeff").lower()
    for column in columns:
        if label in (column.name, column.header):
            return column.name
    for name, header in NOTES.items():
        if label in (name, header):
            return name
    return TYPE if label == TYPE else None


def named(raw: Mapping[str, Any], columns: Sequence[Column]) -> dict[str, Any]:
    """Return *raw* by the names of *columns*, notes left out.

    Raises:
        InvalidInputError: a name that no column has, or two names of one column.
    """
    check(raw, columns)
    names = {label: canonical(label, columns) for label in raw}
    return {name: raw[label] for label, name in names.items() if name is not None and name not in NOTES}


def check(labels: Iterable[str], columns: Sequence[Column]) -> None:
    """Return if every one of *labels* names a column, and each a different one.

    Raises:
        InvalidInputError: otherwise, with the labels that don't and the columns there are.
    """
    seen: set[str] = set()
    unknown: list[str] = []
    for label in labels:
        name = canonical(label, columns)
        if name is None:
            unknown.append(label)
        elif name in seen:
            raise InvalidInputError(N_("“%(name)s”写了两次"), field=name, name=label)
        else:
            seen.add(name)
    if unknown:
        raise InvalidInputError(
            N_("不认识的栏目：%(names)s。可以用的有：%(known)s"),
            field=unknown[0],
            names="、".join(unknown),
            known="、".join(map(str, columns)),
        )
