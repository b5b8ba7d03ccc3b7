"""Files of strangers as a user meets them: exit codes and texts for pipes, devices, bombs and damage; and what is read
although it is not quite regular. The hostile files lie beside this tree; without them their test is skipped."""

import gzip
import os
import pathlib
import shutil
import struct
import unittest

from harness import CommandLineTest, write_idx, write_recordings
from test_bad_input import BadInput, DIGITS, SPIKES

HOSTILE = pathlib.Path(__file__).resolve().parents[3] / "shared" / "hostile"


class Strangers(BadInput):
    def refuse_spikes(self, code, *words, path, out):
        experiment = self.write_experiment(SPIKES, name=f"{out}.toml", path=path)
        self.refuse(code, *words, out=out, experiment=experiment, env={**os.environ, "BACKSPIKE_FILE_SECONDS": "1"})

    def test_what_is_no_regular_file(self):
        os.mkfifo(self.folder / "pipe")
        (self.folder / "endless").symlink_to("/dev/zero")
        for name, why in (("pipe", "it is a pipe"), ("endless", "it is a device"), ("data", "it is a folder")):
            self.refuse_spikes(5, why, name, path=self.folder / name, out=f"spikes_{name}")
            self.refuse(5, why, name, out=f"experiment_{name}", experiment=self.folder / name)
        for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
            shutil.move(self.data / name, self.folder / "kept")
            (self.data / name).symlink_to("/dev/random")
            self.refuse(5, name, "it is a device", out=name)
            (self.data / name).unlink()
            shutil.move(self.folder / "kept", self.data / name)

    def test_compressed_gigabytes(self):
        name = "train-images-idx3-ubyte"
        (self.data / name).unlink()
        piece = gzip.compress(bytes(1 << 24))
        (self.data / f"{name}.gz").write_bytes(gzip.compress(struct.pack(">IIII", 0x803, 2048, 1024, 1024)) + 128 * piece)
        self.refuse(8, name, "2.0 GiB", "BACKSPIKE_FILE_MEMORY")

    def test_hostile_files(self):
        if not HOSTILE.is_dir():
            self.skipTest(f"no {HOSTILE}")
        for name, code, word in (("extlink.h5", 4, "external link"), ("extraw_keys.h5", 4, "other files"),
                                 ("shd_gheap_segv.h5", 4, "damaged"), ("shd_gheap_hang_times.h5", 4, "did not end"),
                                 ("shd_vlen_alloc_9GB.h5", 8, "GiB"), ("gzip_bomb.h5", 8, "GiB")):
            self.refuse_spikes(code, word, name, path=HOSTILE / name, out=name)


class NotQuiteRegular(CommandLineTest):
    def test_several_gzip_members_and_padding(self):
        content = (self.data / "train-images-idx3-ubyte").read_bytes()
        (self.data / "train-images-idx3-ubyte").unlink()
        packed = b"".join(gzip.compress(content[k:k + 1000]) for k in range(0, len(content), 1000)) + bytes(512)
        (self.data / "train-images-idx3-ubyte.GZ").write_bytes(packed)
        self.train(self.folder / "members")
        write_idx(self.data)
        self.train(self.folder / "plain")
        self.assert_same_checkpoints(self.folder / "members", self.folder / "plain")

    def test_recordings_in_capitals_and_from_pipes(self):
        write_recordings(self.folder / "wav")
        experiment = self.write_experiment(DIGITS, epochs=1, path=self.folder / "wav")
        self.train(self.folder / "plain", experiment=experiment)
        for number, path in enumerate(sorted((self.folder / "wav").iterdir())):
            content = bytearray(path.read_bytes())
            riff, data = ((0xFFFFFFFF, 0xFFFFFFFF), (0x7FFFF024, 0x7FFFF000))[number % 2]
            content[4:8], content[40:44] = struct.pack("<I", riff), struct.pack("<I", data)
            path.unlink()
            path.with_suffix((".WAV", ".Wav", ".wav")[number % 3]).write_bytes(content)
        self.train(self.folder / "pipes", experiment=experiment)
        self.assert_same_checkpoints(self.folder / "pipes", self.folder / "plain")


if __name__ == "__main__":
    unittest.main()
