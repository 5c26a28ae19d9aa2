"""What moderators do with threads, and askers with their own question: each a form of the thread's page."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.forum import moderation, queries
from web import requests
from web.forum.blueprint import blueprint
from web.forum.views import reply_number
from web.requests import writing


@blueprint.post("/threads/<key>/move")
def move(key: str) -> ResponseReturnValue:
    """Put the thread under another module or region."""
    actor, form = requests.actor(), request.form
    with writing() as unit:
        thread = queries.readable(unit, actor, key)
        region = form.get("region") or None
        moderation.move(unit, actor, thread, module=form.get("module", ""), region=region, now=requests.now())
    flash(gettext("移好了。"))
    return redirect(url_for("forum.show", key=key))


@blueprint.post("/threads/<key>/merge")
def merge(key: str) -> ResponseReturnValue:
    """Make the thread a part of another one, named by its key or its address."""
    actor, form = requests.actor(), request.form
    into = form.get("into", "").strip().partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    with writing() as unit:
        source, target = queries.readable(unit, actor, key), queries.readable(unit, actor, into)
        moderation.merge(unit, actor, source, target, reason=form.get("reason", ""), now=requests.now())
    flash(gettext("并进来了。"))
    return redirect(url_for("forum.show", key=target.key))


@blueprint.post("/threads/<key>/close")
def close(key: str) -> ResponseReturnValue:
    """Take no more replies."""
    actor = requests.actor()
    with writing() as unit:
        thread = queries.readable(unit, actor, key)
        moderation.close(unit, actor, thread, reason=request.form.get("reason", ""), now=requests.now())
    flash(gettext("关闭了。"))
    return redirect(url_for("forum.show", key=key))


@blueprint.post("/threads/<key>/reopen")
def reopen(key: str) -> ResponseReturnValue:
    """Take replies again."""
    actor = requests.actor()
    with writing() as unit:
        moderation.reopen(unit, actor, queries.readable(unit, actor, key), now=requests.now())
    flash(gettext("重新打开了。"))
    return redirect(url_for("forum.show", key=key))


@blueprint.post("/threads/<key>/hide")
def hide(key: str) -> ResponseReturnValue:
    """Hide the thread, or one of its replies where the form names one."""
    actor, reason = requests.actor(), request.form.get("reason", "")
    with writing() as unit:
        thread = queries.readable(unit, actor, key)
        if "number" in request.form:
            moderation.hide_reply(unit, actor, thread, reply_number(), reason=reason, now=requests.now())
        else:
            moderation.hide(unit, actor, thread, reason=reason, now=requests.now())
    flash(gettext("隐藏了，作者会看到原因。"))
    return redirect(url_for("forum.show", key=key))


@blueprint.post("/threads/<key>/unhide")
def unhide(key: str) -> ResponseReturnValue:
    """Show the thread again, or one of its replies where the form names one."""
    actor = requests.actor()
    with writing() as unit:
        thread = queries.readable(unit, actor, key)
        if "number" in request.form:
            moderation.show_reply(unit, actor, thread, reply_number(), now=requests.now())
        else:
            moderation.show(unit, actor, thread, now=requests.now())
    flash(gettext("重新显示了。"))
    return redirect(url_for("forum.show", key=key))
