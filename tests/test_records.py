"""Classes of `records.dataclass` behave as those of `dataclasses.dataclass` do."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from keysift import records


def written(decorate: Callable[[type], type], **body: object) -> type:
    """Write a class anew and decorate it: methods are made once."""
    annotations = {"name": "str", "hidden": "bytes", "count": "int", "beside": "list[int]", "aside": "str"}
    fields = {
        "hidden": dataclasses.field(default=b"x", repr=False),
        "count": 0,
        "beside": dataclasses.field(default_factory=list),
        "aside": dataclasses.field(default="", compare=False),
    }
    return decorate(type("Noun", (), {"__annotations__": annotations, "__doc__": "A noun.", **fields, **body}))


@pytest.fixture(params=[{"slots": True}, {"slots": True, "frozen": True}], ids=["changeable", "frozen"])
def both(request: pytest.FixtureRequest) -> tuple[type, type]:
    """Our class, and the one that `dataclasses` makes."""
    return written(records.dataclass(**request.param)), written(dataclasses.dataclass(**request.param))


def answers(noun: type) -> list[object]:
    """Everything that can be asked of a class and its instances."""
    first, second = noun("a", count=2), noun("a", b"y", 2, [], "elsewhere")
    other = noun("a", b"x", 2, [], "elsewhere")
    return [
        repr(first), first == second, first == other, first != other, first == ("a",), first.beside is other.beside,
        [field.name for field in dataclasses.fields(noun)], dataclasses.asdict(second), noun.__match_args__,
        repr(dataclasses.replace(first, count=3)), repr(copy.deepcopy(second)), hasattr(first, "__dict__"),
    ]  # fmt: skip


def test_they_answer_alike(both: tuple[type, type]) -> None:
    ours, theirs = both
    assert answers(ours) == answers(theirs)
    assert answers(ours) == answers(theirs), "once the methods are made"


def test_what_is_frozen_can_be_hashed_and_not_be_changed() -> None:
    noun: Any = written(records.dataclass(frozen=True, slots=True))
    first = noun("a", beside=())
    assert {first} == {noun("a", beside=(), aside="elsewhere")}
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot change field 'name' of Noun"):
        first.name = "b"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del first.name
    assert first.name == "a"


def test_what_is_not_frozen_can_be_changed_and_not_be_hashed() -> None:
    noun: Any = written(records.dataclass(slots=True))
    first = noun("a")
    first.name = "b"
    assert first == noun("b")
    with pytest.raises(TypeError, match="unhashable"):
        hash(first)


@pytest.mark.parametrize("arguments", [(), ("a", b"", 1, [], "", 6)])
def test_wrong_arguments_are_an_error(both: tuple[type, type], arguments: tuple[object, ...]) -> None:
    for noun in both:
        with pytest.raises(TypeError, match=r"__init__\(\)"):
            noun(*arguments)


def test_what_is_written_out_stays() -> None:
    noun = written(records.dataclass(frozen=True, slots=True), __repr__=lambda _: "shown")
    assert repr(noun("a")) == "shown"


@records.dataclass(slots=True)
class Circle:
    """A class with a field that it makes itself."""

    radius: int
    twice: int = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.twice = 2 * self.radius


@records.dataclass(frozen=True, slots=True)
class Point:
    """A class that travels."""

    x: int
    y: int = 0


def test_a_field_can_be_made_afterwards() -> None:
    assert Circle(3).twice == 6
    assert Circle(3) == Circle(3) != Circle(4)


@pytest.mark.parametrize("noun", [Point(1), Circle(2)])
def test_they_can_be_pickled(noun: object) -> None:
    assert pickle.loads(pickle.dumps(noun)) == noun  # noqa: S301 - our own
