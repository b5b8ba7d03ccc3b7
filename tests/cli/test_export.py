"""`backspike export`: from a trained run to C that prints what the network gives, as a user would type it."""

import json
import subprocess
import unittest

from harness import CommandLineTest


class Export(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "run"
        self.train(self.run_folder, "--set", "train.epochs=1")

    def compile_and_run(self, folder):
        """The commands that the documentation and the program itself name."""
        subprocess.run("cc -std=c99 *.c -lm", shell=True, cwd=folder, check=True)
        return subprocess.run("./a.out < input.txt", shell=True, cwd=folder, check=True, capture_output=True, text=True).stdout

    def check_folder(self, *options):
        folder = self.folder / "c"
        shown = json.loads(self.succeed("export", "--c", folder, self.run_folder, "--samples", "5", "--json", *options).stdout)
        printed = self.compile_and_run(folder)
        self.assertEqual(printed, (folder / "expected.txt").read_text())
        self.assertEqual(printed.count("reset\n"), 5)
        self.assertEqual((shown["samples"], shown["steps"]), (5, 60))
        self.assertNotEqual(len(set(printed.split())), 2)  # values, not silence
        return folder, shown

    def test_floats(self):
        folder, shown = self.check_folder("--weights")
        self.assertGreater(shown["flash_bytes"], 4 * (36 * 24 + 24 * 4) - 1)
        self.assertGreater(shown["ram_bytes"], 4 * (2 * 24 + 4))
        self.assertIn("dense from input to hidden1", (folder / "weights.txt").read_text())
        self.assertIn("cc -std=c99 *.c -lm", self.succeed("export", "--c", folder, self.run_folder).stdout)

    def test_fixed_point(self):
        folder, shown = self.check_folder("--fixed", "--weight-bits", "4", "--weight-grid", "channel")
        self.assertEqual((shown["fixed_point"]["weight_bits"], shown["fixed_point"]["weight_grid"]), (4, "channel"))
        self.assertNotIn("float", (folder / "network.c").read_text())
        exact = json.loads(self.succeed("evaluate", self.run_folder, "--json").stdout)
        rounded = json.loads(self.succeed("evaluate", self.run_folder, "--fixed", "--weight-bits", "8", "--json").stdout)
        self.assertAlmostEqual(rounded["accuracy"], exact["accuracy"], delta=0.1)
        self.assertGreater(rounded["spikes_per_sample"]["hidden1"], 0)

    def test_refusals(self):
        self.assert_refused(self.run_program("export", self.run_folder), 2, "--c")
        c = ("export", "--c", self.folder / "c", self.run_folder)
        self.assert_refused(self.run_program(*c, "--weight-bits", "4"), 2, "--fixed")
        self.assert_refused(self.run_program(*c, "--fixed", "--weight-bits", "1"), 2, "weight_bits = 1")
        self.assert_refused(self.run_program(*c, "--samples", "61"), 2, "--samples")
        self.assertFalse((self.folder / "c").exists())


if __name__ == "__main__":
    unittest.main()
