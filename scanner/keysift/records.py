"""Dataclasses whose methods are made when they are first used.

`dataclasses` writes the source of six methods and compiles it, which for fifty classes takes longer than everything
else that a run on one file imports. Most of these methods are never used.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, slots, frozen=False):  # noqa: ANN001, ANN201 - see above
        """Return what `dataclasses.dataclass` does with `frozen` and with `slots`, which must be true."""
        assert slots  # noqa: S101 - nobody asks for others
        return _frozen if frozen else _changeable


__all__ = ["dataclass"]
_MISSING = dataclasses.MISSING


def _changeable(written: type[Any]) -> type[Any]:
    return _made(written, {"__hash__": None})  # equal by values that can change


def _frozen(written: type[Any]) -> type[Any]:
    refusals = {"__setattr__": _refuse, "__delattr__": _refuse}
    hashed = _late("__hash__", lambda record: _borrowed(record, "__hash__", unsafe_hash=True))
    return _made(written, {**refusals, "__getstate__": _getstate, "__setstate__": _setstate, "__hash__": hashed})


def _made(written: type[Any], methods: dict[str, Any]) -> type[Any]:
    """Return the class again, with slots and methods; what is written out in it stays."""
    dataclasses.dataclass(init=False, repr=False, eq=False)(written)
    fields = [field.name for field in dataclasses.fields(written)]
    body = {name: value for name, value in vars(written).items() if name not in {*fields, "__dict__", "__weakref__"}}
    # All at once: each method that is set later takes as long as the whole class.
    return type(written.__name__, written.__bases__, {**_LATE, **methods, **body, "__slots__": (*fields,)})


def _late(name: str, make: Callable[[type[Any]], Any]) -> Callable[..., Any]:
    """Return a method that makes another when it is first called, which then takes its place."""

    def method(record: object, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the other takes
        made = make(type(record))
        setattr(type(record), name, made)
        return made(record, *arguments, **named)

    return method


def _init(record: type[Any]) -> Callable[..., None]:
    """Return what fills the slots, also of a class whose instances refuse it."""
    scope: dict[str, Any] = {"missing_": _MISSING}
    parameters, lines = ["self"], []
    for number, field in enumerate(dataclasses.fields(record)):
        name, value, default = field.name, field.name, ""
        if not field.init:
            continue
        scope[f"set_{number}_"] = getattr(record, name).__set__
        if field.default is not _MISSING:
            scope[f"default_{number}_"] = field.default
            default = f"=default_{number}_"
        elif field.default_factory is not _MISSING:
            scope[f"make_{number}_"] = field.default_factory
            default, value = "=missing_", f"make_{number}_() if {name} is missing_ else {name}"
        parameters.append(name + default)
        lines.append(f"set_{number}_(self, {value})")
    if hasattr(record, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines), scope)  # noqa: S102 - as dataclasses does
    made: Callable[..., None] = scope["__init__"]
    made.__qualname__ = f"{record.__qualname__}.__init__"
    return made


def _borrowed(record: type[Any], name: str, **wanted: bool) -> Callable[..., Any]:
    """Return a method as `dataclasses` makes it for a class with the same fields."""
    fields = dataclasses.fields(record)
    body: dict[str, Any] = {"__doc__": record.__doc__} | {
        field.name: dataclasses.field(repr=field.repr, hash=field.hash, compare=field.compare) for field in fields
    }
    body["__annotations__"] = {field.name: field.type for field in fields}
    options: dict[str, bool] = {"init": False, "repr": False, "eq": False, **wanted}
    if "unsafe_hash" in wanted:
        options["eq"] = True
    made: Any = dataclasses.dataclass(**options)(type(record.__name__, (), body))
    method: Callable[..., Any] = getattr(made, name)
    return method


def _refuse(record: object, name: str, _value: object = None) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r} of {type(record).__name__}")


def _getstate(record: Any) -> list[Any]:  # noqa: ANN401 - any of ours
    return [getattr(record, name) for name in record.__slots__]


def _setstate(record: Any, state: list[Any]) -> None:  # noqa: ANN401 - as above
    for name, value in zip(record.__slots__, state, strict=True):
        object.__setattr__(record, name, value)


_LATE = {
    "__init__": _late("__init__", _init),
    "__repr__": _late("__repr__", lambda record: _borrowed(record, "__repr__", repr=True)),
    "__eq__": _late("__eq__", lambda record: _borrowed(record, "__eq__", eq=True)),
}
