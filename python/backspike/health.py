"""What is wrong with a training run, said while it runs: as Python warnings, and in its `History`.

The judgement is the C++ library's (docs/health.md has every kind with its threshold); here it is passed on.
"""

from __future__ import annotations

import os
import sys
import warnings
from dataclasses import dataclass
from typing import Any

from . import _core

KINDS: tuple[str, ...] = tuple(_core.health_kinds())


class HealthWarning(UserWarning):
    """Training goes on, but something is wrong with it. Filter it like any other category of `warnings`.

    Attributes: epoch, kind (one of `backspike.health.KINDS`), subject (a layer, a parameter, classes).
    """

    epoch, kind, subject = 0, "", ""


@dataclass(frozen=True)
class Notice:
    """One warning of a run."""

    epoch: int  #: after which it was seen
    kind: str  #: one of `KINDS`
    subject: str  #: layer, parameter or classes; "loss", "gradient"
    text: str  #: what was seen, and what to try


def outer_level() -> int:
    """The `stacklevel` at which `warnings.warn`, called by whoever calls this, names the user's line."""
    own = os.path.dirname(os.path.abspath(__file__)) + os.sep
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and os.path.abspath(frame.f_code.co_filename).startswith(own):
        level, frame = level + 1, frame.f_back
    return level


class Listener:
    """Passes on what the records of epochs warn of."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def on_epoch(self, record: dict[str, Any]) -> None:
        for found in record["warnings"]:
            notice = Notice(record["epoch"], found["kind"], found["subject"], found["text"])
            self.notices.append(notice)
            warning = HealthWarning(f"epoch {notice.epoch}: {notice.text}")
            warning.epoch, warning.kind, warning.subject = notice.epoch, notice.kind, notice.subject
            warnings.warn(warning, stacklevel=outer_level())
