"""Chips from the command line: devices, what they are predicted to cost, and training for them."""

import json
import unittest

from harness import EXPERIMENT, CommandLineTest


class Hardware(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.experiment = self.write_experiment(EXPERIMENT, epochs=3)
        self.run_folder = self.folder / "run"

    def deploy(self, *arguments):
        file = self.folder / "devices.json"
        result = self.succeed("deploy", self.run_folder, "--devices", "5", "--json", file, *arguments)
        return result, json.loads(file.read_text())

    def test_devices_of_a_run(self):
        self.train(self.run_folder)
        result, figures = self.deploy("--mismatch", "0.3", "--mismatch", "*.tau_m=0.1", "--report", self.folder / "page.html")
        self.assertIn("worst", result.stdout)
        self.assertEqual(len(figures["devices"]), 5)
        self.assertEqual([m["sigma"] for m in figures["device"]["mismatch"]], [0.3, 0.1])
        self.assertEqual(figures["worst"], min(d["accuracy"] for d in figures["devices"]))
        self.assertIn("chart-histogram", (self.folder / "page.html").read_text())
        _, again = self.deploy("--mismatch", "0.3", "--mismatch", "*.tau_m=0.1", "--threads", "2")
        self.assertEqual(again, figures)
        for arguments, word in ((["--mismatch", "x"], "PATTERN=SIGMA"), (["--mismatch", "*.tau_n=0.1"], "hidden1.tau_m"),
                                (["--mismatch", "*.tau_m=0.5"], "lognormal"), (["--dead-synapses", "2"], "0 to 1"),
                                (["--bar", "-1"], "0 to 1")):
            refused = self.run_program("deploy", self.run_folder, *arguments)
            self.assert_refused(refused, 2, word)

    def test_the_chip_of_the_experiment_is_what_is_measured(self):
        chip = ["--set", "hardware.mismatch=[{match='*.weight', sigma=0.4}]", "--set", "hardware.training_noise=true"]
        self.train(self.run_folder, *chip)
        _, figures = self.deploy()
        self.assertEqual(figures["device"]["mismatch"][0]["sigma"], 0.4)

    def test_what_mismatch_costs(self):
        self.train(self.run_folder)
        file, page = self.folder / "costs.json", self.folder / "costs.html"
        result = self.succeed("sensitivity", self.run_folder, "--samples", "20", "--devices", "3", "--probes", "3",
                              "--sigmas", "0.01,0.1", "--json", file, "--report", page)
        figures = json.loads(file.read_text())
        self.assertEqual([p["sigma"] for p in figures["points"]], [0.01, 0.1])
        self.assertGreater(figures["smooth"]["slope"], 0.9)  # this surrogate has a kink at the threshold
        self.assertIn("slope", result.stdout)
        self.assertIn("chart-neurons", page.read_text())
        self.assert_refused(self.run_program("sensitivity", self.run_folder, "--sigmas", "0.5"), 2, "negative")


if __name__ == "__main__":
    unittest.main()
