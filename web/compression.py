"""Scripts and stylesheets go out compressed; pages do not.

Pages hold a person's form token beside what was typed, and compressing both together can tell the one by the other's
length (BREACH). Scripts and stylesheets hold neither, and are most of the weight.
"""

from flask import Flask, Response

from web.extensions import compress

TYPES = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")


def init_app(app: Flask) -> None:
    """Compress the scripts and stylesheets of *app*."""
    app.config.update(COMPRESS_MIMETYPES=list(TYPES), COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_STREAMS=False)
    compress.init_app(app)
    app.after_request(_read)  # functions after a request run last one first: before the compression


def _read(response: Response) -> Response:
    """Read a static file and close it: compressing it as a stream would leave it open."""
    if response.direct_passthrough and response.mimetype in TYPES and response.status_code == 200:
        response.direct_passthrough = False
        response.make_sequence()
    return response
