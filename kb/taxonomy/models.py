"""Taxonomy tables. Keys are stable and never reused, so they are the primary keys; names may change."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base

KEY_LENGTH = 64


class Named(Base):
    """What every term of the taxonomy has. ``retired`` terms stay readable but can't be chosen any more."""

    __abstract__ = True

    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    retired: Mapped[bool] = mapped_column(default=False)


class Module(Named):
    """A business module (业务模块); two levels, the parent gathers its children."""

    __tablename__ = "modules"

    parent_key: Mapped[str | None] = mapped_column(ForeignKey("modules.key"), index=True)


class Region(Named):
    """A region: province, city, district or county."""

    __tablename__ = "regions"

    parent_key: Mapped[str | None] = mapped_column(ForeignKey("regions.key"), index=True)


class Tier(Named):
    """Who should be able to answer (漏斗); ``position`` rises from the first line to the expert."""

    __tablename__ = "tiers"


class Product(Named):
    """A product or brand that an entry is about."""

    __tablename__ = "products"
