"""Holds what was learned: how words are spelled, and the trees that weigh the features of a candidate.

`model.json` is written by tests/bench/train_general.py and read when the first candidate is met.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, NamedTuple

from keysift.detect.named import measures
from keysift.records import dataclass

Node = float | list[Any]
"""A leaf, which is a weight; or a list: feature, threshold, the nodes up to and above it, and the mean weight below."""


class Nodes(NamedTuple):
    """The trees as lists of numbers."""

    roots: list[int]
    features: list[int]
    numbers: list[float]
    nexts: list[int]


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model."""

    features: tuple[str, ...]
    """The names of the features, in the order of the values."""
    bias: float
    trees: tuple[Node, ...]
    letters: bytes = field(repr=False)
    """The probability of each letter after two others, in words of code and prose.

    A character for each three of `^abcdefghijklmnopqrstuvwxyz$`, in their order: `0` for a letter that is certain, and
    each step is a quarter bit less.
    """
    vocabulary: frozenset[str] = field(repr=False)

    nodes: Nodes
    """The trees again, in the form that `measures` reads."""
    longest: bytes = field(repr=False)
    """The longest word of the vocabulary by its first letters, as `measures` reads it."""

    def probability(self, values: list[float]) -> float:
        """Return the probability from 0 to 1 that a value with these features is a key."""
        return 1 / (1 + math.exp(-self.odds(values)))

    def odds(self, values: list[float]) -> float:
        """Return the log odds that a value with these features is a key."""
        return measures.odds(self.bias, values, *self.nodes)

    def most(self, values: list[float], unknown: list[bool]) -> float:
        """Return the highest log odds that a value with these features may have, whatever the unknown ones are."""
        return self.bias + measures.most_odds(values, unknown, *self.nodes)

    def contributions(self, values: Sequence[float]) -> dict[str, float]:
        """Return how much each feature added to the log odds on the way through the trees."""
        added = [0.0] * len(self.features)
        for tree in self.trees:
            node = tree
            while type(node) is list:
                child = node[2] if values[node[0]] <= node[1] else node[3]
                mean = child[4] if type(child) is list else child
                added[node[0]] += mean - node[4]
                node = child
        return dict(zip(self.features, added, strict=True))


@functools.cache
def load() -> Model:
    """Return the model of the package."""
    return decode(Path(__file__).with_name("model.json").read_bytes())


def decode(data: bytes) -> Model:
    """Decode a model from the JSON that the training script writes."""
    fields = json.loads(data)
    vocabulary = frozenset(fields["vocabulary"].split())
    trees = tuple(fields["trees"])  # lists as JSON has them, because turning them into tuples takes a millisecond
    return Model(
        tuple(fields["features"]),
        fields["bias"],
        trees,
        fields["trigrams"].encode(),
        vocabulary,
        _nodes(trees),
        measures.longest_words(vocabulary),
    )


def _nodes(trees: Sequence[Node]) -> Nodes:
    """Return the trees as lists of numbers: see `measures.odds`."""
    nodes = Nodes([], [], [], [])

    def add(node: Node) -> int:
        number = len(nodes.features)
        nodes.nexts.extend((0, 0))
        if isinstance(node, list):
            nodes.features.append(node[0])
            nodes.numbers.append(float(node[1]))
            nodes.nexts[2 * number] = add(node[2])
            nodes.nexts[2 * number + 1] = add(node[3])
        else:
            nodes.features.append(-1)
            nodes.numbers.append(float(node))
        return number

    nodes.roots.extend(map(add, trees))
    return nodes
