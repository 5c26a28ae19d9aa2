"""Vectors in eight bits and in one bit a dimension, and how alike two of them are. Pure functions."""

import numkong
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Eights = NDArray[np.int8]
Sketches = NDArray[np.uint8]


def quantise(vectors: Floats) -> Eights:
    """Return *vectors* (n, d) as whole numbers from -127 to 127, each in proportion to its greatest part.

    Directions are kept to about 0.3 degrees, an eighth of a float's bytes.
    """
    greatest = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    return np.round(vectors / np.where(greatest > 0, greatest, 1) * 127).astype(np.int8)


def middle(vectors: Eights) -> Floats:
    """Return the mean direction of *vectors* (n, d), (d,): what ``sides`` are told from."""
    lengths = np.linalg.norm(vectors.astype(np.float32), axis=1, keepdims=True)
    mean: Floats = (vectors / np.where(lengths > 0, lengths, 1)).mean(axis=0, dtype=np.float32)
    return mean


def sides(vectors: Eights, centre: Floats) -> Sketches:
    """Return on which side of *centre* each dimension of *vectors* (n, d) lies: bits, (n, d / 8)."""
    own = vectors.astype(np.float32)
    return np.packbits(own > centre * np.linalg.norm(own, axis=1, keepdims=True), axis=1)


def similarities(query: Eights, vectors: Eights) -> Floats:
    """Return the cosine of *query* (d,) with each of *vectors* (n, d); 0 for no direction. Lets other threads run."""
    if not len(vectors):
        return np.empty(0, np.float32)
    distances = numkong.cdist(query[None], vectors, "angular", out_dtype="float32")
    cosines: Floats = np.float32(1) - np.asarray(distances, np.float32)[0]
    return np.nan_to_num(cosines, copy=False, nan=0)


def differences(query: Sketches, sketches: Sketches) -> NDArray[np.uint16]:
    """Return in how many dimensions *query* (bytes,) lies on another side than each of *sketches* (n, bytes)."""
    counted = numkong.cdist(query[None], sketches, "hamming", dtype="uint1", out_dtype="float32")
    different: NDArray[np.uint16] = np.asarray(counted, np.float32)[0].astype(np.uint16)
    return different
