"""Pages about training: needs, plans, lessons, the loop's report with the lists behind its figures, launch packs."""

from web.training import evidence_views, pack_views, plan_views, views
from web.training.blueprint import blueprint

__all__ = ["blueprint", "evidence_views", "pack_views", "plan_views", "views"]
