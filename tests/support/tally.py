#!/usr/bin/env python3
"""Counts test cases after ctest: tally.py BUILD_FOLDER...

Prints what failed and then one line, `N passed, N failed`. A test that left a report (JUnit, one
testcase element per case, reports/<test>.xml) counts by its cases; one that left none counts as a single case. A test that
ctest saw fail although its report shows no failure (a crash, a timeout, a leak at exit) is one failure
more. Exit status 1 when anything failed or nothing ran.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree


def cases_of(report):
    """(passed, [names of failed], skipped) of a JUnit file, or None where it is missing or broken."""
    try:
        root = ElementTree.parse(report).getroot()
    except (OSError, ElementTree.ParseError):
        return None
    passed, failed, skipped = 0, [], 0
    for case in root.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(case.get("name", "?"))
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def tally(build):
    """(passed, [failures], skipped) of one build folder after `ctest --output-junit ctest.xml`."""
    passed, failures, skipped = 0, [], 0
    try:
        tests = list(ElementTree.parse(build / "ctest.xml").getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return 0, [f"{build}: ctest left no results"], 0
    if not tests:
        return 0, [f"{build}: no test ran"], 0
    for test in tests:
        name, status = test.get("name", "?"), test.get("status", "unknown")
        cases = cases_of(build / "reports" / f"{name}.xml")
        if cases is None:
            if status == "run":
                passed += 1
            else:
                failures.append(f"{build} {name} ({status}, no report)")
            continue
        passed += cases[0]
        failures += [f"{build} {name}: {case}" for case in cases[1]]
        skipped += cases[2]
        if status != "run" and not cases[1]:
            failures.append(f"{build} {name} ({status} after its cases)")
    return passed, failures, skipped


def main():
    passed, failures, skipped = 0, [], 0
    for build in sys.argv[1:]:
        counted = tally(Path(build))
        passed, failures, skipped = passed + counted[0], failures + counted[1], skipped + counted[2]
    for failure in failures:
        print(f"FAILED {failure}")
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {len(failures)} failed")
    return 0 if passed > 0 and not failures else 1


if __name__ == "__main__":
    sys.exit(main())
