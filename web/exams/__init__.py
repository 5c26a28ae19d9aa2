"""Pages about exams and licences: taking one, its result; for managers setting, results, analysis and export."""

from web.exams import manager_views, views
from web.exams.blueprint import blueprint

__all__ = ["blueprint", "manager_views", "views"]
