"""The forum's part of the site; the modules beside this one add their pages."""

from flask import Blueprint

blueprint = Blueprint("forum", __name__)
