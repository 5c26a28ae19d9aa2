"""What an agent narrows the desk to, remembered from one call to the next. How a search is narrowed is the index's."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.desk.models import DeskScope
from kb.errors import InvalidInputError, PermissionDeniedError
from kb.i18n import N_
from kb.people.models import User
from kb.permissions import Actor, Permission, require
from kb.taxonomy.models import Module, Product, Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Keys of the taxonomy that the desk is narrowed to; ``None`` where it is not."""

    region: str | None = None
    module: str | None = None
    product: str | None = None


def remembered(session: Session, user_id: int) -> Scope | None:
    """Return the scope that this person chose last, ``None`` if they never did. One statement."""
    found = session.get(DeskScope, user_id)
    if found is None:
        return None
    return Scope(region=found.region_key, module=found.module_key, product=found.product_key)


def remember(session: Session, actor: Actor, scope: Scope) -> None:
    """Remember *scope* for *actor*'s next calls. No event: it concerns nobody else.

    Raises:
        PermissionDeniedError: *actor* may not read entries, or is no person.
        InvalidInputError: there is no such region, module or product; ``field`` names it.
    """
    require(actor, Permission.ENTRY_READ)
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才有自己的工作台"))
    if scope.region is not None and session.get(Region, scope.region) is None:
        raise InvalidInputError(N_("没有这个区域：%(key)s"), field="region", key=scope.region)
    if scope.module is not None and session.get(Module, scope.module) is None:
        raise InvalidInputError(N_("没有这个业务模块：%(key)s"), field="module", key=scope.module)
    if scope.product is not None and session.get(Product, scope.product) is None:
        raise InvalidInputError(N_("没有这个产品：%(key)s"), field="product", key=scope.product)
    # One at a time: two tabs may choose at once; the last one stands, and neither fails.
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    session.merge(
        DeskScope(user_id=actor.user_id, region_key=scope.region, module_key=scope.module, product_key=scope.product)
    )
    session.flush()
