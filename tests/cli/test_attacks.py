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


if __name__ == "__main__":
    unittest.main()
