"""Calls of foreign code that may never come back."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["NoAnswerError", "Patience"]


class NoAnswerError(Exception):
    """Attributes: call, the name of the one that has not come back."""

    def __init__(self, call: str) -> None:
        super().__init__(call)
        self.call = call


class Patience:
    """Makes calls one after another in a thread of its own, and waits so long for each. The thread is a daemon: a call
    that never ends does not keep the process from ending."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._asked: queue.SimpleQueue[Callable[[], Any]] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()
        self._running = ""  # the call that has not come back
        threading.Thread(target=self._serve, daemon=True, name="environment").start()

    def _serve(self) -> None:
        while True:
            asked = self._asked.get()
            try:
                self._answers.put((True, asked()))
            except BaseException as error:  # it belongs to who asked
                self._answers.put((False, error))

    def __call__(self, name: str, asked: Callable[[], Any]) -> Any:
        """What `asked` gives or raises.

        Raises:
            NoAnswerError: it, or a call before it, takes too long.
        """
        self._wait_for_the_last_one()
        self._asked.put(asked)
        self._running = name
        came_back, what = self._answer()
        if came_back:
            return what
        raise what

    def _wait_for_the_last_one(self) -> None:
        if self._running:
            self._answer()

    def _answer(self) -> tuple[bool, Any]:
        try:
            answer = self._answers.get(timeout=self.seconds)
        except queue.Empty:
            raise NoAnswerError(self._running) from None
        self._running = ""
        return answer
