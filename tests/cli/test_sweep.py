"""`backspike sweep`: its runs are those of `train`, whatever ends it; its tables say what its runs say."""

import csv
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import time
import unittest

from harness import CommandLineTest, PROGRAM

OVER = ("--over", "objective.rate_penalty=0,1e-3")
KEY = "objective.rate_penalty"


class SweepTest(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "sweep"

    def arguments(self, *more, experiment=None):
        return ["sweep", experiment or self.experiment, "--out", self.out, *more]

    def sweep(self, *more, **options):
        return self.succeed(*self.arguments(*more), **options)

    def members(self):
        return json.loads((self.out / "sweep.json").read_text())["members"]

    def rows(self, name="sweep.csv"):
        with open(self.out / name, newline="") as file:
            return list(csv.DictReader(file))

    def start(self, *more):
        """In a session of its own, as on a terminal of its own: a signal reaches this process and no other."""
        return subprocess.Popen([PROGRAM, *map(str, self.arguments(*more))], cwd=self.folder, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

    def epochs(self):
        return sum(len(path.read_text().splitlines()) for path in self.out.glob("*/*/metrics.jsonl"))

    def wait_for_epochs(self, process, count):
        """Until the runs have so many more epochs on the disk."""
        limit, before = time.monotonic() + 120, self.epochs()
        while time.monotonic() < limit:
            self.assertIsNone(process.poll(), "the sweep ended before it could be interrupted")
            if self.epochs() >= before + count:
                return
            time.sleep(0.01)
        self.fail("the runs do not get on")


class Whole(SweepTest):
    def test_tables_say_what_the_runs_say(self):
        result = self.sweep(*OVER, "--seeds", "2", "--set", "train.batch=20")
        self.assertEqual(result.stderr, "")
        runs = sorted(str(path.parent.relative_to(self.out)) for path in self.out.glob("*/*/summary.json"))
        self.assertEqual(runs, [f"{KEY}={value}/seed{seed}" for value in ("0", "1e-3") for seed in (3, 4)])
        for row, value in zip(self.rows(), ("0", "1e-3")):
            summaries = [json.loads((self.out / f"{KEY}={value}" / f"seed{seed}" / "summary.json").read_text())
                         for seed in (3, 4)]
            self.assertEqual((row[KEY], row["finished"], row["failed"]), (value, "2", "0"))
            for column, read in (("accuracy", lambda s: s["test"]["accuracy"]), ("loss", lambda s: s["test"]["loss"]),
                                 ("spikes_per_sample", lambda s: s["spikes_per_sample"]),
                                 ("synaptic_operations", lambda s: s["energy"]["synaptic_operations"]["effective_acs"])):
                figures = [read(summary) for summary in summaries]
                self.assertAlmostEqual(float(row[column + "_mean"]), statistics.mean(figures))
                self.assertAlmostEqual(float(row[column + "_deviation"]), statistics.stdev(figures))
            self.assertGreater(float(row["spikes_per_sample_mean"]), 0)
        self.assertEqual(len(self.rows("members.csv")), 4)
        self.assertEqual({member["state"] for member in self.members()}, {"finished"})
        self.assertEqual(sum(re.match(r"[1-4]/4  ", line) is not None for line in result.stdout.splitlines()), 4)
        self.assertIn(f"report {self.out}/report.html", result.stdout)
        self.assertIn("4 of 4 runs finished", (self.out / "report.html").read_text())
        self.assertEqual({path.name for path in self.out.iterdir()},
                         {"sweep.csv", "members.csv", "sweep.json", "report.html", f"{KEY}=0", f"{KEY}=1e-3"})

    def test_a_member_is_a_run_of_train(self):
        self.sweep(*OVER, "--quiet", "--threads", "3", "--jobs", "1")
        member, alone = self.out / f"{KEY}=1e-3" / "seed3", self.folder / "alone"
        self.train(alone, "--set", f"{KEY}=1e-3")
        self.assert_same_checkpoints(member, alone)
        self.assertEqual(json.loads((member / "summary.json").read_text())["threads"], 3)
        self.assertIn("learnable", self.succeed("inspect", member).stdout)
        evaluated = json.loads(self.succeed("evaluate", member, "--json").stdout)
        self.assertEqual(evaluated["accuracy"], self.members()[1]["accuracy"])

    def test_grid_and_default_directory(self):
        text = self.succeed("sweep", self.experiment, "--over", "train.batch=16:32:lin2", "--over",
                            "optimiser.kind=adam,sgd", "--set", "train.epochs=1", "--quiet").stdout
        self.out = self.folder / "runs" / "tiny_sweep"
        self.assertEqual([(row["train.batch"], row["optimiser.kind"]) for row in self.rows()],
                         [("16", "adam"), ("16", "sgd"), ("32", "adam"), ("32", "sgd")])
        self.assertTrue(text.startswith("train.batch"), text)
        toml = (self.out / "train.batch=32,optimiser.kind=sgd" / "seed3" / "experiment.toml").read_text()
        self.assertRegex(toml, r'kind = "sgd"')

    def test_seeds_alone(self):
        self.sweep("--seeds", "2", "--seed", "8", "--quiet")
        self.assertEqual([(row["seed"], row["directory"]) for row in self.rows("members.csv")],
                         [("8", "seed8"), ("9", "seed9")])


class Failures(SweepTest):
    def test_a_failed_run_ends_nothing_else(self):
        over = ("--over", "optimiser.learning_rate=1e-2,1e38", "--seeds", "2")
        result = self.run_program(*self.arguments(*over))
        self.assertEqual(result.returncode, 9, result.stdout + result.stderr)
        self.assertIn("2 of 4 runs failed", result.stderr)
        self.assertRegex(result.stdout, r"failed: optimiser.learning_rate = 1e38, seed 3: .*not finite.*exit code 7")
        self.assertEqual([row["finished"] for row in self.rows()], ["2", "0"])
        self.assertEqual([row["failed"] for row in self.rows()], ["0", "2"])
        self.assertIn("2 failed", (self.out / "report.html").read_text())
        failed = [member for member in self.members() if member["state"] == "failed"]
        self.assertEqual(len(failed), 2)
        before = (self.out / "optimiser.learning_rate=1e-2" / "seed3" / "summary.json").stat()
        again = self.run_program(*self.arguments(*over, "--resume"))
        self.assertEqual(again.returncode, 9)
        self.assertIn("4 runs, of which 2 finished before", again.stdout)
        after = (self.out / "optimiser.learning_rate=1e-2" / "seed3" / "summary.json").stat()
        self.assertEqual((before.st_mtime_ns, before.st_ino), (after.st_mtime_ns, after.st_ino), "it was run again")

    def test_missing_data_are_said_for_every_run(self):
        result = self.run_program(*self.arguments("--over", f"data.path={self.data},/nowhere"))
        self.assertEqual(result.returncode, 9)
        self.assertIn("no data at /nowhere", result.stdout)
        self.assertEqual([member["state"] for member in self.members()], ["finished", "failed"])


class Interrupted(SweepTest):
    EPOCHS = ("--set", "train.epochs=150")

    def reference(self):
        out, self.out = self.out, self.folder / "reference"
        self.sweep(*OVER, *self.EPOCHS, "--quiet")
        self.out = out

    def assert_as_if_never_stopped(self):
        for value in ("0", "1e-3"):
            member = pathlib.Path(f"{KEY}={value}") / "seed3"
            self.assert_same_checkpoints(self.folder / "reference" / member, self.out / member)

    def processes(self):
        """The runs of this sweep that are alive."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if os.fsencode(self.out) in b"\0".join(command) and b"train" in command and state != "Z":
                found.append(int(entry.name))
        return found

    def test_killed_and_resumed(self):
        self.reference()
        process = self.start(*OVER, *self.EPOCHS, "--jobs", "2")
        self.wait_for_epochs(process, 5)
        self.assertTrue(self.processes())
        process.kill()
        process.communicate()
        limit = time.monotonic() + 20
        while self.processes() and time.monotonic() < limit:
            time.sleep(0.02)
        self.assertEqual(self.processes(), [], "the runs outlive the sweep")
        self.assertIn("unfinished", {member["state"] for member in self.members()})
        self.assert_refused(self.run_program(*self.arguments(*OVER, *self.EPOCHS)), 2, "--resume", "--overwrite")
        self.sweep(*OVER, *self.EPOCHS, "--resume")
        self.assert_as_if_never_stopped()

    def test_interrupt_saves_and_resumes(self):
        self.reference()
        for sent, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = self.start(*OVER, *self.EPOCHS, "--resume")
            self.wait_for_epochs(process, 5)
            process.send_signal(sent)
            output, errors = process.communicate(timeout=120)
            self.assertEqual(process.returncode, code, output + errors)
            self.assertIn("stopped; ", errors)
            self.assertIn("--resume", errors)
            self.assertNotIn("failed", output + errors)
            self.assertEqual(self.processes(), [])
        self.assertTrue(any(self.out.glob("*/*/checkpoint_last.h5")), "no epoch was saved")
        self.sweep(*OVER, *self.EPOCHS, "--resume")
        self.assert_as_if_never_stopped()

    def test_resume_adds_values_and_seeds(self):
        self.sweep(*OVER, "--quiet")
        before = (self.out / f"{KEY}=0" / "seed3" / "summary.json").stat().st_mtime_ns
        text = self.sweep("--over", f"{KEY}=0,1e-3,1e-2", "--seeds", "2", "--resume").stdout
        self.assertIn("6 runs, of which 2 finished before", text)
        self.assertEqual((self.out / f"{KEY}=0" / "seed3" / "summary.json").stat().st_mtime_ns, before)
        self.assertEqual([row["finished"] for row in self.rows()], ["2", "2", "2"])

    def test_overwrite(self):
        self.sweep(*OVER, "--quiet")
        (self.out / "notes.txt").write_text("mine")
        self.sweep("--over", f"{KEY}=1e-2", "--set", "train.epochs=1", "--overwrite", "--quiet")
        self.assertEqual({path.name for path in self.out.iterdir()},
                         {"sweep.csv", "members.csv", "sweep.json", "report.html", "notes.txt", f"{KEY}=1e-2"})


class BadInput(SweepTest):
    def refuse(self, *arguments, words=(), code=2):
        result = self.run_program(*self.arguments(*arguments))
        self.assert_refused(result, code, *words)
        print(f"exit {code}: {result.stderr.split('error: ')[-1].strip().replace(str(self.folder), 'DIR')}")
        self.assertFalse(self.out.exists(), "something was written")

    def test_axes(self):
        self.refuse(words=["--over = nothing"])
        self.refuse("--over", "objective.rate_penalti=0,1", words=["--over: objective.rate_penalti", "rate_penalty?"])
        self.refuse("--over", f"{KEY}=", words=[KEY, "at least one value"])
        self.refuse("--over", f"{KEY}=0:1:log4", words=["0:1:log4", "above 0"])
        self.refuse("--over", f"{KEY}=1:1:lin4", words=["1:1:lin4", "different"])
        self.refuse("--over", f"{KEY}=0:1:lin1", words=["0:1:lin1", "2 to 1000"])
        self.refuse("--over", f"{KEY}=0:1", words=["0:1", "LOW:HIGH:logN"])
        self.refuse("--over", f"{KEY}=0,0", words=["0 twice"])
        self.refuse("--over", f"{KEY}=0,-1", words=["--over", KEY, "-1"])
        self.refuse("--over", KEY, words=["KEY=VALUES"])
        self.refuse(*OVER, "--over", f"{KEY}=3", words=[f"{KEY} twice"])
        self.refuse(*OVER, "--set", f"{KEY}=3", words=["--set", KEY])
        self.refuse("--over", "seed=1,2", words=["seed", "--seeds"])

    def test_numbers_of_runs(self):
        self.refuse(*OVER, "--seeds", "0", words=["--seeds = 0", "at least 1"])
        self.refuse(*OVER, "--seeds", "-1", words=["--seeds", "-1"])
        self.refuse(*OVER, "--seeds", "many")
        self.refuse(*OVER, "--seeds", "100000", words=["10000"])

    def test_experiment(self):
        result = self.run_program("sweep", self.folder / "none.toml", *OVER, "--out", self.out)
        self.assert_refused(result, 5, "none.toml")
        self.refuse(*OVER, "--set", "train.epochs=0", words=["--set: train.epochs"])
        self.assertFalse(self.out.exists())

    def test_directory(self):
        self.sweep(*OVER, "--quiet")
        again = self.run_program(*self.arguments(*OVER))
        self.assert_refused(again, 2, "--resume", "--overwrite", self.out)
        other = self.run_program(*self.arguments(*OVER, "--set", "train.batch=4", "--resume"))
        self.assert_refused(other, 6, "train.batch", "16 before, 4 now")
        (self.out / f"{KEY}=0" / "seed3" / "summary.json").write_text("{")
        self.assert_refused(self.run_program(*self.arguments(*OVER, "--resume")), 4, "summary.json")


if __name__ == "__main__":
    print(f"testing {PROGRAM}")
    unittest.main(verbosity=2)
