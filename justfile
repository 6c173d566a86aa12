# What one does in this checkout every day. https://just.systems; `just` lists the recipes.

set positional-arguments
set shell := ["bash", "-euc"]

bin := ".venv" / if os_family() == "windows" { "Scripts" } else { "bin" }
recordings := "build/golden"

[private]
list:
    @{{ just_executable() }} --list --unsorted

# Make the development environment
setup:
    python3 -m venv .venv
    {{ bin }}/pip install -q -e '.[dev]'

# Run our own hook and ruff before every commit and push of this clone
hook:
    {{ bin }}/pre-commit install

# Run the tests, or some of them: just test tests/report -k sarif
test *arguments:
    {{ bin }}/pytest -q -n auto "$@"

# Check style and format
lint:
    {{ bin }}/ruff check .
    {{ bin }}/ruff format --check .

# Mend what ruff can mend, and format
format:
    {{ bin }}/ruff check --fix .
    {{ bin }}/ruff format .

# Check the types
types:
    {{ bin }}/mypy

# Check that rooms import only from the rooms below them
layers:
    {{ bin }}/lint-imports

# Run all that must hold before a change lands, in a fresh environment: minutes
ci:
    .ci/run

# Renew what is generated: golden reports, catalogue and schema of the rules; read the difference
docs:
    KEYSIFT_RENEW_GOLDEN=1 {{ bin }}/pytest -q -n 0 tests/report/test_golden.py tests/test_catalogue.py tests/rules/test_schema.py

# Build the site of the documentation into build/site; a warning ends it
site:
    {{ bin }}/python docs/site/build.py build/site

# Score what is found in the core corpus and in the hiding places
bench:
    {{ bin }}/python tests/bench/core_corpus.py -- {{ bin }}/keysift scan {dir} --min-confidence low -f json -o {out} --show-secrets --no-ignore
    {{ bin }}/python tests/bench/hiding_places.py -- {{ bin }}/keysift audit {repo} --min-confidence low -f json -o {out} --show-secrets

# Measure time and memory beside other scanners: just speed tree FOLDER
speed *arguments:
    {{ bin }}/python tests/bench/speed.py "$@"

# Record all that keysift says of many inputs: just golden-record before --repositories FOLDER
golden-record name *options:
    {{ bin }}/python tests/bench/golden.py record {{ recordings }}/{{ name }} --keysift {{ bin }}/keysift --work {{ recordings }}/inputs "${@:2}"

# Compare two recordings field by field: just golden-compare before after
golden-compare before after *options:
    {{ bin }}/python tests/bench/golden.py compare {{ recordings }}/{{ before }} {{ recordings }}/{{ after }} "${@:3}"
