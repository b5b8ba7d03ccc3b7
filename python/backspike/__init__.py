"""Backspike: spiking neural networks, trained through time.

    import backspike as bs

    net = bs.Network([bs.Dense(700, 256), bs.LIF(256, tau_m=20.0, recurrent=True),
                      bs.Dense(256, 20), bs.LeakyIntegrator(20)], dt=1.0)
    net.fit(events, labels, epochs=10)
"""

from typing import TYPE_CHECKING

from . import _core, datasets, events, health, metrics, plot, rl
from ._settings import (
    Activity,
    Delay,
    DelayWidth,
    Encoder,
    Objective,
    Optimiser,
    Parameter,
    Rule,
    ShortTermPlasticity,
    Surrogate,
    SynapticOperations,
)
from .analysis import (
    Attack,
    Comparison,
    Deployment,
    Mismatch,
    Sensitivity,
    attack,
    attack_names,
    compare_gradients,
    deploy,
    gradient,
    mismatch,
    sensitivity,
)
from .data import Data
from .errors import (CheckpointError, ConfigError, Error, FileError, FormatError, InternalError, InvalidValueError,
                     MissingDataError, NumericError, ResourceError, ShapeError)
from .hardware import Hardware
from .health import HealthWarning
from .layers import *  # noqa: F403 - the cells, which are known to the C++ library only
from .layers import __all__ as _layer_names
from .network import Network
from .normalisation import RECIPE as _RECIPE
from .normalisation import fold_batch_norm
from .online import OnlineLearner
from .results import Evaluation, Gradient, History, Recording
from .runs import Experiment, schema

__version__: str = _core.version
load = Network.load

__all__ = [
    "Activity", "Attack", "CheckpointError", "Comparison", "ConfigError", "Data", "Delay", "DelayWidth", "Deployment",
    "Encoder", "Error", "Evaluation", "Experiment", "FileError", "FormatError", "Gradient", "Hardware", "HealthWarning",
    "History", "InternalError", "InvalidValueError", "Mismatch", "MissingDataError", "Network", "NumericError", "Objective",
    "OnlineLearner", "Optimiser", "Parameter", "Recording", "ResourceError", "Rule", "Sensitivity", "ShapeError",
    "ShortTermPlasticity", "Surrogate", "SynapticOperations", "attack", "attack_names", "compare_gradients", "datasets",
    "deploy", "events", "fold_batch_norm", "gradient", "health", "load", "metrics", "mismatch", "plot", "rl", "schema",
    "sensitivity", *_layer_names,
]

if not TYPE_CHECKING:  # where nothing is known of names that are not there

    def __getattr__(name: str) -> object:
        """A name that other packages have and this one does not, with what there is instead."""
        instead = f": {_RECIPE}" if name.lower().replace("_", "").startswith("batchnorm") else ""
        raise AttributeError(f"module 'backspike' has no attribute {name!r}{instead}", name=name)
