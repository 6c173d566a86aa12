"""Keys in the names of files."""

from __future__ import annotations

from pathlib import Path

from keysift.detect.matcher import Matcher
from keysift.files import listing
from keysift.model import Run
from keysift.rules.generate import instance
from keysift.scan import names, parallel
from keysift.scan.tally import tally

KEY = instance("{{github:ghp¦_}}", "name")[0]


def test_the_place_is_in_the_name(matcher: Matcher) -> None:
    paths = ["a.txt", "lüge/x\ny", f"b/dump-é-{KEY}.log", "c.txt"]
    [finding] = names.scan_names(matcher, paths).findings
    [place] = finding.locations
    assert (place.path, place.member, place.start_line, place.end_line) == (paths[2], names.MEMBER, 1, 1)
    assert paths[2][place.start_column - 1 : place.end_column - 1] == KEY
    assert paths[2].encode()[place.start_byte : place.end_byte] == KEY.encode()


def test_names_that_only_look_like_something_are_none(matcher: Matcher) -> None:
    digest = instance("{{hex:32}}", "digest")[0]
    paths = [
        f"pagerduty/integration_key/{digest}",
        f"token={digest}",
        "AKIA",
        f"assets/app.{digest}.js",
        "\udcff\udcfe",
    ]
    assert names.scan_names(matcher, paths).findings == ()


def test_a_file_with_a_key_in_its_name_is_found_by_every_way_of_scanning(matcher: Matcher, tmp_path: Path) -> None:
    for number in range(parallel.FEW + 10):
        (tmp_path / f"{number}.txt").write_text("x")
    (tmp_path / f"{KEY}.txt").write_text("x")
    for jobs in (1, 2):
        run = Run("scan", ("x",))
        tally(run, parallel.scan_files(matcher, listing.files(str(tmp_path)), limits=parallel.Limits(), jobs=jobs))
        assert [one.locations[0].path for one in run.findings] == [f"{KEY}.txt"]
        assert run.blobs == parallel.FEW + 11
