"""Every learning rule from the command line: it trains, resumes with the same bytes, and refuses what it cannot do."""

import json
import math
import subprocess
import time
import unittest

from harness import CHECKPOINTS, EXPERIMENT, PROGRAM, CommandLineTest

RULES = {
    "bptt": [],
    "checkpointed_bptt": ["--set", "rule.memory=fixed", "--set", "rule.every=5"],
    "truncated_bptt": ["--set", "rule.window=6", "--set", "rule.stride=3"],
    "rtrl": ["--set", "network.layer.hidden1.size=8"],
    "eprop": ["--set", "rule.target_rate=100", "--set", "rule.rate_coefficient=1e-4"],
}
ADAPTIVE = ["--set", "rule.feedback=adaptive", "--set", "rule.feedback_decay=0.05"]
RECURRENT = EXPERIMENT.replace("size = 24", "size = 24\nrecurrent = true")


def settings(rule):
    return ["--set", f"rule.kind={rule}", *RULES[rule]]


class Rules(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.experiment = self.write_experiment(RECURRENT, epochs=4)

    def test_each_trains_with_the_same_bytes_at_any_thread_count(self):
        for rule in RULES:
            one, two = self.folder / f"{rule}1", self.folder / f"{rule}2"
            self.train(one, *settings(rule), "--threads", "1")
            self.train(two, *settings(rule), "--threads", "2")
            self.assert_same_checkpoints(one, two)
            epochs = [json.loads(line) for line in (one / "metrics.jsonl").read_text().splitlines()]
            self.assertLess(epochs[-1]["train_loss"], epochs[0]["train_loss"], f"{rule} does not learn")
            self.assertGreater(epochs[-1]["gradient_norm"], 0, rule)

    def test_checkpoints_do_not_change_a_byte(self):
        """Samples have 12 steps, so that 12 is one piece; the settings in the files are then all that differs."""
        full, whole, cut = (self.folder / name for name in ("full", "whole", "cut"))
        self.train(full, *settings("bptt"))
        self.train(whole, *settings("checkpointed_bptt"), "--set", "rule.every=12")
        self.train(cut, *settings("checkpointed_bptt"), "--set", "rule.every=10")
        self.assert_same_but_for(whole, cut, b"every = 12", b"every = 10")
        self.assert_same_history(full, cut)

    def test_eprop_resumes_with_its_feedback(self):
        whole, parts = self.folder / "whole", self.folder / "parts"
        arguments = [*settings("eprop"), *ADAPTIVE, "--set", "train.epochs=60"]
        self.train(whole, *arguments)
        self.kill_halfway(parts, arguments)
        self.train(parts, *arguments, "--resume")
        self.assert_same_checkpoints(whole, parts)

    def test_eprop_says_its_form_and_both_learn_the_same(self):
        first = {}
        for form, said in (("auto", "backward"), ("backward", "backward"), ("forward", "forward")):
            run = self.folder / form
            text = self.train(run, *settings("eprop"), "--set", f"rule.form={form}").stdout
            self.assertIn(f"rule       eprop, {said} form\n", text)
            self.assertEqual(json.loads((run / "summary.json").read_text())["rule"], f"eprop, {said} form")
            first[form] = json.loads((run / "metrics.jsonl").read_text().splitlines()[0])
        self.assertEqual(first["auto"]["train_loss"], first["backward"]["train_loss"])
        for key in ("train_loss", "gradient_norm"):
            self.assertAlmostEqual(first["forward"][key] / first["backward"][key], 1.0, 3)

    def test_eprop_keeps_checkpoints_without_changing_a_byte(self):
        whole, cut = self.folder / "whole", self.folder / "cut"
        fixed = [*settings("eprop"), "--set", "rule.memory=fixed"]
        self.train(whole, *fixed, "--set", "rule.every=12")
        text = self.train(cut, *fixed, "--set", "rule.every=10").stdout
        self.assertIn("rule       eprop, backward form, checkpoints every 10 steps\n", text)
        self.assert_same_but_for(whole, cut, b"every = 12", b"every = 10")

    def assert_same_but_for(self, one, other, of_one, of_other):
        """Every byte of the checkpoints, but for a setting that is written in them and HDF5's checksum of it."""
        for name in CHECKPOINTS:
            a, b = (one / name).read_bytes(), (other / name).read_bytes()
            self.assertEqual(a.count(of_one), 1, f"{of_one} in {name}")
            self.assertEqual(len(a), len(b))
            differ = [i for i, (x, y) in enumerate(zip(a.replace(of_one, of_other), b)) if x != y]
            self.assertLess(differ[-1] - differ[0], 4, f"{name} differs")
            self.assertIn(b"OHDR", b[differ[0]:differ[-1] + 8], "what differs is no checksum")

    def assert_same_history(self, one, other):
        """Every figure of every epoch, but for what the clock says."""
        histories = [[{key: value for key, value in json.loads(line).items() if "seconds" not in key}
                      for line in (run / "metrics.jsonl").read_text().splitlines()] for run in (one, other)]
        self.assertGreater(histories[0][0]["gradient_norm"], 0)
        self.assertEqual(*histories)

    def kill_halfway(self, run, arguments):
        """Kills the program once some epochs are on the disk, and not all."""
        process = subprocess.Popen([PROGRAM, "train", self.experiment, "--out", run, *arguments], cwd=self.folder,
                                   stdout=subprocess.DEVNULL)
        metrics = run / "metrics.jsonl"
        while process.poll() is None and (not metrics.exists() or metrics.read_text().count("\n") < 5):
            time.sleep(0.005)
        process.kill()
        process.wait()
        self.assertLess(metrics.read_text().count("\n"), 60, "the run was over before it was killed")

    def test_what_makes_no_sense_is_refused(self):
        cases = [
            (["rule.kind=truncated_bptt", "rule.window=4", "rule.stride=5"], 2,
             ["rule.stride", "at most rule.window, 4 steps"]),
            (["rule.kind=truncated_bptt", "rule.window=0"], 2, ["rule.window"]),
            (["rule.kind=checkpointed_bptt", "rule.budget_mib=0.001"], 8, ["checkpointed_bptt", "budget_mib"]),
            (["rule.kind=eprop", "rule.budget_mib=0.001"], 8, ["eprop", "form", "budget_mib"]),
            (["rule.form=sideways"], 2, ["rule.form", "backward"]),
            (["rule.kind=eprop", "network.layer.readout.tau_m={value=20.0, per=\"neuron\"}"], 2,
             ["eprop", "bptt"]),
            (["rule.kind=eprpo"], 2, ["rule.kind", "eprop"]),
        ]
        for sets, code, words in cases:
            out = self.folder / "refused"
            arguments = [word for key in sets for word in ("--set", key)]
            result = self.run_program("train", self.experiment, "--out", out, *arguments)
            self.assert_refused(result, code, *words)
            self.assertFalse((out / "checkpoint_initial.h5").exists(), sets)

    def test_rtrl_past_the_memory_names_the_rule_that_fits(self):
        result = self.run_program("train", self.experiment, "--out", self.folder / "out", "--set", "rule.kind=rtrl",
                                  "--memory-limit", "1MiB")
        self.assert_refused(result, 8, "rtrl", "checkpointed_bptt has the same gradient")


class CompareGradients(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.experiment = self.write_experiment(RECURRENT, epochs=1)

    def compare(self, *arguments):
        file = self.folder / "gradients.json"
        result = self.succeed("compare-gradients", *arguments, "--json", file, "--report", self.folder / "page.html")
        return result.stdout, json.loads(file.read_text())

    def all_of(self, figures, rule):
        longest = figures["lengths"][-1]
        return next(m for m in figures["matches"]
                    if (m["rule"], m["parameter"], m["steps"]) == (rule, "all", longest))

    def test_exact_rules_agree_and_the_others_point_the_same_way(self):
        text, figures = self.compare(self.experiment, "--set", "network.layer.hidden1.size=10")
        for rule in ("checkpointed_bptt", "rtrl"):
            match = self.all_of(figures, rule)
            self.assertGreater(match["cosine"], 1 - 1e-5, rule)
            self.assertLess(abs(match["norm_ratio"] - 1), 1e-4, rule)
        for rule in ("truncated_bptt T/2", "eprop symmetric"):
            self.assertGreater(self.all_of(figures, rule)["cosine"], 0.5, rule)
            self.assertIn(rule, text)
        self.assertGreater(figures["layers"][0]["live"], 0)
        self.assertEqual(len(figures["lengths"]), 4)
        page = (self.folder / "page.html").read_text()
        self.assertIn("chart-parameters", page)
        self.assertNotRegex(page, r"(src|href)=\"http")

    def test_a_trained_network(self):
        run = self.folder / "run"
        self.train(run)
        _, figures = self.compare(run, "--samples", "8")
        self.assertEqual(figures["samples"], 8)
        self.assertFalse(math.isnan(self.all_of(figures, "eprop random")["cosine"]))

    def test_the_mismatch_of_a_network_and_of_a_trained_one(self):
        run = self.folder / "run"
        self.train(run)
        for path in (self.experiment, run):
            file, page = self.folder / "mismatch.json", self.folder / "mismatch.html"
            result = self.succeed("mismatch", path, "--samples", "8", "--sizes", "0.001,0.1", "--widths", "1", "--json",
                                  file, "--report", page)
            points = json.loads(file.read_text())["points"]
            self.assertEqual([(p["direction"], p["size"]) for p in points],
                             [("gradient", 0.001), ("gradient", 0.1), ("random", 0.001), ("random", 0.1)])
            self.assertGreater(points[0]["predicted"], 0)
            self.assertIn("slope", result.stdout)
            self.assertIn("chart-smooth", page.read_text())
        for arguments, word in ((("--of", "weights"), "parameters"), (("--sizes", "0"), "above 0")):
            refused = self.run_program("mismatch", self.experiment, *arguments)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn(word, refused.stderr)

    def test_rules_that_do_not_take_the_network_are_listed_with_the_reason(self):
        _, figures = self.compare(self.experiment, "--set", "network.layer.readout.tau_m={value=20.0, per=\"neuron\"}")
        refused = {entry["rule"]: entry["reason"] for entry in figures["refused"]}
        self.assertIn("eprop symmetric", refused)
        self.assertIn("readout.tau_m = one value for each neuron", refused["eprop symmetric"])

    def test_silent_networks_are_refused(self):
        result = self.run_program("compare-gradients", self.experiment, "--set", "network.layer.hidden1.v_th=1000.0",
                                  "--set", "network.layer.hidden1.init_sigma=0.0001")
        self.assert_refused(result, 2, "hidden1", "no spike in the batch", "silent networks")


if __name__ == "__main__":
    unittest.main()
