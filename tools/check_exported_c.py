#!/usr/bin/env python3
"""Checks that exported C stays within what tools that make circuits from C take.

    check_exported_c.py NETWORK.c ...

No allocation, no pointers (arrays of arguments apart), no recursion, no jumps, and loops that count from 0 to a number,
which a second condition may end early. What `backspike export --c` writes as network.c passes; main.c, which reads and
prints, is not for a circuit.
"""

import re
import sys
from pathlib import Path

HEADERS = {"network.h", "float.h", "math.h", "stdint.h"}
TYPES = r"(?:void|char|int|float|double|u?int\d+_t)"
FORBIDDEN = {
    r"\b(?:malloc|calloc|realloc|free|alloca)\b": "allocates",
    r"\b(?:goto|setjmp|longjmp|while|do|switch)\b": "jumps or loops without a bound",
    rf"\b{TYPES}\s*(?:const\s*)?\*": "declares a pointer",
    r"\(\s*\*": "follows a pointer or calls through one",
    r"->|\*\*|&\s*[A-Za-z_]\w*\s*[,)\[;]": "takes or follows an address",
    r"\b(?:printf|fopen|getchar|puts|exit|abort)\b": "talks to a system",
}
FUNCTION = re.compile(rf"^(?:static )?{TYPES} (\w+)\(([^)]*)\) \{{$", re.MULTILINE)
LOOP = re.compile(r"\bfor \(([^;]*);([^;]*);([^)]*)\)")
BOUNDED = re.compile(r"(\w+) < (\w+)(?: && .*)?")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def without_comments(text):
    return COMMENT.sub(lambda m: "\n" * m.group().count("\n"), text)


def is_number(word, header):
    return word.isdigit() or re.search(rf"#define {word} \d+\b", header) is not None


def loops(text, header):
    for match in LOOP.finditer(text):
        start, condition, step = (part.strip() for part in match.groups())
        counter = re.fullmatch(r"u?int\d+_t (\w+) = 0", start)
        bound = BOUNDED.fullmatch(condition)
        if not counter or not bound or bound[1] != counter[1] or not is_number(bound[2], header) or step != f"++{counter[1]}":
            yield match.start(), f"loop does not count from 0 to a number: for ({start}; {condition}; {step})"


def calls(text):
    """For each function the functions of the file that it calls."""
    found = list(FUNCTION.finditer(text))
    names = {m[1] for m in found}
    graph = {}
    for match, following in zip(found, [*found[1:], None]):
        body = text[match.end(): following.start() if following else len(text)]
        graph[match[1]] = {name for name in re.findall(r"\b(\w+)\(", body) if name in names}
    return graph


def recursive(graph):
    done, path = set(), set()

    def visit(name):
        if name in path:
            return True
        if name in done:
            return False
        path.add(name)
        found = any(visit(callee) for callee in graph[name])
        path.discard(name)
        done.add(name)
        return found

    return sorted(name for name in graph if visit(name))


def faults(path):
    header_path = path.with_name("network.h")
    header = header_path.read_text(encoding="utf-8") if header_path.is_file() else ""
    text = without_comments(path.read_text(encoding="utf-8"))
    for pattern, what in FORBIDDEN.items():
        yield from ((m.start(), f"{what}: {m.group().strip()}") for m in re.finditer(pattern, text))
    for match in re.finditer(r'#include [<"]([^>"]+)[>"]', text):
        if match[1] not in HEADERS:
            yield match.start(), f"includes {match[1]}"
    yield from loops(text, header)
    graph = calls(text)
    if "backspike_step" not in graph:
        yield 0, "no function backspike_step"
    yield from ((text.find(f" {name}("), f"{name} calls itself") for name in recursive(graph))


def main():
    failed = False
    for name in sys.argv[1:]:
        path = Path(name)
        text = without_comments(path.read_text(encoding="utf-8"))
        for place, what in faults(path):
            failed = True
            print(f"{path}:{text.count(chr(10), 0, place) + 1}: {what}")
    if len(sys.argv) < 2:
        print(__doc__)
    return 1 if failed or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
