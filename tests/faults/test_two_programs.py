"""Two programs and one directory: what one of them has finished is never lost, and the other says why it does nothing.

The races are made certain: one program is stopped (SIGSTOP, by fail_call.cpp) at a call between looking and acting."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from faults import Fault, LIBRARY, PROGRAM, outcome  # which knows where harness is
from harness import CommandLineTest, write_recordings

KEY = "objective.rate_penalty"


class TwoPrograms(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.folder = self.folder.resolve()
        self.out = self.folder / "run"

    def start(self, *arguments, fault=None):
        process = subprocess.Popen([PROGRAM, *map(str, arguments), "--quiet"], cwd=self.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                                   env=fault.environment if fault else None)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)  # one that is stopped would stay for ever
        return process

    def wait_until_stopped(self, process):
        limit = time.monotonic() + 120
        while time.monotonic() < limit:
            self.assertIsNone(process.poll(), "ended before it could be stopped")
            state = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            if state == "T":
                return
            time.sleep(0.01)
        self.fail("was never stopped")

    def stopped_while_reading_data(self, *arguments):
        """A program that has looked at its directory, and not yet begun to write."""
        fault = Fault(self.data.resolve(), "read", 1, "stop")
        process = self.start(*arguments, fault=fault)
        self.wait_until_stopped(process)
        return process

    def go_on(self, process):
        process.send_signal(signal.SIGCONT)
        output, errors = process.communicate(timeout=300)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


class Races(TwoPrograms):
    def test_a_run_that_another_finished_meanwhile_stays(self):
        for more, code in (((), 2), (("--overwrite",), 2), (("--resume",), 0)):
            with self.subTest(more=more):
                self.out = self.folder / f"run{len(more)}{code}"
                late = self.stopped_while_reading_data("train", self.experiment, "--out", self.out, *more)
                self.train(self.out, "--quiet")
                before = {path.name: path.read_bytes() for path in self.out.iterdir() if path.suffix == ".h5"}
                result = self.go_on(late)
                self.assertEqual(result.returncode, code, result.stderr)
                if code != 0:
                    self.assert_refused(result, 2, "--resume")
                self.assertTrue({path.name: path.read_bytes() for path in self.out.glob("*.h5")} == before)

    def test_another_experiment_that_began_meanwhile_is_not_resumed(self):
        late = self.stopped_while_reading_data("train", self.experiment, "--out", self.out, "--resume")
        self.train(self.out, "--quiet", "--set", "train.batch=20")
        before = (self.out / "checkpoint_last.h5").read_bytes()
        self.assert_refused(self.go_on(late), 6, "train.batch")
        self.assertEqual((self.out / "checkpoint_last.h5").read_bytes() == before, True)

    def test_a_directory_that_is_there_is_held_from_the_start(self):
        self.out.mkdir()
        first = self.stopped_while_reading_data("train", self.experiment, "--out", self.out)
        for more in ((), ("--overwrite",), ("--resume",)):
            result = self.run_program("train", self.experiment, "--out", self.out, *more)
            self.assert_refused(result, 5, self.out, "another process is training in it")
        self.assertEqual(self.go_on(first).returncode, 0)
        self.assertTrue((self.out / "summary.json").exists())

    def test_a_directory_that_was_moved_away_is_not_written(self):
        """Between opening and locking: the lock would be one on somebody else's directory."""
        self.train(self.out, "--quiet")
        fault = Fault(self.folder, "lock", 1, "stop")
        late = self.start("train", self.experiment, "--out", self.out, "--overwrite", fault=fault)
        self.wait_until_stopped(late)
        self.out.rename(self.folder / "kept")
        kept = {path.name: path.read_bytes() for path in (self.folder / "kept").iterdir()}
        self.assertEqual(self.go_on(late).returncode, 0)
        self.assertTrue({path.name: path.read_bytes() for path in (self.folder / "kept").iterdir()} == kept)
        self.assertTrue((self.out / "summary.json").exists())

    def test_a_run_of_a_sweep_in_use_is_not_overwritten(self):
        sweep = ("sweep", self.experiment, "--out", self.folder / "sweep", "--seeds", "2")
        self.succeed(*sweep, "--quiet")
        member = self.folder / "sweep" / "seed4"
        training = self.stopped_while_reading_data("train", member / "experiment.toml", "--out", member, "--resume")
        before = {path: path.read_bytes() for path in (self.folder / "sweep").rglob("*") if path.is_file()}
        self.assert_refused(self.run_program(*sweep, "--overwrite"), 5, member, "another process")
        self.assertTrue({path: path.read_bytes() for path in before} == before)
        self.assertEqual(self.go_on(training).returncode, 0)

    def test_folds_are_held_together(self):
        """Also between two folds, when no run holds its own directory."""
        write_recordings(self.folder / "wav")
        toml = self.folder / "speech.toml"
        toml.write_text(f'[data]\nsource = "wav_digits"\npath = "{self.folder}/wav"\n[[network.layer]]\nsize = 8\n'
                        '[[network.layer]]\ncell = "leaky_integrator"\n[train]\nepochs = 1\n')
        command = ("train", toml, "--leave-one-speaker-out", "--out", self.out)
        fault = Fault(self.out / "bob", "rename", 1, "stop")
        first = self.start(*command, fault=fault)
        self.wait_until_stopped(first)
        self.assertTrue((self.out / "ann" / "summary.json").exists())
        self.assert_refused(self.run_program(*command, "--overwrite"), 5, "the directory of the folds")
        self.assertEqual(self.go_on(first).returncode, 0)


class AtTheSameTime(TwoPrograms):
    """Started together, without any arrangement: whoever comes first."""

    def compete(self, *commands):
        processes = [self.start(*command) for command in commands]
        ends = [process.communicate(timeout=300) for process in processes]
        return [subprocess.CompletedProcess(process.args, process.returncode, *end)
                for process, end in zip(processes, ends)]

    def reference(self, *more):
        reference = self.folder / "reference"
        self.train(reference, "--quiet", *more)
        return reference

    def test_two_runs(self):
        reference = outcome(self.reference())
        command = ("train", self.experiment, "--out", self.out)
        for first, second in (((), ()), ((), ("--resume",)), (("--resume",), ("--resume",)), ((), ("--overwrite",)),
                              (("--overwrite",), ("--overwrite",))):
            with self.subTest(first=first, second=second):
                results = self.compete((*command, *first), (*command, *second))
                codes = [result.returncode for result in results]
                self.assertIn(0, codes, [result.stderr for result in results])
                for result in results:
                    if result.returncode != 0:
                        self.assertIn(result.returncode, (2, 5))
                        self.assertRegex(result.stderr, "another process is training in it|--resume to go on")
                self.assertTrue(outcome(self.out) == reference, "other bytes than of one run alone")
                self.assertEqual(list(self.out.glob(".backspike-*")), [])
                for path in self.out.iterdir():
                    path.unlink()
                self.out.rmdir()

    def test_two_sweeps(self):
        command = ("sweep", self.experiment, "--out", self.folder / "sweep", "--over", f"{KEY}=0,1e-3")
        for more in ((), ("--resume",), ("--overwrite",)):
            with self.subTest(more=more):
                results = self.compete((*command, *more), (*command, *more))
                codes = sorted(result.returncode for result in results)
                self.assertEqual(codes[0], 0, [result.stderr for result in results])
                if codes[1] != 0:
                    text = "".join(result.stderr for result in results)
                    self.assertRegex(text, "another process is running it|--resume to go on")
                    self.assertIn(codes[1], (2, 5))
                rows = (self.folder / "sweep" / "sweep.csv").read_text().splitlines()
                self.assertEqual([row.split(",")[1] for row in rows[1:]], ["1", "1"], "not every run is finished")
                for path in sorted((self.folder / "sweep").rglob("*"), reverse=True):
                    path.rmdir() if path.is_dir() else path.unlink()


if __name__ == "__main__":
    print(f"testing {PROGRAM}")
    if not os.path.exists(LIBRARY):
        sys.exit("BACKSPIKE_FAIL_CALL does not name the library")
    unittest.main(verbosity=2)
