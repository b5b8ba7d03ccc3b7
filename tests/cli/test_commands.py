"""Every command on a tiny data set, as a user would type it."""

import csv
import io
import json
import unittest

from harness import CLASSES, CommandLineTest, PROGRAM, write_idx, write_recordings

RUN_FILES = {"experiment.toml", "metrics.jsonl", "summary.json", "report.html", "checkpoint_initial.h5",
             "checkpoint_last.h5", "checkpoint_best.h5"}


class Help(CommandLineTest):
    def test_every_command_has_examples(self):
        for command in ("train", "evaluate", "predict", "inspect", "encode", "compare-gradients", "mismatch", "attack", "deploy",
                        "sensitivity", "export", "sweep", "events", "schema"):
            text = self.succeed(command, "--help").stdout
            self.assertIn(f"Examples:\n  backspike {command}", text)

    def test_program_lists_exit_codes_and_version(self):
        text = self.succeed("--help").stdout
        for code in ("2 command line", "3 missing", "4 truncated", "5 read", "6 checkpoint", "7 NaN", "8 the run", "9 runs of a sweep", "70"):
            self.assertIn(code, text)
        self.assertRegex(self.succeed("--version").stdout, r"^backspike \d+\.\d+\.\d+\n$")

    def test_usage_errors(self):
        self.assert_refused(self.run_program(), 2)
        self.assert_refused(self.run_program("trian"), 2)
        self.assert_refused(self.run_program("train"), 2, "experiment is required")
        self.assert_refused(self.run_program("train", self.experiment, "--threads", "-1"), 2)
        self.assert_refused(self.run_program("train", self.experiment, "--resume", "--overwrite"), 2, "--resume")

    def test_schema_for_programs(self):
        schema = json.loads(self.succeed("schema", "--json").stdout)
        rules = next(s for s in schema["experiment"] if s["name"] == "rule")
        kind = next(k for k in rules["keys"] if k["name"] == "kind")
        self.assertEqual((kind["default"], kind["type"]), ("bptt", "choice"))
        self.assertIn("eprop", kind["choices"])
        lif = next(c for c in schema["cells"] if c["name"] == "lif")
        self.assertEqual(lif["parameters"][0], {"name": "tau_m", "unit": "ms", "default": 20.0, "low": 0.01,
                                                "high": 1e6, "meaning": "membrane time constant"})

        connection = next(s for s in schema["connection"] if s["name"] == "")
        delay = next(k for k in connection["keys"] if k["name"] == "base_delay")
        self.assertEqual((delay["default"], delay["high"], delay["type"]), (None, 65535, "integer"))
        sparse = next(k for k in schema["connections"] if k["name"] == "sparse")
        self.assertEqual([s["name"] for s in sparse["settings"]], ["density", "seed", "autapses"])
        self.assertTrue(sparse["takes_pairs"])

    def test_schema(self):
        text = self.succeed("schema").stdout
        for key in ("learning_rate", "threshold", "epochs", "tau_m", "report_samples"):
            self.assertIn(key, text)


class Train(CommandLineTest):
    def test_run_directory(self):
        run = self.folder / "run"
        result = self.train(run, "--threads", "1")
        self.assertEqual({p.name for p in run.iterdir()}, RUN_FILES)
        summary = json.loads((run / "summary.json").read_text())
        for path in ("test.accuracy", "test.loss", "train.seconds", "train.epochs", "train.samples_per_second",
                     "peak_rss_bytes", "spikes_per_sample", "seed", "threads", "version"):
            value = summary
            for key in path.split("."):
                value = value[key]
            self.assertIsNotNone(value, path)
        self.assertEqual((summary["train"]["epochs"], summary["seed"], summary["threads"]), (2, 3, 1))
        self.assertGreater(summary["spikes_per_sample"], 0)
        self.assertGreater(summary["peak_rss_bytes"], 1 << 20)
        self.check_energy(summary)
        self.assertIn("effective ACs", (run / "report.html").read_text())
        last = result.stdout.splitlines()[-2:]
        self.assertTrue(last[0].startswith(f"test accuracy {summary['test']['accuracy']:.4f}"), last[0])
        self.assertEqual(last[1], f"report {run}/report.html")
        self.assertEqual(result.stderr, "")  # no progress bar where there is no terminal

    def test_balanced_weights_of_a_class_without_samples(self):
        run, balanced = self.folder / "run", ("--set", "objective.class_weights=balanced", "--set", "data.limit=3")
        result = self.train(run, *balanced)
        self.assertRegex(result.stderr, r"^note: class \d: no training sample or labelled step, [^\n]*\n$")
        self.assertNotIn("no training sample", result.stdout)  # it has been said
        summary = json.loads((run / "summary.json").read_text())
        self.assertEqual(sorted(summary["class_weights"]), [0, 0.75, 0.75, 0.75])
        self.assertEqual([w["kind"] for w in summary["warnings"]][:1], ["absent_classes"])
        self.assertIn("no training sample", (run / "report.html").read_text())
        measured = json.loads(self.succeed("evaluate", run, "--json").stdout)
        self.assertAlmostEqual(measured["loss"], summary["test"]["loss"], places=12)

    def check_energy(self, summary):
        """On 36 - 24 - 4 with 12 steps, what follows from the layers and the spikes alone."""
        energy, spikes = summary["energy"], summary["spikes_per_sample"]
        operations = energy["synaptic_operations"]
        self.assertEqual(operations["dense"], (36 * 24 + 24 * 4) * 12)
        self.assertEqual(operations["effective_macs"], 0)
        from_input = operations["effective_acs"] - 4 * spikes
        self.assertGreater(from_input, 0)
        self.assertAlmostEqual(from_input / 24 * 60, round(from_input / 24 * 60), places=6)  # whole spikes of 60 samples
        self.assertEqual(energy["membrane_updates"], 28 * 12)
        self.assertAlmostEqual(energy["activation_sparsity"], 1 - spikes / (24 * 12))
        self.assertEqual(energy["connection_sparsity"], 0)
        self.assertEqual(energy["footprint"], 4 * (summary["parameters"]["total"] + 2 * 24 + 4))

    def test_it_learns(self):
        run = self.folder / "run"
        self.train(run, "--set", "train.epochs=5")
        records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        self.assertEqual([r["epoch"] for r in records], [1, 2, 3, 4, 5])
        self.assertLess(records[-1]["train_loss"], records[0]["train_loss"])
        self.assertGreater(json.loads((run / "summary.json").read_text())["test"]["accuracy"], 1.5 / CLASSES)

    def test_a_line_an_epoch_and_quiet(self):
        lines = self.train(self.folder / "run").stdout.splitlines()
        self.assertEqual(sum(line.startswith("epoch ") for line in lines), 2)
        quiet = self.train(self.folder / "quiet", "--quiet")
        self.assertEqual([line.split()[0] for line in quiet.stdout.splitlines()], ["test", "report"])
        self.assertEqual(quiet.stderr, "")

    def test_overrides_are_in_the_resolved_experiment(self):
        run = self.folder / "run"
        self.train(run, "--set", "train.batch=20", "--set", "objective.rate_penalty=1e-4", "--seed", "77")
        text = (run / "experiment.toml").read_text()
        self.assertRegex(text, r"batch\s*=\s*20\b")
        self.assertRegex(text, r"rate_penalty\s*=\s*(0\.0001|1e-0?4)")
        again = self.folder / "again"
        self.train(again, experiment=run / "experiment.toml")
        self.assert_same_checkpoints(run, again)

    def test_default_directory(self):
        self.succeed("train", self.experiment)
        self.assertTrue((self.folder / "runs" / "tiny" / "report.html").exists())

    def test_an_existing_run_is_not_touched(self):
        run = self.folder / "run"
        self.train(run)
        before = (run / "checkpoint_last.h5").read_bytes()
        self.assert_refused(self.run_program("train", self.experiment, "--out", run), 2, "--resume", "--overwrite", run)
        self.assertEqual((run / "checkpoint_last.h5").read_bytes(), before)
        self.train(run, "--overwrite", "--seed", "4")
        self.assertNotEqual((run / "checkpoint_last.h5").read_bytes(), before)

    def test_without_validation_the_last_epoch_is_chosen(self):
        run = self.folder / "run"
        self.train(run, "--set", "data.validation=0")
        self.assertEqual(json.loads((run / "summary.json").read_text())["train"]["best_epoch"], 2)

    def test_gzipped_data(self):
        write_idx(self.folder / "zipped", compress=True)
        self.train(self.folder / "plain_run")
        self.train(self.folder / "zipped_run", "--set", f"data.path={self.folder / 'zipped'}")
        best = [(self.folder / run / "metrics.jsonl").read_text().split('"seconds"')[0] for run in ("plain_run", "zipped_run")]
        self.assertEqual(*best)


class Delays(CommandLineTest):
    def trained(self, *changes):
        run = self.folder / "run"
        sets = [word for change in changes for word in ("--set", f"network.layer.hidden1.{change}")]
        result = self.train(run, "--set", "train.epochs=4", *sets)
        return run, result.stdout, json.loads((run / "summary.json").read_text())

    def test_both_figures_are_told(self):
        run, shown, summary = self.trained("delay={max = 5, width = {from = 3, to = 1}}")
        rounded = summary["rounded_delays"]
        self.assertNotEqual(rounded["loss"], summary["test"]["loss"])
        self.assertGreater(rounded["spikes_per_sample"], 0)
        line = f"with delays rounded: accuracy {rounded['accuracy']:.4f}, loss {rounded['loss']:.4f}\n"
        self.assertIn(line, shown)
        self.assertIn("test accuracy, delays rounded", (run / "report.html").read_text())
        self.assertIn(line, self.succeed("evaluate", run).stdout)
        again = json.loads(self.succeed("evaluate", run, "--json").stdout)
        self.assertEqual(again["rounded_delays"], rounded)
        self.assertEqual(again["loss"], summary["test"]["loss"])

    def test_a_network_without_them_has_one(self):
        run, shown, summary = self.trained()
        self.assertNotIn("rounded_delays", summary)
        self.assertNotIn("rounded", shown + self.succeed("evaluate", run).stdout)

    def test_eprop_trains_around_delays_that_stand_still(self):
        run, _, summary = self.trained("delay={max = 5, learn = false, width = {from = 1, to = 1}}", "recurrent=true")
        bptt = summary["test"]["loss"]
        self.succeed("train", self.experiment, "--out", self.folder / "eprop", "--set", "train.epochs=4", "--set",
                     "network.layer.hidden1.delay={max = 5, learn = false, width = {from = 1, to = 1}}", "--set",
                     "network.layer.hidden1.recurrent=true", "--set", "rule.kind=eprop")
        lines = (self.folder / "eprop" / "metrics.jsonl").read_text().splitlines()
        losses = [json.loads(line)["train_loss"] for line in lines]
        self.assertLess(losses[-1], 0.9 * losses[0])
        self.assertNotEqual(json.loads((self.folder / "eprop" / "summary.json").read_text())["test"]["loss"], bptt)


class Trained(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "run"
        self.train(self.run_folder)
        self.summary = json.loads((self.run_folder / "summary.json").read_text())

    def test_evaluate_agrees_with_the_run(self):
        result = json.loads(self.succeed("evaluate", self.run_folder, "--json").stdout)
        self.assertEqual(result["accuracy"], self.summary["test"]["accuracy"])
        self.assertEqual(result["loss"], self.summary["test"]["loss"])
        self.assertEqual(result["energy"], self.summary["energy"])
        text = self.succeed("evaluate", self.run_folder / "checkpoint_best.h5").stdout
        self.assertIn("effective ACs", text)
        self.assertIn(f"test accuracy {self.summary['test']['accuracy']:.4f}", text)

    def test_evaluate_other_data_and_split(self):
        write_idx(self.folder / "other", test=8)
        other = ("--set", f"data.path={self.folder / 'other'}")
        self.assertEqual(json.loads(self.succeed("evaluate", self.run_folder, *other, "--json").stdout)["samples"], 8)
        result = json.loads(self.succeed("evaluate", self.run_folder, "--data", self.folder / "other", "--json").stdout)
        self.assertEqual(result["samples"], 208, "all of the folder, not its test set")
        result = json.loads(self.succeed("evaluate", self.run_folder, "--split", "validation", "--json").stdout)
        self.assertEqual(result["samples"], self.summary["validation"]["samples"])
        refused = self.run_program("evaluate", self.run_folder, "--set", "train.batch=3")
        self.assert_refused(refused, 2, "train.batch=3", "data.*")

    def test_predict(self):
        rows = list(csv.DictReader(io.StringIO(self.succeed("predict", self.run_folder).stdout)))
        self.assertEqual(len(rows), self.summary["test"]["samples"])
        right = sum(row["label"] == row["predicted"] for row in rows)
        self.assertAlmostEqual(right / len(rows), self.summary["test"]["accuracy"])
        for row in rows:
            scores = [float(row[f"score_{c}"]) for c in range(CLASSES)]
            self.assertAlmostEqual(sum(scores), 1.0, places=5)
            self.assertEqual(scores.index(max(scores)), int(row["predicted"]))
        file = self.folder / "predictions.jsonl"
        self.succeed("predict", self.run_folder, "--json", "--out", file)
        objects = [json.loads(line) for line in file.read_text().splitlines()]
        self.assertEqual([o["predicted"] for o in objects], [int(row["predicted"]) for row in rows])
        self.assertEqual(len(objects[0]["scores"]), CLASSES)

    def test_inspect(self):
        before = self.succeed("inspect", self.experiment).stdout
        after = self.succeed("inspect", self.run_folder).stdout
        for text in (before, after):
            for word in ("[36, 24]", "[24, 4]", "learnable", "input -> hidden1", "hidden1 -> readout", "KiB",
                         f"{36 * 24 * 12:,}"):  # dense multiply-adds of the first layer
                self.assertIn(word, text)
        self.assertIn("initial weights", before)
        self.assertIn("trained weights", after)

    def test_a_network_that_is_a_graph(self):
        graph = self.write_experiment(self.experiment.read_text() + """
[[network.connection]]
from = "input"
to = "readout"
kind = "sparse"
density = 1.0
[[network.connection]]
from = "readout"
to = "hidden1"
base_delay = 3
""", name="graph.toml")
        lines = self.succeed("inspect", graph).stdout.splitlines()
        start = next(k for k, line in enumerate(lines) if line.endswith("receives from"))
        self.assertEqual([line[46:] for line in lines[start + 1:start + 5]], [
            "input: dense [36, 24]", "readout: dense [4, 24], after 3 steps", "hidden1: dense [24, 4]",
            "input: sparse [36, 4], 144 synapses (36 a neuron)"])
        run = self.folder / "graph_run"
        self.succeed("train", graph, "--out", run, "--quiet")
        self.assertIn("[[network.connection]]", (run / "experiment.toml").read_text())
        self.assertIn('<svg class="graph"', (run / "report.html").read_text())
        self.assertIn("readout.input.weight", self.succeed("inspect", run).stdout)
        result = self.run_program("train", graph, "--set", "network.connection.hidden1.readout.base_delay=0")
        self.assert_refused(result, 2, "--set: network.connection.hidden1.readout.base_delay: closes the loop hidden1 "
                            "-> readout -> hidden1")

    def test_inspect_a_checkpoint_without_its_data(self):
        self.data.rename(self.folder / "elsewhere")
        text = self.succeed("inspect", self.run_folder).stdout
        self.assertIn("[36, 24]", text)
        self.assertIn("not shown", text)


class Recordings(CommandLineTest):
    def setUp(self):
        super().setUp()
        recordings = self.folder / "recordings"
        write_recordings(recordings)
        text = self.experiment.read_text().replace('"idx"', '"wav_digits"').replace(str(self.data), str(recordings))
        self.spoken = self.write_experiment(text.replace("[data.encoder]\nkind = \"latency\"\nsteps = 12\n", ""),
                                            name="spoken.toml")

    def test_leave_one_speaker_out(self):
        out = self.folder / "folds"
        text = self.train(out, "--leave-one-speaker-out", "--quiet", experiment=self.spoken).stdout
        summary = json.loads((out / "summary.json").read_text())
        self.assertEqual([fold["speaker"] for fold in summary["folds"]], ["ann", "bob", "cid"])
        for fold in summary["folds"]:
            self.assertIn(fold["speaker"], text)
            self.assertEqual(fold["test"]["samples"], 70)
            alone = json.loads((out / fold["speaker"] / "summary.json").read_text())
            self.assertEqual(alone["test"]["accuracy"], fold["test"]["accuracy"])
        mean = sum(fold["test"]["accuracy"] for fold in summary["folds"]) / 3
        self.assertAlmostEqual(summary["test"]["accuracy"], mean)

    def test_one_held_out_speaker_is_one_fold(self):
        one = self.folder / "one"
        self.train(one, "--set", "data.held_out_speaker=bob", experiment=self.spoken)
        self.assertEqual(json.loads((one / "summary.json").read_text())["test"]["samples"], 70)
        refused = self.run_program("train", self.spoken, "--out", self.folder / "x", "--leave-one-speaker-out", "--set",
                                   "data.held_out_speaker=bob")
        self.assert_refused(refused, 2, "held_out_speaker")

    def test_encoded_recordings_train(self):
        text = self.succeed("encode", self.spoken, "--out", self.folder / "tones.h5").stdout
        self.assertIn("tones_train.h5: 60 samples", text)
        self.assertIn("tones_test.h5: 150 samples", text)
        self.succeed("encode", self.spoken, "--out", self.folder / "only.h5", "--split", "test")
        self.assertEqual((self.folder / "only.h5").read_bytes(), (self.folder / "tones_test.h5").read_bytes())
        run = self.folder / "run"
        self.train(run, "--set", "data.source=spike_hdf5", "--set", f"data.path={self.folder / 'tones_train.h5'}",
                   "--set", f"data.test_path={self.folder / 'tones_test.h5'}",
                   experiment=self.spoken)
        summary = json.loads((run / "summary.json").read_text())
        self.assertEqual(summary["test"]["samples"], 150)
        self.assertGreater(summary["spikes_per_sample"], 0)


if __name__ == "__main__":
    print(f"testing {PROGRAM}")
    unittest.main(verbosity=2)
