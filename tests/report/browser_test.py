#!/usr/bin/env python3
"""Opens reports in a headless Chromium and looks at what became of them.

  browser_test.py MAKE_REPORT FOLDER

MAKE_REPORT is the program of browser/make_report.cpp; the pages are written to FOLDER. Exit code 77: no browser here.
The page keeps its own errors in an attribute of <html>, so that the DOM that Chromium prints tells about them.
"""

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
VOID = {"meta", "link", "br", "img", "input", "hr"}
# What the graphics driver says about itself.
HARMLESS = re.compile(r"GL Driver Message|software WebGL|WebGL-0x")

CURVES = ("chart-loss", "chart-accuracy", "chart-learning-rate", "chart-gradient-norm", "chart-spikes")
# Chart -> class of what it is made of, and how many of those there are at least.
EXPECTED = {
    "full": {**{chart: ("point", 20) for chart in CURVES}, "chart-loss": ("js-line", 2),
             "chart-accuracy": ("js-line", 2),
             "chart-firing": ("js-line", 4), "chart-support": ("js-line", 2), "chart-error": ("js-line", 6),
             "chart-updates": ("js-line", 2),
             "chart-confusion": ("hm", 1), "chart-sample": ("js-line", 10), "chart-history": ("point", 40),
             **{f"chart-history-{i}": ("point", 40) for i in range(3)},
             "chart-activity-0": ("point", 10), "chart-activity-1": ("point", 5),
             "chart-weights-0": ("point", 60), "chart-weights-1": ("point", 60), "chart-weights-2": ("point", 60),
             "chart-delays-0": ("point", 52), "chart-delays-1": ("point", 19), "chart-delays-2": ("point", 52),
             "chart-delays-3": ("point", 19), "chart-delays-4": ("js-line", 2)},
    "hostile": {**{chart: ("point", 1) for chart in CURVES}, "chart-gradient-norm": ("annotation-text", 1),
                "chart-firing": ("point", 4), "chart-support": ("point", 2), "chart-error": ("js-line", 2),
                "chart-updates": ("point", 2),
                "chart-confusion": ("hm", 1), "chart-sample": ("point", 100), "chart-history": ("point", 40),
                "chart-history-0": ("point", 40),
                "chart-activity-0": ("point", 10), "chart-weights-0": ("point", 60),
                "chart-delays-0": ("point", 52), "chart-delays-1": ("point", 19), "chart-delays-2": ("point", 2)},
    "empty": {},
    # Nine points and the front between them; a line for each value of the other setting.
    "sweep": {"chart-pareto-spikes": ("point", 9), "chart-pareto-operations": ("point", 9),
              **{f"chart-axis-{i}": ("js-line", 3) for i in range(4)}},
}

# Chooses every sample in turn, then draws a chart as a picture, as its button does.
VISITOR = """<script>
async function visit() {
  const root = document.documentElement, pause = () => new Promise((resolve) => setTimeout(resolve, 100));
  while (root.dataset.state !== 'ready') await pause();
  const seen = [];
  for (const button of document.querySelectorAll('#sample-choice button')) {
    button.click();
    await pause();
    seen.push(document.querySelector('#chart-sample .legend')?.textContent);
  }
  root.dataset.seen = seen.join('|');
  // Which pictures have a dot that is not white, and what the clock says where the film is put to.
  const has_dots = (canvas) =>
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value < 255);
  root.dataset.pictures = [...document.querySelectorAll('.pictures canvas')].map(has_dots).join('|');
  const place = document.getElementById('maps-place');
  if (place && seen.length) {
    place.value = 49;
    place.dispatchEvent(new Event('input'));
    root.dataset.clock = document.getElementById('maps-clock').textContent;
  }
  // Frames of the film by the names that the slider asks for; playing them would wait for a screen that is not there.
  const film = document.getElementById('chart-history');
  const frames = (film?.layout?.sliders[0].steps ?? []).map((step) =>
    film._transitionData._frameHash[step.args[0][0]]?.layout.title.text);
  root.dataset.frames = frames.join('|');
  if (seen.length) root.dataset.picture = (await Plotly.toImage('chart-loss', {format: 'png'})).slice(0, 22);
  root.dataset.visited = 'yes';
}
visit();
</script>"""

# On a telephone: is anything wider than the page, a number wider than its cell, a layer's name cut into pieces?
MEASURER = """<script>
async function measure() {
  const root = document.documentElement, pause = () => new Promise((resolve) => setTimeout(resolve, 100));
  while (root.dataset.state !== 'ready') await pause();
  const faults = [], width = (element) => element.getBoundingClientRect().width;
  if (root.scrollWidth > root.clientWidth) faults.push(`page of ${root.scrollWidth} in ${root.clientWidth} pixels`);
  const numbers = [...document.querySelectorAll('#chart-confusion .annotation-text')];
  const classes = document.querySelectorAll('#chart-confusion .xtick').length;
  const cell = width(document.querySelector('#chart-confusion .nsewdrag')) / classes;
  const widest = Math.max(...numbers.map(width));
  if (!(widest <= cell)) faults.push(`number of ${widest} in a cell of ${cell} pixels`);
  for (const name of document.querySelectorAll('#activity tbody tr > :first-child')) {
    const range = document.createRange();
    range.selectNodeContents(name);
    if (range.getClientRects().length !== 1) faults.push(`layer ${name.textContent} in several lines`);
  }
  root.dataset.measured = faults.join('; ') || 'fits';
}
measure();
</script>"""


class Page(HTMLParser):
    """Attributes of <html>, classes inside each element with an id, and what the page would fetch."""

    def __init__(self, text):
        super().__init__()
        self.root, self.charts, self.hidden, self.links, self.stack = {}, {}, set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "html":
            self.root = values
        self.links += [v for k, v in attributes if k in ("src", "href", "xlink:href", "action") and v]
        if "hidden" in values and "id" in values:
            self.hidden.add(values["id"])
        for identity in filter(None, self.stack):
            self.charts.setdefault(identity, []).extend((values.get("class") or "").split())
        if tag not in VOID:
            self.stack.append(values.get("id"))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        if tag not in VOID and self.stack:
            self.stack.pop()


def open_page(browser, path, size="1280,4200"):
    profile = path.with_suffix(".profile")
    command = [browser, "--headless", "--no-sandbox", "--enable-unsafe-swiftshader", "--virtual-time-budget=30000",
               f"--window-size={size}", f"--user-data-dir={profile}", "--enable-logging=stderr", "--v=0",
               "--dump-dom", path.resolve().as_uri()]
    result = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, check=False)
    shutil.rmtree(profile, ignore_errors=True)
    console = [line for line in result.stderr.splitlines() if "CONSOLE" in line and not HARMLESS.search(line)]
    return Page(result.stdout), console


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def check_charts(kind, page):
    for chart, (wanted, least) in EXPECTED[kind].items():
        classes = page.charts.get(chart, [])
        check("main-svg" in classes, f"{kind}: {chart} was not drawn")
        check(classes.count(wanted) >= least, f"{kind}: {chart} has {classes.count(wanted)} of .{wanted}, not {least}")
    drawn = {name for name, classes in page.charts.items() if name.startswith("chart-") and "main-svg" in classes}
    check(drawn == set(EXPECTED[kind]), f"{kind}: unexpected charts {sorted(drawn ^ set(EXPECTED[kind]))}")


def check_report(kind, browser, text, folder):
    path = folder / f"{kind}_visited.html"
    path.write_text(text.replace("</body>", VISITOR + "</body>"), encoding="utf-8", errors="surrogateescape")
    page, console = open_page(browser, path)
    check(page.root.get("data-visited") == "yes", f"{kind}: the page did not become ready: {page.root} {console}")
    check("data-errors" not in page.root, f"{kind}: errors on the page: {page.root.get('data-errors')}")
    check(not console, f"{kind}: the console says {console}")
    check("data-attacked" not in page.root, f"{kind}: text of the user was run as a script")
    outside = [link for link in page.links if not link.startswith(("#", "data:"))]
    check(not outside, f"{kind}: the page refers to {outside}")
    check_charts(kind, page)
    return page


def check_full(page):
    seen = page.root["data-seen"].split("|")
    check(len(seen) == 3 and "Shirt (true class)" in seen[1] and "T-shirt/top (predicted)" in seen[1],
          f"the readout of the chosen samples is named {seen}")
    check("Trouser (true class)" in seen[2] and "predicted" not in seen[2], f"third sample: {seen[2]}")
    check(page.root["data-pictures"] == "true|true|true|true", f"maps and kernels: {page.root['data-pictures']}")
    check(page.root["data-clock"] == "25 of 50 ms", f"the film is at {page.root['data-clock']}")
    frames = page.root["data-frames"].split("|")
    check(len(frames) == 5 and frames[0] == "before training: 0.0 % matched, 100.0 % extra" and
          frames[-1] == "epoch 8: 100.0 % matched, 0.0 % extra", f"the slider shows {frames}")
    check("energy" not in page.hidden, "the table of operations is hidden")
    check("network" not in page.hidden and "graph" in page.charts["network"], "the network is not drawn")
    check(page.root.get("data-picture") == "data:image/png;base64,", "a chart could not be drawn as a picture")
    check(any("gl-canvas" in c for c in page.charts["chart-sample"]) or "point" in page.charts["chart-sample"],
          "no raster was drawn")


def check_narrow(browser, text, folder):
    path = folder / "narrow.html"
    path.write_text(text.replace("</body>", MEASURER + "</body>"), encoding="utf-8")
    page, _ = open_page(browser, path, "390,9000")
    check(page.root.get("data-measured") == "fits", f"390 pixels wide: {page.root.get('data-measured')}")


def check_faults_are_seen(browser, text, folder):
    """The checks above mean something only if the page does notice trouble."""
    start = text.index('id="library">') + len('id="library">')
    faults = {
        "library": text[:start] + text[start + 400 :],
        "fetch": text.replace("<main", '<img src="https://example.invalid/x.png"><main', 1),
        "script": text.replace("</body>", "<script>undefined_function()</script></body>"),
    }
    for name, faulty in faults.items():
        path = folder / f"fault_{name}.html"
        path.write_text(faulty, encoding="utf-8")
        page, _ = open_page(browser, path)
        check(page.root.get("data-errors"), f"the page did not notice its fault: {name}")
        check("trouble" not in page.hidden, f"the page did not show its fault: {name}")


def main():
    make_report, folder = sys.argv[1], Path(sys.argv[2])
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"skipped: none of {', '.join(BROWSERS)} is there (Debian package chromium-headless-shell)")
        return 77
    pages, texts = {}, {}
    for kind in EXPECTED:
        path = folder / f"{kind}.html"
        subprocess.run([make_report, kind, os.fspath(path)], check=True)
        texts[kind] = path.read_text(encoding="utf-8", errors="surrogateescape")
        pages[kind] = check_report(kind, browser, texts[kind], folder)
    check_full(pages["full"])
    check_narrow(browser, texts["full"], folder)
    check({"network", "training", "confusion", "history", "samples", "activity", "energy", "weights", "delays"} <= pages["empty"].hidden,
          f"empty: only {pages['empty'].hidden} are hidden")
    check_faults_are_seen(browser, texts["full"], folder)
    print(f"{len(EXPECTED)} reports are drawn completely, and their faults are seen")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AssertionError as failure:
        sys.exit(f"failed: {failure}")
