"""What people see of networks and trainings: tables in a notebook, and progress bars by tqdm where it is installed and
somebody looks."""

from __future__ import annotations

import html
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..network import Network
    from ..results import History


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


def row(cells: list[Any], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag} style='text-align:left'>{html.escape(str(c))}</{tag}>" for c in cells) + "</tr>"


def network_html(net: Network) -> str:
    head = row(["layer", "cell", "neurons", "receives from", "surrogate", "reset", "parameters (learned in bold)"], "th")
    body = ""
    for layer in net.layers:
        spiking = layer["spiking"]
        sources = ", ".join(c["source"] for c in net.connections if c["target"] == layer["name"])
        plain = row([layer["name"], layer["cell"], layer["size"], sources,
                     layer["surrogate"] if spiking else "", layer["reset"] if spiking else ""])
        body += plain.replace("</tr>", f"<td style='text-align:left'>{parameter_list(net, layer['name'])}</td></tr>")
    title = f"Network: {net.inputs} inputs, {net.outputs} outputs, dt = {net.dt:g} ms"
    return (f"<div style='overflow-x:auto'>{net._core.graph_svg()}</div>"
            f"<table><caption style='text-align:left'>{html.escape(title)}</caption>{head}{body}</table>")


def parameter_list(net: Network, layer: str) -> str:
    shown = []
    for name, info in net.parameter_infos.items():
        owner, field = name.rsplit(".", 1)
        if owner == layer:
            text = html.escape(f"{field} {list(info['shape'])}{' ' + info['unit'] if info['unit'] else ''}")
            shown.append(f"<b>{text}</b>" if info["learnable"] else text)
    return ", ".join(shown)


CURVES = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "gradient_norm")


def history_html(history: History) -> str:
    """The first, the best and the last epochs, and every warning."""
    known = [key for key in CURVES if any(e.get(key, float("nan")) == e.get(key) for e in history)]
    chosen = sorted({0, history.best_epoch - 1, *range(len(history) - 3, len(history))} & set(range(len(history))))
    body = "".join(row([history[i]["epoch"], *(f"{history[i].get(key, float('nan')):.4g}" for key in known)])
                   for i in chosen)
    title = f"History: {len(history)} epochs, the best is number {history.best_epoch}"
    table = (f"<table><caption style='text-align:left'>{html.escape(title)}</caption>"
             f"{row(['epoch', *known], 'th')}{body}</table>")
    items = "".join(f"<li>epoch {n.epoch}, <b>{html.escape(n.kind)}</b>: {html.escape(n.text)}</li>"
                    for n in history.warnings)
    return table + (f"<p>Warnings:</p><ul>{items}</ul>" if items else "")
