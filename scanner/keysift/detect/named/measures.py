"""Measures the characters and letters of a value, and follows the trees of the model: the inner loops of `features`.

One source in two forms: the build compiles it with mypyc where it finds a C compiler, and elsewhere it runs as it is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_extensions import i64

LOOKED_AT = 120
"""Characters of a value that are counted and weighed."""
_LONGEST_WORD = 12
_LETTERS = 26


def of_characters(value: str, tell: bytes) -> list[float]:
    """Return what the kinds and the counts of characters tell, as `features` names it: eleven numbers.

    `tell` maps each byte of UTF-8 to `a`, `A`, `0` or `-`.
    """
    length: i64 = len(value)
    limit: i64 = LOOKED_AT
    if length < limit:
        limit = length
    kinds = value[:LOOKED_AT].encode().translate(tell)
    seen: i64 = len(kinds)
    lower: i64 = 0
    upper: i64 = 0
    digits: i64 = 0
    runs: i64 = 0
    before: i64 = -1
    place: i64 = 0
    while place < seen:
        kind: i64 = kinds[place]
        if kind == 97:
            lower += 1
        elif kind == 65:
            upper += 1
        elif kind == 48:
            digits += 1
        if kind != before:
            runs += 1
            before = kind
        place += 1
    numbers: list[int] = [-1] * 128
    others: dict[int, int] = {}
    counts: list[int] = []
    steps: i64 = 0
    same: i64 = 0
    code: i64 = 0
    step: i64 = 0
    place = 0
    while place < limit:
        following: i64 = ord(value[place])
        number: i64
        if following < 128:
            number = numbers[following]
            if number < 0:
                number = len(counts)
                numbers[following] = number
                counts.append(0)
        else:
            number = others.get(following, -1)
            if number < 0:
                number = len(counts)
                others[following] = number
                counts.append(0)
        counts[number] += 1
        if 0 < place < 40:
            further: i64 = following - code
            if place > 1 and further == step and -1 <= step <= 1:
                same += 1
            step = further
            steps += 1
        code = following
        place += 1
    entropy = 0.0
    whole = float(limit)
    for count in counts:
        share = count / whole
        entropy += share * math.log2(share)
    different: i64 = 0
    if lower > 0:
        different += 1
    if upper > 0:
        different += 1
    if digits > 0:
        different += 1
    symbols: i64 = seen - lower - upper - digits
    if symbols > 0:
        different += 1
    pairs: i64 = steps - 1
    if pairs < 1:
        pairs = 1
    all_bytes = float(seen)
    return [
        float(length), float(lower) / all_bytes, float(upper) / all_bytes, float(digits) / all_bytes, float(digits),
        float(symbols), float(different), float(runs - 1) / all_bytes, -entropy, len(counts) / whole,
        float(same) / float(pairs),
    ]  # fmt: skip


def longest_words(vocabulary: frozenset[str]) -> bytes:
    """Return, by the first three letters, how long the longest word is that begins with them."""
    longest = bytearray(_LETTERS * _LETTERS * _LETTERS)
    for word in vocabulary:
        length: i64 = len(word)
        if length < 3 or length > _LONGEST_WORD or not (word.isascii() and word.isalpha() and word.islower()):
            continue
        letters = word.encode()
        place: i64 = ((letters[0] - 97) * _LETTERS + letters[1] - 97) * _LETTERS + letters[2] - 97
        if longest[place] < length:
            longest[place] = length
    return bytes(longest)


def in_words(value: bytes, vocabulary: frozenset[str]) -> bool:
    """Return what `names.in_words` does, of ASCII."""
    size: i64 = len(value)
    letters: i64 = 0
    known: i64 = 0
    place: i64 = 0
    while place < size:
        byte: i64 = value[place]
        if 48 <= byte <= 57:
            return False
        if letters > 0 and (byte == 33 or byte == 35 or byte == 42 or byte == 64 or byte == 94) and 32 not in value:
            return False  # ! # * @ ^ join the words of a password
        start: i64 = place
        if 65 <= byte <= 90:
            while place < size and 65 <= value[place] <= 90:
                place += 1
            if place < size and 97 <= value[place] <= 122:
                if place - start > 1:
                    place -= 1
                else:
                    while place < size and 97 <= value[place] <= 122:
                        place += 1
        elif 97 <= byte <= 122:
            while place < size and 97 <= value[place] <= 122:
                place += 1
        else:
            place += 1
            continue
        letters += place - start
        if value[start:place].lower().decode("ascii") in vocabulary:
            known += place - start
    return letters > 0 and 4 * known >= 3 * letters


def fluency(letters: bytes, start: i64, end: i64, marks: bytes) -> float:
    """Return how much lower-case letters look like a word, by the mark of each trigram (see `model.Model.letters`).

    This is the mean log2 of their probabilities: about -3 for words and -6 for random letters.
    """
    total: i64 = 0
    first: i64 = 0
    second: i64 = 0
    place: i64 = start
    while place <= end:
        third: i64 = letters[place] - 97 if place < end else _LETTERS
        total += 48 - marks[(first * 27 + second) * 27 + third]
        first = second
        second = third + 1
        place += 1
    return float(total) / 4.0 / float(end - start + 1)


def covered(letters: bytes, start: i64, end: i64, vocabulary: frozenset[str], longest: bytes) -> i64:
    """Return how many letters belong to words, taking the longest word at each place."""
    count: i64 = 0
    at: i64 = start
    while at < end - 2:
        place: i64 = ((letters[at] - 97) * _LETTERS + letters[at + 1] - 97) * _LETTERS + letters[at + 2] - 97
        length: i64 = longest[place]
        if length > end - at:
            length = end - at
        while length > 2 and letters[at : at + length].decode("ascii") not in vocabulary:
            length -= 1
        if length > 2:
            count += length
            at += length
        else:
            at += 1
    return count


def of_letters(value: str, marks: bytes, vocabulary: frozenset[str], longest: bytes) -> list[float]:
    """Return what the runs of letters tell, as `features` names it: six numbers."""
    text = value[:LOOKED_AT].encode()
    letters = text.lower()
    size: i64 = len(text)
    total: i64 = 0
    widest: i64 = 0
    runs: i64 = 0
    within: i64 = 0
    parts: i64 = 0
    fluent = 0.0
    fluent_parts = 0.0
    least = 0.0
    some: list[float] = []
    lengths: list[int] = []
    start: i64 = 0
    while start < size:
        if not 97 <= letters[start] <= 122:
            start += 1
            continue
        end: i64 = start + 1
        while end < size and 97 <= letters[end] <= 122:
            end += 1
        length: i64 = end - start
        if length > 1:
            runs += 1
            total += length
            if length > widest:
                widest = length
            how = fluency(letters, start, end, marks)
            some.append(how)
            lengths.append(length)
            fluent += how * float(length)
            within += covered(letters, start, end, vocabulary, longest)
            # The parts of names in camel case: `getHTTPToken` has three.
            begin: i64 = start
            place: i64 = start + 1
            while place <= end:
                if place == end or (
                    text[place] < 97 and (text[place - 1] >= 97 or (place + 1 < end and text[place + 1] >= 97))
                ):
                    if place - begin > 1:
                        fluent_parts += fluency(letters, begin, place, marks) * float(place - begin)
                        parts += place - begin
                    begin = place
                place += 1
        start = end
    if not total:
        return [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    enough: i64 = 4 if widest > 4 else widest
    index: i64 = 0
    first = True
    while index < runs:
        if lengths[index] >= enough and (first or some[index] < least):
            least = some[index]
            first = False
        index += 1
    return [
        fluent / float(total), least, fluent_parts / float(parts) if parts else -9.0, float(within) / float(total),
        float(widest), float(runs),
    ]  # fmt: skip


def odds(
    bias: float, values: list[float], roots: list[int], features: list[int], numbers: list[float], nexts: list[int]
) -> float:
    """Return the bias with the leaves that these features lead to.

    Node `n` has a feature, or -1 for a leaf; a threshold, or the weight of the leaf; and at `2 * n` and `2 * n + 1` of
    `nexts` the nodes up to the threshold and above it.
    """
    total = bias
    for root in roots:
        node: i64 = root
        feature: i64 = features[node]
        while feature >= 0:
            node = nexts[2 * node] if values[feature] <= numbers[node] else nexts[2 * node + 1]
            feature = features[node]
        total += numbers[node]
    return total


def most_odds(
    values: list[float],
    unknown: list[bool],
    roots: list[int],
    features: list[int],
    numbers: list[float],
    nexts: list[int],
) -> float:
    """Return the highest sum of leaves that these features may lead to, whatever the unknown ones are."""
    total = 0.0
    for root in roots:
        total += most_from(root, values, unknown, features, numbers, nexts)
    return total


def most_from(
    root: i64, values: list[float], unknown: list[bool], features: list[int], numbers: list[float], nexts: list[int]
) -> float:
    """Return the highest leaf below a node."""
    node: i64 = root
    feature: i64 = features[node]
    while feature >= 0:
        if unknown[feature]:
            low = most_from(nexts[2 * node], values, unknown, features, numbers, nexts)
            high = most_from(nexts[2 * node + 1], values, unknown, features, numbers, nexts)
            return low if low > high else high
        node = nexts[2 * node] if values[feature] <= numbers[node] else nexts[2 * node + 1]
        feature = features[node]
    return numbers[node]


if __name__ == "keysift.detect.named.measures":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
