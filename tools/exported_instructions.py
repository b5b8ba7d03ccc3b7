#!/usr/bin/env python3
"""Counts the instructions that an exported network takes for a step.

    exported_instructions.py DIR [--arm] [--steps N]

DIR is what `backspike export --c DIR` has written. Here valgrind counts within backspike_step(); with --arm Debian's
cross compiler (gcc-arm-linux-gnueabihf, libc6-dev-armhf-cross) makes a program for Arm and its emulator (qemu-user)
counts, reading of the input included. Optimised with -O2, as one would for a chip.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FLAGS = ["-std=c99", "-O2"]
ARM = ["arm-linux-gnueabihf-gcc", "-static", "-mcpu=cortex-a7", "-ffp-contract=off"]


def compiled(folder, compiler, program):
    sources = [str(folder / name) for name in ("network.c", "main.c")]
    subprocess.run([*compiler, *FLAGS, *sources, "-lm", "-o", str(program)], check=True)


def steps_of(text):
    return sum(line != "reset" for line in text.splitlines())


def on_this_machine(folder, text, scratch):
    program = scratch / "network"
    compiled(folder, ["cc", "-ffp-contract=off"], program)
    counted = scratch / "counted"
    subprocess.run(["valgrind", "-q", "--tool=callgrind", "--toggle-collect=backspike_step",
                    f"--callgrind-out-file={counted}", str(program)], input=text, text=True, stdout=subprocess.DEVNULL, check=True)
    total = re.search(r"^(?:summary|totals): (\d+)", counted.read_text(encoding="utf-8"), re.MULTILINE)
    return int(total[1]) / steps_of(text)


def lines_of_emulator(program, text):
    """One line of the emulator's log for each instruction."""
    emulator = subprocess.Popen(["qemu-arm", "-singlestep", "-d", "exec,nochain", str(program)], stdin=subprocess.PIPE,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    emulator.stdin.write(text.encode())
    emulator.stdin.close()
    count = sum(line.startswith(b"Trace") for line in emulator.stderr)
    if emulator.wait() != 0:
        sys.exit(f"the emulator ended with {emulator.returncode}")
    return count


def on_arm(folder, text, scratch):
    program = scratch / "network_arm"
    compiled(folder, ARM, program)
    return (lines_of_emulator(program, text) - lines_of_emulator(program, "")) / steps_of(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--arm", action="store_true")
    parser.add_argument("--steps", type=int, default=100, help="lines of input.txt at most (the emulator is slow)")
    asked = parser.parse_args()
    lines = (asked.folder / "input.txt").read_text(encoding="ascii").splitlines(keepends=True)
    text = "".join(lines[:asked.steps])
    with tempfile.TemporaryDirectory() as scratch:
        count = (on_arm if asked.arm else on_this_machine)(asked.folder, text, Path(scratch))
    print(json.dumps({"machine": "arm" if asked.arm else "this", "steps": steps_of(text), "instructions_per_step": round(count)}))


if __name__ == "__main__":
    main()
