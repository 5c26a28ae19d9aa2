"""Questions beside an entry: writing them, looking at what is proposed and at what an edit suspended."""

from web.questions.views import blueprint

__all__ = ["blueprint"]
