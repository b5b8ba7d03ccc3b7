#!/usr/bin/env python3
"""How long does an epoch of experiments/fashion_mnist.toml take in plain PyTorch on the same processors?

The same network, equations and sizes, written the way a PyTorch user writes them: dense tensors [steps, batch, units],
both matrix products over all steps at once, a Python loop over steps for the cells, autograd backwards. The images are
kept as one spike time a pixel; making them dense is part of a training step and is also shown by itself.
"""

import argparse
import gzip
import math
import statistics
import time
import tomllib
from pathlib import Path

import torch
import torch.nn.functional as F

EXPERIMENT = Path(__file__).resolve().parents[2] / "experiments" / "fashion_mnist.toml"
SILENT = 255  # spike time of a pixel that never fires


def read_idx(path, header):
    with gzip.open(path, "rb") as file:
        data = bytearray(file.read())
    if data[:2] != b"\0\0" or data[2] != 8 or data[3] != (header - 4) // 4:
        raise SystemExit(f"{path}: not an IDX file of bytes with {(header - 4) // 4} dimensions")
    return torch.frombuffer(data, dtype=torch.uint8, offset=header)


def load(folder, part, a):
    """Spike times [samples, 784] (include/backspike/data/encode.hpp, latency) and labels [samples]."""
    pixels = read_idx(folder / f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 784)
    labels = read_idx(folder / f"{part}-labels-idx1-ubyte.gz", 8).long()
    value = torch.arange(256, dtype=torch.float32) / 255.0
    threshold = torch.tensor(a.threshold, dtype=torch.float32)
    charged = value.double() / (value.double() - threshold.double())
    step = torch.floor(a.tau * torch.log(charged) / a.dt)
    table = torch.where((value > threshold) & (step < a.steps), step, torch.tensor(float(SILENT), dtype=torch.float64))
    return table.to(torch.uint8)[pixels.long()], labels


def dense(times, steps):
    """[samples, 784] spike times to [steps, samples, 784] zeros and ones."""
    return (times.unsqueeze(0) == torch.arange(steps, dtype=torch.uint8).view(-1, 1, 1)).float()


def cuba_constants(a):
    """decay_m, decay_syn, gain of include/backspike/cell/cuba_lif.hpp: the exact solution on the grid."""
    m, syn = a.dt / a.tau_m, a.dt / a.tau_syn
    x = m - syn
    ratio = math.expm1(x) / x if abs(x) > 1e-9 else 1.0
    return math.exp(-m), math.exp(-syn), syn * math.exp(-m) * ratio


def response_energy(step, state):
    """Sum over time of the squared response of the last state to one unit of input."""
    energy = 0.0
    for t in range(10000):
        state = step(state, 1.0 if t == 0 else 0.0)
        energy += state[-1] ** 2
    return energy


class Spike(torch.autograd.Function):
    """Heaviside forwards, the fast sigmoid 1 / (1 + |u| / width)^2 backwards."""

    @staticmethod
    def forward(ctx, u, width):
        ctx.save_for_backward(u)
        ctx.width = width
        return (u >= 0).to(u.dtype)

    @staticmethod
    def backward(ctx, grad):
        (u,) = ctx.saved_tensors
        return grad / (1.0 + u.abs() / ctx.width) ** 2, None


class Network(torch.nn.Module):
    def __init__(self, a):
        super().__init__()
        self.a = a
        self.decay_m, self.decay_syn, self.gain = cuba_constants(a)
        self.decay_readout = math.exp(-a.dt / a.tau_readout)
        self.hidden = torch.nn.Parameter(torch.empty(784, a.hidden))
        self.readout = torch.nn.Parameter(torch.empty(a.hidden, 10))

    @torch.no_grad()
    def initialise(self, times):
        """Fluctuation-driven (Rossbroich, Gygax & Zenke 2022), as src/gradient/initialise.cpp."""
        rate = (times != SILENT).sum().item() / (times.numel() * self.a.steps)
        energy = response_energy(
            lambda s, i: (self.decay_syn * s[0] + i, self.decay_m * s[1] + self.gain * s[0]), (0.0, 0.0))
        self.hidden.normal_(0.0, self.a.v_th / math.sqrt(784 * rate * energy))
        rate = max(self.spikes(dense(times[:64], self.a.steps)).mean().item(), 1e-3)
        energy = response_energy(lambda s, i: (self.decay_readout * s[0] + i,), (0.0,))
        self.readout.normal_(0.0, 1.0 / math.sqrt(self.a.hidden * rate * energy))

    @torch.no_grad()
    def read(self, checkpoint):
        """The weights of one of our checkpoints, whose matrices are [sources, targets] as well."""
        import h5py  # for this alone
        with h5py.File(checkpoint) as file:
            for name, weight in (("hidden1", self.hidden), ("readout", self.readout)):
                weight.copy_(torch.from_numpy(file[f"parameters/{name}.weight"][()]))

    def spikes(self, x):
        current = x @ self.hidden
        i = torch.zeros_like(current[0])
        v = torch.zeros_like(i)
        out = []
        for t in range(current.shape[0]):
            v = self.decay_m * v + self.gain * i
            i = self.decay_syn * i + current[t]
            s = Spike.apply(v - self.a.v_th, self.a.width)
            v = v - s.detach() * self.a.v_th  # reset by subtraction, without its gradient path
            out.append(s)
        return torch.stack(out)

    def forward(self, x):
        spikes = self.spikes(x)
        current = spikes @ self.readout
        y = torch.zeros_like(current[0])
        trace = []
        for t in range(current.shape[0]):
            y = self.decay_readout * y + current[t]
            trace.append(y)
        return torch.stack(trace).max(0).values, spikes


def rate_at(a, step, total):
    """As src/optimise/schedule.cpp."""
    if a.schedule == "constant":
        return a.lr
    rise = a.warmup * total
    if step < rise:
        return a.lr * (step + 1) / math.ceil(rise)
    share = min(1.0, (step - rise) / max(1.0, total - rise))
    return a.lr * (a.final_rate + (1.0 - a.final_rate) * 0.5 * (1.0 + math.cos(math.pi * share)))


def train_epoch(net, optimiser, times, labels, a, epoch):
    batches = math.ceil(len(labels) / a.batch)
    loss_sum = correct = spikes_sum = 0.0
    making_dense = 0.0
    start = time.perf_counter()
    order = torch.randperm(len(labels))
    for b in range(batches):
        picked = order[b * a.batch:(b + 1) * a.batch]
        before = time.perf_counter()
        x = dense(times[picked], a.steps)
        making_dense += time.perf_counter() - before
        optimiser.param_groups[0]["lr"] = rate_at(a, epoch * batches + b, a.epochs * batches)
        logits, spikes = net(x)
        loss = F.cross_entropy(logits, labels[picked])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss_sum += loss.item() * len(picked)
        correct += (logits.argmax(1) == labels[picked]).sum().item()
        spikes_sum += spikes.detach().sum().item()
    seconds = time.perf_counter() - start
    n = len(labels)
    print(f"epoch {epoch + 1}: {seconds:.1f} s ({making_dense:.1f} s making tensors dense), loss {loss_sum / n:.4f}, "
          f"accuracy {correct / n:.4f}, {spikes_sum / n:.0f} hidden spikes a sample", flush=True)
    return seconds


@torch.no_grad()
def accuracy(net, times, labels, a):
    correct = 0
    for b in range(0, len(labels), a.batch):
        logits, _ = net(dense(times[b:b + a.batch], a.steps))
        correct += (logits.argmax(1) == labels[b:b + a.batch]).sum().item()
    return correct / len(labels)


# Argument, type, where the experiment says it, what the program takes where the experiment says nothing.
SETTINGS = (
    ("hidden", int, ("network", "layer", 0, "size"), None),
    ("epochs", int, ("train", "epochs"), 10),
    ("batch", int, ("train", "batch"), 256),
    ("seed", int, ("seed",), 1),
    ("validation", float, ("data", "validation"), 0.1),
    ("lr", float, ("optimiser", "learning_rate"), 2e-3),
    ("schedule", str, ("optimiser", "schedule"), "constant"),
    ("warmup", float, ("optimiser", "warmup"), 0.3),
    ("final-rate", float, ("optimiser", "final_rate"), 0.0),
    ("width", float, ("network", "layer", 0, "surrogate", "width"), 0.1),
    ("steps", int, ("data", "encoder", "steps"), 40),
    ("dt", float, ("data", "encoder", "dt"), 1.0),
    ("tau", float, ("data", "encoder", "tau"), 20.0),
    ("threshold", float, ("data", "encoder", "threshold"), 0.2),
    ("tau-m", float, ("network", "layer", 0, "tau_m"), 20.0),
    ("tau-syn", float, ("network", "layer", 0, "tau_syn"), 5.0),
    ("v-th", float, ("network", "layer", 0, "v_th"), 1.0),
    ("tau-readout", float, ("network", "layer", 1, "tau_m"), 20.0),
)


def look_up(settings, keys, otherwise):
    for key in keys:
        try:
            settings = settings[key]
        except (KeyError, IndexError):
            return otherwise
    return settings


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--experiment", type=Path, default=EXPERIMENT)
    p.add_argument("--data", type=Path, default=Path("/usr/share/datasets/fashion-mnist"), help="with the IDX files")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--weights", type=Path, metavar="CHECKPOINT",
                   help="begin with those of a run's checkpoint_initial.h5 instead of drawing them; needs h5py")
    for name, kind, keys, _ in SETTINGS:
        p.add_argument(f"--{name}", type=kind, help="otherwise " + ".".join(map(str, keys)) + " of the experiment")
    a = p.parse_args()
    with open(a.experiment, "rb") as file:
        settings = tomllib.load(file)
    for name, _, keys, otherwise in SETTINGS:
        attribute = name.replace("-", "_")
        if getattr(a, attribute) is None:
            setattr(a, attribute, look_up(settings, keys, otherwise))
    if a.schedule not in ("constant", "one_cycle"):
        p.error(f"--schedule {a.schedule}: constant and one_cycle are written here")
    if not 1 <= a.steps < SILENT:
        p.error(f"--steps {a.steps}: spike times are bytes, 1 to {SILENT - 1} steps fit")
    return a


def main():
    a = arguments()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    times, labels = load(a.data, "train", a)
    kept = len(labels) - int(len(labels) * a.validation)
    times, labels = times[:kept], labels[:kept]
    net = Network(a)
    if a.weights:
        net.read(a.weights)
    else:
        net.initialise(times)
    optimiser = torch.optim.Adam(net.parameters(), lr=a.lr)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, {kept} samples an epoch, "
          f"784-{a.hidden}-10, {a.steps} steps, {(times != SILENT).sum().item() / kept:.0f} input spikes a sample", flush=True)
    seconds = [train_epoch(net, optimiser, times, labels, a, epoch) for epoch in range(a.epochs)]
    print(f"median {statistics.median(seconds):.1f} s an epoch, {kept / statistics.median(seconds):.0f} samples/s")
    print(f"test accuracy {accuracy(net, *load(a.data, 't10k', a), a):.4f}")


if __name__ == "__main__":
    main()
