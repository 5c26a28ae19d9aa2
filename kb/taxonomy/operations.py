"""Loading the taxonomy from its file."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.errors import InvalidInputError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import Actor, Permission, require
from kb.taxonomy.models import Module, Named, Product, Region, Tier

LISTS: Mapping[str, type[Named]] = {
    "modules": Module,
    "regions": Region,
    "tiers": Tier,
    "products": Product,
}


def _walk(items: list[dict[str, Any]], parent: str | None = None) -> Iterator[tuple[dict[str, Any], str | None]]:
    for item in items:
        yield item, parent
        yield from _walk(item.get("children") or [], item["key"])


def load_file(session: Session, actor: Actor, path: Path, *, now: datetime) -> int:
    """Bring the tables in step with the taxonomy file at *path* and return how many terms it names.

    Terms that the file no longer names are retired, never deleted: entries still point to them.

    Raises:
        InvalidInputError: the file is missing, no YAML, or a term lacks ``key`` or ``name``.
        PermissionDeniedError: *actor* may not manage the taxonomy.
    """
    require(actor, Permission.TAXONOMY_MANAGE)
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInputError(N_("读不了分类文件 %(path)s：%(reason)s"), path=path, reason=error) from error
    count, changed = 0, False
    for list_name, model in LISTS.items():
        try:
            rows = list(_walk(data[list_name]))
            if twice := [key for key, times in Counter(item["key"] for item, _ in rows).items() if times > 1]:
                raise InvalidInputError(N_("分类文件 %(path)s 里编号重复：%(keys)s"), path=path, keys=" ".join(twice))
            for position, (item, parent) in enumerate(rows):
                changed |= _put(session, model, item, parent, position)
            seen = {item["key"] for item, _ in rows}
        except (KeyError, TypeError, AttributeError) as error:
            raise InvalidInputError(
                N_("分类文件 %(path)s 的 %(part)s 部分不完整：%(reason)s"),
                path=path,
                part=list_name,
                reason=repr(error),
            ) from error
        changed |= _retire_others(session, model, seen)
        count += len(seen)
    if changed:
        append(
            session,
            at=now,
            actor_id=actor.user_id,
            verb=Verb.IMPORTED,
            subject_kind=Subject.TAXONOMY,
            subject_id="taxonomy",
            payload={"terms": count},
        )
    return count


def _put(session: Session, model: type[Named], item: dict[str, Any], parent: str | None, position: int) -> bool:
    """Add or update one term; return whether anything changed."""
    fields = {"name": item["name"], "name_en": item.get("name_en") or item["name"], "position": position}
    if model in (Module, Region):
        fields["parent_key"] = parent
    row = session.get(model, item["key"])
    if row is None:
        session.add(model(key=item["key"], retired=False, **fields))
    else:
        for name, value in fields.items():
            setattr(row, name, value)
    changed = row is None or session.is_modified(row)
    session.flush()  # a child's foreign key needs its parent's row
    return changed


def _retire_others(session: Session, model: type[Named], seen: set[str]) -> bool:
    changed = False
    for row in session.scalars(select(model)):
        changed |= row.retired is not (row.key not in seen)
        row.retired = row.key not in seen
    return changed
