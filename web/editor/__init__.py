"""The editor: writing entries, bringing two versions together, handing entries over."""

from web.editor import handover, merging
from web.editor.views import blueprint

__all__ = ["blueprint", "handover", "merging"]
