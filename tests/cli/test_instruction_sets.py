"""Whole runs have the same bytes on every instruction set that this processor has."""

import json
import os
import re
import unittest

from harness import EXPERIMENT, CommandLineTest

LAYERS = EXPERIMENT[EXPERIMENT.index("[[network.layer]]"):EXPERIMENT.index("[optimiser]")]

# Sizes that fill no register, delays of every kind, cells of one to three states, learned constants.
CHAIN = """\
[[network.layer]]
cell = "alif"
size = 21
recurrent = true
bias = true
delay = {max = 5, width = {from = 2.0, to = 0.5}}
recurrent_delay = {max = 3, per = "source"}
tau_m = {learn = true, per = "neuron"}

[[network.layer]]
cell = "cuba_lif"
size = 13
delay = {max = 4, per = "target", kernel = "linear"}
surrogate = {kind = "arctangent"}

[[network.layer]]
cell = "leaky_integrator"
tau_m = {learn = true}

"""

# An analog population inside, a loop, sparse, delayed, frozen and signed connections, a skip of the input.
GRAPH = """\
[[network.layer]]
name = "a"
cell = "cuba_lif"
size = 21

[[network.layer]]
name = "filter"
cell = "double_exponential"
size = 9
tau_rise = {value = 2.0, learn = true}

[[network.layer]]
name = "b"
cell = "lif"
size = 13
bias = true
from = ["filter", "input"]

[[network.layer]]
name = "out"
cell = "leaky_integrator"
from = ["b", "a"]

[[network.connection]]
name = "back"
from = "b"
to = "a"
kind = "sparse"
density = 0.3
base_delay = 1
delay = {max = 3}

[[network.connection]]
name = "more"
from = "a"
to = "b"
base_delay = 2
sign = "excitatory"

[[network.connection]]
name = "fixed"
from = "input"
to = "out"
kind = "sparse"
density = 0.5
base_delay = 1
learn = false

"""

RUNS = {
    "chain": (CHAIN, []),
    "graph": (GRAPH, []),
    "windows": (GRAPH, ["--set", "rule.kind=truncated_bptt", "--set", "rule.window=6", "--set", "rule.stride=3"]),
    "rtrl": (LAYERS, ["--set", "rule.kind=rtrl", "--set", "network.layer.hidden1.size=7"]),
    "eprop forward": (LAYERS, ["--set", "rule.kind=eprop", "--set", "rule.form=forward"]),
    "eprop backward": (LAYERS, ["--set", "rule.kind=eprop", "--set", "rule.form=backward"]),
}


class InstructionSets(CommandLineTest):
    def names(self):
        """Those that this processor runs, by what is said about one that does not exist."""
        refused = self.run_on("none", self.folder / "none", self.experiment)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("BACKSPIKE_ISA = none", refused.stderr)
        return re.search(r"one of ([a-z0-9, ]+)", refused.stderr).group(1).split(", ")

    def run_on(self, name, out, experiment, *arguments):
        return self.run_program("train", experiment, "--out", out, *arguments,
                                env={**os.environ, "BACKSPIKE_ISA": name})

    def test_checkpoints_have_the_same_bytes(self):
        names = self.names()
        self.assertIn("scalar", names)
        for run, (layers, settings) in RUNS.items():
            experiment = self.write_experiment(EXPERIMENT.replace(LAYERS, layers.replace("{", "{{").replace("}", "}}")))
            for name in names:
                with self.subTest(run=run, instruction_set=name):
                    out = self.folder / f"{run} {name}"
                    result = self.run_on(name, out, experiment, *settings)
                    self.assertEqual(result.returncode, 0, result.stderr)
                    self.assert_same_checkpoints(out, self.folder / f"{run} {names[0]}")
            self.assert_alive(self.folder / f"{run} {names[0]}")

    def assert_alive(self, out):
        epochs = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        self.assertLess(epochs[-1]["train_loss"], epochs[0]["train_loss"], out.name)
        self.assertGreater(epochs[-1]["gradient_norm"], 0, out.name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
