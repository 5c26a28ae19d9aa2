"""From what stands in maturity's forms to the domain's facts."""

from collections.abc import Mapping

from kb.entries.rules import Level
from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.maturity.rubric import ANCHORS, Criterion, Scores

Form = Mapping[str, str]


def scores(form: Form) -> Scores:
    """Return the scores that *form* gives.

    Raises:
        InvalidInputError: one is missing, or none of 1 to 5.
    """
    given = {criterion.value: form.get(criterion.value, "") for criterion in Criterion}
    return Scores(**{name: int(value) if value.isdecimal() and len(value) == 1 else 0 for name, value in given.items()})


def level(form: Form) -> Level:
    """Return the level that *form* chooses.

    Raises:
        InvalidInputError: there is none such.
    """
    value = form.get("level", "")
    if not value.isdecimal() or len(value) > 1 or int(value) not in list(Level):
        raise InvalidInputError(N_("没有这个等级"), field="level")
    return Level(int(value))


def words(form: Form) -> dict[str, dict[str, str]]:
    """Return the words of the rubric that stand in *form*."""
    return {
        criterion.value: {anchor: form.get(f"{criterion.value}-{anchor}", "") for anchor in ANCHORS}
        for criterion in Criterion
    }
