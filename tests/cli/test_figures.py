"""tools/page_figures.py: every row of docs/experiments/figures.toml is an experiment that exists, and a row's figures
are those of its runs."""

import json
import pathlib
import subprocess
import sys
import tomllib
import unittest

from harness import CommandLineTest, PROGRAM

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "page_figures.py"
SHIPPED = ROOT / "docs" / "experiments" / "figures.toml"
ROWS = """\
[[row]]
page = "tiny"
what = "two epochs"
experiment = "tiny"
seeds = 2
set = ["train.epochs=2"]
figures = ["test.accuracy", "spikes_per_sample"]

[[row]]
page = "absent"
what = "recordings"
experiment = "tiny"
data = "nowhere"
figures = ["test.accuracy"]
"""


class FiguresTest(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.rows = self.experiment.parent / "figures.toml"
        self.experiment.rename(self.experiment.parent / "tiny.toml")
        self.rows.write_text(ROWS)

    def figures(self, *more):
        command = [sys.executable, TOOL, PROGRAM, self.experiment.parent, self.rows, *more]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def test_a_table_has_the_figures_of_the_runs(self):
        done = self.figures("--out", "out")
        self.assertEqual(done.returncode, 0, done.stderr)
        files = [self.folder / f"out/tiny/two-epochs/seed{seed}/summary.json" for seed in (1, 2)]
        runs = [json.loads(file.read_text()) for file in files]
        self.assertEqual([run["seed"] for run in runs], [1, 2])
        self.assertEqual([run["train"]["epochs"] for run in runs], [2, 2])
        by_seed = ", ".join(f"{100 * run['test']['accuracy']:.3g} %" for run in runs)
        self.assertIn(f"| two epochs | test.accuracy | {by_seed} |", done.stdout)
        self.assertIn("spikes_per_sample", done.stdout)
        self.assertIn("left out, no data/nowhere", done.stderr)

    def test_what_is_there_is_not_trained_again(self):
        first = self.figures("--out", "out")
        again = self.figures("--out", "out", "--page", "tiny")
        self.assertIn("tiny: two epochs, seed 1", first.stderr)
        self.assertEqual(again.stderr, "")
        self.assertIn(again.stdout.strip(), first.stdout)

    def test_parts_of_a_run_are_averaged(self):
        for folder, accuracy in (("", 0.9), ("theo", 0.5), ("lucas", 0.75)):
            part = self.folder / "out/tiny/two-epochs/seed1" / folder
            part.mkdir(parents=True, exist_ok=True)
            (part / "summary.json").write_text(json.dumps({"name": "tiny", "test": {"accuracy": accuracy}}))
        self.rows.write_text(ROWS.replace("seeds = 2", "seeds = 1").replace(', "spikes_per_sample"', ""))
        done = self.figures("--out", "out", "--page", "tiny")
        self.assertIn("| two epochs | test.accuracy | 62.5 % | 62.5 % |", done.stdout)

    def test_a_run_that_fails_is_told(self):
        self.rows.write_text(ROWS.replace("train.epochs=2", "train.epoch=2"))
        done = self.figures("--page", "tiny")
        self.assertEqual(done.returncode, 1)
        self.assertIn("train.epoch", done.stderr)

    def test_an_unknown_page_is_refused(self):
        done = self.figures("--page", "tyni")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("there are absent, tiny", done.stderr)

    def test_shipped_rows_name_what_exists(self):
        for row in tomllib.loads(SHIPPED.read_text())["row"]:
            with self.subTest(page=row["page"], what=row["what"]):
                self.assertTrue((ROOT / "experiments" / f"{row['experiment']}.toml").is_file())
                self.assertTrue((ROOT / "docs" / "experiments" / f"{row['page']}.md").is_file())
                self.assertTrue(row["figures"])


if __name__ == "__main__":
    unittest.main()
