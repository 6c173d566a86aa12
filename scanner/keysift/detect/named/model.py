"""The learned part: how words are written, and trees that weigh a candidate's features.

`model.json` is data, made by tests/bench/train_general.py; it is read when the first candidate turns up.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

Node = float | tuple[int, float, "Node", "Node", float]
"""A leaf's weight; or feature, threshold, what follows up to it and above it, and the mean weight of what follows."""
_ALPHABET = "^abcdefghijklmnopqrstuvwxyz$"
_RAREST = -12.0


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned."""

    features: tuple[str, ...]
    bias: float
    trees: tuple[Node, ...]
    letters: str
    """How likely a letter is behind two others, in words of code and prose: see `_trigrams`."""
    vocabulary: frozenset[str]

    def probability(self, values: Sequence[float]) -> float:
        """That a value is a key, by its features."""
        total = self.bias
        for tree in self.trees:
            node = tree
            while type(node) is tuple:
                node = node[2] if values[node[0]] <= node[1] else node[3]
            total += node  # type: ignore[operator] # a leaf
        return 1 / (1 + math.exp(-total))

    def contributions(self, values: Sequence[float]) -> dict[str, float]:
        """What each feature added on the way through the trees."""
        added = [0.0] * len(self.features)
        for tree in self.trees:
            node = tree
            while type(node) is tuple:
                following = node[2] if values[node[0]] <= node[1] else node[3]
                mean = following[4] if type(following) is tuple else following
                added[node[0]] += mean - node[4]  # type: ignore[operator] # a leaf
                node = following
        return dict(zip(self.features, added, strict=True))

    def fluency(self, letters: str) -> float:
        """How much lower-case letters look like a word: mean log2, about -3 for words, -6 at random."""
        text = f"^^{letters}$"
        known = _trigrams(self.letters)
        return sum(known.get(text[at : at + 3], _RAREST) for at in range(len(text) - 2)) / (len(text) - 2)


@functools.cache
def load() -> Model:
    """The model in the package."""
    return decode(Path(__file__).with_name("model.json").read_bytes())


def decode(data: bytes) -> Model:
    """A model as the training script writes it."""
    read = json.loads(data)
    return Model(
        tuple(read["features"]),
        read["bias"],
        tuple(map(_node, read["trees"])),
        read["trigrams"],
        frozenset(read["vocabulary"].split()),
    )


def _node(entry: float | list[object]) -> Node:
    if not isinstance(entry, list):
        return entry
    feature, threshold, below, above, mean = entry
    return feature, threshold, _node(below), _node(above), mean  # type: ignore[arg-type,return-value] # as it was written


@functools.cache
def _trigrams(text: str) -> dict[str, float]:
    """As log2: a character for each trigram, in alphabetical order: `0` for certain, each step a quarter bit less."""
    names = (a + b + c for a in _ALPHABET[:-1] for b in _ALPHABET[:-1] for c in _ALPHABET[1:])
    return {name: (ord("0") - ord(mark)) / 4 for name, mark in zip(names, text, strict=True)}
