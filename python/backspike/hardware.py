"""Chips that a network shall run on: the table [hardware] of an experiment, and shorter ways to write it."""

from __future__ import annotations

from typing import Any

from ._settings import Settings, key_lines, section


class Hardware(Settings):
    __doc__ = f"""Chips that a network shall run on: what their devices get wrong, and training for it.

    Args:
        mismatch: how the numbers of a device scatter around those that were wanted. A number is the standard deviation of
            all weights, as a share of each; a dictionary has one for each pattern, such as
            `{{"*.weight": 0.2, "*.tau_m": 0.1}}`; a list has a dictionary with the keys match, distribution, sigma and
            relative for each.
{key_lines(section("hardware")["keys"])}
    """

    table = "hardware"

    def __init__(self, mismatch: Any = None, **keys: Any) -> None:
        given = {} if mismatch is None else {"mismatch": mismatch_tables(mismatch)}
        super().__init__(**given, **keys)

    @classmethod
    def of(cls, value: Any) -> dict[str, Any]:
        """A dictionary is one of keys if it has one of them, and of patterns otherwise."""
        known = {"mismatch", *(key["name"] for key in section("hardware")["keys"])}
        if isinstance(value, dict) and known & set(value):
            value = cls(**value)
        elif value is not None and not isinstance(value, Settings):
            value = cls(value)
        return super().of(value)


def mismatch_tables(mismatch: Any) -> list[dict[str, Any]]:
    """[[hardware.mismatch]] from what a user writes."""
    if isinstance(mismatch, dict):
        return [{"match": pattern, "sigma": float(sigma)} for pattern, sigma in mismatch.items()]
    if isinstance(mismatch, (list, tuple)):
        return list(mismatch)
    return [{"match": "*.weight", "sigma": float(mismatch)}]
