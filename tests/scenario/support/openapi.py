"""Answers as the interface's document (api/openapi.json) allows them: check() fails for any other."""

import functools
import json
import pathlib
import re
import urllib.parse

import jsonschema

DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "api" / "openapi.json"


@functools.lru_cache
def document():
    return json.loads(DOCUMENT.read_text())


def resolve(node):
    while isinstance(node, dict) and "$ref" in node:
        target = document()
        for step in node["$ref"][2:].split("/"):
            target = target[step]
        node = target
    return node


def strict(schema, is_open=False):
    """The schema without references, its objects closed: a field that is not documented is a mistake."""
    schema = dict(resolve(schema))
    if "allOf" in schema:
        schema["allOf"] = [strict(part, is_open=True) for part in schema["allOf"]]
    for several in ("oneOf", "anyOf"):
        if several in schema:
            schema[several] = [strict(part) for part in schema[several]]
    if "properties" in schema:
        schema["properties"] = {name: strict(part) for name, part in schema["properties"].items()}
    if isinstance(schema.get("items"), dict):
        schema["items"] = strict(schema["items"])
    is_object = "properties" in schema or "allOf" in schema
    if is_object and not is_open and "additionalProperties" not in schema:
        schema["unevaluatedProperties"] = False
    return schema


@functools.lru_cache
def paths():
    """(pattern of a whole path, its operations), words before parameters."""
    entries = []
    for path, operations in document()["paths"].items():
        pattern = re.sub(r"\\\{[^/]*?\\\}", "[^/]+", re.escape(path))
        entries.append((path.count("{"), re.compile(pattern + "$"), operations))
    return [(pattern, operations) for _, pattern, operations in sorted(entries, key=lambda e: e[0])]


def operation_of(method, path):
    for pattern, operations in paths():
        if pattern.match(path):
            return operations.get(method.lower())
    return None


@functools.lru_cache
def validator_of(method, path, status):
    """For the bodies of that answer; None: it has none. LookupError: there is no such answer."""
    operation = operation_of(method, path)
    if operation is None:
        if status in (404, 405):
            return jsonschema.Draft202012Validator(strict({"$ref": "#/components/schemas/Error"}))
        raise LookupError("this is not in the document")
    answers = operation["responses"]
    answer = answers.get(str(status))
    if answer is None and status >= 400:
        answer = answers["default"]
    if answer is None:
        raise LookupError(f"the document does not know the status {status} here")
    content = resolve(answer).get("content", {}).get("application/json")
    return content and jsonschema.Draft202012Validator(strict(content["schema"]))


def check(method, url, status, value):
    """AssertionError: the document does not allow `value`, the JSON of an answer or None."""
    path = urllib.parse.urlsplit(url).path
    where = f"{method} {path} -> {status}"
    try:
        validator = validator_of(method, path, status)
    except LookupError as unknown:
        raise AssertionError(f"{where}: {unknown}") from unknown
    if validator is None:
        if value is not None:
            raise AssertionError(f"{where}: the document knows no body here, and it is {value!r:.200}")
        return
    error = next(validator.iter_errors(value), None)
    if error is not None:
        at = "/".join(str(step) for step in error.absolute_path)
        raise AssertionError(f"{where}: {at or 'the body'}: {error.message:.300}")
