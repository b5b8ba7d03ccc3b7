"""Plain PyTorch with `torch.compile` on the step of the cell."""

import with_pytorch
from with_pytorch import OURS, gradient, training, version  # noqa: F401

with_pytorch.COMPILE = True
