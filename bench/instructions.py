#!/usr/bin/env python3
"""Counts the instructions that the protocol core takes per delivered message, and compares with what was recorded.

  bench/instructions.py                 compares; exit status 1 when a scenario takes over 5 % more
  bench/instructions.py --record        counts twice and writes bench/instructions.json
  bench/instructions.py --top 8         also the functions with the highest cost of their own, per message
  bench/instructions.py --only fanin-q1 one scenario; may be given several times

The scenarios are those of bench/scripted_load.cpp, run under callgrind: no socket, thread or clock, so that a
busy machine counts the same as an idle one. What a compiler makes differs from version to version: with another
one than the recorded the cases are skipped, not failed.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
RECORDED = ROOT / "bench" / "instructions.json"
TOLERANCE = 0.05
REPEATABILITY = 0.005
SECONDS_MAX = 300

# glibc chooses its memcpy and memchr by the processor; the plainest ones are everywhere. REP MOVSB would
# count as an instruction per byte.
GLIBC_TUNABLES = "glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM"


def give_up(sentence):
    sys.exit(f"bench/instructions.py: {sentence}")


def self_costs(lines):
    """Instructions of each function without those it calls, from a callgrind file."""
    names, costs, function, is_call = {}, {}, None, False
    for line in lines:
        if line.startswith("fn="):
            number, name = re.match(r"fn=(\(\d+\)) ?(.*)", line).groups()
            if name:
                names[number] = name
            function = number
        elif line.startswith("cfn="):
            number, name = re.match(r"cfn=(\(\d+\)) ?(.*)", line).groups()
            if name:
                names[number] = name
        elif line.startswith("calls="):
            is_call = True  # the next line has the cost of the call, inclusive
        elif line and (line[0].isdigit() or line[0] in "+-*"):
            if not is_call and function is not None:
                costs[function] = costs.get(function, 0) + int(line.split()[1])
            is_call = False
    return {names[number]: cost for number, cost in costs.items()}


class Count:
    """One run of one scenario."""

    def __init__(self, load, scenario):
        with tempfile.TemporaryDirectory(prefix="holdfast-instructions-") as folder:
            out = Path(folder) / "callgrind.out"
            run = subprocess.run(
                ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--toggle-collect=*counted_*",
                 str(load), scenario],
                capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
                env={"PATH": os.environ["PATH"], "GLIBC_TUNABLES": GLIBC_TUNABLES},
            )
            if run.returncode != 0:
                give_up(f"{scenario} failed:\n{run.stderr}")
            said, lines = json.loads(run.stdout), out.read_text().splitlines()
        total = next(int(line.split()[1]) for line in lines if line.startswith(("summary:", "totals:")))
        if total == 0:
            give_up(f"{scenario}: nothing was counted; are the names counted_* in {load}?")
        self.scenario, self.delivered, self.compiler = scenario, said["delivered"], said["compiler"]
        self.per_message = round(total / self.delivered, 1)
        self.costs = self_costs(lines)

    def top(self, how_many):
        dearest = sorted(self.costs.items(), key=lambda entry: -entry[1])[:how_many]
        for name, cost in dearest:
            # Arguments make the names unreadable, and say little.
            short = re.sub(r"\(anonymous namespace\)", "{}", name).split("(")[0].split("'")[0]
            share = cost / self.delivered / self.per_message
            print(f"    {cost / self.delivered:8.1f} {share:6.1%}  {short[:100]}")


def count_all(load, scenarios):
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(lambda scenario: Count(load, scenario), scenarios))


def record(load, scenarios):
    first, second = count_all(load, scenarios), count_all(load, scenarios)
    for one, other in zip(first, second):
        if abs(one.per_message - other.per_message) > REPEATABILITY * one.per_message:
            give_up(f"{one.scenario} is not repeatable: {one.per_message} and then {other.per_message}")
        print(f"{one.scenario:16} {one.per_message:9.1f}")
    text = json.dumps({"compiler": first[0].compiler,
                       "instructions_per_message": {one.scenario: one.per_message for one in first}}, indent=2)
    RECORDED.write_text(text + "\n")


class Report:
    """The same verdicts for a reader and, as JUnit, for whoever counts them."""

    def __init__(self):
        self.suite = ElementTree.Element("testsuite", name="instructions")
        self.failures = 0

    def add(self, scenario, text, verdict=None):
        """`verdict`: None, "skipped" or "failure"."""
        print(f"{scenario:16} {text}")
        case = ElementTree.SubElement(self.suite, "testcase", name=scenario, classname="instructions")
        if verdict is not None:
            ElementTree.SubElement(case, verdict, message=text)
        if verdict == "failure":
            self.failures += 1

    def write(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        ElementTree.ElementTree(self.suite).write(path, encoding="utf-8")


def judge(report, count, recorded):
    before = recorded["instructions_per_message"].get(count.scenario)
    text = f"{count.per_message:9.1f}"
    if before is None:
        report.add(count.scenario, f"{text}  not recorded; bench/instructions.py --record does it", "failure")
        return
    change = count.per_message / before - 1
    text += f"  recorded {before:9.1f}  {change:+7.2%}"
    if count.compiler != recorded["compiler"]:
        report.add(count.scenario, f"{text}  not judged: {count.compiler}, recorded with {recorded['compiler']}",
                   "skipped")
    elif change > TOLERANCE:
        report.add(count.scenario,
                   f"{text}  over {TOLERANCE:.0%} more; if that is meant, bench/instructions.py --record", "failure")
    elif change < -TOLERANCE:
        report.add(count.scenario, f"{text}  note: less; bench/instructions.py --record keeps it so")
    else:
        report.add(count.scenario, text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load", type=Path, default=ROOT / "build/instructions/bench/scripted_load")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--top", type=int, default=0, metavar="N")
    parser.add_argument("--only", action="append", metavar="SCENARIO")
    parser.add_argument("--junit", type=Path, metavar="FILE")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        give_up("valgrind is missing: apt-get install valgrind")
    if not options.load.exists():
        give_up(f"{options.load} is missing: cmake --preset instructions && cmake --build --preset instructions")
    scenarios = subprocess.run([options.load, "--list"], capture_output=True, text=True, check=True).stdout.split()
    if options.record:
        record(options.load, scenarios)
        return 0
    if options.only:
        unknown = set(options.only) - set(scenarios)
        if unknown:
            give_up(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(scenarios)}")
        scenarios = options.only
    if not RECORDED.exists():
        give_up(f"{RECORDED} is missing: bench/instructions.py --record")
    recorded, report = json.loads(RECORDED.read_text()), Report()
    print("instructions per delivered message")
    for count in count_all(options.load, scenarios):
        judge(report, count, recorded)
        count.top(options.top)
    if options.junit:
        report.write(options.junit)
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
