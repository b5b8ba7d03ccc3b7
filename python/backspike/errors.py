"""Exceptions of the package. Each carries the text of the C++ library, and is also the built-in exception that
Python programs would expect.

Every class but InternalError derives from `Error`, so that ``except backspike.Error`` catches what a user can mend.
"""

from __future__ import annotations


class Error(Exception):
    """A bad value, shape, file or setting: something that the caller can mend."""


class InvalidValueError(Error, ValueError):
    """A value that an operation refuses. Attributes: operation, argument, value, accepted (empty if not known)."""

    operation = argument = value = accepted = ""

    @classmethod
    def of(cls, operation: str, argument: str, value: str, accepted: str) -> InvalidValueError:
        """An error in the words of the C++ library."""
        error = cls(f"{operation}: {argument} = {value} (accepted: {accepted})")
        error.operation, error.argument, error.value, error.accepted = operation, argument, value, accepted
        return error


class ShapeError(Error, ValueError):
    """Shapes that do not fit. Attributes: operation, argument, actual, expected (empty if not known)."""

    operation = argument = actual = expected = ""

    @classmethod
    def of(cls, operation: str, argument: str, actual: str, expected: str) -> ShapeError:
        """An error in the words of the C++ library."""
        error = cls(f"{operation}: {argument} has shape {actual}, expected {expected}")
        error.operation, error.argument, error.actual, error.expected = operation, argument, actual, expected
        return error


class ConfigError(Error, ValueError):
    """A setting of an experiment, a network or a call that is refused. Attributes: file, key."""


class MissingDataError(Error, FileNotFoundError):
    """A data set that is not where it should be. Attributes: path, remedy."""


class FormatError(Error, ValueError):
    """A file that is truncated, corrupt or of another format. Attributes: path, place."""


class FileError(Error, OSError):
    """The operating system refused a read or a write. Attribute: path."""


class CheckpointError(Error, ValueError):
    """A checkpoint of another network or version. Attribute: path."""


class NumericError(Error, ArithmeticError):
    """NaN or infinity in parameters, loss or gradient. Attribute: where (the layer or parameter)."""


class ResourceError(Error, MemoryError):
    """A run that would not fit in memory."""


class InternalError(RuntimeError):
    """A bug of backspike. Please report it."""
