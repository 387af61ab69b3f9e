#!/usr/bin/env python3
"""Makes api/openapi.json of the files in docs/openapi: openapi.py --write, or --check that it is what they make."""

import copy
import json
import pathlib
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "docs" / "openapi"
DOCUMENT = ROOT / "api" / "openapi.json"
EXAMPLES = SOURCES / "examples.yaml"
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


def put_example(content, value, operation_id):
    """Into the JSON of a body, which must have no other."""
    if "application/json" not in content or "examples" in content["application/json"]:
        raise SystemExit(f"{EXAMPLES.name}: {operation_id}: there is no body, or it has an example already")
    content["application/json"]["examples"] = {"one": {"value": value}}


def own_answer(document, operation, status):
    """One that others share gives way to a copy: each operation has its own example."""
    answer = operation["responses"][status]
    if "$ref" in answer:
        answer = copy.deepcopy(document["components"]["responses"][answer["$ref"].rpartition("/")[2]])
        operation["responses"][status] = answer
    return answer


def add_examples(document, examples):
    operations = [path[method] for path in document["paths"].values() for method in METHODS if method in path]
    for operation in operations:
        operation_id = operation["operationId"]
        for where, value in examples.pop(operation_id, {}).items():
            body = operation["requestBody"] if where == "request" else own_answer(document, operation, str(where))
            put_example(body["content"], value, operation_id)
    if examples:
        raise SystemExit(f"{EXAMPLES.name}: there is no operation {', '.join(examples)}")


def make():
    document = yaml.safe_load((SOURCES / "base.yaml").read_text())
    document["paths"] = {}
    for source in sorted(SOURCES.glob("*.yaml")):
        if source.name not in ("base.yaml", EXAMPLES.name):
            add(document, yaml.safe_load(source.read_text()), source.name)
    document["paths"] = dict(sorted(document["paths"].items()))
    complete(document)
    add_examples(document, yaml.safe_load(EXAMPLES.read_text()))
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
