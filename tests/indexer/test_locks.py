import subprocess
import sys

import pytest

from indexer.engine import IndexBusyError
from indexer.locks import exclusive

HOLD = """
import sys
from pathlib import Path
from indexer.locks import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_process_at_a_time_and_the_kernel_frees_what_a_killed_one_held(tmp_path):
    path = tmp_path / "locks" / "one.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(IndexBusyError), exclusive(path):
            pass
        holder.kill()
    with exclusive(path, wait=True):
        pass


def test_it_is_free_again_after_an_error(tmp_path):
    path = tmp_path / "one.lock"
    with pytest.raises(RuntimeError), exclusive(path):
        raise RuntimeError
    with exclusive(path):
        pass
