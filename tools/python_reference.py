#!/usr/bin/env python3
"""Builds the reference of the Python package as HTML from its docstrings.

Usage: python_reference.py [OUTPUT]   (default: build/docs/python)

It runs in an environment that has pdoc and NumPy, with the built package importable (PYTHONPATH). Besides writing the
pages it checks that everything the package exports is on them, with a docstring; so the classes that reflection makes
are there too.
"""

import inspect
import sys
from pathlib import Path

import backspike
import pdoc

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "backspike"  # with the modules that it exports


def undocumented(module):
    """Names that a module exports without saying what they are."""
    for name in module.__all__:
        thing = getattr(module, name)
        if (inspect.isclass(thing) or callable(thing)) and not (thing.__doc__ or "").strip():
            yield f"{module.__name__}.{name} has no docstring"


def missing(module, output):
    """Names that a module exports and its page does not have."""
    page = (output / (module.__name__.replace(".", "/") + ".html")).read_text(encoding="utf-8")
    for name in module.__all__:
        if f'id="{name}"' not in page and not inspect.ismodule(getattr(module, name)):
            yield f"{module.__name__}.{name} is not in the reference"


def main():
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build/docs/python"
    pdoc.render.configure(docformat="google", footer_text=f"Backspike {backspike.__version__}", show_source=False)
    pdoc.pdoc(PACKAGE, output_directory=output)
    exported = [getattr(backspike, name) for name in backspike.__all__]
    modules = [backspike, *filter(inspect.ismodule, exported)]
    faults = [fault for m in modules for fault in (*undocumented(m), *missing(m, output))]
    print("\n".join(faults) if faults else f"wrote {output}/index.html")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
