"""The package among processes, threads and signals: fork, the end of the interpreter, Ctrl-C, limits on threads."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import backspike as bs


def small_network(threads=2):
    return bs.Network([bs.Dense(4, 8), bs.LIF(8), bs.Dense(8, 2), bs.LeakyIntegrator(2)], threads=threads)


def small_data(samples=16):
    x = np.random.default_rng(1).random((samples, 20, 4)) < 0.3
    return bs.Data(x.astype(np.float32), np.arange(samples, dtype=np.int64) % 2)


def status_of_child(body, seconds=60):
    """Exit status of a child of fork() that runs `body`; None if it hangs."""
    child = os.fork()
    if child == 0:
        try:
            body()
            os._exit(0)
        except BaseException as e:
            print(f"in the child: {type(e).__name__}: {e}", file=sys.stderr, flush=True)
            os._exit(1)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def program(text, **kwargs):
    code = ("import os, signal, sys, threading, time\nimport numpy as np\nimport backspike as bs\n"
            + textwrap.dedent(text))
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            **kwargs)


def measure(net):
    return net.evaluate(small_data()).loss


def test_a_network_works_in_a_child_of_fork():
    net, data = small_network(), small_data()
    net.fit(data, epochs=1)
    before = measure(net)

    def work():
        assert measure(net) == before
        net.fit(data, epochs=1)
        net.forward(data)
        assert small_network().evaluate(data).loss > 0

    assert status_of_child(work) == 0
    assert measure(net) == before


def test_multiprocessing_by_fork():
    net = small_network()
    net.fit(small_data(), epochs=1)
    with multiprocessing.get_context("fork").Pool(2, initializer=set_network, initargs=(net,)) as pool:
        losses = pool.map_async(loss_in_worker, range(4)).get(timeout=60)
    assert losses == [measure(net)] * 4


IN_WORKER = None


def set_network(net):
    global IN_WORKER
    IN_WORKER = net


def loss_in_worker(_):
    return measure(IN_WORKER)


def test_a_network_that_another_thread_was_training_is_refused_in_the_child():
    net, data = small_network(), small_data()
    started, go_on = threading.Event(), threading.Event()

    def wait(_):
        started.set()
        go_on.wait()

    thread = threading.Thread(target=lambda: net.fit(data, epochs=1, on_epoch=wait))
    thread.start()
    assert started.wait(60)

    def work():
        with pytest.raises(bs.InvalidValueError, match="fork.*while another thread worked with this network"):
            net.evaluate(data)
        assert small_network().evaluate(data).loss > 0

    try:
        assert status_of_child(work) == 0
    finally:
        go_on.set()
        thread.join()
    assert net.evaluate(data).loss > 0


def test_fork_in_a_callback_goes_on_in_the_child():
    net, data = small_network(), small_data()
    children = []

    def split(record):
        if record["epoch"] == 1:
            children.append(status_of_child(lambda: net.evaluate(data)))

    net.fit(data, epochs=2, on_epoch=split)
    assert children == [0]


ENDLESS = """
    net = bs.Network([bs.Dense(50, 200), bs.LIF(200), bs.Dense(200, 2), bs.LeakyIntegrator(2)])
    x = (np.random.default_rng(1).random((200, 100, 50)) < 0.1).astype(np.float32)
    data = bs.Data(x, np.arange(200) % 2)
    def endless():
        net.fit(data, epochs=10**6, progress=False)
"""


def test_the_interpreter_ends_while_a_thread_trains():
    process = program(ENDLESS + """
    threading.Thread(target=endless, daemon=True).start()
    time.sleep(0.5)
    print("ended", flush=True)
    """)
    out, errors = process.communicate(timeout=120)
    assert (process.returncode, out.strip(), errors) == (0, "ended", "")


def test_the_interpreter_ends_while_a_thread_trains_with_callbacks():
    process = program(ENDLESS + """
    def slowly():
        net.fit(data, epochs=10**6, batch=10, on_epoch=lambda r: time.sleep(0.01))
    for _ in range(2):
        threading.Thread(target=slowly, daemon=True).start()
    time.sleep(0.5)
    sys.exit(3)
    """)
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (3, "")


# A call that takes seconds of work undisturbed, in a network that grows until it does; then once more, with Ctrl-C.
LONG = """
    x = np.random.default_rng(1).random(({samples}, {steps}, 100), np.float32) < 0.2
    data = bs.Data(x, np.arange({samples}) % 2, classes=2)
    def network(n):
        net = bs.Network([bs.Dense(100, n), bs.LIF(n, recurrent=True), bs.Dense(n, 2), bs.LeakyIntegrator(2)])
        net.parameters["hidden1.recurrent.weight"][...] = 0  # so that no gradient explodes over long samples
        return net
    def seconds():
        began = time.process_time()  # on a busy machine a clock on the wall would tell something else
        try:
            {work}
        except KeyboardInterrupt:
            return time.process_time() - began, True
        return time.process_time() - began, False
    neurons = 300
    net = network(neurons)
    while (undisturbed := seconds()[0]) < 2:
        neurons = int(neurons * min(max((2.5 / undisturbed)**0.5, 1.2), 2.5))
        net = network(neurons)
    def interrupt():
        time.sleep(0.15)
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=interrupt).start()
    took, interrupted = seconds()
    net.evaluate(bs.Data(x[:1, :10], [0], classes=2))  # still of use
    print(undisturbed, took, interrupted)
"""


MANY, LONGEST = (100, 300), (1, 20000)  # samples, steps


@pytest.mark.parametrize("size, work", [
    (MANY, "net.evaluate(data)"), (MANY, "net.forward(data)"), (MANY, "net.record(data)"), (MANY, "net.gradient(data)"),
    (MANY, "net.predict(data)"), (MANY, "net.fit(data, epochs=1)"), (MANY, "net.initialise(data)"),
    (LONGEST, "net.evaluate(data)"), (LONGEST, "net.record(data)"), (LONGEST, "net.gradient(data)")])
def test_ctrl_c_ends_long_work(size, work):
    process = program(LONG.format(work=work, samples=size[0], steps=size[1]))
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    undisturbed, took, interrupted = out.split()
    assert interrupted == "True" and float(undisturbed) >= 2
    assert float(took) < 0.5 * float(undisturbed), "seconds of work until KeyboardInterrupt"


def test_fewer_threads_where_the_system_refuses_them():
    process = program("""
    import resource
    x = (np.random.default_rng(1).random((16, 20, 4)) < 0.3).astype(np.float32)  # NumPy loads what it needs only now
    small = bs.Network([bs.Dense(4, 8), bs.LIF(8), bs.Dense(8, 2), bs.LeakyIntegrator(2)], threads=1)
    held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + (100 << 20), resource.RLIM_INFINITY))
    net = bs.Network([bs.Dense(4, 8), bs.LIF(8), bs.Dense(8, 2), bs.LeakyIntegrator(2)], threads=500)
    data = bs.Data(x, np.arange(16) % 2)
    assert 1 <= net.threads < 500, net.threads
    assert np.array_equal(net.evaluate(data).scores, small.evaluate(data).scores)
    print("done")
    """)
    out, errors = process.communicate(timeout=120)
    assert (process.returncode, out.strip()) == (0, "done"), errors
