"""What is compiled for one instruction set must not be called on processors that lack it.

An inline function that the compiler did not inline stands in every object that uses it, and the linker keeps any one of
them: the one for AVX-512, and everybody calls it. So such a function may stand in the object of an instruction set only
if its name has that set's vector type, which nothing else uses.

  test_symbols.py NM LIBRARY MEMBER...
"""

import subprocess
import sys

OF_THE_RUN_TIME = "DW.ref."  # data by which exceptions find their handlers; no code
VECTOR_TYPE = "5xsimd"  # as names of functions have it


def symbols(nm, library):
    """Member of the library, kind and name of each symbol."""
    listing = subprocess.run([nm, "--print-file-name", library], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        place, kind, name = line.rsplit(maxsplit=2)
        yield place.split(":")[1], kind, name


def main(nm, library, *members):
    shared = dict.fromkeys(members, 0)
    wrong = []
    for member, kind, name in symbols(nm, library):
        if member not in shared or kind not in "WVu" or name.startswith(OF_THE_RUN_TIME):
            continue
        shared[member] += 1
        if VECTOR_TYPE not in name:
            wrong.append(f"{member}: {name}")
    print(", ".join(f"{member}: {count} functions that may be shared" for member, count in shared.items()))
    if not any(shared.values()):
        sys.exit("there is no such function at all: are these still the library's members?")
    if wrong:
        sys.exit("other code would be linked with these; make them always_inline or static:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])
