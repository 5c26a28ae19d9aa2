"""The desk: an agent's one screen, whether an entry solved the call, proposed wordings."""

from web.desk import screen
from web.desk.views import blueprint

__all__ = ["blueprint", "screen"]
