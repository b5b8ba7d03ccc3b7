"""What the tests of the command line share: the program, tiny data sets that train in a second, and assertions."""

import gzip
import math
import os
import pathlib
import random
import struct
import subprocess
import tempfile
import unittest
import wave

PROGRAM = os.environ.get("BACKSPIKE_PROGRAM", "backspike")
SIDE = 6  # pixels of an image
CLASSES = 4
CHECKPOINTS = ("checkpoint_initial.h5", "checkpoint_last.h5", "checkpoint_best.h5")

EXPERIMENT = """\
name = "tiny"
seed = 3

[data]
source = "idx"
path = "{path}"
validation = 0.25

[data.encoder]
kind = "latency"
steps = 12

[[network.layer]]
cell = "cuba_lif"
size = 24

[[network.layer]]
cell = "leaky_integrator"

[optimiser]
learning_rate = 0.01

[train]
epochs = {epochs}
batch = 16
"""


def image(label, rng):
    """A bright quadrant for each class, with noise: learnt in an epoch or two, but not in one batch."""
    rows, columns = divmod(label, 2)
    pixels = []
    for y in range(SIDE):
        for x in range(SIDE):
            lit = (y >= SIDE // 2) == bool(rows) and (x >= SIDE // 2) == bool(columns)
            pixels.append(min(255, max(0, int(rng.gauss(190 if lit else 60, 50)))))
    return bytes(pixels)


def idx_images(labels, rng):
    return struct.pack(">IIII", 0x803, len(labels), SIDE, SIDE) + b"".join(image(l % CLASSES, rng) for l in labels)


def idx_labels(labels):
    return struct.pack(">II", 0x801, len(labels)) + bytes(labels)


def write_idx(folder, train=200, test=60, compress=False):
    """The four files of MNIST's layout, with `train` and `test` samples of CLASSES classes."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(5)
    for part, count in (("train", train), ("t10k", test)):
        labels = [i % CLASSES for i in range(count)]
        for name, content in ((f"{part}-images-idx3-ubyte", idx_images(labels, rng)),
                              (f"{part}-labels-idx1-ubyte", idx_labels(labels))):
            if compress:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name).write_bytes(content)


def write_recordings(folder, speakers=("ann", "bob", "cid"), digits=range(10), count=7):
    """Tones as `{digit}_{speaker}_{index}.wav`; the digit is the pitch, the speaker shifts it a little."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(7)
    for digit in digits:
        for number, speaker in enumerate(speakers):
            for index in range(count):
                pitch = (300 + 350 * digit) * (1 + 0.03 * number)
                frames = 1200 + 80 * (index % 3)
                values = (0.5 * math.sin(2 * math.pi * pitch * t / 8000) + rng.gauss(0, 0.02) for t in range(frames))
                data = b"".join(struct.pack("<h", int(30000 * max(-1.0, min(1.0, v)))) for v in values)
                with wave.open(str(folder / f"{digit}_{speaker}_{index}.wav"), "wb") as file:
                    file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
                    file.writeframes(data)


class CommandLineTest(unittest.TestCase):
    """A folder of its own for each test, with a tiny data set and its experiment."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="backspike_cli_")
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)
        self.data = self.folder / "data"
        write_idx(self.data)
        self.experiment = self.write_experiment()

    def write_experiment(self, text=EXPERIMENT, epochs=2, name="tiny.toml", path=None):
        file = self.folder / name
        file.write_text(text.format(path=path or self.data, epochs=epochs))
        return file

    def run_program(self, *arguments, **options):
        """Runs to the end; the limit only catches a hang, a shared machine may be slow."""
        return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=300,
                              cwd=self.folder, **options)

    def succeed(self, *arguments, **options):
        result = self.run_program(*arguments, **options)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result

    def train(self, out, *arguments, experiment=None):
        return self.succeed("train", experiment or self.experiment, "--out", out, *arguments)

    def assert_refused(self, result, code, *words):
        """The documented exit code, and an error text with each of these words in it; never a bug's message."""
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertIn("backspike: error: " if code != 2 or "backspike: error: " in result.stderr else "", result.stderr)
        for word in words:
            self.assertIn(str(word), result.stderr)
        self.assertNotIn("internal error", result.stderr)

    def assert_same_checkpoints(self, one, other):
        for name in CHECKPOINTS:
            self.assertEqual((one / name).read_bytes(), (other / name).read_bytes(), f"{name} differs")
