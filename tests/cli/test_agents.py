"""Agents on the command line: `train`, `evaluate` and `sweep` of an experiment whose network acts in an environment."""

import csv
import json
import signal
import subprocess
import time
import unittest

from harness import CommandLineTest, PROGRAM

AGENT = """\
name = "small"
seed = 4

[environment]
name = "CartPole-v1"

[environment.encoder]
low = [-2.4, -2.5, -0.21, -2.5]
high = [2.4, 2.5, 0.21, 2.5]
fields = 5

[agent]
steps = {steps}
environments = 2
checkpoint_every = 1500
test_episodes = 5
goal = 15

[[network.layer]]
size = 12
tau_m = 5.0

[[network.layer]]
cell = "leaky_integrator"
tau_m = 1.0
"""


class AgentTest(CommandLineTest):
    def agent(self, steps=4000):
        file = self.folder / f"agent{steps}.toml"
        file.write_text(AGENT.format(steps=steps))
        return file

    def test_a_run_says_what_it_does(self):
        out = self.folder / "run"
        result = self.succeed("train", self.agent(), "--out", out)
        self.assertIn("environment CartPole-v1", result.stdout)
        self.assertRegex(result.stdout, r"(?m)^1504/4000  episodes \d+  return [\d.]+  td error [\d.]+  entropy")
        self.assertRegex(result.stdout, r"solved at \d+ decisions: mean return")
        self.assertIn(f"report {out}/report.html", result.stdout)
        summary = json.loads((out / "summary.json").read_text())
        self.assertGreater(summary["return"]["solved_at"], 0)
        self.assertEqual(len((out / "metrics.jsonl").read_text().splitlines()), 3)
        greedy = json.loads(self.succeed("evaluate", out, "--episodes", 5, "--json").stdout)
        self.assertEqual(greedy["return"]["mean"], summary["return"]["greedy_100"])
        sampled = json.loads(self.succeed("evaluate", out, "--episodes", 5, "--sampled", "--json").stdout)
        self.assertNotEqual(sampled["returns"], greedy["returns"])
        self.assertIn("an agent that acts in CartPole-v1", self.succeed("inspect", out).stdout)
        self.assertIn("20 inputs", self.succeed("inspect", self.agent()).stdout)

    def test_what_does_not_apply_is_refused_by_name(self):
        out, file = self.folder / "run", self.agent(64)
        self.succeed("train", file, "--out", out, "--quiet")
        self.assert_refused(self.run_program("predict", out), 2, "predict", "CartPole-v1", "evaluate")
        self.assert_refused(self.run_program("compare-gradients", file), 2, "compare-gradients", "CartPole-v1")
        self.assert_refused(self.run_program("compare-gradients", out), 2, "compare-gradients", "CartPole-v1")
        self.assert_refused(self.run_program("encode", file, "--out", "x.h5"), 2, "encode", "CartPole-v1")
        self.assert_refused(self.run_program("train", file, "--epochs", 3), 2, "train.epochs", "agent")
        self.assert_refused(self.run_program("train", file, "--leave-one-speaker-out"), 2, "leave-one-speaker-out")
        self.assert_refused(self.run_program("evaluate", out, "--split", "train"), 2, "--episodes", "--split")
        self.train(self.folder / "data_run")
        self.assert_refused(self.run_program("evaluate", self.folder / "data_run", "--episodes", 3), 2, "--episodes")

    def test_a_signal_saves_and_resume_gives_the_same_bytes(self):
        file, out = self.agent(40000), self.folder / "stopped"
        self.succeed("train", file, "--out", self.folder / "whole", "--quiet")
        process = subprocess.Popen([PROGRAM, "train", str(file), "--out", str(out)], cwd=self.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        limit = time.monotonic() + 120
        while time.monotonic() < limit and not (out / "checkpoint_last.h5").exists():
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130, errors)
        self.assertRegex(errors, r"stopped; \d+ decisions are saved in")
        self.assertFalse((out / "summary.json").exists())
        self.succeed("train", file, "--out", out, "--resume")
        self.assert_same_checkpoints(self.folder / "whole", out)

    def test_a_sweep_shows_every_seed(self):
        out = self.folder / "sweep"
        result = self.succeed("sweep", self.agent(), "--over", "agent.learns=all,readout", "--seeds", 2, "--out", out)
        self.assertIn("greedy return", result.stdout)
        self.assertRegex(result.stdout, r"agent.learns = readout: solved on \d of 2 seeds")
        self.assertEqual(result.stdout.count("solved on"), 2)
        with open(out / "members.csv", newline="") as file:
            members = list(csv.DictReader(file))
        self.assertEqual(len(members), 4)
        for member in members:
            summary = json.loads((out / member["directory"] / "summary.json").read_text())
            self.assertEqual(float(member["greedy_100"]), summary["return"]["greedy_100"])
        self.assertEqual(len(json.loads((out / "sweep.json").read_text())["members"][0]["curve"]), 3)


if __name__ == "__main__":
    unittest.main()
