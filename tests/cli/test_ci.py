"""The base of a job, by the variables that the services document."""

from __future__ import annotations

from typing import Any

import pytest

from keysift.cli import ci

OID, ZEROS = "a1" * 20, "0" * 40
REPOSITORY = {"repository": {"default_branch": "trunk"}}


@pytest.mark.parametrize(
    ("environment", "event", "refs"),
    [
        ({"GITHUB_BASE_REF": "main"}, {"pull_request": {"base": {"sha": OID}}}, ("origin/main", OID)),
        ({"GITHUB_BASE_REF": ""}, {"before": OID} | REPOSITORY, (OID, "origin/trunk")),
        ({}, {"before": ZEROS} | REPOSITORY, ("origin/trunk",)),
        ({}, {"merge_group": {"base_sha": OID}} | REPOSITORY, (OID, "origin/trunk")),
        ({}, {}, ()),
        ({}, {"before": 1, "repository": "x", "pull_request": None}, ()),
    ],
)
def test_github(environment: dict[str, str], event: dict[str, Any], refs: tuple[str, ...]) -> None:
    base = ci.find({"GITHUB_ACTIONS": "true", **environment}, event)
    assert base
    assert (base.refs, base.head) == (refs, "HEAD")
    assert "fetch-depth: 0" in base.deepen


def test_a_target_that_is_checked_out_is_not_what_is_judged() -> None:
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_BASE_REF": "main"}
    base = ci.find(environment, {"pull_request": {"head": {"sha": OID}}})
    assert base
    assert base.head == OID


@pytest.mark.parametrize(
    ("environment", "refs"),
    [
        ({"GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": OID, "CI_COMMIT_BEFORE_SHA": ZEROS}, (OID,)),
        (
            {
                "GITLAB_CI": "true",
                "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "b2" * 20,
                "CI_MERGE_REQUEST_DIFF_BASE_SHA": OID,
            },
            ("b2" * 20, OID),
        ),
        ({"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": OID, "CI_DEFAULT_BRANCH": "main"}, (OID, "origin/main")),
        ({"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": ZEROS, "CI_DEFAULT_BRANCH": "main"}, ("origin/main",)),
        (
            {"TF_BUILD": "True", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/rel/1"},
            ("origin/rel/1", "origin/HEAD"),
        ),
        ({"TF_BUILD": "True", "SYSTEM_PULLREQUEST_TARGETBRANCH": "main"}, ("origin/main", "origin/HEAD")),
        (
            {
                "BITBUCKET_BUILD_NUMBER": "1",
                "BITBUCKET_PR_DESTINATION_BRANCH": "main",
                "BITBUCKET_PR_DESTINATION_COMMIT": OID[:12],
            },
            (OID[:12], "origin/main", "origin/HEAD"),
        ),
        ({"JENKINS_URL": "http://j", "CHANGE_TARGET": "main"}, ("origin/main", "origin/HEAD")),
        ({"JENKINS_URL": "http://j", "GIT_PREVIOUS_SUCCESSFUL_COMMIT": OID}, (OID, "origin/HEAD")),
        ({"CIRCLECI": "true", "CIRCLE_BRANCH": "x"}, ("origin/HEAD",)),
        (
            {
                "BUILDKITE": "true",
                "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "next",
                "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main",
            },
            ("origin/next", "origin/main"),
        ),
        (
            {
                "BUILDKITE": "true",
                "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "",
                "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main",
            },
            ("origin/main",),
        ),
    ],
)
def test_other_services(environment: dict[str, str], refs: tuple[str, ...]) -> None:
    base = ci.find(environment, {})
    assert base
    assert base.refs == refs


def test_elsewhere_nothing_is_guessed() -> None:
    assert ci.find({"CI": "true", "PATH": "/bin"}, {}) is None
