#!/usr/bin/env python3
"""Checks that what documentation and comments point at exists.

Looked at in README.md, CHANGELOG.md, CONTRIBUTING.md and docs/**/*.md: words in backticks that look like paths of this
repository, `./dev COMMAND` anywhere in code, and the targets of relative links. A name in capitals (MODULE) and a glob
stand for anything. A code block after a line `<!-- from PATH -->` has to stand in that file, which is compiled and run
as a test.

Looked at in the comments of C++ files: paths from the root (docs/border.md), paths of C++ files as they are included
(cell/lif.hpp), and names of C++ files alone (lif.hpp).
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("include", "src", "apps", "tests", "docs", "experiments", "examples", "tools", "cmake", "bench", "python")
FENCED_FOLDERS = ("experiments", "examples")  # a code block may show the files of a user's own project
CPP_FOLDERS = ("src", "include", "apps", "python/src", "tests", "bench", "examples")
INCLUDE_FOLDERS = ("include/backspike", "include", "src", "apps/backspike", "python/src", "tests", "bench")

FENCE = re.compile(r"^\s*(```|~~~)")
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(<?([^)\s>]+)>?[^)]*\)")
SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:")
EXCERPT = re.compile(r"^<!-- from (\S+) -->\n+```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(?:^|\s)///?<?\s(.*)")
CPP_FILE = re.compile(r"[\w/]+\.[ch]pp")
PLACEHOLDER = re.compile(r"<[^>]*>|\{[^}]*\}|(?<![A-Za-z])[A-Z][A-Z_]+\b|\.\.\.")


def dev_commands():
    text = (ROOT / "dev").read_text(encoding="utf-8")
    return set(re.findall(r"^cmd_(\w+)\(\)", text, re.MULTILINE))


def exists(base, path):
    if (base / path).exists():
        return True
    pattern = PLACEHOLDER.sub("*", path)
    return "*" in pattern and any(base.glob(pattern))


def words_of(code, folders):
    """Words of a piece of code that start like a path of the repository, without punctuation and line numbers."""
    for word in re.split(r"[\s,;=\"']+", code):
        word = re.sub(r"(:\d+)+$", "", word.strip("()[].,:"))
        word = word.removeprefix("./").rstrip("/")
        head, slash, rest = word.partition("/")
        if slash and rest and head in folders:
            yield word


def command_faults(code, commands):
    for command in re.findall(r"(?:^|[\s`])\./dev\s+([a-z]+)", code):
        if command not in commands:
            yield f"./dev {command}: no such command"


def line_faults(document, line, fenced, commands):
    codes = [line] if fenced else CODE.findall(line)
    for code in codes:
        yield from command_faults(code, commands)
        for path in words_of(code, FENCED_FOLDERS if fenced else FOLDERS):
            if not exists(ROOT, path):
                yield f"{path}: no such path"
    if not fenced:
        for target in LINK.findall(CODE.sub("", line)):
            path = target.partition("#")[0]
            if path and not SCHEME.match(path) and not exists(document.parent, path):
                yield f"{target}: link to a path that is not there"


def document_faults(document, commands):
    fenced = False
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), start=1):
        if FENCE.match(line):
            fenced = not fenced
            continue
        faults = list(line_faults(document, line, fenced, commands))
        if line.startswith("    "):  # an indented block, or text inside a list
            faults += command_faults(line, commands)
        for fault in dict.fromkeys(faults):
            yield f"{document.relative_to(ROOT)}:{number}: {fault}"


def excerpt_faults(document):
    text = document.read_text(encoding="utf-8")
    for path, code in EXCERPT.findall(text):
        if not (ROOT / path).exists() or code not in (ROOT / path).read_text(encoding="utf-8"):
            yield f"{document.relative_to(ROOT)}: the code block from {path} does not stand there"


def cpp_files():
    return [f for folder in CPP_FOLDERS for f in sorted((ROOT / folder).rglob("*.[ch]pp"))]


def comment_faults(source, names):
    """`names`: those of all C++ files."""
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
        comment = COMMENT.search(line)
        if not comment:
            continue
        paths = set(words_of(comment[1], FOLDERS))
        faults = {p for p in paths if not exists(ROOT, p)}
        for word in set(re.split(r"[\s,;:()`<>]+", comment[1])) - paths:
            path = word.rstrip(".")
            if CPP_FILE.fullmatch(path) and path.partition("/")[0] not in FOLDERS:
                known = any((ROOT / f / path).exists() for f in INCLUDE_FOLDERS) if "/" in path else path in names
                if not known:
                    faults.add(path)
        for path in sorted(faults):
            yield f"{source.relative_to(ROOT)}:{number}: {path}: no such path"


def main():
    documents = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
    documents += sorted((ROOT / "docs").rglob("*.md"))
    commands = dev_commands()
    documents = [d for d in documents if d.exists()]
    faults = [f for d in documents for f in (*document_faults(d, commands), *excerpt_faults(d))]
    sources = cpp_files()
    names = {s.name for s in sources}
    faults += [f for s in sources for f in comment_faults(s, names)]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
