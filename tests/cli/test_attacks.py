"""Attacks from the command line: figures of a run, the page, and what is refused."""

import json
import unittest

from harness import CommandLineTest


class Attacks(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "run"
        self.train(self.run_folder)

    def attack(self, *arguments):
        return json.loads(self.succeed("attack", self.run_folder, "--samples", "24", "--json", *arguments).stdout)

    def test_success_grows_with_the_budget(self):
        found = self.attack("--attack", "pgd", "--budget", "0.05,0.6", "--steps", "10")
        small, large = found["points"]
        self.assertGreater(found["accuracy_before"], 0.8)
        self.assertLess(small["success"], large["success"])
        self.assertGreater(large["success"], 0.8)
        self.assertLessEqual(large["mean_size"], 0.6 + 1e-6)
        self.assertEqual(len(found["attacked"]), 24)

    def test_without_a_budget_nothing_changes(self):
        found = self.attack("--budget", "0")
        self.assertEqual(found["points"][0]["accuracy"], found["accuracy_before"])
        self.assertEqual(found["points"][0]["queries"], 0)

    def test_the_same_figures_at_any_thread_count(self):
        def told(threads):
            return self.attack("--attack", "apgd", "--budget", "0.2", "--steps", "5", "--threads", threads)["attacked"]
        self.assertEqual(told("1"), told("2"))

    def test_the_page_has_the_checklist(self):
        page = self.folder / "attack.html"
        text = self.succeed("attack", self.run_folder, "--samples", "16", "--budget", "0.1,0.4", "--steps", "8", "--report", page,
                            "--transfer", self.run_folder).stdout
        for item in ("success grows", "without a bound", "chance is weaker", "another network"):
            self.assertIn(item, text)
            self.assertIn(item, page.read_text())
        self.assertNotRegex(page.read_text(), r"(src|href)=\"http")

    def test_spikes_that_change_are_counted(self):
        found = self.attack("--attack", "spike_greedy", "--budget", "1,60", "--steps", "60")
        small, large = found["points"]
        self.assertLessEqual(small["success"], large["success"])
        self.assertGreater(large["success"], 0.5)
        self.assertLessEqual(large["mean_size"], 60)
        self.assertEqual(found["settings"]["norm"], "l0")
        self.assertTrue(all(a["size"] == int(a["size"]) for a in found["attacked"]))

    def test_what_another_network_is_told_is_no_stronger(self):
        other = self.folder / "other"
        self.train(other, "--seed", "5")
        options = ("--attack", "spike_greedy", "--budget", "20", "--steps", "30")
        transferred = self.attack(*options, "--source", other)["points"][0]
        self.assertLessEqual(transferred["success"], self.attack(*options)["points"][0]["success"])

    def test_refusals(self):
        for arguments, word in ((("--budget", "-0.1"), "budget"), (("--attack", "guess"), "pgd"), (("--target", "9"), "target"),
                                (("--norm", "l0"), "l0"), (("--width", "0"), "width"),
                                (("--attack", "spike_greedy", "--changes", "guess"), "shift")):
            refused = self.run_program("attack", self.run_folder, *arguments)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn(word, refused.stderr)


class Defences(CommandLineTest):
    def trained(self, name, kind, *arguments):
        run = self.folder / name
        self.train(run, "--set", f"objective.adversarial.kind={kind}", "--set", "objective.adversarial.budget=0.15", "--set",
                   "objective.adversarial.steps=3", *arguments)
        return run

    def test_each_trains_with_the_same_bytes_at_any_thread_count(self):
        plain = self.folder / "plain"
        self.train(plain)
        for kind in ("noise", "pgd", "trades"):
            one, two = self.trained(f"{kind}1", kind, "--threads", "1"), self.trained(f"{kind}2", kind, "--threads", "2")
            self.assert_same_checkpoints(one, two)
            self.assertNotEqual((one / "checkpoint_last.h5").read_bytes(), (plain / "checkpoint_last.h5").read_bytes())
            epochs = [json.loads(line) for line in (one / "metrics.jsonl").read_text().splitlines()]
            self.assertLess(epochs[-1]["train_loss"], epochs[0]["train_loss"], f"{kind} does not learn")

    def test_a_run_goes_on_with_the_same_attacks(self):
        constant = ("--set", "optimiser.schedule=constant", "--set", "optimiser.warmup=0")
        whole = self.trained("whole", "pgd", *constant, "--epochs", "4")
        parts = self.trained("parts", "pgd", *constant, "--epochs", "2")
        self.trained("parts", "pgd", *constant, "--resume", "--epochs", "4")
        self.assert_same_checkpoints(whole, parts)

    def test_what_cannot_be_attacked_is_refused(self):
        for kind, more, words in (("trades", ["--set", "objective.label_smoothing=0.1"], ["label_smoothing"]),
                                  ("pgd", ["--set", "objective.adversarial.norm=l0"], ["linf, l2, l1"]),
                                  ("pgd", ["--set", "objective.adversarial.budget=-1"], ["budget"]),
                                  ("pgd", ["--set", "data.augment.shift=1"], ["data.augment"])):
            refused = self.run_program("train", self.write_experiment(epochs=1), "--out", self.folder / "no", "--set",
                                       f"objective.adversarial.kind={kind}", *more)
            self.assert_refused(refused, 2, *words)

if __name__ == "__main__":
    unittest.main()
