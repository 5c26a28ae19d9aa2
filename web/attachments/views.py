"""Uploading a file, and sending one to whoever may read what it hangs on.

A file is sent so that a browser can do nothing with it but show it or save it: its type is what was found in it and is
not guessed at, only images are shown, and whatever it is gets a sandbox without scripts, forms and this site's origin.
"""

from urllib.parse import quote

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from kb.attachments import queries
from kb.attachments.models import Attachment
from kb.errors import InvalidInputError, NotFoundError
from kb.i18n import N_
from web import requests
from web.attachments import service
from web.requests import takes_files, writing

blueprint = Blueprint("attachments", __name__)

SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


@blueprint.post("/attachments")
@takes_files
def upload() -> ResponseReturnValue:
    """Keep a file and answer with how a text refers to it: ``markdown``."""
    files = service.read(request.files.getlist("file"))
    if not files:
        raise InvalidInputError(N_("文件是空的"), field="file")
    with writing() as unit:
        references = service.keep(unit, files)
    return jsonify(markdown="\n\n".join(references)), 201


@blueprint.get("/attachments/<key>")
def show(key: str) -> ResponseReturnValue:
    """Send the file called *key*."""
    found = queries.readable(requests.session(), requests.actor(), key, now=requests.now())
    answer = Response(_bytes(found), content_type=found.kind.media_type)
    shown = "inline" if found.kind.is_image else "attachment"
    answer.headers["Content-Disposition"] = f"{shown}; filename*=UTF-8''{quote(found.name, safe='')}"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # Asked again each time, answered in a few bytes while it is the same: what was hidden must not be shown any more.
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(found.digest)
    return answer.make_conditional(request)


def _bytes(attachment: Attachment) -> bytes:
    try:
        return service.store().path(attachment.digest).read_bytes()
    except FileNotFoundError as error:
        current_app.logger.error("the file of attachment %d is gone: %s", attachment.id, error)
        raise NotFoundError(N_("没有这个附件，或者你没有权限看它")) from error
