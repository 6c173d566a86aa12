"""Finds the commit to compare a change with, from the variables of the CI service that runs the job.

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
from typing import Any

from keysift.records import dataclass

Environment = Mapping[str, str]
_REMOTE_HEAD = "origin/HEAD"


@dataclass(frozen=True, slots=True)
class Base:
    """The commit that a CI service compares a change with."""

    service: str
    """The name of the service, as its users know it."""
    refs: tuple[str, ...]
    """Names of the commit, to be tried in this order: a clone need not have all of them."""
    deepen: str
    """An instruction that gives a job of this service the whole history."""
    head: str = "HEAD"
    """The commit with the change."""
    pushed: str = ""
    """That of `refs` which is the tip before a push: nobody need have reviewed it."""
    default: str = ""
    """The name of the default branch, if the service tells."""


def find(environment: Environment, event: Mapping[str, Any]) -> Base | None:
    """Return the base of this job; None if no known service runs it.

    `event` is the payload of the event on GitHub, and empty elsewhere.
    """
    if environment.get("GITHUB_ACTIONS"):
        return _github(environment, event)
    return next((base(environment) for mark, base in _SERVICES.items() if environment.get(mark)), None)


def _github(environment: Environment, event: Mapping[str, Any]) -> Base:
    """Return the target of a pull request, the start of a push or merge queue, or else the default branch."""
    pull, group = _part(event, "pull_request"), _part(event, "merge_group")
    pushed, default = _commit(_text(event, "before")), _branch(_text(_part(event, "repository"), "default_branch"))
    target = _branch(environment.get("GITHUB_BASE_REF")), _text(_part(pull, "base"), "sha"), _text(group, "base_sha")
    # This event checks out the target itself, so HEAD would hold no change.
    on_target = environment.get("GITHUB_EVENT_NAME") == "pull_request_target"
    head = (_text(_part(pull, "head"), "sha") if on_target else "") or "HEAD"
    deepen = "set `fetch-depth: 0` for actions/checkout"
    return Base("GitHub Actions", _known(*target, pushed, default), deepen, head, pushed, default)


def _gitlab(environment: Environment) -> Base:
    """Return the target of a merge request, the commit before a push, or else the default branch.

    CI_COMMIT_BEFORE_SHA is all zeros for a new branch, a merge request, a schedule or a manual run. In a pipeline of
    merged results the tip of the target is known, and only what it lacks is judged.
    """
    pushed, default = _commit(environment.get("CI_COMMIT_BEFORE_SHA")), _branch(environment.get("CI_DEFAULT_BRANCH"))
    target = environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"), environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA")
    deepen = 'set `GIT_DEPTH: "0"` in the variables of the job'
    return Base("GitLab CI", _known(*target, pushed, default), deepen, pushed=pushed, default=default)


def _azure(environment: Environment) -> Base:
    """Return the target of a pull request, which comes with and without `refs/heads/`, or else the default branch."""
    refs = _known(_branch(environment.get("SYSTEM_PULLREQUEST_TARGETBRANCH")), _REMOTE_HEAD)
    return Base("Azure Pipelines", refs, "set `fetchDepth: 0` in the step `checkout: self`")


def _bitbucket(environment: Environment) -> Base:
    refs = _known(
        environment.get("BITBUCKET_PR_DESTINATION_COMMIT"),
        _branch(environment.get("BITBUCKET_PR_DESTINATION_BRANCH")),
        _REMOTE_HEAD,
    )
    return Base("Bitbucket Pipelines", refs, "set `clone: {depth: full}` in bitbucket-pipelines.yml")


def _jenkins(environment: Environment) -> Base:
    pushed = environment.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT", "")
    refs = _known(_branch(environment.get("CHANGE_TARGET")), pushed, _REMOTE_HEAD)
    deepen = "turn off 'Shallow clone', and include the target branch in the refspec"
    return Base("Jenkins", refs, deepen, pushed=pushed, default=_REMOTE_HEAD)


def _circle(_environment: Environment) -> Base:
    """Return the default branch: the base is in no variable, only in `<< pipeline.git.base_revision >>`."""
    return Base("CircleCI", (_REMOTE_HEAD,), "set `method: full` in the step `checkout`, and name the base with --base")


def _buildkite(environment: Environment) -> Base:
    """Return the base branch, which is empty unless a pull request is built, or else the default branch."""
    refs = _known(
        _branch(environment.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH")),
        _branch(environment.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH")),
    )
    return Base("Buildkite", refs, "remove --depth from BUILDKITE_GIT_CLONE_FLAGS and BUILDKITE_GIT_FETCH_FLAGS")


_SERVICES: dict[str, Callable[[Environment], Base]] = {
    "GITLAB_CI": _gitlab,
    "TF_BUILD": _azure,
    "BITBUCKET_BUILD_NUMBER": _bitbucket,
    "CIRCLECI": _circle,
    "BUILDKITE": _buildkite,
    "JENKINS_URL": _jenkins,
}
"""The services, each by a variable that it always sets."""


def _branch(name: str | None) -> str:
    """Return the name that the clone has for a branch of the server."""
    return f"origin/{name.removeprefix('refs/heads/')}" if name else ""


def _commit(oid: str | None) -> str:
    """Return a commit; empty for the zeros that stand for none."""
    return oid if oid and oid.strip("0") else ""


def _known(*refs: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ref for ref in refs if ref))


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = event.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(event: Mapping[str, Any], name: str) -> str:
    text = event.get(name)
    return text if isinstance(text, str) else ""
