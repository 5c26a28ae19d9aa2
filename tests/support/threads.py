"""Waiting for threads in tests, and holding them up where a test wants to look."""

import threading
from collections.abc import Callable

DEADLINE = 20.0
"""Seconds after which what a test waits for has not happened."""


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for a background thread; a condition that never comes fails the test."""
    pause = threading.Event()
    for _ in range(int(DEADLINE / 0.05)):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError("it never happened")


class Gate:
    """Open at first. While it is shut it holds up whoever comes, and it counts who passed since it was last shut."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._came = threading.Semaphore(0)
        self._open = True
        self._permits = 0
        self.passed = 0

    def shut(self) -> None:
        """Let nobody pass from now on, and forget who came before."""
        with self._changed:
            self._open, self.passed = False, 0
        while self._came.acquire(blocking=False):
            pass

    def open(self) -> None:
        """Let everybody pass."""
        with self._changed:
            self._open = True
            self._changed.notify_all()

    def let_one_pass(self) -> None:
        """Let one pass, who stands there or comes next."""
        with self._changed:
            self._permits += 1
            self._changed.notify()

    def await_somebody(self) -> None:
        """Wait for the next who comes; whoever was waited for before is not meant."""
        assert self._came.acquire(timeout=DEADLINE), "nobody came"

    def come(self) -> None:
        """Come to the gate, and wait while it is shut."""
        self._came.release()
        with self._changed:
            assert self._changed.wait_for(lambda: self._open or self._permits, DEADLINE), "nobody opened"
            if not self._open:
                self._permits -= 1
            self.passed += 1
