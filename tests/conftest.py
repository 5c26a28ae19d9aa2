"""Tests mirror the package. Shared fixtures live in ``tests.support.fixtures``."""

pytest_plugins = ["tests.support.fixtures"]
