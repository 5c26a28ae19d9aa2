"""Named arrays in one file, memory-mapped: one file to sync, one mapping that all processes share.

Layout: the magic, the length of the header, the header (JSON: name → type, shape, offset), then the arrays, each on
a 64-byte boundary. A file is written once and never changed.
"""

import json
import mmap
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MAGIC = b"ZHCOLS1\n"
_ALIGN = 64


def new_name(suffix: str) -> str:
    """Return a name for a file that nobody has yet."""
    return f"{secrets.token_hex(6)}{suffix}"


def write(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write *arrays* to *path* and force them to disk. Whoever names the file afterwards names a whole one."""
    header: dict[str, Any] = {}
    offset = 0
    for name, array in arrays.items():
        header[name] = {"type": array.dtype.str, "shape": list(array.shape), "offset": offset}
        offset = _aligned(offset + array.nbytes)
    packed = json.dumps(header).encode()
    start = _aligned(len(MAGIC) + 8 + len(packed))
    with path.open("wb") as file:
        file.write(MAGIC + len(packed).to_bytes(8, "little") + packed)
        for name, array in arrays.items():
            file.seek(start + header[name]["offset"])
            file.write(np.ascontiguousarray(array).data if array.size else b"")
        file.truncate(max(start + offset, file.tell()))
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> dict[str, Array]:
    """Return the arrays of *path*, read-only, mapped: what is not touched is not loaded.

    Raises:
        ValueError: the file is none of ours.
    """
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if mapped[: len(MAGIC)] != MAGIC:
        raise ValueError(f"{path} holds no columns")
    length = int.from_bytes(mapped[len(MAGIC) : len(MAGIC) + 8], "little")
    begin = len(MAGIC) + 8
    header = json.loads(mapped[begin : begin + length])
    start = _aligned(begin + length)
    found: dict[str, Array] = {}
    for name, item in header.items():
        count = int(np.prod(item["shape"], dtype=np.int64))
        kind = np.dtype(item["type"])
        flat = (
            np.frombuffer(mapped, dtype=kind, count=count, offset=start + item["offset"])
            if count
            else np.empty(0, dtype=kind)
        )
        found[name] = flat.reshape(item["shape"])
    return found


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGN) * _ALIGN
