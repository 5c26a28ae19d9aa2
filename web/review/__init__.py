"""The pages of review: the queue, what is under review with its remarks, what is due for another look."""

from web.review import overdue
from web.review.views import blueprint

__all__ = ["blueprint", "overdue"]
