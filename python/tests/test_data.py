"""Every form that events and targets may come in gives the same data, and every mistake is named."""

import numpy as np
import pytest

import backspike as bs

SAMPLES, STEPS, CHANNELS = 4, 7, 5


def skip_without(module):
    """The module, or a skip that says why."""
    return pytest.importorskip(module, reason=f"{module} is not installed")


def graded(seed=1):
    """[samples, steps, channels], about a third of it events, with values other than 1."""
    rng = np.random.default_rng(seed)
    x = np.where(rng.random((SAMPLES, STEPS, CHANNELS)) < 0.3, rng.normal(size=(SAMPLES, STEPS, CHANNELS)), 0)
    return x.astype(np.float32)


def spikes(seed=1):
    return (graded(seed) != 0).astype(np.float32)


def dense_of(data):
    return [data.dense(s) for s in range(len(data))]


def assert_same(data, x):
    assert len(data) == len(x)
    assert data._core.events == sum(np.count_nonzero(s) for s in x) > 0
    for got, wanted in zip(dense_of(data), x, strict=True):
        np.testing.assert_array_equal(got, np.asarray(wanted, np.float32))


class Exporter:
    """A tensor of some other package: nothing but the DLPack protocol."""

    def __init__(self, array, device=None):
        self.array, self.device = array, device

    def __dlpack__(self, **keys):
        return self.array.__dlpack__(**keys)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__() if self.device is None else self.device


# ---- events ----


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.int64, np.float16, np.float32, np.float64])
def test_dense_of_every_type(dtype):
    x = spikes()
    assert_same(bs.Data(x.astype(dtype)), x)


def test_dense_keeps_graded_values():
    x = graded()
    data = bs.Data(x)
    assert_same(data, x)
    assert len(data.rows[2]) == data._core.events


def test_spikes_of_one_keep_no_values():
    assert len(bs.Data(spikes()).rows[2]) == 0


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda x: x[::-1][::-1],
                                    lambda x: np.repeat(x, 2, axis=2)[..., ::2]])
def test_dense_of_every_layout(layout):
    x = graded()
    assert_same(bs.Data(layout(x)), x)


def test_read_only_arrays_are_taken():
    x = graded()
    x.setflags(write=False)
    assert_same(bs.Data(x), x)


def test_nested_lists():
    x = spikes()
    assert_same(bs.Data(x.tolist()), x)


def test_dlpack():
    x = graded()
    assert_same(bs.Data(Exporter(x)), x)
    assert_same(bs.Data([Exporter(s) for s in x]), x)


def test_ragged_list():
    x = [graded()[0], graded()[1][:3], graded()[2][:1]]
    data = bs.Data(x)
    assert_same(data, x)
    assert data.lengths.tolist() == [7, 3, 1]


def test_samples_without_events_or_steps():
    x = [np.zeros((3, 2)), np.ones((1, 2)), np.zeros((0, 2))]
    data = bs.Data(x)
    assert_same(data, x)
    assert data.lengths.tolist() == [3, 1, 0]


@pytest.mark.parametrize("form", ["csr_array", "csc_array", "coo_array", "lil_array", "csr_matrix"])
def test_scipy_sparse(form):
    sparse = skip_without("scipy.sparse")
    x = graded()
    assert_same(bs.Data([getattr(sparse, form)(s) for s in x]), x)
    assert_same(bs.Data(getattr(sparse, form)(x[0])), x[:1])


def test_scipy_sparse_stays_as_it_is():
    """Duplicates are added up and zeros left out in a copy, not in what the caller has."""
    sparse = skip_without("scipy.sparse")
    values, columns, ends = np.array([1.0, 2.0, 0.0, 3.0]), np.array([2, 2, 0, 1]), np.array([0, 2, 4])
    given = sparse.csr_array((values, columns, ends), shape=(2, 3))
    assert_same(bs.Data(given), [[[0, 0, 3], [0, 3, 0]]])
    assert given.nnz == 4 and given.data.tolist() == [1, 2, 0, 3]


def test_triplets_in_any_order():
    x = graded()
    at = np.argwhere(x)[np.random.default_rng(3).permutation(np.count_nonzero(x))]
    values = x[tuple(at.T)]
    data = bs.Data.from_triplets(*at.T, values, samples=SAMPLES, steps=STEPS, channels=CHANNELS)
    assert_same(data, x)


def test_triplets_of_one_place_add_up_and_may_cancel():
    data = bs.Data.from_triplets([0, 0, 0, 0], [1, 1, 2, 2], [0, 0, 1, 1], [0.5, 0.25, 1.0, -1.0], steps=3)
    assert_same(data, [[[0, 0], [0.75, 0], [0, 0]]])


WIDTHS = [0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 1 / 3]  # ms


def assert_each_in_its_step(data, steps):
    assert data.lengths.tolist() == [steps] and data.merged_events == 0
    np.testing.assert_array_equal(data.rows[0], np.arange(steps + 1))


@pytest.mark.parametrize("dt", WIDTHS)
@pytest.mark.parametrize(("dtype", "steps"), [(np.float64, 20000), (np.float32, 20000), (np.float16, 1024)])
@pytest.mark.parametrize(("unit", "in_ms"), [("s", 1e3), ("ms", 1.0)])
def test_times_on_the_grid_stay_in_their_step(dt, dtype, steps, unit, in_ms):
    times = (np.arange(steps) * dt / in_ms).astype(dtype)
    at = np.zeros(steps, int)
    assert_each_in_its_step(bs.Data.from_triplets(at, times, at, time_unit=unit, dt=dt), steps)
    events = np.zeros(steps, [("t", dtype), ("x", "<i2")])
    events["t"] = times
    assert_each_in_its_step(bs.Data.from_events([events], step=dt / in_ms, dt=dt), steps)


@pytest.mark.parametrize("dt", WIDTHS[:-1])
def test_times_in_microseconds_stay_in_their_step(dt):
    times, at = np.arange(20000) * round(dt * 1000), np.zeros(20000, int)
    assert_each_in_its_step(bs.Data.from_triplets(at, times, at, time_unit="us", dt=dt), 20000)
    assert_each_in_its_step(bs.Data.from_triplets(at, times * 1000, at, time_unit="ns", dt=dt), 20000)
    events = np.zeros(20000, [("t", "<i8"), ("x", "<i2")])
    events["t"] = times
    assert_each_in_its_step(bs.Data.from_events([events], step=dt * 1000, dt=dt), 20000)


@pytest.mark.parametrize("dt", [0.1, 1.0, 10.0])
def test_what_is_saved_comes_back(dt, tmp_path):
    rng = np.random.default_rng(2)
    x = (rng.random((3, 500, 4)) < 0.2).astype(np.float32)
    x[:, :, 0] = 1
    bs.Data(x, [0, 1, 0], dt=dt).save(str(tmp_path / "x.h5"))
    path = str(tmp_path / "x.h5")
    back = bs.datasets.spike_hdf5(path, test_path=path, bin_ms=dt, validation=0.0)[2]
    assert_same(back, x)


class Rounded:
    """Times of a type with a few bits, as PyTorch and ml_dtypes have them."""

    def __init__(self, dtype):
        self.dtype = dtype

    def __array__(self, dtype=None, copy=None):
        return np.float32([0.5, 1.0])

    def __len__(self):
        return 2


@pytest.mark.parametrize("dtype", ["torch.bfloat16", "bfloat16", "torch.float8_e4m3fn", "float8_e5m2", "float4_e2m1fn"])
@pytest.mark.parametrize("unit", ["steps", "ms"])
def test_times_of_a_few_bits_are_refused(dtype, unit):
    for time in (Rounded(dtype), [Rounded(dtype), Rounded(dtype)]):
        with pytest.raises(bs.InvalidValueError, match=f"time = Rounded of {dtype}, which rounds"):
            bs.Data.from_triplets([0, 0], time, [0, 0], time_unit=unit)
    bs.Data.from_triplets([0, 0], np.float64([0.5, 1.0]), [0, 0], time_unit="ms")  # float64 has "float6" in its name


def test_several_spikes_of_a_place_are_one_or_counted():
    where = ([0, 0, 0, 0], [1, 1, 2, 1], [3, 3, 3, 4])
    one = bs.Data.from_triplets(*where)
    assert one.dense(0)[:, 3].tolist() == [0, 1, 1] and len(one.rows[2]) == 0 and one.merged_events == 1
    counted = bs.Data.from_triplets(*where, duplicates="count")
    assert counted.dense(0)[:, 3].tolist() == [0, 2, 1] and counted.merged_events == 1
    assert counted[[0]].merged_events == 1
    events = np.array([(0, 5), (900, 5), (1000, 5)], [("t", "<i8"), ("x", "<i4")])
    for duplicates, values in ((None, [1, 1]), ("one", [1, 1]), ("count", [2, 1])):
        data = bs.Data.from_events([events], step=1000, duplicates=duplicates)
        assert data.dense(0)[:, 5].tolist() == values and data.merged_events == 1


def test_triplets_know_their_own_sizes():
    data = bs.Data.from_triplets([0, 2], [4, 1], [3, 0])
    assert (len(data), data.channels, data.lengths.tolist()) == (3, 4, [5, 5, 5])


def test_triplets_with_a_length_for_each_sample():
    data = bs.Data.from_triplets([0, 1], [0, 5], [0, 0], steps=[2, 6])
    assert data.lengths.tolist() == [2, 6]


def test_another_data_gives_its_events():
    x = graded()
    assert_same(bs.Data(bs.Data(x, [0, 1, 0, 1]), [1, 0, 1, 0]), x)


def test_the_caller_may_change_the_array_afterwards():
    x = graded()
    data, kept = bs.Data(x), x.copy()
    x[:] = 7
    assert_same(data, kept)


def test_zero_samples_of_known_channels():
    assert len(bs.Data(np.zeros((0, 3, 2)))) == 0


# ---- event cameras ----

EVENT = np.dtype([("t", "<i8"), ("x", "<i2"), ("y", "<i2"), ("p", "?")])
SENSOR = (4, 3, 2)  # x, y, polarities


def camera_events(seed=5, n=60, last=10_000):
    """Events in order of time, microseconds; the first at 0, as tonic's frames count from there."""
    rng = np.random.default_rng(seed)
    events = np.zeros(n, EVENT)
    events["t"] = np.sort(rng.integers(0, last, n))
    events["t"][0] = 0
    events["x"], events["y"] = rng.integers(0, 4, n), rng.integers(0, 3, n)
    events["p"] = rng.random(n) < 0.5
    return events


def frames_by_hand(events, steps, step=1000):
    frames = np.zeros((steps, 2, 3, 4), np.float32)
    for t, x, y, p in events:
        if t // step < steps:
            frames[t // step, int(p), y, x] = 1
    return frames.reshape(steps, -1)


def test_camera_events():
    recordings = [camera_events(seed) for seed in (5, 6)]
    data = bs.Data.from_events(recordings, [1, 0], sensor_size=SENSOR, step=1000, steps=10)
    assert data.channels == 24
    assert_same(data, [frames_by_hand(r, 10) for r in recordings])
    assert data.labels.tolist() == [1, 0]


def test_late_camera_events_are_dropped():
    events = camera_events()
    assert_same(bs.Data.from_events([events], sensor_size=SENSOR, step=1000, steps=4), [frames_by_hand(events, 4)])


def test_recordings_last_to_their_last_event():
    early, late = camera_events(last=3000), camera_events()
    data = bs.Data.from_events([early, late], sensor_size=SENSOR, step=1000, dt=2.0)
    assert data.lengths.tolist() == [early["t"].max() // 1000 + 1, late["t"].max() // 1000 + 1]
    assert data.dt == 2.0


def test_cochlea_events():
    """No field y, and still three numbers in tonic's sensor_size."""
    events = np.array([(0, 5, 1), (1500, 0, 1), (1600, 0, 1)], [("t", "<i8"), ("x", "<i4"), ("p", "<i4")])
    data = bs.Data.from_events([events], sensor_size=(8, 1, 2), step=1000)
    assert data.channels == 16 and data._core.events == 2
    assert np.argwhere(data.dense(0)).tolist() == [[0, 8 + 5], [1, 8 + 0]]


def test_sensor_size_of_the_fields_there_are():
    events = np.array([(0, 5)], [("t", "<i8"), ("x", "<i4")])
    assert bs.Data.from_events([events], sensor_size=[8], step=1).channels == 8
    assert bs.Data.from_events([events], step=1).channels == 6


def test_same_as_the_frames_of_tonic():
    transforms = skip_without("tonic.transforms")
    events = camera_events()
    frames = transforms.ToFrame(sensor_size=SENSOR, time_window=1000, include_incomplete=True)(events)
    data = bs.Data.from_events([events], sensor_size=SENSOR, step=1000)
    assert_same(data, [(frames > 0).reshape(len(frames), -1)])


# ---- targets ----


@pytest.mark.parametrize("labels", [[0, 2, 1, 0], np.array([0, 2, 1, 0], np.uint8), np.array([0, 2, 1, 0], np.int64),
                                    Exporter(np.array([0, 2, 1, 0]))])
def test_labels(labels):
    data = bs.Data(spikes(), labels)
    assert data.labels.tolist() == [0, 2, 1, 0]
    assert data.class_names == ["0", "1", "2"]


def test_class_names_and_their_number():
    assert bs.Data(spikes(), [0, 1, 0, 1], classes=5).class_names == list("01234")
    assert bs.Data(spikes(), [0, 1, 0, 1], classes=["cat", "dog"]).class_names == ["cat", "dog"]


def test_labels_of_steps():
    labels = np.arange(SAMPLES * STEPS).reshape(SAMPLES, STEPS) % 4 - 1
    for given in (labels, list(labels), labels.tolist()):
        np.testing.assert_array_equal(bs.Data(spikes(), given)._core.step_labels, labels.ravel())


def test_labels_of_steps_of_ragged_samples():
    data = bs.Data([np.ones((2, 1)), np.ones((3, 1))], [[0, -1], [2, 1, 0]])
    assert data._core.step_labels.tolist() == [0, -1, 2, 1, 0]


def test_values_of_steps():
    values = np.random.default_rng(1).normal(size=(SAMPLES, STEPS, 2))
    for given in (values, list(values)):
        got = bs.Data(spikes(), given)._core.step_targets
        np.testing.assert_array_equal(got, values.reshape(-1, 2).astype(np.float32))


def test_values_of_one_output_need_no_axis():
    values = np.random.default_rng(1).normal(size=(SAMPLES, STEPS))
    assert bs.Data(spikes(), values)._core.step_targets.shape == (SAMPLES * STEPS, 1)


def test_weights_of_steps():
    weights = np.random.default_rng(1).random((SAMPLES, STEPS)).astype(np.float32)
    data = bs.Data(spikes(), np.zeros((SAMPLES, STEPS)), weights=weights)
    np.testing.assert_array_equal(data._core.step_weights, weights.ravel())


# ---- parts ----


def test_parts():
    x = graded()
    data = bs.Data(x, [0, 1, 2, 3])
    for picked in (slice(1, 3), [3, 0], np.array([True, False, True, False]), 2, -1):
        part = data[picked]
        assert_same(part, np.atleast_3d(x[picked]).reshape(-1, STEPS, CHANNELS))
        assert part.labels.tolist() == np.atleast_1d(np.arange(4)[picked]).tolist()


def test_samples_count_from_the_end_too():
    data = bs.Data(graded())
    np.testing.assert_array_equal(data.dense(-1), data.dense(SAMPLES - 1))
    for beyond in (SAMPLES, -SAMPLES - 1):
        with pytest.raises(IndexError):
            data.dense(beyond)
        with pytest.raises(IndexError):
            data[beyond]


# ---- mistakes ----


def nan_at(x, *at, value=np.nan):
    x = np.array(x, float)
    x[at] = value
    return x


def sparse_nan():
    sparse = skip_without("scipy.sparse")
    return [sparse.csr_array(nan_at(spikes()[0], 0, 0))]


X = spikes()
ROWS = np.zeros((SAMPLES, STEPS))
MISTAKES = {
    "nan": (lambda: bs.Data(nan_at(X, 1, 2, 3)), bs.InvalidValueError, "inputs[1, 2, 3]"),
    "infinity": (lambda: bs.Data(nan_at(X, 1, 2, 3, value=-np.inf)), bs.InvalidValueError, "inputs[1, 2, 3]"),
    "nan in a list": (lambda: bs.Data([nan_at(X[0], 2, 3)]), bs.InvalidValueError, "inputs[0][2, 3]"),
    "nan in a sparse array": (lambda: bs.Data(sparse_nan()), bs.InvalidValueError, "inputs[0]"),
    "beyond single precision": (lambda: bs.Data(nan_at(X, 0, 0, 0, value=1e300)), bs.InvalidValueError,
                                "inputs[0, 0, 0]"),
    "one sample": (lambda: bs.Data(X[0]), bs.ShapeError, "inputs"),
    "a number": (lambda: bs.Data(3.0), bs.ShapeError, "inputs"),
    "an empty list": (lambda: bs.Data([]), bs.InvalidValueError, "inputs"),
    "a ragged nested list": (lambda: bs.Data([[[1, 0], [1]]]), bs.ShapeError, "inputs[0]"),
    "other channels": (lambda: bs.Data([np.ones((2, 3)), np.ones((2, 4))]), bs.ShapeError, "inputs[1]"),
    "other channels after none": (lambda: bs.Data([np.ones((2, 0)), np.ones((2, 4))]), bs.ShapeError, "inputs[1]"),
    "objects": (lambda: bs.Data(X.astype(object)), bs.InvalidValueError, "inputs"),
    "text": (lambda: bs.Data(X.astype(str)), bs.InvalidValueError, "inputs"),
    "complex": (lambda: bs.Data(X.astype(complex)), bs.InvalidValueError, "inputs"),
    "None": (lambda: bs.Data(None), bs.InvalidValueError, "inputs"),
    "events": (lambda: bs.Data([camera_events()]), bs.InvalidValueError, "inputs[0]"),
    "a tensor on a GPU": (lambda: bs.Data(Exporter(X, device=(2, 0))), bs.InvalidValueError, "inputs"),
    "dt of 0": (lambda: bs.Data(X, dt=0), bs.InvalidValueError, "dt"),
    "dt of nan": (lambda: bs.Data(X, dt=float("nan")), bs.InvalidValueError, "dt"),
    "endless dt": (lambda: bs.Data(X, dt=float("inf")), bs.InvalidValueError, "dt"),
    "negative label": (lambda: bs.Data(X, [0, 1, -1, 0], classes=3), bs.InvalidValueError, "targets[2]"),
    "label beyond classes": (lambda: bs.Data(X, [0, 1, 5, 0], classes=5), bs.InvalidValueError, "targets[2]"),
    "label beyond names": (lambda: bs.Data(X, [0, 0, 0, 2], classes=["a", "b"]), bs.InvalidValueError, "targets[3]"),
    "label that would wrap": (lambda: bs.Data(X, [0, 2**32, 0, 0]), bs.InvalidValueError, "targets[1]"),
    "negative classes": (lambda: bs.Data(X, [0, 0, 0, 0], classes=-2), bs.InvalidValueError, "classes"),
    "too few labels": (lambda: bs.Data(X, [0, 1]), bs.ShapeError, "targets"),
    "no labels": (lambda: bs.Data(X, []), bs.ShapeError, "targets"),
    "one label": (lambda: bs.Data(X, 3), bs.ShapeError, "targets"),
    "text labels": (lambda: bs.Data(X, ["a", "b", "c", "d"]), bs.InvalidValueError, "targets"),
    "labels as objects": (lambda: bs.Data(X, np.array([0, 1, None, 2])), bs.InvalidValueError, "targets"),
    "float labels": (lambda: bs.Data(X, [0.5, 1.0, 0.0, 1.0]), bs.InvalidValueError, "targets"),
    "whole floats as labels": (lambda: bs.Data(X, [0.0, 1.0, 0.0, 1.0]), bs.InvalidValueError, "targets"),
    "beyond any reading": (lambda: bs.Data(nan_at(X, 0, 0, 0, value=1e19)), bs.InvalidValueError, "inputs[0, 0, 0]"),
    "a target beyond": (lambda: bs.Data(X, nan_at(ROWS, 3, 2, value=-1e30)), bs.InvalidValueError, "targets[3][2]"),
    "dt as text": (lambda: bs.Data(X, dt="1"), bs.InvalidValueError, "dt"),
    "dt of other events": (lambda: bs.Data(bs.Data(X), dt=5.0), bs.InvalidValueError, "dt"),
    "half a class": (lambda: bs.Data(X, [0, 0, 0, 0], classes=1.5), bs.InvalidValueError, "classes"),
    "classes as one text": (lambda: bs.Data(X, [0, 0, 0, 0], classes="abc"), bs.InvalidValueError, "classes"),
    "half a sample": (lambda: bs.Data.from_triplets([0], [0], [0], samples=1.5), bs.InvalidValueError, "samples"),
    "steps of events": (lambda: bs.Data.from_events([camera_events()], step=1, steps=2.5), bs.InvalidValueError,
                        "steps"),
    "half a pixel": (lambda: bs.Data.from_events([camera_events()], sensor_size=(4.5, 3, 2), step=1),
                     bs.InvalidValueError, "sensor_size[0]"),
    "unit of time": (lambda: bs.Data.from_triplets([0], [0], [0], time_unit="min"), bs.InvalidValueError, "time_unit"),
    "times before 0": (lambda: bs.Data.from_triplets([0, 0], [0, -1e-3], [0, 0], time_unit="s"), bs.InvalidValueError,
                       "time[1]"),
    "times without end": (lambda: bs.Data.from_triplets([0, 0], [0, np.inf], [0, 0], time_unit="s"),
                          bs.InvalidValueError, "time[1]"),
    "merging": (lambda: bs.Data.from_triplets([0], [0], [0], duplicates="sum"), bs.InvalidValueError, "duplicates"),
    "merging values to one": (lambda: bs.Data.from_triplets([0], [0], [0], [2.0], duplicates="one"),
                              bs.InvalidValueError, "duplicates"),
    "label of a step": (lambda: bs.Data(X, np.full((SAMPLES, STEPS), -2)), bs.InvalidValueError, "targets[0][0]"),
    "too few steps": (lambda: bs.Data(X, np.zeros((SAMPLES, STEPS - 1), int)), bs.ShapeError, "targets[0]"),
    "whole values": (lambda: bs.Data(X, np.zeros((SAMPLES, STEPS, 2), int)), bs.ShapeError, "targets[0]"),
    "nan to follow": (lambda: bs.Data(X, nan_at(ROWS, 3, 2)), bs.InvalidValueError, "targets[3][2]"),
    "other outputs": (lambda: bs.Data(X[:2], [np.zeros((STEPS, 2)), np.zeros((STEPS, 3))]), bs.ShapeError,
                      "targets[1]"),
    "negative weight": (lambda: bs.Data(X, ROWS, weights=nan_at(ROWS, 0, 1, value=-1)), bs.InvalidValueError,
                        "weights[0][1]"),
    "nan weight": (lambda: bs.Data(X, ROWS, weights=nan_at(ROWS, 0, 1)), bs.InvalidValueError, "weights[0][1]"),
    "weights of outputs": (lambda: bs.Data(X, ROWS, weights=np.ones((SAMPLES, STEPS, 2))), bs.ShapeError, "weights[0]"),
    "negative sample": (lambda: bs.Data.from_triplets([0, -1], [0, 0], [0, 0]), bs.InvalidValueError, "sample[1]"),
    "negative time": (lambda: bs.Data.from_triplets([0, 0], [0, -3], [0, 0]), bs.InvalidValueError, "time[1]"),
    "negative channel": (lambda: bs.Data.from_triplets([0, 0], [0, 0], [-1, 0]), bs.InvalidValueError, "channel[0]"),
    "half a step": (lambda: bs.Data.from_triplets([0], [0.5], [0]), bs.InvalidValueError, "time[0]"),
    "time of nan": (lambda: bs.Data.from_triplets([0], [np.nan], [0]), bs.InvalidValueError, "time[0]"),
    "late event": (lambda: bs.Data.from_triplets([0, 1], [0, 5], [0, 0], steps=5), bs.InvalidValueError, "time[1]"),
    "late for its sample": (lambda: bs.Data.from_triplets([0, 1], [3, 0], [0, 0], steps=[3, 9]), bs.InvalidValueError,
                            "time[0]"),
    "sample beyond": (lambda: bs.Data.from_triplets([2], [0], [0], samples=2), bs.InvalidValueError, "samples"),
    "channel beyond": (lambda: bs.Data.from_triplets([0], [0], [9], channels=9), bs.InvalidValueError, "channels"),
    "negative samples": (lambda: bs.Data.from_triplets([], [], [], samples=-1), bs.InvalidValueError, "samples"),
    "negative steps": (lambda: bs.Data.from_triplets([], [], [], samples=1, steps=-1), bs.InvalidValueError, "steps"),
    "steps of other samples": (lambda: bs.Data.from_triplets([0], [0], [0], steps=[3, 4]), bs.ShapeError, "steps"),
    "fewer channels": (lambda: bs.Data.from_triplets([0, 0], [0, 1], [0]), bs.ShapeError, "channel"),
    "fewer values": (lambda: bs.Data.from_triplets([0, 0], [0, 1], [0, 1], [1.0]), bs.ShapeError, "value"),
    "value of nan": (lambda: bs.Data.from_triplets([0], [0], [0], [np.nan]), bs.InvalidValueError, "value[0]"),
    "index by table": (lambda: bs.Data.from_triplets([[0]], [[0]], [[0]]), bs.ShapeError, "time"),
    "no recordings": (lambda: bs.Data.from_events([], step=1), bs.InvalidValueError, "recordings"),
    "no fields": (lambda: bs.Data.from_events([np.zeros(3)], step=1), bs.InvalidValueError, "recordings[0]"),
    "fields of the first only": (lambda: bs.Data.from_events([camera_events(), np.zeros(1, [("t", int), ("x", int)])],
                                                             step=1), bs.InvalidValueError, "recordings[1]"),
    "step of 0": (lambda: bs.Data.from_events([camera_events()], step=0), bs.InvalidValueError, "step"),
    "pixel beyond": (lambda: bs.Data.from_events([camera_events()], sensor_size=(3, 3, 2), step=1),
                     bs.InvalidValueError, "recordings[0]['x']"),
    "sensor of two": (lambda: bs.Data.from_events([camera_events()], sensor_size=(4, 3), step=1), bs.InvalidValueError,
                      "sensor_size"),
    "sensor of 0": (lambda: bs.Data.from_events([camera_events()], sensor_size=(4, 0, 2), step=1),
                    bs.InvalidValueError, "sensor_size"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named(mistake):
    make, error, argument = MISTAKES[mistake]
    with pytest.raises(error) as caught:
        make()
    assert caught.value.argument.startswith(argument)
    assert argument in str(caught.value)
    assert isinstance(caught.value, bs.Error) and isinstance(caught.value, ValueError)


def test_negative_time_of_an_event_camera():
    events = camera_events()
    events["t"] -= 1
    with pytest.raises(bs.InvalidValueError, match=r"recordings\[0\]\['t'\]"):
        bs.Data.from_events([events], step=1000)


# ---- without targets ----


def test_data_without_targets_draw_weights_and_train_under_an_own_loss():
    """Two outputs, so that no default target would fit by chance."""
    data = bs.Data(spikes())
    net = bs.Network([bs.LIF(6), bs.LeakyIntegrator(2)], inputs=CHANNELS, threads=1)
    drawn = net.state_dict()["hidden1.weight"]
    net.initialise(data)
    assert not np.array_equal(net.parameters["hidden1.weight"], drawn)
    history = net.fit(data, loss=lambda y, _: (float((y**2).mean()), 2 * y / y.size), epochs=3, learning_rate=1e-2)
    assert history["train_loss"][-1] < history["train_loss"][0]


def test_initial_weights_do_not_depend_on_targets():
    nets = [bs.Network([bs.LIF(6), bs.LIF(4), bs.LeakyIntegrator(3)], inputs=CHANNELS, threads=1) for _ in range(3)]
    targets = [None, [0, 1, 2, 0], np.zeros((SAMPLES, STEPS, 3))]
    for net, given in zip(nets, targets, strict=True):
        net.initialise(bs.Data(spikes(), given, classes=3))
    for name, value in nets[0].parameters.items():
        np.testing.assert_array_equal(value, nets[1].parameters[name])
        np.testing.assert_array_equal(value, nets[2].parameters[name])


# ---- what is meant is said ----


@pytest.mark.parametrize(("make", "said"), [
    (lambda: bs.Data(X, [0.0, 1.0, 0.0, 1.0]), "targets.astype(int)"),
    (lambda: bs.Data(X, np.random.default_rng(1).normal(size=SAMPLES)), "numpy.broadcast_to"),
    (lambda: bs.Data(X.swapaxes(0, 1), [0, 1, 0, 1]), "has samples first"),
    (lambda: bs.Data(X, np.eye(3, dtype=int)[[0, 1, 2, 0]]), "targets.argmax(1)"),
    (lambda: bs.Data.from_triplets([0], [0.5], [0]), "time_unit"),
    (lambda: bs.Network([bs.LIF(3), bs.LeakyIntegrator(2)], inputs=CHANNELS)(X.swapaxes(1, 2)),
     "steps come before channels"),
], ids=["float labels", "a value a sample", "time first", "one-hot", "float times", "channels before steps"])
def test_a_mistake_says_what_was_meant(make, said):
    with pytest.raises(bs.Error) as caught:
        make()
    assert said in str(caught.value)


def test_one_value_a_sample_the_way_the_message_says():
    y = np.arange(SAMPLES, dtype=float)
    weights = np.zeros((SAMPLES, STEPS))
    weights[:, -1] = 1
    data = bs.Data(X, np.broadcast_to(y[:, None, None], (SAMPLES, STEPS, 1)), weights=weights)
    net = bs.Network([bs.LIF(6), bs.LeakyIntegrator(1)], inputs=CHANNELS, threads=1)
    expected = np.mean((net(X)[:, -1, 0] - y) ** 2)
    assert net.evaluate(data).loss == pytest.approx(expected, rel=1e-5)
