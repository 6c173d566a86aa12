"""What commits add, on random histories with merges: no key is missed, none that was there is reported."""

from __future__ import annotations

import random
import subprocess
from functools import partial
from pathlib import Path

import pytest

from keysift.detect.matcher import Matcher
from keysift.git import log
from keysift.git.objects import ObjectReader
from keysift.git.trees import list_blobs
from keysift.rules.generate import instance
from keysift.scan import parallel
from keysift.scan.added import Added, BlobScan, added

Tree = dict[str, frozenset[str]]
"""The keys of each file."""
NAMES = ("a.conf", "b.conf", "c.conf")
KEYS = {instance("{{hex:32}}", f"key{number}")[0]: f"key{number}" for number in range(6)}


def content(keys: frozenset[str], noise: int) -> str:
    """The keys by their short names, in an order of their own."""
    lines = [f"PAGERDUTY_TOKEN={value}\n" for value, name in KEYS.items() if name in keys]
    random.Random(noise).shuffle(lines)
    return f"# {noise}\n" + "".join(lines)


def edited(source: random.Random, *parents: Tree) -> Tree:
    """A tree that is made from others: files come, go and change."""
    tree = {path: source.choice(parents).get(path, frozenset()) for path in {path for one in parents for path in one}}
    for path in source.sample(NAMES, source.choice((0, 1, 1, 2))):
        tree[path] = frozenset(source.sample(sorted(KEYS.values()), source.randint(0, 2)))
        if source.random() < 0.3:
            del tree[path]
    return tree


def history(source: random.Random) -> tuple[list[Tree], list[tuple[int, ...]]]:
    """Trees, and the numbers of the parents of each."""
    trees: list[Tree] = [edited(source, {})]
    parents: list[tuple[int, ...]] = [()]
    for number in range(1, 9):
        chosen = source.sample(range(max(0, number - 3), number), source.choice((1, 1, 2)) if number > 1 else 1)
        parents.append(tuple(chosen))
        trees.append(edited(source, *(trees[one] for one in chosen)))
    return trees, parents


def stored(place: Path, trees: list[Tree], parents: list[tuple[int, ...]]) -> None:
    """Writes all of it with one process; the commit of a number is its branch."""
    lines: list[str] = []
    for number, tree in enumerate(trees):
        lines += [f"commit refs/heads/n{number}", "committer A <a> 1 +0000", "data 1", "x"]
        lines += [f"{word} refs/heads/n{one}" for word, one in zip(("from", "merge"), parents[number], strict=False)]
        lines += ["deleteall"]
        for path, keys in tree.items():
            text = content(keys, number % 2)
            lines += [f"M 644 inline {path}", f"data {len(text)}", text]
    subprocess.run(["git", "init", "-q", str(place)], check=True)
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=place, input="\n".join(lines).encode(), check=True, capture_output=True
    )


def ancestors(parents: list[tuple[int, ...]], number: int) -> set[int]:
    return {number}.union(*(ancestors(parents, one) for one in parents[number]))


@pytest.mark.parametrize("seed", range(12))
def test_random_histories(matcher: Matcher, tmp_path: Path, seed: int) -> None:
    source = random.Random(seed)
    trees, parents = history(source)
    stored(tmp_path, trees, parents)
    base, head = source.randrange(4), len(trees) - 1
    judge = BlobScan(
        partial(parallel.scan_blobs, matcher, jobs=1), partial(parallel.scan_names, matcher), lambda _path: True
    )
    found = log.list_commits(tmp_path, f"n{head}", (f"n{base}",))
    with ObjectReader(tmp_path) as objects:
        changes = log.list_changes(tmp_path, found)
        results = list(added(changes, objects, judge, lambda: dict(list_blobs(tmp_path, f"n{head}"))))
    reported = {
        (one.change.path, KEYS[finding.secret.decode()])
        for one in results
        if isinstance(one, Added)
        for finding in one.findings
    }
    known = ancestors(parents, base)
    old = {key for number in known for keys in trees[number].values() for key in keys}
    brought = {key for number in ancestors(parents, head) - known for keys in trees[number].values() for key in keys}
    assert brought - old <= {key for _, key in reported}, "no key is missed"
    assert {key for _, key in reported} <= brought
    outside = [trees[one] for number in ancestors(parents, head) - known for one in parents[number] if one in known]
    for path, key in reported:
        assert not outside or not all(key in tree.get(path, frozenset()) for tree in outside), "it was there"
