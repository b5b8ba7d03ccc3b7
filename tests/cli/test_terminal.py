"""What a terminal would obey never reaches it: names with escape sequences, bells, C1 controls, overrides of writing
direction and line ends, on every way to standard output and standard error."""

import os
import pathlib
import re
import subprocess
import unittest

from harness import CommandLineTest, PROGRAM, write_recordings

WILD = {"escape": "\x1b[2J\x1b]0;owned\x07", "bell": "\a\b\r", "c1": "\x9b31m", "override": "\u202egnp.exe",
        "line": "x\nbackspike: error: forged"}


def unsafe(text):
    """Characters that a program has no business to send, but for line ends and tabs."""
    return [c for c in text if (ord(c) < 32 and c not in "\n\t") or 0x7f <= ord(c) < 0xa0 or c in "\u202e\u2066\u200f\ufffd"]


class Sources(unittest.TestCase):
    def test_there_is_one_way_to_the_terminal(self):
        sources = pathlib.Path(__file__).resolve().parents[2] / "apps" / "backspike"
        others = [f"{file.name}: {line.strip()}" for file in sorted(sources.glob("*.cpp")) if file.name != "output.cpp"
                  for line in file.read_text().splitlines()
                  if re.search(r"\b(fmt::print|std::printf|std::fputs|std::puts|std::cout|std::cerr)\b", line)]
        self.assertEqual(others, [])


class Terminal(CommandLineTest):
    def run_raw(self, *arguments):
        """Bytes in and out: what Python would decode or translate is what is looked for."""
        arguments = [a if isinstance(a, bytes) else os.fsencode(str(a)) for a in arguments]
        return subprocess.run([os.fsencode(PROGRAM), *arguments], capture_output=True, timeout=300, cwd=self.folder)

    def assert_clean(self, result, code=None):
        for stream in (result.stdout, result.stderr):
            text = stream.decode("utf-8")  # strict: a stray byte fails here
            self.assertEqual(unsafe(text), [], text)
            self.assertNotIn("\nbackspike: error: forged", text)
        if code is not None:
            self.assertEqual(result.returncode, code, result.stderr)

    def test_arguments_that_the_command_line_does_not_know(self):
        for name, text in WILD.items():
            with self.subTest(name):
                self.assert_clean(self.run_raw("train", self.experiment, "--" + text), 2)
                self.assert_clean(self.run_raw(text), 2)

    def test_paths_in_errors(self):
        for name, text in WILD.items():
            with self.subTest(name):
                for command in ("train", "inspect", "evaluate"):
                    self.assert_clean(self.run_raw(command, f"nowhere{text}.toml"))
        self.assert_clean(self.run_raw("train", b"caf\xe9.toml"))

    def test_keys_and_values_of_experiments(self):
        for name, text in WILD.items():
            with self.subTest(name):
                quoted = '"' + "".join(f"\\u{ord(c):04x}" if c in unsafe(text) + ["\n"] else c for c in text) + '"'
                file = self.folder / "wild.toml"
                file.write_text(f"{quoted} = 1\n" + self.experiment.read_text())
                self.assert_clean(self.run_raw("train", file), 2)
                for key in ("name", "data.path", "data.source", "output.directory"):
                    self.assert_clean(self.run_raw("train", self.experiment, "--set", f"{key}={quoted}"), 2)
                self.assert_clean(self.run_raw("train", self.experiment, "--set", f"network.layer.{text}.size=3"), 2)
                self.assert_clean(self.run_raw("train", self.experiment, "--set", f"name={text}"), 2)
                self.assert_clean(self.run_raw("sweep", self.experiment, "--over", f"train.epochs={text},1"), 2)

    def test_the_directory_of_a_run(self):
        for name, text in WILD.items():
            with self.subTest(name):
                result = self.run_raw("train", self.experiment, "--out", "out" + text)
                self.assert_clean(result, 0)
                self.assertIn(b"out", result.stdout)
                self.assert_clean(self.run_raw("inspect", "out" + text), 0)
                self.assert_clean(self.run_raw("evaluate", "out" + text, "--json"), 0)

    def test_speakers(self):
        recordings = self.folder / "recordings"
        write_recordings(recordings, speakers=("ann", "bob"))
        for file in recordings.glob("*_bob_*.wav"):
            os.rename(os.fsencode(file), os.fsencode(str(file)).replace(b"bob", b"b\x1b[2J\xe9"))
        self.experiment.write_text('data.source = "wav_digits"\ndata.path = "recordings"\n'
                                   '[[network.layer]]\ncell = "lif"\nsize = 2\n'
                                   '[[network.layer]]\ncell = "leaky_integrator"\n[train]\nepochs = 1\n')
        result = self.run_raw("train", self.experiment, "--leave-one-speaker-out", "--out", "folds")
        self.assert_clean(result, 2)
        self.assertIn("name of a speaker = \"b\\x1b[2J\u00e9\"", result.stderr.decode())
        result = self.run_raw("train", self.experiment, "--set", "data.held_out_speaker=zoe", "--out", "run")
        self.assert_clean(result, 2)

    def test_a_nul_does_not_cut_a_path(self):
        for key in ("name", "output.directory", "data.path"):
            result = self.run_raw("train", self.experiment, "--set", f'{key}="short\\u0000rest"')
            self.assert_clean(result, 2)
            self.assertIn(b"NUL", result.stderr)
        self.assertEqual(list(self.folder.rglob("short*")), [])


if __name__ == "__main__":
    unittest.main()
