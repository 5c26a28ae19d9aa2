"""The blueprint that both halves of maturity's pages hang on."""

from flask import Blueprint

blueprint = Blueprint("maturity", __name__)
