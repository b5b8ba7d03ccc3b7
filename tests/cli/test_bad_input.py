"""Every bad input that a user may meet: its documented exit code, a text that says what and where, nothing half-written.
The messages are printed, so that the log of this test is the list of them."""

import gzip
import os
import resource
import shutil
import signal
import struct
import subprocess
import unittest

from harness import CLASSES, CommandLineTest, PROGRAM, SIDE, idx_images, idx_labels, write_idx, write_recordings

DIGITS = """\
[data]
source = "wav_digits"
path = "{path}"
validation = 0.2

[[network.layer]]
cell = "lif"
size = 16
recurrent = true

[[network.layer]]
cell = "leaky_integrator"

[train]
epochs = {epochs}
"""

SPIKES = DIGITS.replace("wav_digits", "spike_hdf5")


class BadInput(CommandLineTest):
    def refuse(self, code, *words, out="run", experiment=None, arguments=(), **options):
        """A training run that must not even leave its directory behind."""
        run = self.folder / out
        result = self.run_program("train", experiment or self.experiment, "--out", run, *arguments, **options)
        self.assert_refused(result, code, *words)
        print(f"exit {code}: {self.message(result)}")
        self.assertFalse(run.exists(), "something was written")

    def message(self, result):
        return result.stderr.split("backspike: error: ")[-1].strip().replace(str(self.folder), "DIR")


class Delays(BadInput):
    def refuse_delay(self, text, *words):
        self.refuse(2, *words, arguments=["--set", f"network.layer.hidden1.delay={text}"])

    def test_a_maximum_below_the_initial_delays(self):
        self.refuse_delay("{max = 5, init = 'constant', value = 7}", "hidden1.delay.value", "7 steps", "0 to delay.max, 5 steps")

    def test_negative_delays(self):
        self.refuse_delay("{max = 5, init = 'constant', value = -1}", "hidden1.delay.value", "-1.0 steps")
        self.refuse_delay("{max = -5}", "hidden1.delay.max", "-5 steps")

    def test_no_width_while_training(self):
        self.refuse_delay("{max = 5, width = {to = 0}}", "hidden1.delay.width.to", "0 steps", "0.05")
        self.refuse_delay("{max = 5, width = {from = 0}}", "hidden1.delay.width.from", "0 steps", "0.05")

    def test_delays_longer_than_the_sequence(self):  # of 12 steps
        self.refuse_delay("{max = 12}", "hidden1.delay max", "12 steps", "no spike would arrive that late")

    def test_rules_that_cannot_learn_them(self):
        delay = ["--set", "network.layer.hidden1.delay={max = 5}", "--set"]
        self.refuse(2, "hidden1.delay learn = true", "bptt", arguments=[*delay, "rule.kind=eprop"])
        self.refuse(2, "hidden1.delay max = 5 steps", "bptt", arguments=[*delay, "rule.kind=rtrl"])


class Data(BadInput):
    def images(self, part="train"):
        return self.data / f"{part}-images-idx3-ubyte"

    def labels(self, part="train"):
        return self.data / f"{part}-labels-idx1-ubyte"

    def test_missing_package(self):
        self.refuse(3, "dataset-fashion-mnist", "data.path",
                    arguments=["--set", "data.source=fashion_mnist", "--set", f"data.path={self.folder / 'nowhere'}"])

    def test_missing_folder(self):
        self.refuse(3, "nowhere", "data.path", arguments=["--set", f"data.path={self.folder / 'nowhere'}"])

    def test_truncated_images(self):
        whole = self.images().read_bytes()
        for length in (0, 3, 15, 16, len(whole) // 2, len(whole) - 1):
            self.images().write_bytes(whole[:length])
            self.refuse(4, self.images().name, out=f"run{length}")

    def test_wrong_magic_number(self):
        self.images().write_bytes(b"PK\3\4" + self.images().read_bytes()[4:])
        self.refuse(4, self.images().name)

    def test_bytes_after_the_end(self):
        self.labels().write_bytes(self.labels().read_bytes() + b"x")
        self.refuse(4, self.labels().name)

    def test_absurd_dimensions(self):
        self.images().write_bytes(struct.pack(">IIII", 0x803, 1 << 31, 1 << 31, 1 << 31))
        self.refuse(4, self.images().name)

    def test_counts_that_differ(self):
        self.labels().write_bytes(idx_labels([0, 1, 2, 3]))
        self.refuse(4, "4", "200")

    def test_corrupt_gzip(self):
        for damage in ("truncated", "flipped"):
            write_idx(self.data, compress=True)
            self.images().unlink(missing_ok=True)
            zipped = self.images().with_name(self.images().name + ".gz")
            content = bytearray(zipped.read_bytes())
            if damage == "truncated":
                content = content[: len(content) // 2]
            else:
                content[len(content) // 2] ^= 0xFF
            zipped.write_bytes(bytes(content))
            self.refuse(4, zipped.name, out=damage)

    def test_label_out_of_range(self):
        labels = [i % CLASSES for i in range(60)]
        labels[7] = 200
        self.labels("t10k").write_bytes(idx_labels(labels))
        self.refuse(2, "label", "200", "7")

    def test_class_that_only_the_test_set_has(self):
        import random
        labels = [i % 2 * 2 for i in range(200)]  # 0 and 2, never 1
        self.labels().write_bytes(idx_labels(labels))
        self.images().write_bytes(idx_images(labels, random.Random(1)))
        self.refuse(2, "t10k", "label of sample 1 (byte 9) = 1", "0, 2: the labels of the training set")

    def test_recordings(self):
        folder = self.folder / "recordings"
        write_recordings(folder)
        digits = self.write_experiment(DIGITS, name="digits.toml", path=folder)
        victim = folder / "1_bob_4.wav"
        whole = victim.read_bytes()
        for name, content in (("empty", b""), ("header", whole[:30]), ("text", b"not a recording, but a text\n" * 9)):
            victim.write_bytes(content)
            self.refuse(4, "1_bob_4.wav", out=name, experiment=digits)
        victim.write_bytes(whole[: len(whole) // 2])
        self.refuse(4, "1_bob_4.wav", out="truncated", experiment=digits)
        victim.write_bytes(whole)
        self.refuse(2, "zoe", "ann", out="speaker", experiment=digits, arguments=["--set", "data.held_out_speaker=zoe"])
        empty = self.folder / "empty_folder"
        empty.mkdir()
        self.refuse(3, "data.path", out="nothing", experiment=digits, arguments=["--set", "data.path="])
        self.refuse(3, "empty_folder", out="none", experiment=digits, arguments=["--set", f"data.path={empty}"])

    def test_spike_files(self):
        recordings = self.folder / "recordings"
        write_recordings(recordings)
        digits = self.write_experiment(DIGITS, name="digits.toml", path=recordings)
        spikes = self.folder / "spikes.h5"
        self.succeed("encode", digits, "--out", spikes, "--split", "train")
        experiment = self.write_experiment(SPIKES, name="spikes.toml", path=spikes)
        whole = spikes.read_bytes()
        for length in (0, 10, len(whole) // 2, len(whole) - 1):
            spikes.write_bytes(whole[:length])
            self.refuse(4, "spikes.h5", out=f"run{length}", experiment=experiment)
        spikes.write_bytes(b"x" * 5000)
        self.refuse(4, "spikes.h5", out="other", experiment=experiment)


class Settings(BadInput):
    def test_unknown_key(self):
        text = self.experiment.read_text().replace("learning_rate", "learning_rat")
        self.experiment.write_text(text)
        line = next(i for i, l in enumerate(text.splitlines(), 1) if "learning_rat" in l)
        self.refuse(2, f"{self.experiment}:{line}", "optimiser.learning_rat", "learning_rate")

    def test_unknown_override(self):
        self.refuse(2, "objective.rate_penalti", "rate_penalty", arguments=["--set", "objective.rate_penalti=1e-4"])

    def test_value_out_of_range(self):
        self.refuse(2, "data.validation", arguments=["--set", "data.validation=1.5"])

    def test_no_layers(self):
        self.experiment.write_text("[data]\nsource = 'idx'\n")
        self.refuse(2, "layer")

    def test_impossible_shape(self):
        self.refuse(2, "7", str(CLASSES), arguments=["--set", "network.layer.1.size=7"])

    def test_toml_syntax(self):
        self.experiment.write_text("[data\n")
        self.refuse(2, f"{self.experiment}:1")

    def test_missing_experiment(self):
        self.refuse(5, "nowhere.toml", experiment=self.folder / "nowhere.toml")

    def test_run_that_cannot_fit(self):
        self.refuse(8, "KiB", arguments=["--memory-limit", "64KB"])
        self.refuse(8, "encode", "data.encoder.steps", out="long",
                    arguments=["--set", "data.encoder.kind=current", "--set", "data.encoder.steps=1000000"])
        self.refuse(8, "GiB", out="wide", arguments=["--set", "network.layer.0.size=1000000",
                                                     "--set", "network.layer.0.recurrent=true"])


class Numbers(BadInput):
    def test_nan_in_training(self):
        run = self.folder / "run"
        # One step an epoch, in which a decay far above 2 / rate multiplies every weight by -1e4.
        exploding = [f"--set={s}" for s in ("train.epochs=30", "train.batch=200", "optimiser.kind=adamw",
                                            "optimiser.weight_decay=1e6")]
        result = self.run_program("train", self.experiment, "--out", run, *exploding)
        self.assert_refused(result, 7, "finite", "training step", "checkpoint_last.h5")
        self.assertTrue(any(layer in result.stderr for layer in ("hidden1", "readout")), result.stderr)
        print(f"exit 7: {self.message(result)}")
        self.succeed("evaluate", run / "checkpoint_last.h5")

    def test_overflow_in_a_forward_pass(self):
        """Weights of 1e38 are finite, their sum is not: it is the second step that meets them."""
        result = self.run_program("train", self.experiment, "--out", self.folder / "run",
                                  "--set", "optimiser.learning_rate=1e38")
        self.assert_refused(result, 7, "training step 2", "neuron", "in time step", "optimiser.learning_rate")
        print(f"exit 7: {self.message(result)}")

    def test_nan_in_weights(self):
        run = self.folder / "run"
        self.train(run)
        path = run / "checkpoint_best.h5"
        content = bytearray(path.read_bytes())
        weight = self.a_weight(content)
        content[weight:weight + 4] = struct.pack("<f", float("nan"))
        path.write_bytes(bytes(content))
        result = self.run_program("evaluate", run)
        self.assert_refused(result, 7, "hidden1.weight", "not finite")
        self.assertNotIn("learning_rate", result.stderr)  # which is no help here
        print(f"exit 7: {self.message(result)}")

    def a_weight(self, content):
        """A number of hidden1.weight: HDF5 stores it as one block of floats, none of which is 0 or large. Not its first,
        before which a checksum may look like one more."""
        size = 4 * SIDE * SIDE * 24
        for at in range(len(content) - size):
            values = struct.unpack_from("<64f", content, at)
            if all(1e-6 < abs(v) < 10 for v in values):
                return at + 4 * 32
        self.fail("no block of weights in the checkpoint")


class Checkpoints(BadInput):
    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "trained"
        self.train(self.run_folder)

    def refuse_command(self, code, *words, command):
        result = self.run_program(*command)
        self.assert_refused(result, code, *words)
        print(f"exit {code}: {self.message(result)}")

    def test_truncated_checkpoint(self):
        path = self.run_folder / "checkpoint_best.h5"
        whole = path.read_bytes()
        for length in (0, 100, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:length])
            self.refuse_command(4, "checkpoint_best.h5", command=["evaluate", self.run_folder])

    def test_missing_checkpoint(self):
        self.refuse_command(5, "nowhere", command=["evaluate", self.folder / "nowhere"])

    def test_resume_with_another_network(self):
        before = (self.run_folder / "checkpoint_last.h5").read_bytes()
        self.refuse_command(6, "size", "24", "32", command=["train", self.experiment, "--out", self.run_folder, "--resume",
                                                            "--set", "network.layer.0.size=32"])
        self.assertEqual((self.run_folder / "checkpoint_last.h5").read_bytes(), before)

    def test_data_of_another_shape(self):
        import random
        other = self.folder / "other"
        write_idx(other)
        labels = [0, 1, 2, 3]
        small = struct.pack(">IIII", 0x803, 4, 3, 3) + bytes(36)
        (other / "t10k-images-idx3-ubyte").write_bytes(small)
        (other / "t10k-labels-idx1-ubyte").write_bytes(idx_labels(labels))
        result = self.run_program("evaluate", self.run_folder, "--data", other)
        self.assertIn(result.returncode, (2, 4, 6), result.stderr)
        print(f"exit {result.returncode}: {self.message(result)}")

    def test_checkpoint_of_another_network_as_the_runs(self):
        """A checkpoint file of a run of other sizes, put in the place of this run's."""
        other = self.folder / "wide"
        self.train(other, "--set", "network.layer.0.size=40")
        (self.run_folder / "checkpoint_last.h5").write_bytes((other / "checkpoint_last.h5").read_bytes())
        self.refuse_command(6, "size", command=["train", self.experiment, "--out", self.run_folder, "--resume"])


class System(BadInput):
    def test_directory_that_cannot_be_made(self):
        blocker = self.folder / "file"
        blocker.write_text("in the way")
        result = self.run_program("train", self.experiment, "--out", blocker / "run")
        self.assert_refused(result, 5, blocker)
        print(f"exit 5: {self.message(result)}")

    def test_unwritable_directory(self):
        locked = self.folder / "locked"
        locked.mkdir(mode=0o555)
        command = [PROGRAM, "train", str(self.experiment), "--out", str(locked / "run")]
        if os.geteuid() == 0:  # root may write anywhere, unless it gives that right away
            as_anyone = ["setpriv", "--bounding-set=-dac_override"]
            if shutil.which("setpriv") is None or subprocess.run([*as_anyone, "true"], capture_output=True).returncode:
                self.skipTest("root that cannot give up its right to write anywhere")
            command = as_anyone + command
        result = subprocess.run(command, capture_output=True, text=True, timeout=300)
        self.assert_refused(result, 5, locked)
        print(f"exit 5: {self.message(result)}")

    def test_disk_full(self):
        """A limit on the size of files stands for the disk's: the write fails in the same place with the same outcome."""
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
        run = self.folder / "run"
        result = self.run_program("train", self.experiment, "--out", run, preexec_fn=limit)
        self.assert_refused(result, 5, "checkpoint_initial.h5")
        print(f"exit 5: {self.message(result)}")
        left = {p.name for p in run.iterdir()}
        self.assertLessEqual(left, {"experiment.toml"}, "a half-written file is left")
        self.train(run, "--resume")  # with room again, the same command goes on

    def test_full_standard_output(self):
        run = self.folder / "run"
        self.train(run)
        with open("/dev/full", "w") as full:
            result = subprocess.run([PROGRAM, "predict", str(run)], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, 5, result.stderr)
        print(f"exit 5: {self.message(result)}")

    def test_interrupted(self):
        import time
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            run = self.folder / f"run{code}"
            command = [PROGRAM, "train", str(self.experiment), "--set", "train.epochs=100000", "--out", str(run)]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            while not (run / "checkpoint_last.h5").exists():
                self.assertIsNone(process.poll(), "ended before it was interrupted")
                time.sleep(0.02)
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, code, errors)
            self.assertIn("--resume", errors)
            self.succeed("evaluate", run / "checkpoint_last.h5")


if __name__ == "__main__":
    unittest.main()
