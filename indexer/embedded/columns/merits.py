"""M of a segment's documents as it is now, in a file beside the segment: calls change it all the time, and no text."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.embedded.columns import container

SUFFIX = ".merits"

Merits = NDArray[np.float32]
"""M of each document of a segment, 0..1, (D,)."""


def write(folder: Path, values: Merits) -> str:
    """Write *values* into *folder*, durably, and return the file's name."""
    name = container.new_name(SUFFIX)
    container.write(folder / name, {"maturity": values})
    return name


def read(folder: Path, name: str) -> Merits:
    """Return what was written as *name*, mapped."""
    return container.read(folder / name)["maturity"]
