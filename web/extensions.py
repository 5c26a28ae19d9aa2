"""Flask's extensions, made once and bound to an application by the factory."""

from flask import request
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf import CSRFProtect

babel = Babel()
bootstrap = Bootstrap5()
compress = Compress()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)
login = LoginManager()


def username_given() -> str:
    """Return what attempts are counted by besides the address: the username that somebody tries to be."""
    return f"username:{request.form.get('username', '').strip().lower()[:64]}"
