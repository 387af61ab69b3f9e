#!/usr/bin/env python3
"""Makes api/openapi.json of the files in docs/openapi: openapi.py --write, or --check that it is what they make."""

import json
import pathlib
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "docs" / "openapi"
DOCUMENT = ROOT / "api" / "openapi.json"
METHODS = ("get", "put", "post", "delete", "patch")


def add(target, part, source):
    """Puts everything of `part` into `target`; nothing may be there twice."""
    for key, value in part.items():
        if key in target and isinstance(value, dict):
            add(target[key], value, source)
        elif key in target:
            raise SystemExit(f"{source}: {key} stands twice")
        else:
            target[key] = value


def complete(document):
    """What holds for every operation need not stand with each."""
    for path in document["paths"].values():
        for method in METHODS:
            if method in path:
                path[method]["responses"].setdefault("default", {"$ref": "#/components/responses/Error"})


def make():
    document = yaml.safe_load((SOURCES / "base.yaml").read_text())
    document["paths"] = {}
    for source in sorted(SOURCES.glob("*.yaml")):
        if source.name != "base.yaml":
            add(document, yaml.safe_load(source.read_text()), source.name)
    document["paths"] = dict(sorted(document["paths"].items()))
    complete(document)
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def main():
    text = make()
    if sys.argv[1:] == ["--write"]:
        DOCUMENT.write_text(text)
    elif sys.argv[1:] != ["--check"]:
        raise SystemExit(__doc__)
    elif DOCUMENT.read_text() != text:
        raise SystemExit(f"{DOCUMENT.relative_to(ROOT)} is not what docs/openapi makes: {sys.argv[0]} --write")


if __name__ == "__main__":
    main()
