"""Data that are not those of the training: --data, paths from other folders, data and epochs that change under a run."""

import csv
import io
import json
import shutil
import struct
import unittest

from harness import CLASSES, EXPERIMENT, CommandLineTest, PROGRAM, idx_labels, write_idx, write_recordings


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


class GivenData(CommandLineTest):
    """A run on images, and files of images with the labels that a test writes beside them."""

    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "run"
        self.train(self.run_folder, "--set", "train.epochs=4")
        self.images = self.data / "t10k-images-idx3-ubyte"
        self.labels = self.data / "t10k-labels-idx1-ubyte"

    def evaluate(self, *arguments):
        return json.loads(self.succeed("evaluate", self.run_folder, "--json", *arguments).stdout)

    def copy_of_test_images(self, name="mine"):
        images = self.folder / f"{name}-images-idx3-ubyte"
        shutil.copy(self.images, images)
        return images, self.folder / f"{name}-labels-idx1-ubyte"

    def test_it_is_this_file_that_is_read(self):
        """A file with other contents has other figures: before, the run's own test set was read."""
        own = self.evaluate()
        images, labels = self.copy_of_test_images()
        labels.write_bytes(idx_labels([(i + 1) % CLASSES for i in range(60)]))  # every label is wrong
        self.assertGreater(own["accuracy"], 0.5)
        self.assertLess(self.evaluate("--data", images)["accuracy"], 0.2)
        images.write_bytes(self.images.read_bytes()[:16] + bytes(60 * 36))
        self.assertEqual(self.evaluate("--data", images)["spikes_per_sample"], 0)
        images.write_bytes(b"garbage" * 100)
        for command in ("evaluate", "predict"):
            self.assert_refused(self.run_program(command, self.run_folder, "--data", images), 4, images)

    def test_all_of_it(self):
        """The test file alone gives the figures of the run, the folder all samples: training and test set."""
        own = self.evaluate()
        given = self.evaluate("--data", self.images)
        self.assertEqual(given["data"], str(self.images))
        for key in ("samples", "accuracy", "loss", "spikes_per_sample", "energy"):
            self.assertEqual(given[key], own[key], key)
        self.assertEqual(self.evaluate("--data", self.data)["samples"], 260)
        text = self.succeed("evaluate", self.run_folder, "--data", self.data).stdout
        self.assertIn(f"{self.data} accuracy", text)
        self.assertEqual(len(rows_of(self.succeed("predict", self.run_folder, "--data", self.data).stdout)), 260)

    def test_few_classes_and_none(self):
        images, labels = self.copy_of_test_images()
        labels.write_bytes(idx_labels([1] * 60))
        self.assertEqual(self.evaluate("--data", images)["samples"], 60)
        with_labels = rows_of(self.succeed("predict", self.run_folder, "--data", images).stdout)
        self.assertEqual({row["label"] for row in with_labels}, {"1"})
        labels.write_bytes(idx_labels([1] * 59 + [7]))
        self.assert_refused(self.run_program("evaluate", self.run_folder, "--data", images), 2,
                            "label of sample 59 = 7", "0, 1, 2, 3")
        labels.unlink()
        self.assert_refused(self.run_program("evaluate", self.run_folder, "--data", images), 2, "labels of", "predict")
        without = rows_of(self.succeed("predict", self.run_folder, "--data", images).stdout)
        self.assertEqual({row["label"] for row in without}, {"-1"})
        for key in ("predicted", "score_0", "score_3"):
            self.assertEqual([row[key] for row in without], [row[key] for row in with_labels])

    def test_what_would_be_ignored_is_refused(self):
        for arguments, word in ((("--split", "test"), "--split"), (("--set", "data.limit=3"), "data.limit"),
                                (("--set", "data.path=x"), "data.path"), (("--set", "data.bin_ms=3"), "data.bin_ms"),
                                (("--set", "data.held_out_speaker=x"), "data.held_out_speaker"),
                                (("--set", "data.evidence.cues=3"), "data.evidence")):
            refused = self.run_program("evaluate", self.run_folder, "--data", self.images, *arguments)
            self.assert_refused(refused, 2, word, "all samples of")
        self.evaluate("--data", self.images, "--set", "data.encoder.threshold=0.3")

    def test_missing_data_are_named(self):
        refused = self.run_program("predict", self.run_folder, "--data", self.folder / "nowhere")
        self.assert_refused(refused, 3, self.folder / "nowhere")

    def test_images_of_another_size(self):
        images, _ = self.copy_of_test_images()
        images.write_bytes(struct.pack(">IIII", 0x803, 2, 5, 5) + bytes(50))
        self.assert_refused(self.run_program("predict", self.run_folder, "--data", images), 2, "25 channels", "36")

    def test_generated_sources_take_no_file(self):
        file = self.write_experiment("name = \"g\"\n[data]\nsource = \"coincidence\"\n[data.coincidence]\nsteps = 100\n"
                                     "train_samples = 20\nvalidation_samples = 4\ntest_samples = 4\n"
                                     "[[network.layer]]\ncell = \"lif\"\nsize = 8\n[[network.layer]]\n"
                                     "cell = \"leaky_integrator\"\n[train]\nepochs = 1\n# {path} {epochs}", name="g.toml")
        run = self.folder / "generated"
        self.train(run, experiment=file)
        self.assert_refused(self.run_program("evaluate", run, "--data", self.images), 2, "coincidence", "spike_hdf5")


class GivenSpikes(CommandLineTest):
    def test_how_a_file_is_read_may_be_said(self):
        """The reader's own errors ask for data.time_unit."""
        self.succeed("encode", self.experiment, "--out", self.folder / "spikes.h5")
        file = self.folder / "spikes_test.h5"
        text = EXPERIMENT.replace('"idx"', '"spike_hdf5"').replace("[data.encoder]\nkind = \"latency\"\nsteps = 12\n",
                                                                  "bin_ms = 1.0\n")
        run = self.folder / "run"
        self.train(run, experiment=self.write_experiment(text, name="spikes.toml", path=self.folder / "spikes_train.h5"))

        def loss(*keys):
            settings = [part for key in keys for part in ("--set", key)]
            return json.loads(self.succeed("evaluate", run, "--data", file, "--json", *settings).stdout)["loss"]

        plain = loss()
        for source in ((), ("data.source=none",)):
            self.assertEqual(loss("data.time_unit=s", *source), plain)
            self.assertEqual(loss("data.duplicates=count", *source), plain)  # there are none
            self.assertNotEqual(loss("data.time_unit=ms", *source), plain)
            self.assertNotEqual(loss("data.duration_ms=4", *source), plain)
        for key in ("data.limit=3", "data.test_path=x.h5", "data.validation=0.5", "data.encoder.steps=3", "train.epochs=3"):
            refused = self.run_program("evaluate", run, "--data", file, "--set", key)
            self.assert_refused(refused, 2, key.split("=")[0], "data.time_unit, data.duplicates", "all samples of")
        refused = self.run_program("predict", run, "--data", file, "--set", "data.source=none", "--set", "data.bin_ms=1")
        self.assert_refused(refused, 2, "data.bin_ms", "all samples of")


class Labels(CommandLineTest):
    def test_holes_are_mapped_and_the_mapping_is_kept(self):
        for part in ("train", "t10k"):
            file = self.data / f"{part}-labels-idx1-ubyte"
            content = file.read_bytes()
            file.write_bytes(content[:8] + bytes({0: 1, 1: 2, 2: 5, 3: 250}[label] for label in content[8:]))
        run = self.folder / "run"
        self.train(run, "--set", "train.epochs=4")
        rows = rows_of(self.succeed("predict", run).stdout)
        self.assertEqual({row["label_name"] for row in rows}, {"1", "2", "5", "250"})
        self.assertEqual({row["label"] for row in rows}, {"0", "1", "2", "3"})
        right = sum(row["label_name"] == row["predicted_name"] for row in rows)
        self.assertGreater(right / len(rows), 0.5)
        objects = [json.loads(line) for line in self.succeed("predict", run, "--json").stdout.splitlines()]
        self.assertEqual([o["predicted_name"] for o in objects], [row["predicted_name"] for row in rows])
        images = self.folder / "two-images-idx3-ubyte"
        shutil.copy(self.data / "t10k-images-idx3-ubyte", images)
        labels = self.folder / "two-labels-idx1-ubyte"
        labels.write_bytes(idx_labels([{0: 1, 1: 2, 2: 5, 3: 250}[i % CLASSES] for i in range(60)]))
        whole = json.loads(self.succeed("evaluate", run, "--data", images, "--json").stdout)
        own = json.loads(self.succeed("evaluate", run, "--json").stdout)
        self.assertEqual(whole["accuracy"], own["accuracy"])
        labels.write_bytes(idx_labels([5] * 60))
        rows = rows_of(self.succeed("predict", run, "--data", images).stdout)
        self.assertEqual({(row["label"], row["label_name"]) for row in rows}, {("2", "5")})
        labels.write_bytes(idx_labels([5] * 59 + [3]))
        self.assert_refused(self.run_program("evaluate", run, "--data", images), 2, "sample 59 = 3", "1, 2, 5, 250")

    def test_recordings_need_neither_names_nor_labels(self):
        write_recordings(self.folder / "tones", count=6)
        text = EXPERIMENT.replace('"idx"', '"wav_digits"').replace("[data.encoder]\nkind = \"latency\"\nsteps = 12\n", "")
        file = self.write_experiment(text, name="tones.toml", path=self.folder / "tones")
        self.train(self.folder / "run", experiment=file)
        header = self.succeed("predict", self.folder / "run").stdout.splitlines()[0]
        self.assertTrue(header.startswith("sample,label,predicted,score_0"), "plain numbers need no names")
        one = self.succeed("predict", self.folder / "run", "--data", self.folder / "tones" / "7_ann_0.wav").stdout
        self.assertEqual([row["label"] for row in rows_of(one)], ["7"])
        shutil.copy(self.folder / "tones" / "7_ann_0.wav", self.folder / "hello.wav")
        again = self.succeed("predict", self.folder / "run", "--data", self.folder / "hello.wav").stdout
        self.assertEqual([row["label"] for row in rows_of(again)], ["-1"])
        self.assertEqual(one.splitlines()[1].split(",")[2:], again.splitlines()[1].split(",")[2:])


class Paths(CommandLineTest):
    def test_from_the_folder_of_the_file_and_remembered(self):
        """As a user has it: the experiment beside its data, commands from anywhere."""
        self.write_experiment(path="data")
        (self.folder / "elsewhere").mkdir()
        run = self.folder / "run"
        options = {"cwd": self.folder / "elsewhere"}
        self.run_in(options, "train", "../tiny.toml", "--out", run)
        self.assertIn(f'path = "{self.folder / "data"}"', (run / "experiment.toml").read_text())
        shutil.rmtree(self.folder / "elsewhere")
        for command in ("evaluate", "predict", "inspect"):
            self.run_in({"cwd": "/"}, command, run)
        self.run_in({"cwd": "/"}, "train", self.experiment, "--out", run, "--resume")
        plain = self.folder / "plain"
        self.run_in({"cwd": self.folder}, "train", "tiny.toml", "--out", plain)
        self.assert_same_checkpoints(run, plain)

    def test_an_override_is_from_the_current_folder(self):
        (self.folder / "below").mkdir()
        write_idx(self.folder / "below" / "other")
        self.run_in({"cwd": self.folder / "below"}, "train", self.experiment, "--out", self.folder / "run", "--set",
                    "data.path=other")
        self.assertIn(f'path = "{self.folder / "below" / "other"}"', (self.folder / "run" / "experiment.toml").read_text())
        self.run_in({"cwd": "/"}, "evaluate", self.folder / "run")

    def run_in(self, options, *arguments):
        import subprocess
        result = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=300, **options)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


class ChangedData(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "run"
        self.train(self.run_folder)

    def change(self, name, at=300):
        file = self.data / name
        content = bytearray(file.read_bytes())
        content[at] ^= 255
        file.write_bytes(content)

    def test_a_run_does_not_go_on_with_other_data(self):
        before = {p.name: p.read_bytes() for p in self.run_folder.iterdir()}
        for name, at, part in (("t10k-images-idx3-ubyte", 300, "(test)"), ("train-images-idx3-ubyte", 300, "(")):
            self.change(name, at)
            refused = self.run_program("train", self.experiment, "--out", self.run_folder, "--resume")
            self.assert_refused(refused, 6, "the data have changed", part, "--overwrite")
            self.change(name, at)
        self.assertEqual(before, {p.name: p.read_bytes() for p in self.run_folder.iterdir()})
        self.train(self.run_folder, "--resume")

    def test_the_same_data_elsewhere_are_another_experiment(self):
        write_idx(self.folder / "moved")
        refused = self.run_program("train", self.experiment, "--out", self.run_folder, "--resume", "--set",
                                   f"data.path={self.folder / 'moved'}")
        self.assert_refused(refused, 6, "data.path")


class MoreEpochs(CommandLineTest):
    def metrics(self, run):
        records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        return [{k: v for k, v in r.items() if k != "seconds"} for r in records]

    def test_same_bits_as_a_run_of_that_many(self):
        long, grown = self.folder / "long", self.folder / "grown"
        self.train(long, "--set", "train.epochs=5")
        self.train(grown)
        self.train(grown, "--resume", "--epochs", "5")
        self.assertEqual(json.loads((grown / "summary.json").read_text())["train"]["epochs"], 5)
        self.assert_same_checkpoints(long, grown)
        self.assertEqual(self.metrics(long), self.metrics(grown))
        self.assertEqual((long / "experiment.toml").read_bytes(), (grown / "experiment.toml").read_bytes())
        self.train(grown, "--resume", "--epochs", "5")
        self.assert_same_checkpoints(long, grown)

    def test_a_schedule_by_epochs_alone_goes_on_too(self):
        options = ("--set", "optimiser.schedule=step", "--set", "optimiser.step_every=2")
        long, grown = self.folder / "long", self.folder / "grown"
        self.train(long, "--epochs", "4", *options)
        self.train(grown, *options)
        self.train(grown, "--resume", "--epochs", "4", *options)
        self.assert_same_checkpoints(long, grown)

    def test_without_the_switch_it_is_another_experiment(self):
        run = self.folder / "run"
        self.train(run)
        refused = self.run_program("train", self.experiment, "--out", run, "--resume", "--set", "train.epochs=5")
        self.assert_refused(refused, 6, "train.epochs (2 before, 5 now)", "--epochs")
        refused = self.run_program("train", self.experiment, "--out", run, "--resume", "--epochs", "1")
        self.assert_refused(refused, 6, "2 epochs are completed", "2 or more")
        refused = self.run_program("train", self.experiment, "--out", run, "--resume", "--epochs", "5", "--seed", "9")
        self.assert_refused(refused, 6, "seed")

    def test_schedules_over_all_epochs_are_refused(self):
        for number, (options, word) in enumerate((
                (("--set", "optimiser.schedule=cosine"), "optimiser.schedule = cosine"),
                (("--set", "optimiser.schedule=one_cycle"), "optimiser.schedule = one_cycle"),
                (("--set", "optimiser.warmup=0.1"), "optimiser.warmup"),
                (("--set", "network.layer.hidden1.delay={max = 5, width = {from = 3, to = 1}}"), "hidden1"))):
            run = self.folder / f"run{number}"
            self.train(run, *options)
            refused = self.run_program("train", self.experiment, "--out", run, "--resume", "--epochs", "4", *options)
            self.assert_refused(refused, 6, word, "another number of epochs")
            self.train(run, "--resume", "--epochs", "2", *options)  # the number that it has


if __name__ == "__main__":
    print(f"testing {PROGRAM}")
    unittest.main(verbosity=2)
