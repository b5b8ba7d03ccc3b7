"""The networks of docs/experiments/graphs.md in Python: each trains on Fashion-MNIST, as its file in experiments/graphs.

    python examples/python/graphs.py [NAME ...]
"""

import sys

import backspike as bs


def spiking(size, name, **rest):
    return bs.CubaLIF(size, name=name, tau_m=10.0, tau_syn=5.0, surrogate=bs.Surrogate(width=0.5), **rest)


def readout(**rest):
    return bs.LeakyIntegrator(10, name="readout", tau_m=50.0, **rest)


def chain():
    return [spiking(256, "hidden1"), spiking(128, "hidden2"), readout()], []


def skip():
    """The readout sees both hidden layers, the second one the image, too."""
    return ([spiking(256, "hidden1"), spiking(128, "hidden2"), readout(inputs=["hidden1", "hidden2"])],
            [bs.Connection("input", "hidden2")])


def filtered():
    """A double-exponential filter for each neuron between two spiking layers."""
    times = {name: bs.Parameter(start, learn=True, per="neuron") for name, start in [("tau_rise", 2.0), ("tau_decay", 8.0)]}
    psp = bs.DoubleExponential(256, name="filter", inputs=[], **times)
    return ([spiking(256, "hidden1"), psp, spiking(128, "hidden2"), readout()],
            [bs.Connection("hidden1", psp, "one_to_one", init="identity", learn=False)])


def sparse():
    """5 % of the synapses into both hidden layers."""
    return ([spiking(256, "hidden1", inputs=[]), spiking(128, "hidden2", inputs=[]), readout()],
            [bs.Connection("input", "hidden1", "sparse", density=0.05),
             bs.Connection("hidden1", "hidden2", "sparse", density=0.05, seed=2)])


def reservoir():
    """Sparse random weights that are never learned, and a readout that is."""
    return ([spiking(512, "reservoir", inputs=[]), readout()],
            [bs.Connection("input", "reservoir", "sparse", density=0.05, learn=False),
             bs.Connection("reservoir", "reservoir", "sparse", density=0.05, seed=2, autapses=False, learn=False)])


NETWORKS = {"chain": chain, "skip": skip, "filter": filtered, "sparse": sparse, "reservoir": reservoir}


def main(names):
    train, validation, test = bs.datasets.fashion_mnist(steps=16, tau=8.0, threshold=0.1)
    schedule = bs.Optimiser(schedule="one_cycle", warmup=0.2, final_rate=0.01)
    for name in names or NETWORKS:
        layers, connections = NETWORKS[name]()
        net = bs.Network(layers, inputs=784, connections=connections)
        net.fit(train, validation=validation, epochs=5, learning_rate=5e-3, optimiser=schedule,
                objective=bs.Objective("cross_entropy", readout="max"))
        print(f"{name}: test accuracy {net.evaluate(test).accuracy:.3f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
