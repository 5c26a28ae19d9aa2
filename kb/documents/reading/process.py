"""Reading a file in a process of its own, with bounded time and memory: what goes wrong there costs nobody else.

``python -m kb.documents.reading.process NAME FOLDER``: the file on standard input, the document as JSON on standard
output.
"""

import json
import logging
import resource
import subprocess
import sys
import threading
import zlib
from pathlib import Path

from kb.documents.document import Document
from kb.documents.pictures import Pictures
from kb.documents.reading.errors import UnreadableError
from kb.documents.reading.files import read
from kb.documents.reading.guarding import recognise
from kb.i18n import N_

log = logging.getLogger(__name__)

CPU_SECONDS = 60
WALL_SECONDS = 120.0
MEMORY_BYTES = 2 * 1024**3
"""Address space of the reader: 200 pages with 120 pictures take a tenth."""

READERS = 2
"""At a time in one process: each may take all of its memory."""
_free = threading.BoundedSemaphore(READERS)

TOO_MUCH = N_("读这个文件要的时间或内存太多，没有读完：请拆成几个再上传")


def read_apart(
    data: bytes,
    name: str,
    pictures: Pictures,
    *,
    cpu_seconds: int = CPU_SECONDS,
    wall_seconds: float = WALL_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> Document:
    """Return what the file *data*, called *name*, says; its pictures are kept.

    Raises:
        UnreadableError: it can't be taken, or takes too much to read.
    """
    if not data.startswith(b"PK"):
        recognise(data, name)  # what can be told without opening anything is told at once
    command = [sys.executable, "-m", "kb.documents.reading.process", name, str(pictures.folder)]
    limits = [str(cpu_seconds), str(memory_bytes)]
    if not _free.acquire(blocking=False):
        raise UnreadableError(N_("正在读别人上传的文件，请过一两分钟再上传"))
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            [*command, *limits], input=data, capture_output=True, timeout=wall_seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableError(TOO_MUCH) from error
    finally:
        _free.release()
    if done.returncode > 0:  # it has ended by itself: nothing that was foreseen
        log.error("reading a %d byte upload failed: %s", len(data), done.stderr.decode("utf-8", "replace")[-2_000:])
        raise UnreadableError(N_("文件里有读不懂的东西，没有读完：请用 Office 打开，另存一份再上传"))
    if done.returncode != 0:
        raise UnreadableError(TOO_MUCH)
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise UnreadableError(answer["error"]["message"], **answer["error"]["params"])
    return Document.of_json(answer)


def main() -> None:
    """Read standard input within the limits that are given."""
    name, folder, cpu_seconds, memory_bytes = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds), int(cpu_seconds)))
    resource.setrlimit(resource.RLIMIT_AS, (int(memory_bytes), int(memory_bytes)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = read(sys.stdin.buffer.read(), name, Pictures(Path(folder))).as_json()
    except UnreadableError as error:
        params = {key: str(value) for key, value in error.params.items()}
        answer = {"error": {"message": error.message, "params": params}}
    except (MemoryError, RecursionError, zlib.error):
        answer = {"error": {"message": TOO_MUCH, "params": {}}}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
