"""`backspike events` on small files, as a user would type it."""

import json
import os
import pathlib
import struct
import unittest

from harness import CommandLineTest


def bin_event(x, y, on, t):
    return bytes([x, y]) + (on << 23 | t).to_bytes(3, "big")


def evt3(*words):
    return b"% evt 3.0\n% geometry 640x480\n% end\n" + struct.pack(f"<{len(words)}H", *words)


class EventsTest(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.recording = self.write("a.bs2", b"".join(bin_event(k % 34, k // 34, k % 2, 1000 * k) for k in range(300)))

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def info(self, *arguments):
        return json.loads(self.succeed("events", "info", "--json", *arguments).stdout)


class Help(EventsTest):
    def test_every_command_has_examples(self):
        self.assertIn("Examples:\n  backspike events info", self.succeed("events", "--help").stdout)
        for command in ("info", "convert", "view", "simulate"):
            self.assertIn(f"Examples:\n  backspike events {command}", self.succeed("events", command, "--help").stdout)
        self.assert_refused(self.run_program("events"), 2)


class Live(EventsTest):
    def piped(self, content, *arguments):
        """The program with these bytes on its standard input."""
        with self.write("piped", content).open("rb") as file:
            return self.run_program(*arguments, stdin=file)

    def test_standard_input(self):
        words = evt3(0x8002, 0x0007, 0x6005, 0x2809, 0x200A)
        result = self.piped(words, "events", "info", "--json", "-")
        self.assertEqual(result.returncode, 0, result.stderr)
        found = json.loads(result.stdout)
        self.assertEqual((found["file"], found["format"], found["events"]), ("standard input", "evt3", 2))
        self.assertEqual(self.piped(words, "events", "convert", "-", "from_pipe.npz").returncode, 0)
        self.assertEqual(self.info("from_pipe.npz")["last_us"], found["last_us"])
        self.assertEqual(self.piped(words, "events", "view", "-", "-o", "piped.html").returncode, 0)
        self.assert_refused(self.piped(words, "events", "view", "-"), 2, "--out")

    def test_a_sender_that_says_nothing(self):
        os.mkfifo(self.folder / "pipe")
        self.assert_refused(self.run_program("events", "info", self.folder / "pipe", "--timeout", "0.2"), 5,
                            "nothing came for 0.2 s")
        self.assert_refused(self.run_program("events", "info", "udp:cat"), 2, "udp:PORT")


class Info(EventsTest):
    def test_counts(self):
        found = self.info(self.recording, "--size", "34x34")
        for key, value in {"format": "bs2", "events": 300, "on": 150, "off": 150, "width": 34, "height": 34,
                           "first_us": 0, "last_us": 299000, "backwards": 0, "outside": 0, "truncated_bytes": 0}.items():
            self.assertEqual(found[key], value, key)
        self.assertIsNone(self.info(self.recording)["width"])
        text = self.succeed("events", "info", self.recording).stdout
        self.assertIn("300 (150 ON, 150 OFF)", text)

    def test_several_files_are_lines(self):
        empty = self.write("none.bin", b"")
        lines = self.succeed("events", "info", "--json", self.recording, empty).stdout.splitlines()
        self.assertEqual([json.loads(line)["events"] for line in lines], [300, 0])
        self.assertIsNone(json.loads(lines[1])["first_us"])

    def test_strict_refuses_with_the_place(self):
        odd = self.write("odd.bin", bin_event(1, 1, 1, 9) + bin_event(1, 1, 1, 8) + b"x")
        self.assertEqual(self.info(odd)["backwards"], 1)
        self.assertEqual(self.info(odd)["truncated_bytes"], 1)
        self.assert_refused(self.run_program("events", "info", "--strict", odd), 4, "byte 5", "event 1", "steps back")

    def test_other_formats_are_refused_by_name(self):
        self.assert_refused(self.run_program("events", "info", self.write("a.bin", evt3())), 4, "N-MNIST", "evt3")
        self.assertEqual(self.info(self.write("b.bin", evt3()), "--from", "evt3")["width"], 640)
        self.assert_refused(self.run_program("events", "info", self.write("c.raw", b"\x89HDF\r\n\x1a\n")), 4, "HDF5")
        self.assert_refused(self.run_program("events", "info", self.folder / "missing.raw"), 5, "missing.raw")
        self.assert_refused(self.run_program("events", "info", self.folder), 5, "a folder")
        self.assert_refused(self.run_program("events", "info", self.recording, "--size", "34"), 2, "WIDTHxHEIGHT")


class Convert(EventsTest):
    def test_through_every_format(self):
        before = self.recording
        for name, options in (("b.raw", ["--size", "34x34"]), ("c.aedat", []), ("d.npz", []), ("e.raw", ["--format", "evt2"]),
                              ("f.bin", []), ("g.bs2", [])):
            self.succeed("events", "convert", before, name, *options)
            before = name
        self.assertEqual((self.folder / "g.bs2").read_bytes(), self.recording.read_bytes())
        self.assertEqual(self.info("e.raw")["format"], "evt2")

    def test_slices(self):
        self.succeed("events", "convert", self.recording, "b.bin", "--slice", "100ms:0.2s")
        found = self.info("b.bin")
        self.assertEqual((found["events"], found["first_us"], found["last_us"]), (100, 100000, 199000))
        self.succeed("events", "convert", self.recording, "c.bin", "--slice", "100ms:", "--start-at-zero")
        self.assertEqual(self.info("c.bin")["last_us"], 199000)
        result = self.succeed("events", "convert", self.recording, "d.bin", "--slice", "1s:2s")
        self.assertIn("none of its 300 events", result.stderr)
        for wrong in ("300", "3:4", "2s:1s", "1h:2h"):
            self.assert_refused(self.run_program("events", "convert", self.recording, "e.bin", "--slice", wrong), 2, "--slice")

    def test_nothing_is_left_of_what_cannot_be_written(self):
        wide = self.write("wide.raw", evt3(0x8000, 0x0001, 0x2001, 0x2000 | 600))
        self.assert_refused(self.run_program("events", "convert", wide, "b.bin"), 2, "x of event 1 = 600")
        self.assertEqual([p.name for p in pathlib.Path(self.folder).glob("*b.bin*")], [])
        self.assert_refused(self.run_program("events", "convert", self.recording, "b.raw"), 2, "size")
        self.assert_refused(self.run_program("events", "convert", self.recording, "b.mp4"), 2, ".npz")


class View(EventsTest):
    def test_page_holds_the_events(self):
        self.succeed("events", "view", self.recording)
        page = (self.folder / "a.bs2.html").read_text()
        self.assertIn('<canvas id="picture" width="34" height="9"', page)
        self.assertIn("300 (150 ON, 150 OFF)", page)
        self.assertNotIn("{{", page)
        self.assertNotIn("https://", page)
        self.succeed("events", "view", self.write("none.bin", b""), "-o", "none.html")

    def test_names_are_escaped(self):
        name = "<script>alert(1)<.bin"
        self.succeed("events", "view", self.write(name, bin_event(1, 1, 1, 9)), "-o", "page.html")
        self.assertNotIn("<script>alert", (self.folder / "page.html").read_text())


class Simulate(EventsTest):
    def setUp(self):
        super().setUp()
        dots = bytes(255 if 8 < x < 20 and 8 < y < 20 else 0 for y in range(28) for x in range(28))
        self.picture = self.write("square.pgm", b"P5 28 28 255\n" + dots)
        self.images = self.write("train-images-idx3-ubyte", struct.pack(">4I", 0x803, 3, 28, 28) + dots * 3)
        self.labels = self.write("train-labels-idx1-ubyte", struct.pack(">2I", 0x801, 3) + bytes([7, 2, 7]))

    def test_a_picture_becomes_a_recording_of_any_format(self):
        counts = set()
        for name in ("a.bin", "a.bs2", "a.raw", "a.aedat", "a.npz"):
            self.succeed("events", "simulate", self.picture, name)
            found = self.info(name)
            self.assertGreater(found["on"], 500)
            self.assertGreater(found["off"], 500)
            self.assertLess(found["last_us"], 300000)
            self.assertEqual(found["backwards"], 0)
            counts.add((found["events"], found["first_us"], found["last_us"]))
        self.assertEqual(len(counts), 1)
        self.succeed("events", "view", "a.npz", "--size", "34x34")

    def test_settings(self):
        self.succeed("events", "simulate", self.picture, "a.bin", "--refractory", "0")
        before = self.info("a.bin")["events"]
        self.succeed("events", "simulate", self.picture, "a.bin", "--threshold", "0.4", "--refractory", "0")
        self.assertLess(self.info("a.bin")["events"], 0.7 * before)
        still = ["--motion", "still", "--duration", "1000", "--leak", "0"]
        self.succeed("events", "simulate", self.picture, "b.bin", *still)
        self.assertEqual(self.info("b.bin")["events"], 0)
        self.succeed("events", "simulate", self.picture, "b.bin", *still, "--noise", "5", "--size", "40x30")
        self.assertAlmostEqual(self.info("b.bin")["events"] / 6000, 1, delta=0.1)
        self.assert_refused(self.run_program("events", "simulate", self.picture, "c.bin", "--spread", "-1"), 2,
                            "threshold_spread = -1")

    def test_images_become_folders_of_classes(self):
        result = self.succeed("events", "simulate", self.images, "set", "--labels", self.labels, "--format", "npz")
        self.assertIn("3 recordings", result.stdout)
        self.assertEqual(sorted(str(p.relative_to(self.folder / "set")) for p in (self.folder / "set").glob("*/*")),
                         ["2/1.npz", "7/0.npz", "7/2.npz"])
        self.succeed("events", "simulate", self.images, "part", "--first", "1", "--count", "1")
        self.succeed("events", "convert", "set/2/1.npz", "1.bin")
        self.assertEqual((self.folder / "part/1.bin").read_bytes(), (self.folder / "1.bin").read_bytes())
        self.assert_refused(self.run_program("events", "simulate", self.images, "part", "--first", "3"), 2, "--first = 3")


if __name__ == "__main__":
    unittest.main()
