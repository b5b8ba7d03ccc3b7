"""Progress bars by tqdm where it is installed and somebody looks; silence otherwise."""

from __future__ import annotations

import sys
import warnings
from typing import Any


def printable(text: str) -> str:
    """The text on one line, without what a terminal would obey: names of files and layers come from others."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class Silent:
    """Shows nothing."""

    on_batch = None
    on_start = None
    on_progress = None

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def on_epoch(self, record: dict[str, Any]) -> None:
        pass


class Bar(Silent):
    """One bar over all batches of all epochs, with the time that is left."""

    def __init__(self, epochs: int) -> None:
        with warnings.catch_warnings():  # a notebook without widgets gets the bar of a terminal; no need to warn
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm

        self.bar = tqdm(total=None, unit="batch", desc=f"epoch 1/{epochs}")

    def __exit__(self, *_: Any) -> None:
        self.bar.close()

    def on_start(self, start: dict[str, Any]) -> None:  # type: ignore[override]
        self.bar.set_description(f"epoch {start['epochs_done'] + 1}/{start['epochs']}")

    def on_progress(self, what: str, done: int, total: int) -> None:  # type: ignore[override]
        self.bar.set_postfix_str(f"{printable(what)} {done}/{total}")

    def on_batch(self, p: dict[str, Any]) -> None:  # type: ignore[override]
        self.bar.total = p["epochs"] * p["batches"]
        self.bar.set_description(f"epoch {p['epoch']}/{p['epochs']}", refresh=False)
        accuracy = f", accuracy {p['accuracy']:.3f}" if "accuracy" in p else ""
        self.bar.set_postfix_str(f"loss {p['loss']:.4f}{accuracy}", refresh=False)
        self.bar.update((p["epoch"] - 1) * p["batches"] + p["batch"] - self.bar.n)

    def on_epoch(self, record: dict[str, Any]) -> None:
        held_out = [f", validation {kind} {record[key]:.4g}" for kind in ("loss", "accuracy")
                    if (key := f"validation_{kind}") in record]
        self.bar.set_postfix_str(f"loss {record['train_loss']:.4f}{''.join(held_out)}")


def somebody_looks() -> bool:
    in_notebook = "ipykernel" in sys.modules
    return in_notebook or (sys.stderr is not None and sys.stderr.isatty())


def show_training(wanted: bool | None, epochs: int) -> Any:
    """A bar if it is wanted, or, not said, if somebody looks and tqdm is there."""
    if wanted is False or (wanted is None and not somebody_looks()):
        return Silent()
    try:
        return Bar(epochs)
    except ImportError:
        if wanted:
            raise ImportError("a progress bar needs tqdm: pip install tqdm") from None
        return Silent()
