"""Names of files that should not be tracked, whatever is inside today: the fact of tracking is the leak.

Two lists of names. The first speaks for itself: tools write such files for one person, or people keep keys in them.
The second holds names that are as often harmless (a `.pem` is mostly a certificate, `secrets.yml` mostly a template,
`.npmrc` mostly without a token): they count only when the project's own rules ignore them, which says that whoever
wrote the rule did not want them here. What else is tracked and ignored (`dist/app.js`) is a matter of tidiness, and
no finding. Keys inside of all of these are found by their own rules in any case.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from fnmatch import translate

DOUBT = "may "
"""What a reason begins with if the name alone does not tell: such a file may as well be harmless."""
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
"""Names that speak for themselves, or the last two parts of a path; with the reason that a reader sees."""

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


_KEPT_APART = re.compile(r"secret|cred|passw|token|key|cert|ssl|tls|private|env")
"""In the names of directories for what should not be tracked."""


def is_suspect(path: str) -> bool:
    """Return whether a list has the name, and no exception does. Called for every file of a repository: cheap first."""
    name, end = _ends(path)
    if not (name in _LITERAL or end in _LITERAL or name.rpartition(".")[2] in _SUFFIXES or _GLOBS.match(name)):
        return False
    return name in ALWAYS or end in ALWAYS or not _EXCEPTIONS.match(name)


def judge(path: str, rule: str | None) -> str:
    """Return why a suspect should not be tracked, empty where it may be; `rule` is the line that ignores it."""
    always = _find_reason(ALWAYS, path)
    reason = always or _find_reason(WHEN_IGNORED, path)
    if rule is not None and reason and (always or _is_meant(path, rule)):
        return f"{reason}, and {rule} ignores it"
    return "" if _TESTS.search(path) else always


def _is_meant(path: str, rule: str) -> bool:
    """Return whether the line that ignores a file is about its name, not about a directory such as `node_modules/`.

    `rule` ends with the pattern in quotation marks.
    """
    pattern = rule.partition("'")[2].removesuffix("'").lower()
    last = pattern.rstrip("/").rpartition("/")[2]
    if not last.strip("*"):  # all files, of which some are tracked all the same
        return False
    return _pattern(last).match(_ends(path)[0]) is not None or _KEPT_APART.search(last) is not None


def _find_reason(names: Mapping[str, str], path: str) -> str:
    """Return the reason of the first name that fits, empty where none does."""
    ends = _ends(path)
    return next((reason for name, reason in names.items() if any(_pattern(name).match(end) for end in ends)), "")


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return the regex of a name in the lists."""
    return re.compile(translate(name))


def _ends(path: str) -> tuple[str, str]:
    """Return the name of a file, and the name with its directory; in small letters, as the lists are."""
    parts = path.lower().rsplit("/", 2)
    return parts[-1], "/".join(parts[-2:])


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, names)))


_EXCEPTIONS = _any_of(NEVER)
_NAMES = frozenset([*ALWAYS, *WHEN_IGNORED])
_LITERAL = frozenset(name for name in _NAMES if "*" not in name)
_SUFFIXES = frozenset(name[2:] for name in _NAMES if re.fullmatch(r"\*\.\w+", name))
_GLOBS = _any_of(sorted(name for name in _NAMES - _LITERAL if name[2:] not in _SUFFIXES))
