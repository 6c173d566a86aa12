"""The small template language of the core-domain corpus.

Between guillemets stands something to fill in:

    «!kind»        a key of this kind; the file is expected to be found with it (`#tag` repeats one value within a file)
    «!kind@b64»    the same in base64, as Kubernetes has it; `b64n` with the trailing newline that `echo` adds
    «%kind»        a companion: may be reported and need not be (the key id beside its AWS secret key)
    «=shape»       a look-alike: random, of this shape, and no key
    «svc»          a name (service, team, day ...), the same all over the file; `«svc#2»` is another one
    «?a¦b¦c»       one of these, chosen by the seed; may hold other marks

Lines that begin with `~~` are kept, all that stand together, in six of ten cases; neighbouring lines that begin with
`%%` are shuffled (and `%%~~` lines are left out one by one).
"""

import base64
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from core_corpus_values import KINDS, LOOKALIKES, NAMES, Made


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of file: where it lies, what it is written in, and its text. Both texts are templates."""

    syntax: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key that the scanner should find: any of its forms (plain, encoded) may be reported."""

    kind: str
    label: str
    value: str
    forms: tuple[str, ...]


@dataclass(slots=True)
class Filling:
    """The state of one file while its template is being filled."""

    rng: random.Random
    keys: list[Key] = field(default_factory=list)
    companions: list[str] = field(default_factory=list)
    memo: dict[str, str] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)


ENCODINGS: dict[str, Callable[[str], str]] = {
    "b64": lambda text: base64.b64encode(text.encode()).decode(),
    "b64n": lambda text: base64.b64encode(text.encode() + b"\n").decode(),
}


def close_of(text: str, opened: int) -> int:
    """Return the place of the guillemet that closes the one at `opened`."""
    depth = 0
    for place in range(opened, len(text)):
        depth += {"«": 1, "»": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError(f"unclosed mark: {text[opened : opened + 60]!r}")


def alternatives(text: str) -> list[str]:
    """Return the text split at each broken bar that stands in no inner mark."""
    parts, depth = [""], 0
    for char in text:
        depth += {"«": 1, "»": -1}.get(char, 0)
        if char == "¦" and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def key_mark(mark: str, filling: Filling) -> str:
    """Fill in a key, and note that it is expected (or, for a companion, allowed)."""
    name, _, tag = mark[1:].partition("#")
    name, _, encoding = name.partition("@")
    kind = KINDS[name]
    known = f"{name}#{tag}"
    if not tag or known not in filling.made:
        made = kind.make(filling.rng)
        filling.made[known] = made
        if mark[0] == "%":
            filling.companions.append(made.text)
        else:
            filling.keys.append(Key(name, kind.label, made.value, (made.value,)))
            filling.companions.extend(made.companions)
    made = filling.made[known]
    if not encoding:
        return made.text
    encoded = ENCODINGS[encoding](made.text)
    for place, key in enumerate(filling.keys):
        if key.value == made.value:
            filling.keys[place] = Key(key.kind, key.label, key.value, (*key.forms, encoded))
    return encoded


def fill_mark(mark: str, filling: Filling) -> str:
    """Return the text that one mark stands for."""
    if mark[0] == "?":
        return fill(filling.rng.choice(alternatives(mark[1:])), filling)
    mark = fill(mark, filling)
    if mark[0] in "!%":
        return key_mark(mark, filling)
    if mark[0] == "=":
        shape, _, tag = mark[1:].partition("#")
        if not tag:
            return LOOKALIKES[shape](filling.rng)
        return filling.memo.setdefault(mark, LOOKALIKES[shape](filling.rng))
    if mark not in filling.memo:
        taken = {value for known, value in filling.memo.items() if known.partition("#")[0] == mark.partition("#")[0]}
        filling.memo[mark] = filling.rng.choice([name for name in NAMES[mark.partition("#")[0]] if name not in taken])
    return filling.memo[mark]


def fill(text: str, filling: Filling) -> str:
    """Return the template's text with every mark filled in, from left to right."""
    out, place = [], 0
    while (opened := text.find("«", place)) >= 0:
        closed = close_of(text, opened)
        out += [text[place:opened], fill_mark(text[opened + 1 : closed], filling)]
        place = closed + 1
    return "".join(out) + text[place:]


def arrange(text: str, rng: random.Random) -> str:
    """Drop some of the optional lines and shuffle each run of lines that may change places."""
    lines: list[str] = []
    for start, group in itertools.groupby(text.split("\n"), key=lambda line: line[:2]):
        run = list(group)
        if start == "~~":
            run = [line[2:] for line in run] if rng.random() < 0.6 else []
        elif start == "%%":
            run = [line.removeprefix("%%") for line in run if not line.startswith("%%~~") or rng.random() < 0.6]
            run = [line.removeprefix("~~") for line in run]
            rng.shuffle(run)
        lines += run
    return "\n".join(lines)


def render(template: Template, rng: random.Random) -> tuple[str, str, Filling]:
    """Path, text and expected keys of one file. Every expected value stands in the text, or the template is wrong."""
    filling = Filling(rng)
    text = fill(arrange(template.text.strip("\n"), rng), filling) + "\n"
    path = fill(template.path, filling)
    for key in filling.keys:
        if not any(form in text for form in key.forms):
            raise ValueError(f"{path}: {key.kind} is not in the text")
    return path, text, filling
