"""What is compiled for one instruction set must not be called on processors that lack it.

An inline function that the compiler did not inline stands in every object that uses it, and the linker keeps any one of
them: the one for AVX-512, and everybody calls it. So such a function may stand in the object of an instruction set only
if its name has that set's vector type, which nothing else uses.

  test_symbols.py NM LIBRARY MEMBER=VECTOR...     VECTOR: a part of the type's name, as avx512
"""

import subprocess
import sys

OF_THE_RUN_TIME = "DW.ref."  # data by which exceptions find their handlers; no code


def symbols(nm, library):
    """Member of the library, kind and name of each symbol."""
    listing = subprocess.run([nm, "--print-file-name", library], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        place, kind, name = line.rsplit(maxsplit=2)
        yield place.split(":")[1], kind, name


def main(nm, library, *pairs):
    vectors = dict(pair.split("=") for pair in pairs)
    found, wrong = set(), []
    for member, kind, name in symbols(nm, library):
        if member in vectors:
            found.add(member)
            if kind in "WVu" and not name.startswith(OF_THE_RUN_TIME) and vectors[member] not in name:
                wrong.append(f"{member}: {name}")
    if found != set(vectors):
        sys.exit(f"no members of the library: {', '.join(set(vectors) - found)}")
    if wrong:
        sys.exit("other code would be linked with these; make them always_inline or static:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])
