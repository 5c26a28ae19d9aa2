"""One generator for all tests of the benchmark: reading the samples takes seconds."""

import pytest

from indexer.bench.generate import Generator
from indexer.text import Analysis
from kb.settings import PROJECT


@pytest.fixture(scope="session")
def generator(analysis: Analysis) -> Generator:
    return Generator(PROJECT / "content", analysis, seed=1)
