"""Scripts and stylesheets go out compressed; pages do not.

Pages hold a person's form token beside what was typed, and compressing both together can tell the one by the other's
length (BREACH). Scripts and stylesheets hold neither, and are most of the weight.
"""

from flask import Flask, Response
from werkzeug.wsgi import FileWrapper

from web.extensions import compress

TYPES = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")


def init_app(app: Flask) -> None:
    """Compress the scripts and stylesheets of *app*."""
    app.config.update(COMPRESS_MIMETYPES=list(TYPES), COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_STREAMS=False)
    compress.init_app(app)
    app.after_request(_read)  # functions after a request run last one first: before the compression


def _read(response: Response) -> Response:
    """Read a static file and close it at once: compressing it as a stream would leave it open.

    Where the browser has it already nothing is sent, and nothing is read. Either way a connection that breaks leaves
    no file open.
    """
    if not response.direct_passthrough:
        return response
    file = response.response
    if response.status_code == 304:
        response.response = ()
    elif response.status_code == 200 and response.mimetype in TYPES:
        response.direct_passthrough = False
        response.make_sequence()
    else:
        return response
    if isinstance(file, FileWrapper):
        file.close()
    return response
