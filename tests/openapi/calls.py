#!/usr/bin/env python3
"""Makes docs/http-api-calls.md of api/openapi.json and calls.yaml: calls.py --write, or --check.

Every operation of the document has a row of calls.yaml and every row an operation; every test that a row
names is there; every page that it links to is there. Then the page is what they make.
"""

import ast
import functools
import json
import pathlib
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "api" / "openapi.json"
SOURCE = pathlib.Path(__file__).with_name("calls.yaml")
PAGE = ROOT / "docs" / "http-api-calls.md"
SCENARIOS = ROOT / "tests" / "scenario"
UNITS = ROOT / "tests" / "unit"
METHODS = ("get", "put", "post", "delete", "patch")
PREFIX = "/v5/iot/{project_id}"
TESTS_SHOWN = 3

HEAD = """# The calls of the HTTP interface, and what shows that they work

Made by `tests/openapi/calls.py` of the OpenAPI document and `tests/openapi/calls.yaml`; a test compares them, and looks whether the tests that are
named are there. Paths without a beginning stand below `/v5/iot/{project_id}`. *Contract* calls are those of the platform,
*own* ones are extensions. *Refusals* are the statuses that the tests have met. Every answer that a scenario test gets is compared with the document.

| call | | scenario tests | refusals | unit tests | figure |
|---|---|---|---|---|---|
"""
MISSING = """
## Calls of the contract that are not there

| call | instead |
|---|---|
"""


def operations(document):
    """{operationId: "POST /path"}"""
    found = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                found[methods[method]["operationId"]] = (method.upper(), path)
    return found


@functools.lru_cache
def tests_of(module):
    """The names of the tests of a scenario file, without the version that each_version adds."""
    file = SCENARIOS / f"{module}.py"
    if not file.exists():
        return frozenset()
    tree = ast.parse(file.read_text())
    return frozenset(node.name for node in ast.walk(tree)
                     if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def mistakes_of(rows, found, missing):
    """What is wrong, one sentence each."""
    yield from (f"{name} is in api/openapi.json and not in calls.yaml" for name in sorted(found.keys() - rows.keys()))
    yield from (f"{name} is in calls.yaml and not in api/openapi.json" for name in sorted(rows.keys() - found.keys()))
    for name, row in rows.items():
        if not row.get("tests") and not row.get("unit"):
            yield f"{name}: no test is named"
        if row.get("is") not in ("contract", "own"):
            yield f"{name}: `is` must be contract or own"
        for test in row.get("tests", []):
            module, _, case = test.partition(":")
            if case not in tests_of(module):
                yield f"{name}: there is no test {case} in tests/scenario/{module}.py"
        unit = row.get("unit")
        if unit and not (UNITS / f"{unit}.cpp").exists():
            yield f"{name}: there is no tests/unit/{unit}.cpp"
        figure = row.get("figure")
        if figure and figure not in headings():
            yield f"{name}: docs/performance.md has no heading {figure!r}"
    there = {f"{method} {path.removeprefix(PREFIX)}" for method, path in found.values()}
    yield from (f"{call} is said to be missing, and is there" for call in missing if call in there)


@functools.lru_cache
def headings():
    lines = (ROOT / "docs" / "performance.md").read_text().splitlines()
    return frozenset(line[3:] for line in lines if line.startswith("## "))


def cell_of_tests(tests):
    shown = [test.replace(":", ": ", 1).replace("_test: test_", ": ") for test in tests[:TESTS_SHOWN]]
    more = len(tests) - len(shown)
    return "<br>".join(shown) + (f"<br>and {more} more" if more > 0 else "")


def row_of(name, method, path, row):
    figure = row.get("figure")
    link = f"[{figure}](performance.md#{figure.lower().replace(' ', '-').replace(',', '')})" if figure else ""
    cells = [
        f"{method} `{path.removeprefix(PREFIX)}`<br>{name}",
        "contract" if row["is"] == "contract" else "own",
        cell_of_tests(row.get("tests", [])),
        ", ".join(str(status) for status in row.get("refusals", [])),
        f"`{row['unit']}`" if row.get("unit") else "",
        link,
    ]
    return "| " + " | ".join(cells) + " |\n"


def make():
    found = operations(json.loads(DOCUMENT.read_text()))
    source = yaml.safe_load(SOURCE.read_text())
    mistakes = list(mistakes_of(source["calls"], found, source["missing"]))
    if mistakes:
        raise SystemExit("\n".join(mistakes))
    text = HEAD
    for name, (method, path) in sorted(found.items(), key=lambda each: (each[1][1], each[1][0])):
        text += row_of(name, method, path, source["calls"][name])
    text += MISSING
    for call, instead in source["missing"].items():
        text += f"| `{call}` | {instead} |\n"
    return text


def main():
    text = make()
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(text)
    elif sys.argv[1:] != ["--check"]:
        raise SystemExit(__doc__)
    elif not PAGE.exists() or PAGE.read_text() != text:
        raise SystemExit(f"{PAGE.relative_to(ROOT)} is not what calls.yaml makes: {sys.argv[0]} --write")


if __name__ == "__main__":
    main()
