"""Vectors in eight bits and in one bit a dimension, and how alike two of them are. Pure functions."""

import numkong
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Eights = NDArray[np.int8]
Sketches = NDArray[np.uint64]
"""Bits by block of rows, word and row within the block, (blocks, words, BLOCK): a word of many rows lies together."""

BLOCK = 16_384
"""Rows of a block of sketches."""


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


def sides(vectors: Eights, centre: Floats) -> NDArray[np.uint64]:
    """Return on which side of *centre* each dimension of *vectors* (n, d) lies: bits, filled up with 0, (n, words)."""
    own = vectors.astype(np.float32)
    bits = own > centre * np.linalg.norm(own, axis=1, keepdims=True)
    packed = np.zeros((len(bits), 8 * words(bits.shape[1])), np.uint8)
    packed[:, : -(-bits.shape[1] // 8)] = np.packbits(bits, axis=1)
    return packed.view(np.uint64)


def words(dimensions: int) -> int:
    """Return how many words of 64 bits a sketch of so many *dimensions* has."""
    return -(-dimensions // 64)


def similarities(query: Eights, vectors: Eights) -> Floats:
    """Return the cosine of *query* (d,) with each of *vectors* (n, d); 0 for no direction. Lets other threads run."""
    if not len(vectors):
        return np.empty(0, np.float32)
    distances = numkong.cdist(query[None], vectors, "angular", out_dtype="float32")
    cosines: Floats = np.float32(1) - np.asarray(distances, np.float32)[0]
    return np.nan_to_num(cosines, copy=False, nan=0)


def differences(query: NDArray[np.uint64], sketches: Sketches) -> NDArray[np.uint16]:
    """Return in how many bits *query* (w,) differs from the first w words of each sketch, block by block, (b · BLOCK,).

    A block's words stay in the processor's cache meanwhile: an eighth of the time it takes to go through all of them
    once for each step.
    """
    counted = np.zeros((len(sketches), BLOCK), np.uint16)
    different, ones = np.empty(BLOCK, np.uint64), np.empty(BLOCK, np.uint8)
    for block, own in zip(sketches, counted, strict=True):
        for word, asked in zip(block, query, strict=False):
            np.bitwise_xor(word, asked, out=different)
            np.bitwise_count(different, out=ones)
            np.add(own, ones, out=own)
    return counted.reshape(-1)


def differences_at(
    rows: NDArray[np.int64], query: NDArray[np.uint64], sketches: Sketches, *, start: int = 0
) -> NDArray[np.uint16]:
    """Return in how many bits *query* (words,) differs from the sketches of *rows*, from word *start* on, (n,)."""
    everything = sketches.reshape(-1)
    first = rows // BLOCK * (sketches.shape[1] * BLOCK) + rows % BLOCK
    counted = np.zeros(len(rows), np.uint16)
    for number in range(start, len(query)):
        counted += np.bitwise_count(everything.take(first + number * BLOCK) ^ query[number])
    return counted
