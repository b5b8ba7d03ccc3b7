"""Libraries of attacks on a network of ours: torchattacks, Foolbox and the Adversarial Robustness Toolbox."""

import numpy as np
import pytest

import backspike as bs

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

import backspike.torch  # noqa: E402

SIDE, CLASSES, STEPS, EPS = 6, 3, 12, 0.2


@pytest.fixture(scope="module")
def victim():
    """A network that tells three patterns apart, images of these, and what it tells of them."""
    random = np.random.default_rng(1)
    truth = np.arange(60) % CLASSES
    patterns = random.uniform(0.0, 1.0, (CLASSES, SIDE * SIDE))
    pixels = np.clip(0.4 * patterns[truth] + random.uniform(0.0, 0.6, (60, SIDE * SIDE)), 0.0, 1.0).astype(np.float32)
    net = bs.Network([bs.Dense(SIDE * SIDE, 24), bs.LIF(24, recurrent=True), bs.Dense(24, CLASSES),
                      bs.LeakyIntegrator(CLASSES)], inputs=SIDE * SIDE, seed=3)
    net.fit(np.repeat(pixels[:, None], STEPS, 1), truth, epochs=20, learning_rate=0.02)
    images = torch.from_numpy(pixels).view(60, 1, SIDE, SIDE)
    model = bs.torch.Classifier(net, steps=STEPS).eval()
    with torch.no_grad():
        labels = model(images).argmax(1)
    assert float((labels == torch.from_numpy(truth)).float().mean()) > 0.9
    return model, images, labels


def accuracy(model, images, labels):
    with torch.no_grad():
        return float((model(images).argmax(1) == labels).float().mean())


def check(model, images, labels, adversarial):
    """Within the budget and the range, and stronger than noise of the same size."""
    assert float((adversarial - images).detach().abs().max()) <= EPS + 1e-6
    assert float(adversarial.detach().min()) >= 0.0 and float(adversarial.detach().max()) <= 1.0
    sign = torch.from_numpy(np.random.default_rng(2).choice([-EPS, EPS], images.shape).astype(np.float32))
    noise = accuracy(model, (images + sign).clamp(0.0, 1.0), labels)
    assert accuracy(model, adversarial, labels) < noise - 0.1


def test_one_step_follows_the_sign_of_our_gradient(victim):
    torchattacks = pytest.importorskip("torchattacks", reason="torchattacks is not installed")
    model, images, labels = victim
    x = images.clone().requires_grad_()
    torch.nn.functional.cross_entropy(model(x), labels).backward()
    expected = (images + EPS * x.grad.sign()).clamp(0.0, 1.0)
    assert int((x.grad != 0.0).sum()) > images.numel() // 2
    torch.testing.assert_close(torchattacks.FGSM(model, eps=EPS)(images, labels), expected)


def test_torchattacks(victim):
    torchattacks = pytest.importorskip("torchattacks", reason="torchattacks is not installed")
    model, images, labels = victim
    for attack in (torchattacks.PGD(model, eps=EPS, alpha=EPS / 4, steps=10),
                   torchattacks.APGD(model, eps=EPS, steps=10), torchattacks.Square(model, eps=EPS, n_queries=100)):
        check(model, images, labels, attack(images, labels))


def test_foolbox(victim):
    foolbox = pytest.importorskip("foolbox", reason="Foolbox is not installed")
    model, images, labels = victim
    _, adversarial, success = foolbox.attacks.LinfPGD(steps=10)(
        foolbox.PyTorchModel(model, bounds=(0.0, 1.0), device="cpu"), images, labels, epsilons=EPS)
    check(model, images, labels, adversarial)
    assert float(success.float().mean()) == pytest.approx(1.0 - accuracy(model, adversarial, labels), abs=1e-6)


def test_adversarial_robustness_toolbox(victim):
    evasion = pytest.importorskip("art.attacks.evasion", reason="the Adversarial Robustness Toolbox is not installed")
    from art.estimators.classification import PyTorchClassifier
    model, images, labels = victim
    seen = PyTorchClassifier(model, torch.nn.CrossEntropyLoss(), (1, SIDE, SIDE), CLASSES, clip_values=(0.0, 1.0),
                             device_type="cpu")
    attack = evasion.ProjectedGradientDescent(seen, eps=EPS, eps_step=EPS / 4, max_iter=10, verbose=False)
    check(model, images, labels, torch.from_numpy(attack.generate(images.numpy(), labels.numpy())))


def test_samples_may_have_a_time_axis(victim):
    torchattacks = pytest.importorskip("torchattacks", reason="torchattacks is not installed")
    still, images, _ = victim
    model = bs.torch.Classifier(still.module).eval()
    films = images.reshape(len(images), 1, 1, -1).repeat(1, 1, STEPS, 1)
    torch.testing.assert_close(model(films), still(images))
    labels = model(films).detach().argmax(1)
    check(model, films, labels, torchattacks.PGD(model, eps=EPS, alpha=EPS / 4, steps=10)(films, labels))


def test_what_is_refused(victim):
    model, images, _ = victim
    with pytest.raises(bs.InvalidValueError, match="readout"):
        bs.torch.Classifier(model.module, 5, "median")
    with pytest.raises(bs.InvalidValueError, match="steps"):
        bs.torch.Classifier(model.module, 0)
    with pytest.raises(bs.ShapeError, match="36 values"):
        model(images[:, :, :5])
