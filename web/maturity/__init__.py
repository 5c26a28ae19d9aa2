"""Pages about maturity: rating, an entry's history, the managers' board and report, the rubric, flags, nominations."""

from web.maturity import entry_views, manager_views
from web.maturity.blueprint import blueprint

__all__ = ["blueprint", "entry_views", "manager_views"]
