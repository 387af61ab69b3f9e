#!/usr/bin/env python3
"""examples.py --check: every operation of api/openapi.json has an example of what is sent and of each answer of
2xx with a JSON body, and every example keeps to its schema, in which no field is missing from the document."""

import json
import pathlib
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "scenario"))
from support import openapi  # noqa: E402

METHODS = ("get", "put", "post", "delete", "patch")


def contents():
    """(where, whether there must be an example, content) of every JSON body of the document."""
    for path, operations in openapi.document()["paths"].items():
        for method in METHODS:
            if method not in operations:
                continue
            where, operation = f"{method.upper()} {path}", operations[method]
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body:
                yield f"{where}: request", True, body
            for status, answer in operation["responses"].items():
                content = openapi.resolve(answer).get("content", {}).get("application/json")
                if content:
                    yield f"{where}: {status}", status.startswith("2"), content


def mistakes():
    for where, is_needed, content in contents():
        examples = content.get("examples", {})
        if is_needed and not examples:
            yield f"{where}: there is no example"
        validator = jsonschema.Draft202012Validator(openapi.strict(content["schema"]))
        for name, example in examples.items():
            for error in validator.iter_errors(example["value"]):
                at = "/".join(str(step) for step in error.absolute_path)
                yield f"{where}: example {name}: {at or 'the body'}: {error.message:.200}"


def main():
    if sys.argv[1:] != ["--check"]:
        raise SystemExit(__doc__)
    found = list(mistakes())
    if found:
        raise SystemExit("\n".join(found))
    print(json.dumps({"examples": sum(len(content.get("examples", {})) for _, _, content in contents())}))


if __name__ == "__main__":
    main()
