"""The blueprint that all parts of training's pages hang on."""

from flask import Blueprint

blueprint = Blueprint("training", __name__, url_prefix="/training")
"""Addresses under ``/training``."""
