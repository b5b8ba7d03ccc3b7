"""The records as a chart: for each case, how many times our median each system takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def draw(records: list[dict[str, Any]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.fonttype"] = "none"  # text as text: small, and readable for machines
    records = [r for r in records if r["ratio"] and not r["case"].startswith("memory")]
    names = list(dict.fromkeys(r["case"] for r in records))
    systems = list(dict.fromkeys(r["system"] for r in records))
    figure, axes = pyplot.subplots(figsize=(8, 1 + 0.32 * len(names)), layout="constrained")
    for system in systems:
        points = [(r["ratio"], names.index(r["case"])) for r in records if r["system"] == system]
        axes.plot(*zip(*points, strict=True), "D" if system == "backspike" else "o", label=system, alpha=0.85)
    axes.axvline(1, color="grey", linewidth=1)
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.grid(axis="both", alpha=0.3)
    axes.set_xlabel("median time over Backspike's (left of 1: faster than Backspike)")
    figure.legend(loc="outside upper center", ncols=4, frameon=False)
    figure.savefig(path)
