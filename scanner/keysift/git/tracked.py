"""Files that git tracks though they should be ignored: the fact of tracking is the leak, whatever is inside today.

Two lists of names. The first speaks for itself: tools write such files for one person, or people keep keys in them.
The second holds names that are as often harmless (a `.pem` is mostly a certificate, `secrets.yml` mostly a template,
`.npmrc` mostly without a token): they count only when the project's own rules ignore them, which says that whoever
wrote the rule did not want them here. What else is tracked and ignored (`dist/app.js`) is a matter of tidiness, and
no finding. Keys inside of all of these are found by their own rules in any case.
"""

# As in `files`, paths are strings here.
# ruff: noqa: PTH118

from __future__ import annotations

import functools
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate

from keysift.git import process


@dataclass(frozen=True, slots=True)
class Exposed:
    """A file that should not be tracked; `path` is relative to the root that was asked about."""

    path: str
    reason: str


ALWAYS: Mapping[str, str] = {
    ".env": "environment files hold the keys of a deployment",
    ".env.local": "environment files hold the keys of a deployment",
    ".env.production": "environment files hold the keys of a deployment",
    ".env.prod": "environment files hold the keys of a deployment",
    ".env.staging": "environment files hold the keys of a deployment",
    ".env.*.local": "environment files hold the keys of a deployment",
    "id_rsa": "a private SSH key",
    "id_dsa": "a private SSH key",
    "id_ecdsa": "a private SSH key",
    "id_ed25519": "a private SSH key",
    "*.ppk": "a private SSH key of PuTTY",
    "*.p12": "a container of private keys",
    "*.pfx": "a container of private keys",
    "*.jks": "a container of private keys",
    "*.keystore": "a container of private keys",
    "*.kdbx": "a password database",
    "*.ovpn": "VPN profiles carry their private key",
    ".pypirc": "holds upload tokens for PyPI",
    ".netrc": "holds passwords for hosts",
    "_netrc": "holds passwords for hosts",
    ".git-credentials": "holds passwords for git hosts",
    ".pgpass": "holds database passwords",
    ".htpasswd": "holds password hashes",
    ".dockercfg": "holds registry passwords",
    ".docker/config.json": "holds registry passwords",
    "kubeconfig": "holds cluster credentials",
    "*.kubeconfig": "holds cluster credentials",
    ".kube/config": "holds cluster credentials",
    "*.tfstate": "Terraform writes every value into its state, secrets included",
    "*.tfstate.backup": "Terraform writes every value into its state, secrets included",
    "terraform.rc": "holds Terraform registry tokens",
    ".terraformrc": "holds Terraform registry tokens",
    "credentials.tfrc.json": "holds Terraform registry tokens",
    "credentials.json": "the name of Google's downloaded OAuth credentials, and of others",
    "client_secret*.json": "the name of Google's downloaded OAuth credentials",
    "service-account*.json": "the name of a Google service account key",
    "application_default_credentials.json": "holds the credentials of the Google Cloud command line",
    "wp-config.php": "holds database password and salts of WordPress",
    "master.key": "decrypts the credentials of a Rails application",
    "local.settings.json": "holds the local keys of Azure Functions",
    ".aws/credentials": "holds AWS access keys",
    ".boto": "holds cloud access keys",
    ".s3cfg": "holds cloud access keys",
    ".bash_history": "a shell history holds what was typed, passwords included",
    ".zsh_history": "a shell history holds what was typed, passwords included",
    ".psql_history": "a database history holds what was typed, passwords included",
    ".mysql_history": "a database history holds what was typed, passwords included",
}
"""Names that speak for themselves, or the last two parts of a path; with the reason for the reader."""

WHEN_IGNORED: Mapping[str, str] = {
    "*.env": "environment files hold the keys of a deployment",
    ".env.*": "environment files hold the keys of a deployment",
    ".envrc": "environment files hold the keys of a deployment",
    "*.pem": "may be a private key",
    "*.key": "may be a private key",
    "*.der": "may be a private key",
    "*.p8": "may be a private key",
    ".npmrc": "may hold a registry token",
    ".yarnrc.yml": "may hold a registry token",
    "*.tfvars": "may hold the secret inputs of Terraform",
    "*.tfvars.json": "may hold the secret inputs of Terraform",
    "google-services.json": "holds keys that are public by design, but of one deployment",
    "appsettings.development.json": "may hold connection strings",
    "*.har": "a recording of HTTP traffic holds its cookies and tokens",
    "*.sql": "may be a dump of a database",
    "mcp.json": "may hold the keys of the servers that it starts",
    ".mcp.json": "may hold the keys of the servers that it starts",
    "claude_desktop_config.json": "may hold the keys of the servers that it starts",
    "*secret*": "its name says that it holds secrets",
    "*credential*": "its name says that it holds credentials",
    "*password*": "its name says that it holds passwords",
    "*passwd*": "its name says that it holds passwords",
    "*private*key*": "its name says that it holds a private key",
    "*token*": "its name says that it holds a token",
}
"""Names that are noise without their contents: a finding only where an ignore rule of the project agrees."""

NEVER = (
    # Made to be copied.
    "*example*",
    "*sample*",
    "*template*",
    "*.dist",
    "*.tmpl",
    "*.tpl",
    "*.j2",
    "*.erb",
    # Fakes, by convention.
    ".env.test",
    ".env.ci",
    ".env.defaults",
    # Android's own, the same for everyone.
    "debug.keystore",
    # Certificates alone.
    "*truststore*",
    "cacerts*",
    # Encrypted, or the public half.
    "*.enc",
    "*.gpg",
    "*.age",
    "*.sops.*",
    "*.pub",
    # Code about secrets is not a secret.
    *("*.py", "*.js", "*.ts", "*.tsx", "*.go", "*.rs", "*.rb", "*.java", "*.kt", "*.cs", "*.c", "*.h", "*.sh"),
    *("*.md", "*.rst"),
)
"""Names that are no finding whatever else matches, unless they stand in `ALWAYS` letter by letter."""

_TESTS = re.compile(
    r"(?:^|[/_.-]|(?<=[a-z])(?=[A-Z]))(?i:tests?|testing|testdata|fixtures?|specs?|mocks?|examples?|samples?|demos?)"
    r"(?=[/_.A-Z-])[^/]*/"
)
"""Directories whose files are made up; what the project's own rules ignore there counts all the same."""


def exposed(root: str, tracked: Iterable[str] | None = None) -> list[Exposed]:
    """The files below `root` that git tracks though they should be ignored, by path.

    `tracked` are the tracked paths relative to `root`, where a listing is at hand; without it git is asked. Git starts
    once more for each repository with names in doubt, mostly not at all. Outside git there are none.
    Raises SourceError where git cannot answer.
    """
    paths = [path for path in (_tracked(root) if tracked is None else tracked) if _suspect(path)]
    ignored = _ignored(root, paths)
    found = (_judge(path, ignored.get(path)) for path in sorted(set(paths), key=os.fsencode))
    return [one for one in found if one is not None]


def _judge(path: str, rule: str | None) -> Exposed | None:
    """What to say of a suspect; `rule` is the line that ignores it."""
    always = _reason(ALWAYS, path)
    if rule is not None:
        return Exposed(path, f"{always or _reason(WHEN_IGNORED, path)}, and {rule} ignores it")
    return Exposed(path, always) if always and not _TESTS.search(path) else None


def _reason(names: Mapping[str, str], path: str) -> str:
    """What the first name that fits says, empty where none does."""
    ends = _ends(path)
    return next((reason for name, reason in names.items() if any(_shape(name).match(end) for end in ends)), "")


@functools.cache
def _shape(name: str) -> re.Pattern[str]:
    """The regex of a name in the lists."""
    return re.compile(translate(name))


def _suspect(path: str) -> bool:
    """Whether any list has the name, and no exception does. Called for every file of a repository, so cheap first."""
    name, end = _ends(path)
    if not (name in _LITERAL or end in _LITERAL or name.rpartition(".")[2] in _SUFFIXES or _GLOBS.match(name)):
        return False
    return name in ALWAYS or end in ALWAYS or not _EXCEPTIONS.match(name)


def _ends(path: str) -> tuple[str, str]:
    """The name of a file, and the name with its directory; in small letters, as the lists are."""
    parts = path.lower().rsplit("/", 2)
    return parts[-1], "/".join(parts[-2:])


def _either(names: Iterable[str]) -> str:
    return "|".join(map(translate, names))


_EXCEPTIONS = re.compile(_either(NEVER))
_NAMES = frozenset([*ALWAYS, *WHEN_IGNORED])
_LITERAL = frozenset(name for name in _NAMES if "*" not in name)
_SUFFIXES = frozenset(name[2:] for name in _NAMES if re.fullmatch(r"\*\.\w+", name))
_GLOBS = re.compile(_either(sorted(name for name in _NAMES - _LITERAL if name[2:] not in _SUFFIXES)))


def _tracked(root: str) -> list[str]:
    """The tracked paths below `root`, as git lists them."""
    top, inner = _inside(root)
    if not top:
        return []
    answer = process.run(top, "ls-files", "-z", "--cached", "--", *([inner] if inner else []))
    return [path[len(inner) :] for path in os.fsdecode(answer.stdout).split("\0")[:-1]]


def _ignored(root: str, paths: Iterable[str]) -> dict[str, str]:
    """The line (`.gitignore:3 '*.env'`) that ignores each of the paths that one does, of whatever repository."""
    directories: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        directories[path.rpartition("/")[0]].append(path)
    repositories: dict[str, dict[str, str]] = defaultdict(dict)
    for directory, members in directories.items():
        top, inner = _inside(os.path.join(root, directory))
        if top:
            repositories[top] |= {inner + path.rpartition("/")[2]: path for path in members}
    rules: dict[str, str] = {}
    for top, names in repositories.items():
        rules |= {names[inner]: rule for inner, rule in _check_ignore(top, names).items() if inner in names}
    return rules


def _inside(directory: str) -> tuple[str, str]:
    """The top of the working tree that holds a directory, empty where none does, and what leads from there to it."""
    top = process.toplevel(directory)
    if top is None or process.is_bare(top):
        return "", ""
    inner = os.path.relpath(os.path.realpath(directory), top).replace(os.sep, "/")
    return str(top), "" if inner == "." else inner + "/"


def _check_ignore(top: str, paths: Iterable[str]) -> dict[str, str]:
    """The deciding line for each path that one ignores. Without `--no-index` git says nothing of tracked files."""
    # Behind `./` no name is taken for one of git's own patterns, `:(glob)` and the like.
    asked = b"".join(b"./" + os.fsencode(path) + b"\0" for path in paths)
    answer = process.run(top, "check-ignore", "--no-index", "--verbose", "-z", "--stdin", stdin=asked, accept=(0, 1))
    fields = os.fsdecode(answer.stdout).split("\0")[:-1]
    rows = zip(*[iter(fields)] * 4, strict=True)
    return {
        path.removeprefix("./"): f"{source}:{line} '{rule}'"
        for source, line, rule, path in rows
        if not rule.startswith("!")
    }
