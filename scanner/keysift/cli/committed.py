"""What a commit states for its repository: the configuration and the baseline at its top."""

from __future__ import annotations

from keysift import config
from keysift.accept import baseline
from keysift.git.objects import Object, ObjectReader


def read_configuration(objects: ObjectReader, commit: str, origin: str) -> config.Config:
    """Return the configuration that a commit has; `origin` names the commit to people.

    Raises:
        ConfigError: it is invalid.
    """
    for name in (config.NAME, "pyproject.toml"):
        data = read_content(objects, commit, name)
        if data is not None and (name == config.NAME or config.MARK in data):
            return config.parse(data, f"{origin}:{name}")
    return config.Config()


def read_baseline(objects: ObjectReader, commit: str, origin: str) -> baseline.Baseline | None:
    """Return the baseline that a commit has; None if it has none.

    Raises:
        ConfigError: it is invalid.
    """
    data = read_content(objects, commit, baseline.NAME)
    return None if data is None else baseline.parse(data, f"{origin}:{baseline.NAME}")


def read_content(objects: ObjectReader, commit: str, path: str) -> bytes | None:
    """Return the bytes of a file of a commit; None if it has no such file."""
    answer = objects.read(f"{commit}:{path}") if commit else None
    return answer.data if isinstance(answer, Object) else None
