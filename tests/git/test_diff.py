"""Raw diffs of git, parsed."""

from keysift.git.diff import Change, parse_changes

A, B, C = "a" * 40, "b" * 40, "c" * 64
ZEROS = "0" * 40


def raw(*parts: str) -> list[bytes]:
    return [*(part.encode("utf-8", "surrogateescape") for part in parts), b""]


def test_added_modified_and_deleted() -> None:
    diff = raw(
        f":000000 100644 {ZEROS} {A} A",
        "new",
        f":100644 100644 {A} {B} M",
        "x",
        f":100644 000000 {B} {ZEROS} D",
        "gone",
    )
    assert list(parse_changes(diff)) == [Change("new", (), A), Change("x", (A,), B), Change("gone", (B,), "")]


def test_a_path_that_looks_like_anything_else() -> None:
    names = [":100644 100644 a b M", "a\nb", 'quo"te', "tab\t", "\udcff\udcfe", A]
    diff = raw(*(part for name in names for part in (f":100644 100644 {A} {B} M", name)))
    assert [change.path for change in parse_changes(diff)] == names


def test_commits_stand_before_their_changes() -> None:
    diff = raw(A, f":000000 100644 {ZEROS} {B} A", "x", B, f":100644 100755 {A} {A} M", "y")
    assert list(parse_changes(diff)) == [Change("x", (), B, A), Change("y", (A,), A, B)]


def test_a_merge_names_a_blob_of_each_parent() -> None:
    zeros = "0" * 64
    diff = raw(f":::100644 100644 000000 100644 {C} {C[:-1]}d {zeros} {C[:-1]}e MMA", "x")
    assert list(parse_changes(diff)) == [Change("x", (C, f"{C[:-1]}d"), f"{C[:-1]}e")]


def test_submodules_have_no_blob() -> None:
    diff = raw(f":160000 100644 {A} {B} T", "was", f":100644 160000 {A} {B} T", "is")
    assert list(parse_changes(diff)) == [Change("was", (), B), Change("is", (A,), "")]


def test_what_arrives() -> None:
    assert Change("x", (A,), B).arrives
    assert not Change("x", (A,), A).arrives, "another mode alone"
    assert not Change("x", (A,), "").arrives
