"""What a container says beside its numbers (mask, units, axes, index) is honoured or refused by name, never dropped."""

import numpy as np
import pytest
from conftest import CHANNELS, small_network

import backspike as bs

X = (np.random.default_rng(3).random((4, 7, 5)) < 0.4).astype(np.float32)


class Quantity:
    """Numbers with units, as pint has them."""

    def __init__(self, numbers, units):
        self.magnitude, self.units = np.asanyarray(numbers), units

    def __array__(self, dtype=None, copy=None):  # what NumPy takes of it: the numbers alone
        return np.asarray(self.magnitude, dtype)


class ArrayWithUnit(np.ndarray):
    """An array with a unit, as astropy, quantities and neo have it."""

    unit = "ms"


class OtherArrayWithUnit(np.ndarray):
    """An array with a unit, as brian2 has it."""

    dimensions = dim = "second"
    is_dimensionless = False


class ArrayOfOne(np.ndarray):
    """A quantity without dimension, as the package quantities has it, but without a way in."""

    units = "1.0 dimensionless"


class WithMask:
    """An array with a mask of its own, as astropy has it."""

    def __init__(self, numbers, mask):
        self.numbers, self.mask = numbers, mask

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.numbers, dtype)


class Variable:
    """What becomes an array with a mask, as netCDF4's variables do."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


class OverTime(Variable):
    """Numbers over an axis of times, as pynapple has them."""

    def __init__(self, array):
        super().__init__(array)
        self.index, self.time_support = np.arange(len(array)) * 0.1, object()


class WithDims(Variable):
    """Numbers with named axes and no coordinates, as a variable of xarray."""

    dims = ("step", "channel")


class MaskedOne(Quantity):
    """An object without dimension and without numbers to ask for, that becomes an array with a mask."""

    def __init__(self, numbers):
        self.units, self.numbers = "1", numbers

    def __array__(self, dtype=None, copy=None):
        return self.numbers


class SignalOfOne(Quantity):
    """Numbers without dimension that were sampled at a rate, as neo has them."""

    sampling_rate = 1000.0

    def __init__(self, numbers):
        super().__init__(numbers, "dimensionless")


class Seconds(float):
    """A number with a unit, as pymatgen has it."""

    unit = "s"


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
    "dimensions of an array": (lambda: X.view(OtherArrayWithUnit), "OtherArrayWithUnit in units of second"),
    "units in a list of numbers": (lambda: [[[Seconds(1.0)]]], "Seconds in units of s"),
    "masked, without dimension": (lambda: Quantity(masked(X, 0, 0, 0), "dimensionless"), "hides 1 of its 140"),
    "masked, in an array without dimension": (lambda: [MaskedOne(masked(X[0], 0, 0))], "hides 1 of its 35"),
    "a mask of its own": (lambda: WithMask(X, X > 0), "a masked array that hides"),
    "masked when it is asked": (lambda: Variable(masked(X, 0, 0, 0)), "a masked array that hides 1 of its 140"),
    "units when it is asked": (lambda: Variable(X.view(ArrayWithUnit)), "ArrayWithUnit in units of ms"),
    "times beside": (lambda: [OverTime(X[0])], "OverTime with a time axis of its own"),
    "times beside, without dimension": (lambda: [SignalOfOne(X[0])], "SignalOfOne with a time axis of its own"),
    "names of axes alone": (lambda: [WithDims(X[0])], "with dimensions ('step', 'channel')"),
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
    "nothing masked by a mask of its own": lambda: WithMask(X, np.zeros(X.shape, bool)),
    "nothing masked when it is asked": lambda: Variable(np.ma.array(X, mask=False)),
    "without dimension": lambda: Quantity(X, "dimensionless"),
    "without dimension, in words": lambda: Quantity(X, "1.0 dimensionless"),
    "an array without dimension": lambda: X.view(ArrayOfOne),
    "index that counts": lambda: [Series(x, np.arange(7)) for x in X],
    "bfloat16": lambda: Tensor(X, dtype="torch.bfloat16"),
    "sparse": lambda: Tensor(X, layout="torch.sparse_coo"),
    "list of tensors": lambda: [Tensor(x) for x in X],
    "list of lists of tensors": lambda: [[Tensor(row) for row in x] for x in X],
    "matrix": lambda: [np.asmatrix(x) for x in X],
    "columns first": lambda: np.asfortranarray(X),
    "float16": lambda: X.astype(np.float16),
    "long double": lambda: X.astype(np.longdouble),
    "boolean": lambda: X.astype(bool),
}


@pytest.mark.parametrize("case", HONOURED)
def test_what_means_numbers_is_taken(case):
    data = bs.Data(HONOURED[case]())
    np.testing.assert_array_equal([data.dense(s) for s in range(4)], X)


def test_a_memory_map_is_taken(tmp_path):
    mapped = np.memmap(tmp_path / "x", np.float32, "w+", shape=X.shape)
    mapped[...] = X
    data = bs.Data(mapped)
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
@pytest.mark.parametrize("kind", ["masked", "units", "dimensions"])
def test_every_entry_passes_the_same_room(entry, kind):
    bad = {"masked": lambda x: masked(x, 0), "units": lambda x: x.view(ArrayWithUnit),
           "dimensions": lambda x: x.view(OtherArrayWithUnit)}[kind]
    ENTRIES[entry](lambda x: x)  # is taken
    with pytest.raises(bs.InvalidValueError, match="masked array|in units of ms|in units of second"):
        ENTRIES[entry](bad)


def network_of(layer=None, **keys):
    return bs.Network([layer or bs.LIF(3), bs.LeakyIntegrator(2)], inputs=5, **keys)


def fitted(**keys):
    return network_of(threads=1).fit(X, [0, 1, 0, 1], **{"epochs": 1, "progress": False, **keys})


CAMERA = np.array([(0, 1, 0, True)], [("t", "<i8"), ("x", "<i2"), ("y", "<i2"), ("p", "?")])
#: Wherever a user gives one number: what it is called, and a call with it that is taken.
ONE_NUMBER = {
    "dt": lambda n: bs.Data(X, dt=n(1.0)),
    "dt of a network": lambda n: network_of(dt=n(1.0)),
    "dt of triplets": lambda n: bs.Data.from_triplets([0], [0], [0], dt=n(1.0)),
    "samples": lambda n: bs.Data.from_triplets([0], [0], [0], samples=n(2)),
    "channels": lambda n: bs.Data.from_triplets([0], [0], [0], channels=n(2)),
    "steps": lambda n: bs.Data.from_triplets([0], [0], [0], steps=n(2)),
    "step of a camera": lambda n: bs.Data.from_events([CAMERA], step=n(1000.0)),
    "steps of a camera": lambda n: bs.Data.from_events([CAMERA], step=1000.0, steps=n(3)),
    "classes": lambda n: bs.Data(X, [0, 1, 0, 1], classes=n(2)),
    "size": lambda n: bs.LIF(n(3)),
    "size of Dense": lambda n: bs.Dense(5, n(3)),
    "inputs": lambda n: bs.Network([bs.LeakyIntegrator(2)], n(5)),
    "rate": lambda n: network_of(rate=n(0.05)),
    "seed": lambda n: network_of(seed=n(3)),
    "tau_m": lambda n: network_of(bs.LIF(3, tau_m=n(20.0))),
    "tau_m of a layer's table": lambda n: bs.LIF(3, tau_m=n(20.0)).table(),
    "tau_m in a list": lambda n: network_of(bs.LIF(3, tau_m=[n(20.0), 10.0, 5.0])),
    "value of a parameter": lambda n: network_of(bs.LIF(3, tau_m=bs.Parameter(n(20.0)))),
    "low of a parameter": lambda n: network_of(bs.LIF(3, tau_m={"value": 20.0, "low": n(1.0)})),
    "init_sigma": lambda n: network_of(bs.LIF(3, init_sigma=n(1.0))),
    "width of a surrogate": lambda n: network_of(bs.LIF(3, surrogate=bs.Surrogate("triangle", width=n(0.2)))),
    "delay": lambda n: network_of(bs.LIF(3, delay=bs.Delay(n(5)))),
    "learning_rate": lambda n: fitted(learning_rate=n(1e-3)),
    "learning_rate of an optimiser": lambda n: fitted(optimiser=bs.Optimiser("adam", learning_rate=n(1e-3))),
    "learning_rate of a group": lambda n: fitted(optimiser={"group": [{"match": "*", "learning_rate_factor": n(2.0)}]}),
    "epochs": lambda n: fitted(epochs=n(1)),
    "batch": lambda n: fitted(batch=n(2)),
    "window of a rule": lambda n: fitted(rule=bs.Rule("truncated_bptt", window=n(4), stride=2)),
    "rate_penalty": lambda n: fitted(objective=bs.Objective("cross_entropy", rate_penalty=n(1e-3))),
    "value of an own loss": lambda n: network_of().fit(X, loss=lambda y, _: (n(0.5), np.zeros_like(y)), epochs=1,
                                                       progress=False),
    "batch of evaluate": lambda n: network_of().evaluate(X, [0, 1, 0, 1], batch=n(2)),
    "samples of a comparison": lambda n: bs.compare_gradients(network_of(), X, [0, 1, 0, 1], samples=n(2)),
    "learning_rate of a stream": lambda n: bs.OnlineLearner(network_of(), learning_rate=n(1e-3)),
    "learning_rate of a stream's optimiser": lambda n: bs.OnlineLearner(network_of(),
                                                                        optimiser={"learning_rate": n(1e-3)}),
    "update_every": lambda n: bs.OnlineLearner(network_of(), update_every=n(2)),
    "a data set": lambda n: bs.datasets.evidence_accumulation(train_trials=n(2), validation_trials=1, test_trials=1),
    "cost": lambda n: bs.metrics.victor_purpura([1.0], [2.0], n(0.1)),
    "tau": lambda n: bs.metrics.van_rossum([1.0], [2.0], n(10.0)),
    "tolerance": lambda n: bs.metrics.match_spikes([1.0], [2.0], n(2.0)),
    "longest_window": lambda n: bs.metrics.spike_synchronisation([1.0], [2.0], n(5.0)),
    "dt of rasters": lambda n: bs.metrics.rasters(X[0], X[0], dt=n(1.0)),
}
KINDS = {"0-d with a unit": lambda x: np.array(x).view(ArrayWithUnit),
         "0-d with dimensions": lambda x: np.array(x).view(OtherArrayWithUnit),
         "an object with a unit": lambda x: Quantity(x, "ms"),
         "a number with a unit": Seconds,
         "masked": lambda x: np.ma.array(x, mask=True)}
TAKEN = {"a number": lambda x: x, "0-d": np.array, "of NumPy": lambda x: np.array(x)[()],
         "an object without dimension": lambda x: Quantity(x, "dimensionless"),
         "0-d without dimension": lambda x: np.array(x).view(ArrayOfOne)}


@pytest.mark.filterwarnings("ignore::backspike.HealthWarning")
@pytest.mark.parametrize("entry", ONE_NUMBER)
def test_every_single_number_passes_a_room_of_its_own(entry):
    for make in TAKEN.values():
        ONE_NUMBER[entry](make)
    for make in KINDS.values():
        with pytest.raises(bs.InvalidValueError, match="masked array|in units of (ms|second|s) "):
            ONE_NUMBER[entry](make)


def test_settings_of_other_kinds():
    toml = bs._settings.toml
    assert toml({"a": [np.float32(0.5), np.longdouble(2), np.bool_(True), np.str_("x")], "b": np.arange(3)}) == (
        '{a = [0.5, 2.0, true, "x"], b = [0, 1, 2]}')
    assert toml(np.float64("inf")) == "inf" and toml(np.uint64(2**63 + 1)) == "9223372036854775809"
    for bad in (None, object(), 1j, np.datetime64("2020")):
        with pytest.raises(bs.ConfigError, match="width is .*accepted: numbers, texts"):
            toml({"width": bad})


def real(module):
    return pytest.importorskip(module, reason=f"{module} is not installed")


def assert_only_plain_numbers(with_unit, without):
    """Of a package's quantities; `with_unit` and `without` make one of numbers."""
    for make in (lambda: bs.Data(with_unit(X)), lambda: bs.Data(X, dt=with_unit(1.0)),
                 lambda: bs.LIF(3, tau_m=with_unit(0.02)).table(), lambda: fitted(learning_rate=with_unit(1e-3)),
                 lambda: bs.Data.from_events([CAMERA], step=with_unit(1.0)),
                 lambda: bs.Data.from_triplets([0, 0], [with_unit(1.0), with_unit(2.0)], [0, 0], time_unit="ms")):
        with pytest.raises(bs.InvalidValueError, match="in units of"):
            make()
    np.testing.assert_array_equal(bs.Data(without(X)).dense(0), X[0])
    assert bs.Data(X, dt=without(2.0)).dt == 2.0
    assert network_of(bs.LIF(3, tau_m=without(12.0))).parameters["hidden1.tau_m"].tolist() == [12.0]
    fitted(learning_rate=without(1e-3))


def test_the_packages_themselves_pint():
    unit = real("pint").UnitRegistry()
    assert_only_plain_numbers(lambda x: unit.Quantity(x, "s"), lambda x: unit.Quantity(x, ""))
    with pytest.raises(bs.InvalidValueError, match="hides 1 of its 140 numbers"):
        bs.Data(unit.Quantity(masked(X, 0, 0, 0), ""))


def test_the_packages_themselves_quantities():
    pq = real("quantities")
    assert_only_plain_numbers(lambda x: x * pq.s, lambda x: x * pq.dimensionless)


def test_the_packages_themselves_unyt():
    unyt = real("unyt")
    assert_only_plain_numbers(lambda x: unyt.unyt_array(x, "s"), lambda x: unyt.unyt_array(x, "dimensionless"))


def test_the_packages_themselves_brian2():
    brian2 = pytest.importorskip("brian2", reason="brian2 is not installed", exc_type=(ImportError, AttributeError))
    assert_only_plain_numbers(lambda x: x * brian2.second, brian2.Quantity)


def test_the_packages_themselves_pynapple():
    nap = real("pynapple")
    with pytest.raises(bs.InvalidValueError, match="TsdFrame with a time axis of its own"):
        bs.Data([nap.TsdFrame(t=np.arange(7) * 0.1, d=X[0])])
    with pytest.raises(bs.InvalidValueError, match="Tsd with a time axis of its own"):
        bs.Data(X, nap.Tsd(t=np.arange(4) * 0.1, d=np.arange(4)))


def test_the_packages_themselves_neo():
    neo, pq = real("neo"), real("quantities")
    train = neo.SpikeTrain(np.array([1.0, 2.0]) * pq.ms, t_stop=10 * pq.ms)
    with pytest.raises(bs.InvalidValueError, match="SpikeTrain in units of .*ms"):
        bs.Data.from_triplets([0, 0], train, [0, 0], time_unit="ms")
    with pytest.raises(bs.InvalidValueError, match="AnalogSignal with a time axis"):
        bs.Data([neo.AnalogSignal(X[0], units="dimensionless", sampling_rate=1 * pq.kHz)])


def test_the_packages_themselves_astropy():
    units = real("astropy.units")
    assert_only_plain_numbers(lambda x: x * units.s, lambda x: x * units.dimensionless_unscaled)
    with pytest.raises(bs.InvalidValueError, match="in units of mag"):
        bs.Data((X + 1) * units.ABmag)
    hidden = real("astropy.utils.masked").Masked(X, X > 0)
    for given in (hidden, hidden * units.dimensionless_unscaled):
        with pytest.raises(bs.InvalidValueError, match="a masked array that hides"):
            bs.Data(given)


def test_the_packages_themselves_xarray_and_pandas():
    xarray, pandas = real("xarray"), real("pandas")
    with pytest.raises(bs.InvalidValueError, match="DataArray with dimensions"):
        bs.Data(xarray.DataArray(X))
    with pytest.raises(bs.InvalidValueError, match="Variable with dimensions"):
        bs.Data([xarray.Variable(("step", "channel"), X[0])])
    columns = ["unit", "mask", "times", "dim", "x"]  # pandas has each as an attribute
    np.testing.assert_array_equal(bs.Data([pandas.DataFrame(X[0], columns=columns)]).dense(0), X[0])
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
    assert bs.Data(X, dt=types.bfloat16(2.0)).dt == 2.0
    with pytest.raises(bs.InvalidValueError, match="time = ndarray of bfloat16"):
        bs.Data.from_triplets([0], np.array([1.0], types.bfloat16), [0], time_unit="ms")


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
