"""What holds bytes of a scanned file keeps them out of its repr: tracebacks and logs are made of reprs."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCES = sorted(Path(__file__).parent.parent.joinpath("scanner", "keysift").rglob("*.py"))
OURS = {
    ("keywords.py", "Word"), ("triggers.py", "Trigger"),  # what rules look for
    ("patterns.py", "PatternList"), ("patterns.py", "_Alternatives"),  # what people wrote
    ("baseline.py", "Baseline"),  # salts
    ("minisign.py", "PublicKey"),  # public
}  # fmt: skip
"""Bytes that stand in no scanned file, or are no secret there."""


def shown(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ClassDef) or (source.name, node.name) in OURS:
            continue
        said = " ".join(map(ast.unparse, [*node.decorator_list, *node.bases]))
        fields = (one for one in node.body if isinstance(one, ast.AnnAssign))
        if "dataclass" in said or "NamedTuple" in said:
            yield from (
                f"{node.name}: {ast.unparse(one)}"
                for one in fields
                if "bytes" in ast.unparse(one.annotation) and "repr=False" not in ast.unparse(one)
            )


def test_no_repr_shows_bytes() -> None:
    assert [(source.name, field) for source in SOURCES for field in shown(source)] == []
    assert SOURCES
