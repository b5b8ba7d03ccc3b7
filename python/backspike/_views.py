"""Dictionaries and lists that are made anew in every call: writing to one would set nothing, so it raises."""

from __future__ import annotations

from typing import Any


class View(dict[str, Any]):
    """A dictionary that only shows. `remedy` says how to change what it shows."""

    def __init__(self, shown: dict[str, Any], remedy: str) -> None:
        super().__init__(shown)
        self._remedy = remedy

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("this dictionary only shows what is there, assigning to it would change nothing; "
                        f"{self._remedy}")

    def __setitem__(self, name: str, value: Any) -> None:
        # `view["a"] += 1` has changed the array in place when it comes here with the array itself.
        if name not in self or value is not self[name]:
            self._refuse()

    __delitem__ = update = pop = popitem = setdefault = clear = _refuse

    def __ior__(self, _: Any) -> Any:  # type: ignore[misc]
        return self._refuse()

    def __reduce__(self) -> Any:
        return dict, (dict(self),)  # a copy is the caller's own


class ListView(list[Any]):
    """A list that only shows."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("this list only shows what is there, changing it would change nothing; list(...) is a copy")

    __setitem__ = __delitem__ = __iadd__ = __imul__ = append = extend = insert = _refuse
    remove = pop = clear = sort = reverse = _refuse

    def __reduce__(self) -> Any:
        return list, (list(self),)
