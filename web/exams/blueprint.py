"""The blueprint that both halves of the exams' pages hang on."""

from flask import Blueprint

blueprint = Blueprint("exams", __name__)
"""Addresses under ``/exams``, ``/attempts`` and ``/licences``."""
