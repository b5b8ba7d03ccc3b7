"""backspike.torch: a network between layers of PyTorch. Skipped, with the reason, where PyTorch is missing."""

import copy
import io
import subprocess
import sys
import threading

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

import backspike as bs  # noqa: E402
import backspike.torch  # noqa: E402, F401
from backspike.torch import Module, loss  # noqa: E402

BATCH, STEPS, INPUTS, OUTPUTS = 6, 25, 12, 3


def network(learn=(), per="neuron", seed=3, **keys):
    net = bs.Network([bs.LIF(16, recurrent=True, learn=learn, per=per, **keys), bs.Dense(16, OUTPUTS),
                      bs.LeakyIntegrator(OUTPUTS)], inputs=INPUTS, seed=seed, rate=0.2)
    return net


def spikes(batch=BATCH, seed=0):
    return (torch.rand(batch, STEPS, INPUTS, generator=torch.Generator().manual_seed(seed)) < 0.2).float()


def gradients(module, x):
    """Of a loss in which every output has its own weight."""
    module.zero_grad()
    y = module(x)
    (y * torch.linspace(-1, 1, y.numel()).view_as(y)).sum().backward()
    return {n: p.grad.clone() for n, p in module.named_parameters() if p.requires_grad}


# ---- training ----

@pytest.mark.parametrize("key", ["dropout", "noise"])
def test_dropout_and_noise_are_not_trained(key):
    module, x = Module(network(**{key: 0.1})), spikes()
    with pytest.raises(bs.InvalidValueError, match="Network.fit draws them"):
        module(x)
    module.eval()
    assert torch.equal(module(x), Module(network())(x))
    module.train()
    with torch.no_grad():
        assert torch.equal(module(x), Module(network())(x))


def test_trains_between_two_linear_layers():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(5, INPUTS), Module(network()), torch.nn.Linear(OUTPUTS, 2))
    x, y = torch.randn(16, STEPS, 5), torch.arange(16) % 2
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(40):
        optimiser.zero_grad()
        out = torch.nn.functional.cross_entropy(model(x).mean(1), y)
        out.backward()
        optimiser.step()
        losses.append(out.item())
    assert model[0].weight.grad.abs().max() > 0
    assert losses[-1] < 0.3 * losses[0]


def test_optimiser_equals_torch_on_copies():
    """Steps on the strided views are those on ordinary tensors."""
    module, x = Module(network(learn=True)), spikes()
    plain = [torch.nn.Parameter(p.detach().clone().contiguous()) for p in module.parameters()]
    for optimiser_class in (torch.optim.SGD, torch.optim.AdamW):
        one, other = optimiser_class(module.parameters(), lr=1e-3), optimiser_class(plain, lr=1e-3)
        for p, g in zip(plain, gradients(module, x).values(), strict=True):
            p.grad = g
        one.step()
        other.step()
        for p, q in zip(module.parameters(), plain, strict=True):
            assert torch.equal(p, q)


def test_gradient_equals_that_of_the_library():
    net = network(learn=True)
    labels = np.arange(BATCH) % OUTPUTS
    x = spikes()
    wanted = net.gradient(x, np.tile(labels[:, None], (1, STEPS)))
    module = Module(net)
    flat = module(x).reshape(-1, OUTPUTS)
    torch.nn.functional.cross_entropy(flat, torch.from_numpy(np.repeat(labels, STEPS))).backward()
    for name, p in module.named_parameters():
        scale = np.abs(wanted[name]).max()
        assert np.abs(p.grad.numpy() - wanted[name]).max() <= 2e-5 * scale, name
    assert wanted["hidden1.weight"].any() and wanted["hidden1.tau_m"].any()


def test_finite_differences_where_smooth():
    """A leaky integrator alone is smooth in everything: differences through both Linear layers and the network."""
    torch.manual_seed(1)
    net = bs.Network([bs.LeakyIntegrator(4, learn=True, per="neuron", tau_m=8.0)], inputs=5, rate=0.3)
    module = Module(net)
    model = torch.nn.Sequential(torch.nn.Linear(3, 5), module, torch.nn.Linear(4, 2))
    x = torch.randn(3, 10, 3, requires_grad=True)

    def value():
        return model(x).square().sum()

    value().backward()
    for tensor in (x, *model.parameters()):
        grad, flat = tensor.grad, tensor.detach()
        for index in list(np.ndindex(*tensor.shape))[:4]:
            h, old = 1e-2 * max(1.0, abs(flat[index].item())), flat[index].item()
            with torch.no_grad():
                values = []
                for k in (-1, 1):
                    tensor[index] = old + k * h
                    values.append(value().double())
                tensor[index] = old
            numeric = (values[1] - values[0]).item() / (2 * h)
            assert abs(numeric - grad[index].item()) < 5e-3 * grad.abs().max().item() + 1e-4


def test_spiking_output_and_gradient_of_input():
    net = bs.Network([bs.LIF(7)], inputs=INPUTS, rate=0.2)
    x = spikes().requires_grad_()
    y = Module(net)(x)
    assert set(y.unique().tolist()) == {0.0, 1.0}
    y.sum().backward()
    assert x.grad.shape == x.shape and x.grad[x.detach() == 0].abs().max() > 0


def test_forward_equals_network_with_and_without_gradient():
    net, x = network(), spikes()
    module, wanted = Module(net), net.forward(spikes())
    assert np.array_equal(module(x).detach().numpy(), wanted)
    with torch.no_grad():
        y = module(x)
    assert not y.requires_grad and np.array_equal(y.numpy(), wanted)
    for p in module.parameters():
        p.requires_grad_(False)
    assert not module(x).requires_grad
    assert np.array_equal(Module(net, batch_first=False)(x.transpose(0, 1)).detach().transpose(0, 1).numpy(), wanted)


def test_frozen_parameters_get_no_gradient():
    module, x = Module(network()), spikes()
    full = gradients(module, x)
    module.hidden1.weight.requires_grad_(False)
    module.hidden1.weight.grad = None
    module.readout.weight.grad = None
    y = module(x)
    (y * torch.linspace(-1, 1, y.numel()).view_as(y)).sum().backward()
    assert module.hidden1.weight.grad is None
    assert torch.equal(module.readout.weight.grad, full["readout.weight"])


def test_in_place_on_the_output_leaves_the_gradient():
    module, x = Module(network()), spikes()
    wanted = gradients(module, x)
    module.zero_grad()
    y = module(x)
    weight = torch.linspace(-1, 1, y.numel()).view_as(y)
    y.mul_(2)
    (y * weight).sum().backward()
    assert torch.allclose(module.hidden1.weight.grad, 2 * wanted["hidden1.weight"])


# ---- memory ----

def test_shares_memory_both_ways():
    net = network(learn=["tau_m"])
    module = Module(net)
    learnable = {n for n, i in net.parameter_infos.items() if i["learnable"]}
    assert {n for n, _ in module.named_parameters()} == learnable
    assert "readout.tau_m" in dict(module.named_buffers())
    with torch.no_grad():
        module.hidden1.weight.fill_(0.25)
    assert (net.parameters["hidden1.weight"] == 0.25).all()
    net.parameters["hidden1.tau_m"][2] = 33.0
    assert module.hidden1.tau_m[2] == 33.0


def test_state_dict_loads_in_place():
    one, other = Module(network(seed=1)), Module(network(seed=2))
    assert sorted(one.state_dict()) == sorted(one.net.parameter_names)
    other.load_state_dict(one.state_dict())
    assert other.net.digest() == one.net.digest()
    with torch.no_grad():
        other.hidden1.weight[0, 0] += 1
    assert other.net.digest() != one.net.digest()
    with pytest.raises(RuntimeError, match="size mismatch"):
        other.load_state_dict({**one.state_dict(), "readout.weight": torch.zeros(2, 2)})


def test_assigned_parameters_are_noticed():
    module = Module(network())
    module.load_state_dict({k: v.clone() for k, v in module.state_dict().items()}, assign=True)
    with pytest.raises(bs.InvalidValueError, match="hidden1.weight.*not in the network's memory"):
        module(spikes())
    module = Module(network())
    module.readout.weight.data = torch.zeros(16, OUTPUTS)
    with pytest.raises(bs.InvalidValueError, match="readout.weight.*not in the network's memory"):
        module(spikes())


def check_independent(module, other):
    x = spikes()
    assert other.net is not module.net and torch.equal(other(x), module(x))
    before = module.net.digest()
    optimiser = torch.optim.Adam(other.parameters(), lr=0.1)
    gradients(other, x)
    optimiser.step()
    assert module.net.digest() == before and other.net.digest() != before
    assert np.array_equal(other.net.parameters["hidden1.weight"], other.hidden1.weight.detach().numpy())
    assert np.array_equal(other.net.forward(x), other(x).detach().numpy())


def test_deepcopy_is_independent():
    module = Module(network())
    module.readout.weight.requires_grad_(False)
    other = copy.deepcopy(torch.nn.Sequential(module))[0]
    assert not other.readout.weight.requires_grad
    check_independent(module, other)


def test_pickle_is_independent():
    module = Module(network()).eval()
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    other = torch.load(file, weights_only=False)
    assert not other.training
    check_independent(module, other)


# ---- errors ----

@pytest.mark.parametrize("x, error, text", [
    (torch.zeros(STEPS, INPUTS), bs.ShapeError, r"\[25, 12\].*\[batch, steps, 12\]"),
    (torch.zeros(2, STEPS, INPUTS + 1), bs.ShapeError, r"\[2, 25, 13\].*\[batch, steps, 12\]"),
    (torch.zeros(0, STEPS, INPUTS), bs.ShapeError, r"\[0, 25, 12\].*at least one sample"),
    (torch.zeros(2, 0, INPUTS), bs.ShapeError, r"\[2, 0, 12\].*one step"),
    (torch.zeros(2, STEPS, INPUTS, dtype=torch.float64), bs.InvalidValueError, r"dtype = torch.float64.*float\(\)"),
    (torch.zeros(2, STEPS, INPUTS, dtype=torch.bool), bs.InvalidValueError, "dtype = torch.bool"),
    (torch.zeros(2, STEPS, INPUTS, device="meta"), bs.InvalidValueError, r"device = meta.*cpu"),
    (torch.zeros(2, STEPS, INPUTS).to_sparse(), bs.InvalidValueError, r"layout.*to_dense"),
    (torch.full((2, STEPS, INPUTS), float("nan")), bs.InvalidValueError, "nan.*sample 0, step 0, channel 0"),
    (torch.full((2, STEPS, INPUTS), float("inf")), bs.InvalidValueError, "inf"),
    (np.zeros((2, STEPS, INPUTS), np.float32), TypeError, "ndarray"),
])
@pytest.mark.parametrize("grad", [True, False])
def test_refuses_inputs(x, error, text, grad):
    with torch.set_grad_enabled(grad), pytest.raises(error, match=text):
        Module(network())(x)


@pytest.mark.parametrize("convert", [
    lambda m: m.half(), lambda m: m.double(), lambda m: m.bfloat16(), lambda m: m.to(torch.float64),
    lambda m: m.to("meta"), lambda m: m.to_empty(device="meta"), lambda m: m.to("cuda"), lambda m: m.cuda(),
    lambda m: m.type(torch.float16), lambda m: m.share_memory(),
], ids=["half", "double", "bfloat16", "to float64", "to meta", "to_empty", "to cuda", "cuda", "type", "share_memory"])
@pytest.mark.parametrize("inside", [False, True])
def test_refuses_conversions(convert, inside):
    module, x = Module(network()), spikes()
    wanted = module(x)
    with pytest.raises(bs.InvalidValueError, match="accepted: (float32|the network's own)"):
        convert(torch.nn.Sequential(module) if inside else module)
    assert torch.equal(module(x), wanted)


def test_allows_conversions_that_change_nothing():
    module, x = Module(network()), spikes()
    wanted = module(x)
    assert module.to("cpu").float().cpu().to(torch.float32) is module
    module.to_empty(device="cpu")
    assert torch.equal(module(x), wanted)


def test_names_a_parameter_that_left_its_range():
    module, x = Module(network(learn=["tau_m"])), spikes()
    with torch.no_grad():
        module.hidden1.tau_m[1] = -3.0
    with pytest.raises(bs.InvalidValueError, match=r"hidden1.tau_m\[1\].*clamp_") as caught:
        module(x)
    assert caught.value.argument == "hidden1.tau_m[1]"
    assert module.clamp_()(x).isfinite().all()
    assert module.hidden1.tau_m[1].item() == pytest.approx(0.01)
    with torch.no_grad():
        module.readout.weight[0, 0] = float("nan")
    with pytest.raises(bs.NumericError, match="readout.weight"):
        module.clamp_()(x)


@pytest.mark.parametrize("change", [
    lambda m: m.hidden1.weight.add_(0.1), lambda m: m.readout.weight.zero_(), lambda m: m.readout.tau_m.fill_(9.0),
    lambda m: m.clamp_(), lambda m: m.load_state_dict(m.state_dict()),
    lambda m: torch.optim.SGD(m.parameters(), lr=0.0).step() or m.hidden1.weight.mul_(1.0),
])
def test_catches_changes_between_forward_and_backward(change):
    module = Module(network())
    y = module(spikes())
    with torch.no_grad():
        change(module)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_second_backward():
    module = Module(network())
    total = module(spikes()).sum()
    total.backward(retain_graph=True)
    with pytest.raises(bs.InvalidValueError, match="second time"):
        total.backward()
    total = module(spikes()).sum()
    total.backward()
    with pytest.raises(RuntimeError, match="second time"):
        total.backward()


def test_no_second_derivative():
    module, x = Module(network()), spikes().requires_grad_()
    (g,) = torch.autograd.grad(module(x).square().sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        g.sum().backward()


def test_refuses_fused_optimisers():
    """torch 2.13 takes the parameters of fused optimisers for contiguous, and would write beside padded rows."""
    module = Module(network())
    before = module.net.digest()
    for one in (module, copy.deepcopy(module)):
        gradients(one, spikes())
        with pytest.raises(bs.InvalidValueError, match=r"Adam: fused = True for .*weight"):
            torch.optim.Adam(one.parameters(), fused=True).step()
    assert module.net.digest() == before


def test_refuses_what_is_no_network_and_layer_names_of_torch():
    with pytest.raises(TypeError, match="Linear"):
        Module(torch.nn.Linear(2, 2))
    net = bs.Network([bs.LeakyIntegrator(2, name="forward")], inputs=2)
    with pytest.raises(bs.ConfigError, match="'forward'"):
        Module(net)


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_package_does_not_import_torch():
    done = run_python("import sys, backspike; assert 'torch' not in sys.modules")
    assert done.returncode == 0, done.stderr


def test_says_what_to_install():
    done = run_python("import sys; sys.modules['torch'] = None; import backspike, backspike.torch")
    assert done.returncode == 1 and "ImportError" in done.stderr and "pip install torch" in done.stderr


# ---- threads ----

def in_threads(work, count=4):
    results, errors = [None] * count, []

    def run(k):
        try:
            results[k] = work(k)
        except Exception as e:  # shown by the assertion below
            errors.append(e)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors, errors
    return results


def input_gradients(module, k):
    x, got = spikes(seed=k), []
    for _ in range(5):
        leaf = x.clone().requires_grad_()
        y = module(leaf)
        (g,) = torch.autograd.grad((y * torch.linspace(-1, 1, y.numel()).view_as(y)).sum(), leaf)
        got.append((y.detach(), g))
    return got


@pytest.mark.parametrize("same", [True, False])
def test_threads(same):
    shared = Module(network())
    wanted = [input_gradients(shared, k)[0] for k in range(4)]
    assert all(g.abs().max() > 0 for _, g in wanted)
    modules = [shared if same else copy.deepcopy(shared) for _ in range(4)]
    for (y, g), got in zip(wanted, in_threads(lambda k: input_gradients(modules[k], k)), strict=True):
        assert all(torch.equal(a, y) and torch.equal(b, g) for a, b in got)


# ---- losses ----

def test_fit_under_a_loss_of_torch():
    net, x = network(), spikes(batch=32)
    labels = torch.arange(32) % OUTPUTS
    seen = []

    @loss
    def mine(outputs, samples):
        seen.append(len(samples))
        return torch.nn.functional.cross_entropy(outputs.mean(1), labels[samples])

    history = net.fit(x, loss=mine, epochs=20, batch=12, learning_rate=0.01, progress=False)
    assert seen[:3] == [12, 12, 8]
    assert history["train_loss"][-1] < 0.8 * history["train_loss"][0]


def test_loss_of_different_lengths():
    net = network()
    x = [s.numpy()[:n] for s, n in zip(spikes(batch=4), (25, 10, 17, 25), strict=True)]
    history = net.fit(x, loss=loss(lambda outputs, samples: sum(o.square().mean() for o in outputs)), epochs=5,
                      learning_rate=0.01, progress=False)
    assert history["train_loss"][-1] < history["train_loss"][0]


@pytest.mark.parametrize("rest", [{"validation": 0.25}, {"objective": "mean_squared"}, {"rule": "eprop"}])
def test_fit_refuses_what_an_own_loss_would_ignore(rest):
    with pytest.raises(bs.InvalidValueError, match=f"{next(iter(rest))} = .*a loss of your own"):
        network().fit(spikes(), loss=loss(lambda y, samples: y.sum()), progress=False, **rest)


def test_interrupted_fit_keeps_the_last_epoch():
    net, calls, after_epoch = network(), [], []

    @loss
    def mine(outputs, samples):
        calls.append(len(samples))
        if len(calls) == 6:  # in the second batch of the third epoch
            raise KeyboardInterrupt
        return outputs.square().mean()

    with pytest.raises(KeyboardInterrupt):
        net.fit(spikes(8), loss=mine, epochs=5, batch=4, progress=False,
                on_epoch=lambda _: after_epoch.append(net.digest()))
    assert len(after_epoch) == 2 and after_epoch[0] != after_epoch[1] == net.digest()


def test_loss_value_and_gradient():
    outputs = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    with torch.no_grad():  # a loss is asked for its gradient all the same
        value, gradient = loss(lambda y, samples: (y.square()).sum())(outputs, np.arange(2, dtype=np.uint32))
    assert value == (outputs ** 2).sum() and np.array_equal(gradient, 2 * outputs)
    several = [outputs[0], outputs[1][:1]]
    _, parts = loss(lambda ys, samples: ys[0].sum())(several, np.arange(2, dtype=np.uint32))
    assert (parts[0] == 1).all() and (parts[1] == 0).all() and parts[1].shape == (1, 2)


@pytest.mark.parametrize("function, text", [
    (lambda y, s: y.mean(1), r"shape \[2, 2\]"), (lambda y, s: 3.0, "float"),
    (lambda y, s: y.detach().sum(), "without a gradient"),
])
def test_loss_refuses(function, text):
    with pytest.raises(bs.InvalidValueError, match=text):
        loss(function)(np.ones((2, 3, 2), np.float32), np.arange(2, dtype=np.uint32))


# ---- weights ----

def test_weights_of_classes_and_samples_are_those_of_cross_entropy_loss():
    net, x, y = network(learn="tau_m"), spikes(), torch.arange(BATCH) % OUTPUTS
    of_class, of_sample = torch.tensor([2.0, 0.0, 0.5]), torch.linspace(0.0, 2.0, BATCH)
    objective = bs.Objective("cross_entropy", class_weights=of_class)
    model = Module(net)
    total = torch.nn.CrossEntropyLoss(weight=of_class, reduction="sum")
    each = torch.nn.CrossEntropyLoss(weight=of_class, reduction="none")
    for data, summed in ((bs.Data(x, y), total),
                         (bs.Data(x, y, sample_weight=of_sample), lambda z, y: (each(z, y) * of_sample).sum())):
        model.zero_grad()
        value = summed(model(x).mean(1), y)
        value.backward()
        found = net.gradient(data, objective=objective)
        assert found.loss * BATCH == pytest.approx(value.item(), rel=1e-5)
        learned = {n: p.grad.numpy() for n, p in model.named_parameters() if p.requires_grad}
        assert len(learned) == 4
        for name, g in learned.items():
            assert np.abs(g).max() > 1e-5
            np.testing.assert_allclose(found[name] * BATCH, g, rtol=1e-3, atol=1e-4 * np.abs(g).max(), err_msg=name)
