"""What a container says beside its numbers (mask, units, axes, index) is honoured or refused by name, never dropped."""

import numpy as np
import pytest
from conftest import CHANNELS, small_network

import backspike as bs

X = (np.random.default_rng(3).random((4, 7, 5)) < 0.4).astype(np.float32)


class Quantity:
    """Numbers with units, as pint has them."""

    def __init__(self, numbers, units):
        self.magnitude, self.units = np.asarray(numbers), units

    def __array__(self, dtype=None, copy=None):  # what NumPy takes of it: the numbers alone
        return np.asarray(self.magnitude, dtype)


class ArrayWithUnit(np.ndarray):
    """An array with a unit, as astropy, quantities and neo have it."""

    unit = "ms"


class DataArray(Quantity):
    """An array with names for its axes, as xarray has it."""

    def __init__(self, numbers):
        super().__init__(numbers, None)
        self.dims, self.coords = ("time", "channel"), {}


class Series:
    """A column with an index, as pandas has it."""

    def __init__(self, numbers, index):
        self.numbers, self.index, self.iloc = np.asarray(numbers), np.asarray(index), None

    def __len__(self):
        return len(self.numbers)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.numbers, dtype)


class Tensor:
    """What of PyTorch's tensors matters here."""

    def __init__(self, numbers, dtype="torch.float32", layout="torch.strided", **flags):
        self.numbers, self.dtype, self.layout = np.asarray(numbers, np.float32), dtype, layout
        self.__dict__.update(flags)

    def detach(self):
        return self

    def float(self):
        return Tensor(self.numbers)

    def to_dense(self):
        return Tensor(self.numbers, self.dtype)

    def __dlpack_device__(self):
        return (1, 0)

    def __dlpack__(self, **keys):
        if self.dtype != "torch.float32" or self.layout != "torch.strided":
            raise BufferError("no such type")
        return self.numbers.__dlpack__(**keys)


def masked(x, *at):
    mask = np.zeros(np.shape(x), bool)
    mask[at] = True
    return np.ma.array(x, mask=mask)


REFUSED = {
    "masked": (lambda: masked(X, 1, 2, 3), "a masked array that hides 1 of its 140 numbers"),
    "masked, one of a list": (lambda: [X[0], masked(X[1], 0, 0)], "masked array"),
    "units": (lambda: Quantity(X, "millivolt"), "Quantity in units of millivolt"),
    "units of an array": (lambda: X.view(ArrayWithUnit), "ArrayWithUnit in units of ms"),
    "named axes": (lambda: [DataArray(X[0])], "with dimensions ('time', 'channel')"),
    "index of times": (lambda: [Series(X[0], np.arange(7) * 0.5)], "an index of its own"),
    "meta": (lambda: Tensor(X, is_meta=True), "device meta"),
    "nested": (lambda: Tensor(X, is_nested=True), "list(x.unbind())"),
    "complex": (lambda: X.astype(complex), "real numbers"),
    "timedelta": (lambda: X.astype("timedelta64[ms]"), "numpy.timedelta64(1, 'ms')"),
    "datetime": (lambda: X.astype("datetime64[ms]"), "milliseconds"),
    "objects": (lambda: X.astype(object), "booleans, integers or floats"),
    "text": (lambda: X.astype(str), "booleans, integers or floats"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_be_lost_is_refused_by_name(case):
    make, said = REFUSED[case]
    with pytest.raises(bs.InvalidValueError) as caught:
        bs.Data(make())
    assert said in str(caught.value) and "inputs" in str(caught.value)


HONOURED = {
    "nothing masked": lambda: np.ma.array(X, mask=False),
    "without dimension": lambda: Quantity(X, "dimensionless"),
    "index that counts": lambda: [Series(x, np.arange(7)) for x in X],
    "bfloat16": lambda: Tensor(X, dtype="torch.bfloat16"),
    "sparse": lambda: Tensor(X, layout="torch.sparse_coo"),
    "list of tensors": lambda: [Tensor(x) for x in X],
    "list of lists of tensors": lambda: [[Tensor(row) for row in x] for x in X],
    "matrix": lambda: [np.asmatrix(x) for x in X],
    "memory map's kind": lambda: X.view(np.memmap) if False else np.asfortranarray(X),
    "float16": lambda: X.astype(np.float16),
    "long double": lambda: X.astype(np.longdouble),
    "boolean": lambda: X.astype(bool),
}


@pytest.mark.parametrize("case", HONOURED)
def test_what_means_numbers_is_taken(case):
    data = bs.Data(HONOURED[case]())
    np.testing.assert_array_equal([data.dense(s) for s in range(4)], X)


ENTRIES = {
    "labels": lambda bad: bs.Data(X, bad(np.zeros(4, int))),
    "targets": lambda bad: bs.Data(X, bad(np.zeros((4, 7, 1)))),
    "weights": lambda bad: bs.Data(X, np.zeros((4, 7)), weights=bad(np.ones((4, 7)))),
    "times": lambda bad: bs.Data.from_triplets([0], bad(np.zeros(1, int)), [0]),
    "values": lambda bad: bs.Data.from_triplets([0], [0], [0], bad(np.ones(1))),
    "a step of a stream": lambda bad: bs.OnlineLearner(small_network()).step(bad(np.ones(CHANNELS, np.float32))),
    "what a stream follows": lambda bad: bs.OnlineLearner(small_network()).step(np.ones(CHANNELS, np.float32),
                                                                               values=bad(np.ones(4, np.float32))),
    "parameters": lambda bad: small_network().load_state_dict(
        {name: bad(value) for name, value in small_network().state_dict().items()}),
    "one of a cell": lambda bad: bs.LIF(3, tau_m=bad(np.array([10.0, 20.0, 30.0]))).table(),
    "spike trains": lambda bad: bs.metrics.victor_purpura(bad(np.array([1.0, 2.0])), [1.0], 0.1),
    "rasters": lambda bad: bs.metrics.rasters(bad(X[0]), X[0]),
    "an own loss": lambda bad: small_network().fit(
        np.ones((2, 3, CHANNELS)), loss=lambda y, _: (0.0, bad(np.zeros_like(y))), epochs=1, progress=False),
}


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("kind", ["masked", "units"])
def test_every_entry_passes_the_same_room(entry, kind):
    bad = (lambda x: masked(x, 0)) if kind == "masked" else (lambda x: x.view(ArrayWithUnit))
    ENTRIES[entry](lambda x: x)  # is taken
    with pytest.raises(bs.InvalidValueError, match="masked array|in units of ms"):
        ENTRIES[entry](bad)


def real(module):
    return pytest.importorskip(module, reason=f"{module} is not installed")


def test_the_packages_themselves_units():
    pint = real("pint")
    with pytest.raises(bs.InvalidValueError, match="in units of millivolt"):
        bs.Data(pint.UnitRegistry().Quantity(X, "mV"))


def test_the_packages_themselves_neo():
    neo, pq = real("neo"), real("quantities")
    train = neo.SpikeTrain(np.array([1.0, 2.0]) * pq.ms, t_stop=10 * pq.ms)
    with pytest.raises(bs.InvalidValueError, match="SpikeTrain in units of .*ms"):
        bs.Data.from_triplets([0, 0], train, [0, 0], time_unit="ms")


def test_the_packages_themselves_astropy():
    units = real("astropy.units")
    with pytest.raises(bs.InvalidValueError, match="in units of ms"):
        bs.Data(X * units.ms)
    assert len(bs.Data(X * units.dimensionless_unscaled)) == 4


def test_the_packages_themselves_xarray_and_pandas():
    xarray, pandas = real("xarray"), real("pandas")
    with pytest.raises(bs.InvalidValueError, match="DataArray with dimensions"):
        bs.Data(xarray.DataArray(X))
    with pytest.raises(bs.InvalidValueError, match="index of its own"):
        bs.Data([pandas.DataFrame(X[0], index=np.arange(7) * 0.1)])
    assert bs.Data(X, pandas.Series([0, 1, 2, 1])).labels.tolist() == [0, 1, 2, 1]
    assert len(bs.Data([pandas.DataFrame(x) for x in X])) == 4
    with pytest.raises(bs.InvalidValueError, match="object|one float a sample"):
        bs.Data(X, pandas.Series([0, 1, None, 1], dtype="Int64"))


def test_the_packages_themselves_torch():
    torch = real("torch")
    x = torch.from_numpy(X)
    for tensor in (x.bfloat16(), x.to_sparse(), x[0].to_sparse_csr(), x.half(), x.clone().requires_grad_()):
        given = tensor if tensor.ndim == 3 else [tensor]
        np.testing.assert_array_equal(bs.Data(given).dense(0), X[0])
    with pytest.raises(bs.InvalidValueError, match="device meta"):
        bs.Data(torch.empty(4, 7, 5, device="meta"))
    with pytest.raises(bs.InvalidValueError, match="nested"):
        bs.Data(torch.nested.nested_tensor([x[0], x[1][:3]]))


def test_bfloat16_of_numpy():
    types = real("ml_dtypes")
    np.testing.assert_array_equal(bs.Data(X.astype(types.bfloat16)).dense(0), X[0])


# ---- what only shows ----


def test_assigning_to_a_copy_raises():
    net = small_network()
    for change in (lambda: net.parameters.__setitem__("hidden1.tau_m", 3.0),
                   lambda: net.parameters.update({"hidden1.tau_m": 3.0}),
                   lambda: net.parameters.pop("hidden1.tau_m"),
                   lambda: net.layers[0].__setitem__("size", 3),
                   lambda: net.layers.append({}),
                   lambda: net.parameter_infos["hidden1.tau_m"].__setitem__("low", 0.0),
                   lambda: bs.Data(X, [0, 1, 0, 1]).class_names.append("c")):
        with pytest.raises(TypeError, match="only shows"):
            change()
    with pytest.raises(TypeError, match=r"net\.parameters\[name\]\[\.\.\.\] = value"):
        net.parameters["hidden1.tau_m"] = np.ones(1)
    with pytest.raises(AttributeError):
        bs.Data(X).targets = [0, 1, 0, 1]


def test_arrays_of_a_network_are_changed_in_place():
    net = small_network()
    net.parameters["hidden1.tau_m"][...] = 12.0
    net.parameters["hidden1.tau_m"] *= 2.0  # calls __setitem__ with the array itself, which it has changed already
    assert net.parameters["hidden1.tau_m"].tolist() == [24.0]
    assert type(net.state_dict()) is dict
