"""The seed decides every byte of a checkpoint; threads, directory and interruptions decide none."""

import signal
import subprocess
import time
import unittest

from harness import CommandLineTest, PROGRAM


class Reproducible(CommandLineTest):
    def test_threads_do_not_matter(self):
        one, two = self.folder / "one", self.folder / "somewhere" / "two"
        self.train(one, "--threads", "1")
        self.train(two, "--threads", "2")
        self.assert_same_checkpoints(one, two)

    def test_the_seed_matters(self):
        self.train(self.folder / "one")
        self.train(self.folder / "two", "--seed", "4")
        self.assertNotEqual(*[(self.folder / run / "checkpoint_last.h5").read_bytes() for run in ("one", "two")])

    def test_resuming_a_finished_run_changes_nothing(self):
        run = self.folder / "run"
        self.train(run)
        before = {p.name: p.read_bytes() for p in run.iterdir() if p.name != "summary.json" and p.suffix != ".html"}
        self.train(run, "--resume")
        self.assertEqual(before, {name: (run / name).read_bytes() for name in before})

    def test_resume_where_there_is_no_run_starts_one(self):
        self.train(self.folder / "plain")
        self.train(self.folder / "resumed", "--resume")
        self.assert_same_checkpoints(self.folder / "plain", self.folder / "resumed")

    def test_metrics_the_checkpoint_does_not_know_are_cut_back(self):
        run = self.folder / "run"
        self.train(run)
        metrics = run / "metrics.jsonl"
        with metrics.open("a") as file:  # as if killed between the line of epoch 3 and its checkpoint
            file.write(metrics.read_text().splitlines()[-1].replace('"epoch":2', '"epoch":3') + "\n")
        self.train(run, "--resume")
        self.assertEqual(len(metrics.read_text().splitlines()), 2)


class Interrupted(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.long = self.write_experiment(epochs=2000, name="long.toml")

    def interrupt(self, signal_number, out):
        process = subprocess.Popen([PROGRAM, "train", str(self.long), "--out", str(out)], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        deadline = time.monotonic() + 120
        while not (out / "checkpoint_last.h5").exists():
            self.assertLess(time.monotonic(), deadline, "no epoch in two minutes")
            self.assertIsNone(process.poll())
            time.sleep(0.01)
        process.send_signal(signal_number)
        _, errors = process.communicate(timeout=120)
        return process.returncode, errors

    def test_signals_end_the_run_and_leave_it_resumable(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(signal=number):
                out = self.folder / f"run{code}"
                returned, errors = self.interrupt(number, out)
                self.assertEqual(returned, code, errors)
                self.assertIn("--resume", errors)
                self.assertIn(str(out), errors)
                done = len((out / "metrics.jsonl").read_text().splitlines())
                self.assertGreater(done, 0)
                self.assertFalse((out / "summary.json").exists())
                self.assertEqual([p.name for p in out.iterdir() if "tmp" in p.name], [])
                self.succeed("evaluate", out)

    def test_two_processes_do_not_share_a_directory(self):
        out = self.folder / "run"
        process = subprocess.Popen([PROGRAM, "train", str(self.long), "--out", str(out), "--quiet"])
        try:
            deadline = time.monotonic() + 120
            while not (out / "checkpoint_last.h5").exists():
                self.assertLess(time.monotonic(), deadline, "no epoch in two minutes")
                time.sleep(0.01)
            refused = self.run_program("train", self.long, "--out", out, "--resume")
            self.assert_refused(refused, 5, out, "another process")
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    unittest.main(verbosity=2)
