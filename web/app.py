"""The application factory: one Flask application of one installation."""

from datetime import timedelta

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from indexer.normalise import normalise
from indexer.runtime import open_search
from indexer.search import Search
from kb.clock import Clock, system_clock
from kb.db import make_engine, make_sessions
from kb.desk import queries as desk_queries
from kb.desk.log import SearchLog
from kb.desk.rules import Learning
from kb.home import secret_key
from kb.settings import Settings
from web import (
    api,
    attachments,
    auth,
    briefs,
    bulletins,
    calls,
    compression,
    corrections,
    desk,
    editor,
    entries,
    errors,
    exams,
    forum,
    gaps,
    guide,
    i18n,
    importing,
    lexicon,
    maturity,
    must_reads,
    notices,
    ops,
    people,
    questions,
    requests,
    review,
    security,
    status,
    study,
    suggest,
    templating,
    training,
    verification,
    workdays,
)
from web import search as search_pages
from web.extensions import babel, bootstrap, csrf, limiter, login
from web.hub import Hub
from web.metrics import Metrics
from web.services import RecentQueries, Services, install

FEATURES = (auth, search_pages, suggest, entries, desk, bulletins, briefs, forum, lexicon, guide, api, ops, status)
"""The packages with pages, each with its blueprint."""

MAX_REQUEST_BYTES = 1024 * 1024
"""The longest post, percent-encoded Chinese, is half of that."""


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = system_clock,
    search: Search | None = None,
    recent_queries: RecentQueries = desk_queries.recent_queries,
) -> Flask:
    """Return the application of the installation that *settings* describe.

    Args:
        settings: the environment's, when not given.
        clock: tells the time of every request.
        search: the installation's search where it is open already; opening one takes about a second.
        recent_queries: reads what people asked, to try changed words on.

    Raises:
        SetupError: there is no secret to sign cookies with; ``kb init`` makes one.
    """
    settings = settings or Settings()
    app = Flask(__name__)
    _configure(app, settings)
    engine = make_engine(settings.url)
    sessions = make_sessions(engine)
    metrics = Metrics()
    install(
        app,
        Services(
            settings=settings,
            engine=engine,
            sessions=sessions,
            search=search if search is not None else open_search(settings),
            clock=clock,
            metrics=metrics,
            search_log=SearchLog(sessions, timezone=settings.timezone),
            learning=Learning(threshold=settings.wording_threshold, timezone=settings.timezone, normalise=normalise),
            recent_queries=recent_queries,
            hub=Hub(sessions, room=settings.streams),
        ),
    )
    metrics.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    requests.init_app(app)
    babel.init_app(
        app, default_locale=settings.locale, locale_selector=i18n.choose_locale, timezone_selector=i18n.timezone
    )
    bootstrap.init_app(app)
    compression.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    login.init_app(app)
    templating.init_app(app)
    for feature in (
        auth,
        search_pages,
        suggest,
        entries,
        editor,
        desk,
        calls,
        gaps,
        notices,
        corrections,
        bulletins,
        briefs,
        forum,
        attachments,
        people,
        lexicon,
        maturity,
        review,
        verification,
        workdays,
        questions,
        must_reads,
        study,
        training,
        exams,
        guide,
        importing,
        api,
        ops,
        status,
    ):
        app.register_blueprint(feature.blueprint)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=secret_key(settings),
        SESSION_COOKIE_NAME="kb_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # a form stays good as long as the session: replies are written between calls
        BOOTSTRAP_SERVE_LOCAL=True,
        RATELIMIT_STORAGE_URI=settings.login_limit_storage,
        RATELIMIT_HEADERS_ENABLED=False,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.json.sort_keys = False  # type: ignore[attr-defined]  # as documented: query first, hits after
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's default provider has it
