#!/usr/bin/env python3
"""Runs the unittest cases of one scenario file and leaves a JUnit report: run.py MODULE REPORT.xml"""

import sys
import time
import unittest
from pathlib import Path
from xml.etree import ElementTree


class ReportingResult(unittest.TextTestResult):
    """Keeps one entry per case: (name, seconds, kind, text); kind is passed, failure, error or skipped."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = []
        self.started = 0.0

    def startTest(self, test):
        self.started = time.monotonic()
        super().startTest(test)

    def keep(self, test, kind, text=""):
        self.cases.append((test.id(), time.monotonic() - self.started, kind, text))

    def addSuccess(self, test):
        super().addSuccess(test)
        self.keep(test, "passed")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.keep(test, "failure", self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.keep(test, "error", self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.keep(test, "skipped", reason)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.keep(subtest, "failure", self._exc_info_to_string(err, test))

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.keep(test, "passed")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.keep(test, "failure", "unexpected success")


def write_report(path, module, cases):
    suite = ElementTree.Element("testsuite", name=module, tests=str(len(cases)))
    for name, seconds, kind, text in cases:
        case = ElementTree.SubElement(suite, "testcase", name=name, time=f"{seconds:.3f}")
        if kind != "passed":
            ElementTree.SubElement(case, kind).text = text
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main():
    module, report = sys.argv[1], Path(sys.argv[2])
    report.unlink(missing_ok=True)
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    suite = unittest.defaultTestLoader.loadTestsFromName(module)
    runner = unittest.TextTestRunner(resultclass=ReportingResult, verbosity=2)
    result = runner.run(suite)
    write_report(report, module, result.cases)
    if not result.cases:
        print(f"{module}: no case ran", file=sys.stderr)
        return 1
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
