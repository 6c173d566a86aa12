"""Holds what was learned: how words are spelled, and the trees that weigh the features of a candidate.

`model.json` is written by tests/bench/train_general.py and read when the first candidate is met.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

from keysift.records import dataclass

Node = float | list[Any]
"""A leaf, which is a weight; or a list: feature, threshold, the nodes up to and above it, and the mean weight below."""
_ALPHABET = "^abcdefghijklmnopqrstuvwxyz$"
_RAREST = -12.0
"""log2 of the probability of a trigram that no word has."""


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model."""

    features: tuple[str, ...]
    """The names of the features, in the order of the values."""
    bias: float
    trees: tuple[Node, ...]
    letters: str
    """The probability of each letter after two others, in words of code and prose: see `_trigrams`."""
    vocabulary: frozenset[str]

    def probability(self, values: Sequence[float]) -> float:
        """Return the probability from 0 to 1 that a value with these features is a key."""
        total = self.bias
        for tree in self.trees:
            node = tree
            while type(node) is list:
                node = node[2] if values[node[0]] <= node[1] else node[3]
            total += node  # type: ignore[operator] # a leaf
        return 1 / (1 + math.exp(-total))

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

    def fluency(self, letters: str) -> float:
        """Return how much lower-case letters look like a word.

        This is the mean log2 of their probabilities: about -3 for words and -6 for random letters.
        """
        text = f"^^{letters}$"
        logarithms = _trigrams(self.letters)
        return sum(logarithms.get(text[at : at + 3], _RAREST) for at in range(len(text) - 2)) / (len(text) - 2)


@functools.cache
def load() -> Model:
    """Return the model of the package."""
    return decode(Path(__file__).with_name("model.json").read_bytes())


def decode(data: bytes) -> Model:
    """Decode a model from the JSON that the training script writes."""
    fields = json.loads(data)
    return Model(
        tuple(fields["features"]),
        fields["bias"],
        tuple(fields["trees"]),  # lists as JSON has them, because turning them into tuples takes a millisecond
        fields["trigrams"],
        frozenset(fields["vocabulary"].split()),
    )


@functools.cache
def _trigrams(text: str) -> dict[str, float]:
    """Return log2 of the probability of each trigram.

    `text` has a character for each, in alphabetical order: `0` if it is certain, and each step is a quarter bit less.
    """
    names = map("".join, product(_ALPHABET[:-1], _ALPHABET[:-1], _ALPHABET[1:]))
    quarters = {mark: (ord("0") - ord(mark)) / 4 for mark in set(text)}
    return dict(zip(names, map(quarters.__getitem__, text), strict=True))
