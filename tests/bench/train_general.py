#!/usr/bin/env python3
"""Trains the model of the general detector, and says how good it is on files that it has not seen.

    python train_general.py places.jsonl.gz --words FOLDER... --clean FOLDER... -o FILE

The rows are labelled places in source files: name, folder, text, start, end (lines from 1), label true or false. Places
with passwords that people and generators make, and with what looks like them, are made here (`train_passwords`).
`--words` are folders with source code and prose, from which the model learns how words are written; without them, what
the present model knows of words stays. `--clean` are trees of products: what has a name there is no key, unless it may
be generated, or stands behind the name of a password in a configuration file. Needs scikit-learn and numpy, which
keysift itself does not.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import math
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GroupKFold
from train_passwords import Places

from keysift.detect import signals
from keysift.detect.named import candidates, features, judge, model, names
from keysift.detect.named.trigger import STEMS

LETTERS = "abcdefghijklmnopqrstuvwxyz"
READ = re.compile(r"\.(?:py|go|rb|js|ts|java|cs|c|h|rs|php|md|rst|txt|ya?ml|tf|exs?|sh|html|adoc)$")
FILES_OF_A_FOLDER = 3000
VOCABULARY = 8000
LONGEST_FILE = 400_000
MADE = 6000
"""Places with passwords that are made here; there are as many that look like them."""
OF_MADE, OF_CLEAN = 0.25, 0.5
"""What a place that is made, and one of a clean tree, weighs beside a labelled file."""
REPOSITORIES = 80
"""Groups that the files are put into: those of one repository share their words."""


def count_words(folders: Iterable[Path]) -> collections.Counter[str]:
    """Return the number of files that contain each word; names are split at their capitals."""
    counts: collections.Counter[str] = collections.Counter()
    for folder in folders:
        for path in _files(folder):
            text = path.read_bytes()[:200_000]
            if b"\0" not in text:
                found = re.findall(r"[A-Za-z]{2,24}", text.decode("utf-8", "replace"))
                counts.update({word for name in set(found) for word in names.words(name) if len(word) > 1})
    return counts


def _files(folder: Path, *, everything: bool = False) -> Iterator[Path]:
    found = 0
    for top, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in {".git", "node_modules"})
        for name in sorted(files):
            path = Path(top, name)
            if (everything or READ.search(name)) and path.is_file() and not path.is_symlink():
                yield path
                found += 1
                if found == FILES_OF_A_FOLDER and not everything:
                    return


def trigrams(counts: collections.Counter[str]) -> str:
    """Return the probability of each letter after two others, smoothed by pairs and letters, a character each."""
    three: dict[str, float] = collections.defaultdict(float)
    for word, count in counts.items():
        if count >= 3:
            text = f"^^{word}$"
            for at in range(len(text) - 2):
                three[text[at : at + 3]] += math.log2(1 + count)
    two: dict[str, float] = collections.defaultdict(float)
    one: dict[str, float] = collections.defaultdict(float)
    before_two: dict[str, float] = collections.defaultdict(float)
    before_one: dict[str, float] = collections.defaultdict(float)
    for letters, weight in three.items():
        a, b, c = letters[0], letters[1], letters[2]
        two[b + c] += weight
        one[c] += weight
        before_two[a + b] += weight
        before_one[b] += weight
    total = sum(one.values())
    marks = []
    for a in "^" + LETTERS:
        for b in "^" + LETTERS:
            for c in LETTERS + "$":
                single = one[c] / total
                pair = (two[b + c] + 20 * single) / (before_one[b] + 20)
                likely = (three[a + b + c] + 10 * pair) / (before_two[a + b] + 10)
                marks.append(chr(ord("0") + round(4 * min(12.0, -math.log2(likely)))))
    return "".join(marks)


class Rows:
    """The candidates of all rows, as numbers, each with its row."""

    def __init__(self, rows: list[dict[str, Any]], known: model.Model) -> None:
        self.rows = rows
        self.is_key = np.array([row["label"] == "true" for row in rows])
        seen, owners = [], []
        for index, row in enumerate(rows):
            for values in _seen(row, known):
                seen.append(list(values.values()))
                owners.append(index)
                self.names = list(values)
        self.seen, self.owner = np.array(seen), np.array(owners)
        self.wanted = self.is_key[self.owner]
        per_file = collections.Counter(row["name"] for row in rows)
        self.weight = np.array([rows[owner].get("weight") or per_file[rows[owner]["name"]] ** -0.5 for owner in owners])
        self.group = _groups(rows)[self.owner]


def _seen(row: dict[str, Any], known: model.Model) -> Iterator[dict[str, float]]:
    data = row["text"].encode()
    ends = [at for at, byte in enumerate(data) if byte == ord("\n")] + [len(data)]
    low, high = ends[row["start"] - 2] + 1 if row["start"] > 1 else 0, ends[min(len(ends), row["end"]) - 1]
    path = f"{row.get('folder', '.')}/{row['name']}"
    for one in candidates.find(data, _stem_ends(data), everything=True):
        if row.get("at", one.start) != one.start:
            continue
        if one.start <= high and one.end > low and names.kind(names.words(one.name)):
            place = candidates.place(data, one, path)
            if not names.in_words(place.value, known.vocabulary) and not judge.refusal(place):
                yield features.features(place, known)


def clean_rows(folders: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yield what has the name of a key in trees of products, and is none."""
    seen = set()
    for folder in folders:
        for path in _files(folder, everything=True):
            data = path.read_bytes()
            if b"\0" in data or len(data) > LONGEST_FILE:
                continue
            inside = str(path.relative_to(folder))
            kind = features.of_path(inside)
            for one in candidates.find(data, _stem_ends(data), everything=True):
                value = data[one.start : one.end].decode("utf-8", "replace")
                if (one.name, value) in seen or kind["tried"] or kind["prose"] or _may_be_key(one.name, value, inside):
                    continue
                seen.add((one.name, value))
                yield _clean_row(data, one, inside)


def _may_be_key(name: str, value: str, path: str) -> bool:
    if not any(map(str.isdigit, value)):
        return False
    password = names.kind(names.words(name)) == "password" and bool(features.of_path(path)["config"])
    return password or signals.looks_random(value)


def _clean_row(data: bytes, one: candidates.NamedValue, path: str) -> dict[str, Any]:
    low = data.rfind(b"\n", 0, max(0, one.start - 300)) + 1
    high = data.find(b"\n", one.end)
    text = data[low : high if 0 <= high < one.end + 300 else one.end + 300].decode("utf-8", "replace")
    before = data[low : one.start].decode("utf-8", "replace")
    line = 1 + before.count("\n")
    at = len(before.encode())
    folder, _, name = path.rpartition("/")
    return {
        "name": name, "folder": folder or ".", "text": text, "start": line, "end": line, "label": "false", "at": at,
        "weight": OF_CLEAN,
    }  # fmt: skip


def _stem_ends(data: bytes) -> Iterator[int]:
    lowered = data.lower()
    for stem in STEMS:
        yield from (found.end() for found in re.finditer(stem.encode(), lowered))


def _groups(rows: list[dict[str, Any]]) -> Any:
    """Return the repository of each labelled row, as far as the words of the files tell; others are spread."""
    labelled = [row for row in rows if "weight" not in row]
    texts: dict[str, list[str]] = collections.defaultdict(list)
    for row in labelled:
        texts[row["name"]].append(row["text"])
    counted = TfidfVectorizer(
        token_pattern=r"[A-Za-z][A-Za-z_]{3,}", min_df=3, max_df=0.2, sublinear_tf=True, max_features=30_000
    ).fit_transform([" ".join(text[:30]) for text in texts.values()])
    places = TruncatedSVD(100, random_state=0).fit_transform(counted)
    places /= np.linalg.norm(places, axis=1, keepdims=True) + 1e-9
    found = dict(zip(texts, KMeans(REPOSITORIES, n_init=3, random_state=0).fit_predict(places), strict=True))
    return np.array([at % REPOSITORIES if "weight" in row else found[row["name"]] for at, row in enumerate(rows)])


def fit(data: Rows, some: Any) -> HistGradientBoostingClassifier:
    """Twice: a line may hold several candidates, and the first pass tells which of them is the key."""
    first = _learner().fit(data.seen[some], data.wanted[some], sample_weight=data.weight[some])
    likely = first.predict_proba(data.seen[some])[:, 1]
    best: dict[int, float] = collections.defaultdict(float)
    for owner, one in zip(data.owner[some], likely, strict=True):
        best[owner] = max(best[owner], one)
    pairs = zip(data.owner[some], likely, strict=True)
    keep = some[[not data.is_key[owner] or one >= best[owner] - 1e-9 for owner, one in pairs]]
    return _learner().fit(data.seen[keep], data.wanted[keep], sample_weight=data.weight[keep])


def _learner() -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=90, max_leaf_nodes=10, learning_rate=0.14, min_samples_leaf=20, l2_regularization=1.0, random_state=0
    )


def cross_validate(data: Rows) -> None:
    """Precision and recall on repositories that a model was not trained on."""
    likely = np.zeros(len(data.owner))
    for train, test in GroupKFold(5).split(data.seen, data.wanted, data.group):
        likely[test] = fit(data, train).predict_proba(data.seen[test])[:, 1]
    score = np.zeros(len(data.rows))
    np.maximum.at(score, data.owner, likely)
    labelled = np.array(["weight" not in row for row in data.rows])
    made = ~labelled & data.is_key
    for least in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97):
        hit = score >= least
        right = int((hit & data.is_key & labelled).sum())
        precision, recall = right / max(1, int((hit & labelled).sum())), right / int((data.is_key & labelled).sum())
        found, wrong = (hit & made).sum() / max(1, made.sum()), (hit & ~labelled & ~data.is_key).sum()
        print(
            f"from {least:.2f}: precision {precision:.3f}, recall {recall:.3f} of all keys of any kind; "
            f"of those made {found:.3f}, beside {wrong} that are none"
        )


def written(learned: HistGradientBoostingClassifier, names: list[str]) -> dict[str, object]:
    """Return the trees as `model.decode` reads them."""
    trees = [_node(predictor[0].nodes, 0) for predictor in learned._predictors]
    return {"features": names, "bias": float(learned._baseline_prediction[0, 0]), "trees": trees}


def _node(nodes: Any, at: int) -> float | list[object]:
    node = nodes[at]
    if node["is_leaf"]:
        return round(float(node["value"]), 4)
    left, right = int(node["left"]), int(node["right"])
    threshold = float(f"{node['num_threshold']:.6g}")
    return [int(node["feature_idx"]), threshold, _node(nodes, left), _node(nodes, right), round(_mean(nodes, at), 4)]


def _mean(nodes: Any, at: int) -> float:
    node = nodes[at]
    if node["is_leaf"]:
        return float(node["value"])
    left, right = nodes[node["left"]], nodes[node["right"]]
    total = _mean(nodes, int(node["left"])) * left["count"] + _mean(nodes, int(node["right"])) * right["count"]
    return float(total / (left["count"] + right["count"]))


def main() -> None:
    """Train, validate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", type=Path)
    parser.add_argument("--words", type=Path, nargs="+", help="folders of source code and prose")
    parser.add_argument("--clean", type=Path, nargs="+", default=[], help="trees of products without keys")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--no-validation", action="store_true")
    options = parser.parse_args()
    language = learn_words(options.words) if options.words else present_words()
    known = model.decode(json.dumps({"features": [], "bias": 0, "trees": [], **language}).encode())
    with gzip.open(options.places, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    made = Places(sorted(known.vocabulary), seed=1).rows(MADE)
    rows += [row | {"weight": OF_MADE} for row in made]
    rows += clean_rows(options.clean)
    data = Rows(rows, known)
    print(f"{len(data.owner)} candidates of {len(data.rows)} places")
    if not options.no_validation:
        cross_validate(data)
    learned = written(fit(data, np.arange(len(data.owner))), data.names)
    options.output.write_text(json.dumps(learned | language, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{options.output}: {options.output.stat().st_size} bytes")


def learn_words(folders: Iterable[Path]) -> dict[str, str]:
    """Return how words are written in some folders."""
    counts = count_words(folders)
    common = [word for word, _ in counts.most_common() if len(word) >= 3][:VOCABULARY]
    return {"trigrams": trigrams(counts), "vocabulary": " ".join(sorted(common))}


def present_words() -> dict[str, str]:
    """Return how words are written by the model of the package."""
    known = model.load()
    return {"trigrams": known.letters.decode(), "vocabulary": " ".join(sorted(known.vocabulary))}


if __name__ == "__main__":
    main()
