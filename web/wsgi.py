"""The application for a WSGI server with several processes: ``gunicorn web.wsgi:app``.

Every process stands by to follow the event log; the lock lets one of them.
"""

from indexer.runtime import open_follower
from kb.settings import Settings
from web.app import create_app
from web.services import services

app = create_app(Settings())
_parts = services(app)
if _parts.settings.follow:
    open_follower(_parts.settings, _parts.sessions, _parts.search).start(poll_seconds=_parts.settings.poll_seconds)
