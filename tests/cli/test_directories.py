"""What the program removes, where it writes and what it says when the system refuses: links, other people's results, full
disks, closed pipes, permissions, paths that lead nowhere."""

import json
import os
import resource
import signal
import stat
import subprocess
import unittest

from harness import CommandLineTest, PROGRAM, write_recordings

KEY = "objective.rate_penalty"
OVER = ("--over", f"{KEY}=0,1e-3", "--set", "train.epochs=1", "--quiet")
NOBODY = 65534


def contents(folder):
    """Every file below a folder with its bytes, and where links point; links to folders are not followed."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(root, name)
            if os.path.islink(path):
                found[path] = os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    found[path] = file.read()
    return found


def changed(before, after):
    """Names only: a diff of checkpoints takes for ever and tells nothing."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


class SweepsOverwrite(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "sweep"
        self.other = self.folder / "other"
        self.train(self.other, "--quiet")

    def sweep(self, *arguments):
        return self.run_program("sweep", self.experiment, "--out", self.out, *(arguments or OVER))

    def begin(self):
        self.assertEqual(self.sweep().returncode, 0)

    def refuse_overwriting(self, code, *words, arguments=OVER):
        before = contents(self.folder)
        self.assert_refused(self.sweep(*arguments, "--overwrite"), code, *words)
        self.assertEqual(changed(before, contents(self.folder)), [], "something was written or removed")

    def test_other_runs_below_its_directory_stay(self):
        self.begin()
        for place in ("mine", "mine/run", f"{KEY}=0/mine"):
            self.train(self.out / place, "--quiet")
        (self.out / "elsewhere").symlink_to(self.other)
        (self.out / f"{KEY}=0" / "elsewhere").symlink_to(self.other)
        (self.out / f"{KEY}=0" / "seed3" / "notes.txt").write_text("mine")
        mine = {path: content for path, content in contents(self.folder).items()
                if "/mine" in path or "/elsewhere" in path or "/notes" in path or path.startswith(str(self.other))}
        self.assertGreater(len(mine), 30)
        result = self.sweep("--over", f"{KEY}=1e-2", "--set", "train.epochs=1", "--quiet", "--overwrite")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([path for path in changed(mine, contents(self.folder)) if path in mine], [])
        self.assertFalse((self.out / f"{KEY}=1e-3").exists(), "a run of the old sweep is there")
        self.assertEqual(sorted(path.name for path in (self.out / f"{KEY}=0" / "seed3").iterdir()), ["notes.txt"])

    def test_a_link_in_the_place_of_a_run_is_refused(self):
        self.begin()
        member = self.out / f"{KEY}=0" / "seed3"
        member.rename(self.folder / "moved")
        for target in (self.other, self.folder / "nowhere"):
            member.symlink_to(target)
            self.refuse_overwriting(2, member, "symbolic link")
            self.assert_refused(self.sweep(*OVER, "--resume"), 2, member, "symbolic link")
            member.unlink()
        (self.out / f"{KEY}=0").rmdir()
        (self.out / f"{KEY}=0").symlink_to(self.folder)
        self.refuse_overwriting(2, f"{KEY}=0", "symbolic link")
        self.assert_refused(self.sweep(*OVER, "--resume"), 2, f"{KEY}=0", "symbolic link")

    def test_a_list_that_leads_out_of_the_directory_is_refused(self):
        self.begin()
        listed = json.loads((self.out / "sweep.json").read_text())
        for place in ("../other", str(self.other), "", ".", f"{KEY}=0/../../other", "a//b"):
            listed["members"][0]["directory"] = place
            (self.out / "sweep.json").write_text(json.dumps(listed))
            self.refuse_overwriting(4, "sweep.json", "outside")

    def test_a_damaged_list_is_refused(self):
        self.begin()
        for text in ("", "{", "[]", "{}", '{"members": 3}', '{"members": [1]}', '{"members": [{"directory": 7}]}'):
            (self.out / "sweep.json").write_text(text)
            self.refuse_overwriting(4, "sweep.json", "not the file of a sweep")

    def test_a_run_that_is_not_in_the_list_is_refused(self):
        self.begin()
        self.train(self.out / f"{KEY}=5" / "seed3", "--quiet")
        self.refuse_overwriting(2, f"{KEY}=5/seed3", "sweep.json", arguments=("--over", f"{KEY}=5", "--quiet"))
        (self.out / "sweep.json").unlink()
        self.refuse_overwriting(2, "sweep.json")

    def test_runs_and_sweeps_do_not_share_a_directory(self):
        self.begin()
        before = contents(self.out)
        for more in ((), ("--overwrite",), ("--resume",)):
            self.assert_refused(self.run_program("train", self.experiment, "--out", self.out, *more), 2, "holds a sweep")
        self.assertEqual(changed(before, contents(self.out)), [])
        self.out = self.other
        self.refuse_overwriting(2, "holds files of a run")

    def test_the_sweeps_own_directory_may_be_a_link(self):
        (self.folder / "disk").mkdir()
        self.out.symlink_to(self.folder / "disk")
        self.begin()
        self.assertEqual(self.sweep(*OVER, "--overwrite").returncode, 0)
        self.assertTrue((self.folder / "disk" / f"{KEY}=0" / "seed3" / "summary.json").exists())


class RunsOverwrite(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "run"
        self.train(self.out, "--quiet")

    def test_files_that_are_not_a_runs_stay(self):
        (self.out / "checkpoint_mine.h5").write_text("mine")
        (self.out / "below").mkdir()
        (self.out / "below" / "checkpoint_last.h5").write_text("mine")
        theirs = self.folder / "theirs.h5"
        theirs.write_text("theirs")
        for name in ("checkpoint_best.h5", "metrics.jsonl", "report.html"):
            (self.out / name).unlink()
            (self.out / name).symlink_to(theirs)
        self.train(self.out, "--quiet", "--overwrite")
        self.assertEqual(theirs.read_text(), "theirs")
        self.assertFalse((self.out / "metrics.jsonl").is_symlink())
        self.assertEqual((self.out / "checkpoint_mine.h5").read_text(), "mine")
        self.assertEqual((self.out / "below" / "checkpoint_last.h5").read_text(), "mine")

    def test_a_resumed_run_does_not_write_through_links(self):
        for name in ("checkpoint_last.h5", "metrics.jsonl", "summary.json"):
            (self.out / name).rename(self.folder / name)
            (self.out / name).symlink_to(self.folder / name)
        theirs = {name: (self.folder / name).read_bytes() for name in ("checkpoint_last.h5", "metrics.jsonl")}
        self.train(self.out, "--quiet", "--resume")
        self.assertEqual(changed(theirs, {name: (self.folder / name).read_bytes() for name in theirs}), [])

    def test_a_folder_in_the_place_of_a_file_is_not_removed(self):
        (self.out / "summary.json").unlink()
        (self.out / "summary.json").mkdir()
        self.assert_refused(self.run_program("train", self.experiment, "--out", self.out, "--overwrite"), 5,
                            "summary.json")
        self.assertTrue((self.out / "summary.json").is_dir())

    def test_what_a_killed_writer_left_goes(self):
        left = self.out / ".backspike-0123456789abcdef.tmp"
        other = self.out / ".backspike-mine.tmp"
        for path in (left, other):
            path.write_text("half")
        self.train(self.out, "--quiet", "--resume")
        self.assertFalse(left.exists())
        self.assertTrue(other.exists())

    def test_half_a_line_of_metrics_is_cut_back(self):
        """As a kill in the middle of an epoch's line leaves it."""
        whole = (self.out / "metrics.jsonl").read_text()
        for torn in (whole + '{"epoch":3,"tra', whole + whole.splitlines(keepends=True)[-1].replace('h":2', 'h":3')):
            (self.out / "metrics.jsonl").write_text(torn)
            self.train(self.out, "--quiet", "--resume")
            self.assertEqual((self.out / "metrics.jsonl").read_text(), whole)


class Folds(CommandLineTest):
    def setUp(self):
        super().setUp()
        write_recordings(self.folder / "wav")
        self.toml = self.folder / "speech.toml"
        self.toml.write_text('[data]\nsource = "wav_digits"\npath = "wav"\n[[network.layer]]\nsize = 8\n'
                             '[[network.layer]]\ncell = "leaky_integrator"\n[train]\nepochs = 1\n')
        self.out = self.folder / "folds"

    def folds(self, *more):
        return self.run_program("train", self.toml, "--leave-one-speaker-out", "--quiet", "--out", self.out, *more)

    def test_only_folds_are_replaced(self):
        self.assertEqual(self.folds().returncode, 0)
        (self.out / "notes.txt").write_text("mine")
        self.train(self.out / "mine", "--quiet")
        mine = contents(self.out / "mine")
        self.assertEqual(self.folds("--overwrite").returncode, 0)
        self.assertEqual(changed(mine, contents(self.out / "mine")), [])
        self.assertEqual((self.out / "notes.txt").read_text(), "mine")

    def test_links_and_runs_are_refused(self):
        self.out.mkdir()
        self.train(self.folder / "other", "--quiet")
        (self.out / "bob").symlink_to(self.folder / "other")
        before = contents(self.folder)
        self.assert_refused(self.folds("--overwrite"), 2, "bob", "symbolic link")
        self.assertEqual(changed(before, contents(self.folder)), [])
        self.out = self.folder / "other"
        self.assert_refused(self.folds("--overwrite"), 2, "experiment.toml", "run or a sweep")


class Outputs(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "run"
        self.train(self.out, "--quiet")

    def test_links_are_replaced_and_devices_stay(self):
        theirs = self.folder / "theirs.csv"
        theirs.write_text("theirs")
        link = self.folder / "link.csv"
        link.symlink_to(theirs)
        self.succeed("predict", self.out, "--out", link, "--quiet")
        self.assertEqual(theirs.read_text(), "theirs")
        self.assertTrue(link.read_text().startswith("sample,"))
        output = "/proc/self/fd/1"  # where /dev/stdout points; a program that replaces files can do it no harm
        piped = self.succeed("predict", self.out, "--out", output, "--quiet").stdout
        self.assertEqual(piped, link.read_text())
        with open(self.folder / "redirected", "w") as file:
            subprocess.run([PROGRAM, "predict", self.out, "--out", output, "--quiet"], stdout=file, check=True)
        self.assertEqual((self.folder / "redirected").read_text(), piped)
        nothing, full = self.folder / "null", self.folder / "full"
        try:  # ours: as root, a program that replaces files would take /dev/null away from the whole machine
            os.mknod(nothing, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
            os.mknod(full, 0o600 | stat.S_IFCHR, os.makedev(1, 7))
            nothing.write_text("")
        except OSError as e:
            self.skipTest(f"may not make devices here: {e}")
        self.succeed("predict", self.out, "--out", nothing, "--quiet")
        self.assertTrue(nothing.is_char_device())
        self.assert_refused(self.run_program("predict", self.out, "--out", full, "--quiet"), 5, full)
        self.assertTrue(full.is_char_device())

    def test_the_mode_is_that_of_the_umask(self):
        for mask in (0o022, 0o077):
            self.succeed("predict", self.out, "--out", "p.csv", "--quiet", preexec_fn=lambda m=mask: os.umask(m))
            self.assertEqual((self.folder / "p.csv").stat().st_mode & 0o777, 0o666 & ~mask)

    def test_a_full_disk_behind_standard_output_is_noticed(self):
        for command in (["--help"], ["--version"], ["train", "--help"], ["schema"], ["predict", self.out],
                        ["inspect", self.experiment], ["evaluate", self.out, "--json"],
                        ["train", self.experiment, "--out", self.folder / "new"]):
            with open("/dev/full", "w") as full:
                result = subprocess.run([PROGRAM, *map(str, command)], stdout=full, stderr=subprocess.PIPE, text=True,
                                        cwd=self.folder)
            self.assertEqual(result.returncode, 5, f"{command}: {result.stderr}")
            self.assertIn("backspike: error: ", result.stderr)
            self.assertNotIn("bug", result.stderr)

    def test_who_has_no_standard_error_gets_the_exit_code(self):
        for redirection in ("2>/dev/full", "2>&-"):
            result = subprocess.run(["sh", "-c", f'"$0" evaluate {self.folder}/none {redirection}', PROGRAM])
            self.assertEqual(result.returncode, 5, redirection)

    def test_files_do_not_take_the_place_of_closed_outputs(self):
        """The first file that is opened would get the number 0, 1 or 2, and be sent what is printed."""
        for closed, code in (("<&-", 0), ("2>&-", 0), ("<&- 2>&-", 0), (">&-", 5), (">&- 2>&-", 5)):
            out = self.folder / f"run{closed}"
            command = f'"$0" train {self.experiment} --out "$1" {closed}'
            result = subprocess.run(["sh", "-c", command, PROGRAM, out], capture_output=True, cwd=self.folder)
            self.assertEqual(result.returncode, code, closed)
            self.train(out, "--quiet", "--resume")
            self.assert_same_checkpoints(out, self.out)
            self.assertEqual(len((out / "metrics.jsonl").read_text().splitlines()), 2)

    def test_a_reader_that_leaves_ends_the_program_quietly(self):
        """Also where the caller ignores the signal, as some shells and services do."""
        script = '"$0" schema | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}'
        for prepare in (lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL),
                        lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN)):
            reading, writing = os.pipe()
            os.close(reading)
            result = subprocess.run([PROGRAM, "schema"], stdout=writing, stderr=subprocess.PIPE, preexec_fn=prepare)
            os.close(writing)
            self.assertEqual((result.returncode, result.stderr), (-signal.SIGPIPE, b""))
        shell = subprocess.run(["bash", "-c", script, PROGRAM], capture_output=True, text=True)
        self.assertIn(shell.stdout.strip(), ("0", "141"))  # 0: all of it fitted into the pipe
        self.assertEqual(shell.stderr, "")

    def test_a_limit_of_file_sizes_is_an_error_and_no_death(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

        for command in (["train", self.experiment, "--out", self.folder / "new"],
                        ["predict", self.out, "--out", self.folder / "p.csv"],
                        ["encode", self.experiment, "--out", self.folder / "e.h5"]):
            result = self.run_program(*command, "--quiet", preexec_fn=limit)
            self.assert_refused(result, 5, "File too large")
        self.assertFalse((self.folder / "p.csv").exists())
        self.assertEqual(list(self.folder.glob("**/.backspike-*")), [])
        self.train(self.folder / "new", "--quiet", "--resume")
        self.assert_same_checkpoints(self.folder / "new", self.out)


class Paths(CommandLineTest):
    """Every argument that is a path, with paths that lead nowhere: the system's reason, never a bug."""

    def setUp(self):
        super().setUp()
        self.out = self.folder / "run"
        self.train(self.out, "--quiet")
        (self.folder / "loop").symlink_to("loop")
        (self.folder / "file").write_text("a file")
        (self.folder / "empty").mkdir()

    def commands(self, path):
        """(reads it, command): reading a folder or writing to one may be right."""
        run = self.out
        return [(True, ["train", path, "--out", "new"]), (True, ["inspect", path]), (True, ["evaluate", path]),
                (True, ["evaluate", run, "--data", path]), (True, ["compare-gradients", path]),
                (True, ["train", self.experiment, "--out", "new", "--set", f"data.path={path}"]),
                (False, ["train", self.experiment, "--out", path]),
                (False, ["sweep", self.experiment, "--seeds", "2", "--out", path]),
                (False, ["train", self.experiment, "--out", path, "--resume"]),
                (False, ["predict", run, "--out", path]), (False, ["encode", self.experiment, "--split", "test", "--out", path])]

    def test_every_argument(self):
        for path, words in (("loop", "Too many levels"), ("loop/below", ""),
                            ("x" * 300, "too long"), ("x/" * 3000, "too long"), ("file/below", "")):
            for _, command in self.commands(self.folder / path):
                if path == "loop" and command[0] in ("predict", "encode"):
                    continue  # they replace a link at the place of their file
                with self.subTest(command=[str(part)[-40:] for part in command]):
                    result = self.run_program(*command)
                    self.assertIn(result.returncode, (3, 5), result.stdout + result.stderr)
                    self.assertIn("backspike: error: ", result.stderr)
                    self.assertIn(words, result.stderr)
                    self.assertNotIn("bug of backspike", result.stderr)
        self.assertEqual((self.folder / "file").read_text(), "a file")

    def test_folders_and_files_in_each_others_place(self):
        for reads, command in self.commands(self.folder / "empty") + self.commands(self.folder / "file"):
            with self.subTest(command=[str(part)[-40:] for part in command]):
                result = self.run_program(*command)
                self.assertIn(result.returncode, (2, 3, 4, 5) if reads else (0, 2, 5), result.stdout + result.stderr)
                self.assertNotIn("bug of backspike", result.stderr)


class Permissions(CommandLineTest):
    """As a user who may not: reading, writing, entering."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("not root, who alone can become another user")
        self.out = self.folder / "run"
        self.train(self.out, "--quiet")
        os.chmod(self.folder, 0o777)
        if self.as_nobody("--version", allowed=None).returncode != 0:
            self.skipTest(f"another user may not run {PROGRAM}")

    def as_nobody(self, *arguments, allowed=(5,)):
        try:
            result = self.run_program(*arguments, user=NOBODY, group=NOBODY, extra_groups=[])
        except PermissionError:
            return subprocess.CompletedProcess(arguments, 126, "", "")
        if allowed is not None:
            self.assertIn(result.returncode, allowed, result.stdout + result.stderr)
            self.assertIn("Permission denied", result.stderr)
            self.assertNotIn("bug of backspike", result.stderr)
        return result

    def test_what_may_not_be_written(self):
        before = contents(self.out)
        for command in (["train", self.experiment, "--out", self.out, "--overwrite"],
                        ["train", self.experiment, "--out", self.out, "--resume"],
                        ["train", self.experiment, "--out", self.out / "below"],
                        ["sweep", self.experiment, "--seeds", "2", "--out", self.out / "below"],
                        ["predict", self.out, "--out", self.out / "p.csv"],
                        ["encode", self.experiment, "--out", self.out / "e.h5"]):
            self.as_nobody(*command)
        self.assertEqual(changed(before, contents(self.out)), [])

    def test_what_may_not_be_read(self):
        for path, commands in ((self.experiment, [["train", self.experiment, "--out", "new"]]),
                               (self.data, [["train", self.experiment, "--out", "new"], ["evaluate", self.out]]),
                               (self.out / "checkpoint_best.h5", [["evaluate", self.out], ["inspect", self.out]]),
                               (self.out, [["evaluate", self.out], ["train", self.experiment, "--out", self.out],
                                           ["train", self.experiment, "--out", self.out, "--resume"]])):
            mode = path.stat().st_mode
            os.chmod(path, 0)
            for command in commands:
                with self.subTest(path=path.name, command=command[0]):
                    self.as_nobody(*command)
            os.chmod(path, mode)

    def test_members_of_a_sweep_that_may_not_be_read(self):
        sweep = ["sweep", self.experiment, "--out", self.folder / "sweep", *OVER]
        self.assertEqual(self.as_nobody(*sweep, allowed=None).returncode, 0)
        member = self.folder / "sweep" / f"{KEY}=0" / "seed3"
        os.chown(member, 0, 0)
        os.chmod(member, 0o700)
        self.as_nobody(*sweep, "--resume")
        self.as_nobody(*sweep, "--overwrite")


if __name__ == "__main__":
    print(f"testing {PROGRAM}")
    unittest.main(verbosity=2)
