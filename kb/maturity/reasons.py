"""Why a level is what it is, as data that is stored and as the sentence people read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from kb.i18n import N_


class Code(StrEnum):
    """What is said of an entry."""

    SOLVED = "solved"
    RATED = "rated"
    VERIFIED = "verified"
    STALE = "stale"
    WILSON_FELL = "wilson_fell"
    EDITED = "edited"
    RELEASED = "released"
    BY_MANAGER = "by_manager"
    UNVERIFIED = "unverified"
    NO_OWNER = "no_owner"
    NO_VALIDITY = "no_validity"
    REGIONS_UNVERIFIED = "regions_unverified"
    FEW_OUTCOMES = "few_outcomes"
    FEW_AGENTS = "few_agents"
    FEW_TEAMS = "few_teams"
    LOW_WILSON = "low_wilson"
    OPEN_CORRECTIONS = "open_corrections"
    FEW_RATERS = "few_raters"
    FEW_RATERS_OTHER_TEAM = "few_raters_other_team"
    ONE_TEAM_RATERS = "one_team_raters"
    LOW_RATING = "low_rating"
    VERIFY_FIRST = "verify_first"
    NOT_IN_MANUAL = "not_in_manual"
    NOT_SIGNED = "not_signed"
    NO_QUIZ = "no_quiz"


SENTENCES: Mapping[Code, str] = {
    Code.SOLVED: N_("%(trials)s 次使用解决了 %(solved)s 次（%(agents)s 人、%(teams)s 个班组）"),
    Code.RATED: N_("专家评分 %(expert)s（%(raters)s 人、%(teams)s 个班组）"),
    Code.VERIFIED: N_("%(days)s 天前核实过"),
    Code.STALE: N_("已经 %(days)s 天没有核实，这一类最多 %(limit)s 天"),
    Code.WILSON_FELL: N_("解决率下限 %(wilson)s，低于 %(needed)s"),
    Code.EDITED: N_("内容有实质修改，证据从头累计"),
    Code.RELEASED: N_("不再由知识经理指定"),
    Code.BY_MANAGER: N_("知识经理指定，理由见记录"),
    Code.UNVERIFIED: N_("要有作者以外的人审核或核实"),
    Code.NO_OWNER: N_("要有负责人"),
    Code.NO_VALIDITY: N_("要写明有效期或复核日期"),
    Code.REGIONS_UNVERIFIED: N_("涉及的区县都要核实"),
    Code.FEW_OUTCOMES: N_("还差 %(count)s 次使用结果"),
    Code.FEW_AGENTS: N_("还差 %(count)s 名坐席用过"),
    Code.FEW_TEAMS: N_("还差 %(count)s 个班组用过"),
    Code.LOW_WILSON: N_("解决率下限要到 %(needed)s，现在 %(wilson)s"),
    Code.OPEN_CORRECTIONS: N_("先处理 %(count)s 条未关闭的重要纠错"),
    Code.FEW_RATERS: N_("还差 %(count)s 位专家评分"),
    Code.FEW_RATERS_OTHER_TEAM: N_("还差 %(count)s 位专家评分，其中至少一位来自别的班组"),
    Code.ONE_TEAM_RATERS: N_("还差一位别的班组的专家评分"),
    Code.LOW_RATING: N_("专家评分要到 %(needed)s，现在 %(expert)s"),
    Code.VERIFY_FIRST: N_("太久没有核实，先核实才能升级"),
    Code.NOT_IN_MANUAL: N_("要收进现行手册"),
    Code.NOT_SIGNED: N_("涉及的区域都要签字"),
    Code.NO_QUIZ: N_("要有上线的考题"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is said, with its figures."""

    code: Code
    params: tuple[tuple[str, str | int], ...] = ()

    @classmethod
    def of(cls, code: Code, **params: str | int) -> Self:
        """Return the reason *code* with its figures."""
        return cls(code, tuple(sorted(params.items())))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the reason that ``to_json`` wrote."""
        return cls.of(Code(data["code"]), **{name: value for name, value in data.items() if name != "code"})

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"code": self.code.value, **dict(self.params)}

    @property
    def message(self) -> str:
        """The Chinese sentence with ``%(name)s`` fields, for whoever translates it."""
        return SENTENCES[self.code]

    @property
    def fields(self) -> dict[str, str | int]:
        """What fills the fields in."""
        return dict(self.params)

    def __str__(self) -> str:
        return self.message % self.fields if self.params else self.message
