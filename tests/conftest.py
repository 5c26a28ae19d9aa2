"""Tests mirror the package. Shared fixtures live in ``tests.support.fixtures``."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.fixtures"]

# How long a machine takes to think up examples says nothing about the code.
settings.register_profile("zhihui", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zhihui")
