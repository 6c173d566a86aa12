"""Which commit a change is to be compared with, by the variables of the service that runs the job.

GitHub Actions    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
GitLab CI         https://docs.gitlab.com/ci/variables/predefined_variables/
Azure Pipelines   https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables
Bitbucket         https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
Jenkins           `/env-vars.html` of any Jenkins, and https://plugins.jenkins.io/git/
CircleCI          https://circleci.com/docs/reference/variables/
Buildkite         https://buildkite.com/docs/pipelines/configure/environment-variables
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Environment = Mapping[str, str]
_REMOTE_HEAD = "origin/HEAD"


@dataclass(frozen=True, slots=True)
class Base:
    """What to compare with."""

    service: str
    refs: tuple[str, ...]
    """Names to be tried in this order: a clone need not have all of them."""
    deepen: str
    """How a job of this service gets the whole history."""
    head: str = "HEAD"
    """What to judge."""


def find(environment: Environment, event: Mapping[str, Any]) -> Base | None:
    """The base of this job, None outside of the services that we know; `event` is the payload on GitHub, else empty."""
    if environment.get("GITHUB_ACTIONS"):
        return _github(environment, event)
    return next((base(environment) for mark, base in _SERVICES.items() if environment.get(mark)), None)


def _github(environment: Environment, event: Mapping[str, Any]) -> Base:
    """A pull request's target; what a push or merge queue says it started from; else the default branch."""
    pull, group = _part(event, "pull_request"), _part(event, "merge_group")
    refs = (
        _branch(environment.get("GITHUB_BASE_REF")),
        _text(_part(pull, "base"), "sha"),
        _text(group, "base_sha"),
        _commit(_text(event, "before")),
        _branch(_text(_part(event, "repository"), "default_branch")),
    )
    # This event checks out the target itself, so that HEAD would add nothing.
    outside = environment.get("GITHUB_EVENT_NAME") == "pull_request_target"
    head = (_text(_part(pull, "head"), "sha") if outside else "") or "HEAD"
    return Base("GitHub Actions", _named(*refs), "give actions/checkout `fetch-depth: 0`", head)


def _gitlab(environment: Environment) -> Base:
    """The zeros of CI_COMMIT_BEFORE_SHA mean a new branch, or a pipeline of a merge request, a schedule or a person.

    Of merged results, the branch and its target together, the target's tip is known: only what it lacks is judged.
    """
    refs = (
        environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"),
        environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
        _commit(environment.get("CI_COMMIT_BEFORE_SHA")),
        _branch(environment.get("CI_DEFAULT_BRANCH")),
    )
    return Base("GitLab CI", _named(*refs), 'set `GIT_DEPTH: "0"` among the variables of the job')


def _azure(environment: Environment) -> Base:
    """The branch comes with and without `refs/heads/`."""
    refs = _named(_branch(environment.get("SYSTEM_PULLREQUEST_TARGETBRANCH")), _REMOTE_HEAD)
    return Base("Azure Pipelines", refs, "give the step `checkout: self` a `fetchDepth: 0`")


def _bitbucket(environment: Environment) -> Base:
    refs = _named(
        environment.get("BITBUCKET_PR_DESTINATION_COMMIT"),
        _branch(environment.get("BITBUCKET_PR_DESTINATION_BRANCH")),
        _REMOTE_HEAD,
    )
    return Base("Bitbucket Pipelines", refs, "set `clone: {depth: full}` in bitbucket-pipelines.yml")


def _jenkins(environment: Environment) -> Base:
    refs = _named(
        _branch(environment.get("CHANGE_TARGET")), environment.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT"), _REMOTE_HEAD
    )
    return Base("Jenkins", refs, "switch off 'Shallow clone', and let the refspec fetch the target branch")


def _circle(_environment: Environment) -> Base:
    """No variable says it; `<< pipeline.git.base_revision >>` in the configuration does."""
    return Base("CircleCI", (_REMOTE_HEAD,), "give the step `checkout` the `method: full`, and name a base with --base")


def _buildkite(environment: Environment) -> Base:
    """The base branch is empty where no pull request is built."""
    refs = _named(
        _branch(environment.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH")),
        _branch(environment.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH")),
    )
    return Base("Buildkite", refs, "take --depth out of BUILDKITE_GIT_CLONE_FLAGS and BUILDKITE_GIT_FETCH_FLAGS")


_SERVICES: dict[str, Callable[[Environment], Base]] = {
    "GITLAB_CI": _gitlab,
    "TF_BUILD": _azure,
    "BITBUCKET_BUILD_NUMBER": _bitbucket,
    "CIRCLECI": _circle,
    "BUILDKITE": _buildkite,
    "JENKINS_URL": _jenkins,
}
"""By the variable that the service always sets."""


def _branch(name: str | None) -> str:
    """A branch of the server as the clone knows it."""
    return f"origin/{name.removeprefix('refs/heads/')}" if name else ""


def _commit(oid: str | None) -> str:
    """A commit, unless it is the zeros that stand for none."""
    return oid if oid and oid.strip("0") else ""


def _named(*refs: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ref for ref in refs if ref))


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = event.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(event: Mapping[str, Any], name: str) -> str:
    text = event.get(name)
    return text if isinstance(text, str) else ""
