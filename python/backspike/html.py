"""A network as a notebook shows it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .network import History, Network


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
