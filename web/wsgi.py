"""The application for a WSGI server with several processes: ``gunicorn web.wsgi:app``.

Every process stands by to follow the event log; the lock lets one of them.
"""

import atexit

from indexer.runtime import open_follower
from kb.settings import Settings
from web import housekeeping
from web.app import create_app
from web.corrections import watch
from web.gaps import jobs as gap_jobs
from web.letters import post
from web.maturity import keeper
from web.services import services
from web.suggest import frequent

_settings = Settings()
if "streams" not in _settings.model_fields_set:
    # How many threads a worker has is the server's affair: without being told, no stream may take one for minutes.
    _settings = _settings.model_copy(update={"streams": 0})
app = create_app(_settings)
_parts = services(app)
if _parts.settings.follow:
    open_follower(_parts.settings, _parts.sessions, _parts.search).start(poll_seconds=_parts.settings.poll_seconds)
    housekeeping.start(_parts.sessions, _parts.settings, _parts.clock)
    watch.start(_parts.sessions, _parts.clock)
    keeper.start(_parts.sessions, _parts.settings, _parts.clock)
gap_jobs.start(gap_jobs.work_of(_parts), _parts.settings.home / "locks")
if _parts.settings.smtp_host:
    post.start(app)
frequent.start(_parts.sessions, _parts.search, _parts.clock)
_parts.search_log.start()
atexit.register(_parts.search_log.close)
atexit.register(_parts.hub.close)
