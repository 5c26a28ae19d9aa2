"""An embedder for tests: texts that share characters are alike, and it counts what it was asked."""

import hashlib
from collections.abc import Sequence

import numpy as np

from indexer.normalise import normalise
from indexer.vectors.embedder import Vectors, unit_length


class CharacterEmbedder:
    """Sums a fixed random vector for each character."""

    name = "characters"
    dimensions = 64

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed_query(self, text: str) -> Vectors:
        return self._embed([text])[0]

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        sums = [sum((_vector(character) for character in normalise(text)), _vector("")) for text in texts]
        return unit_length(np.array(sums, np.float32))


def _vector(character: str) -> Vectors:
    seed = int.from_bytes(hashlib.blake2b(character.encode("utf-8", "surrogatepass"), digest_size=4).digest())
    return np.random.default_rng(seed).standard_normal(CharacterEmbedder.dimensions).astype(np.float32)
