#!/usr/bin/env python3
"""Runs micro benchmarks and says by how many percent they changed since the last recorded run.

  bench/compare.py micro_codec micro_outbox              compares with bench/recorded/<name>.json
  bench/compare.py micro_codec --record                  records this run there
  bench/compare.py micro_codec --with before.json        compares with another file, and with --record writes it
  bench/compare.py micro_codec --filter decode           only benchmarks that match

What is compared is CPU time, the median of the repetitions. Times belong to a machine: a record of another one
says little, so record before a change and compare behind it. `spread` is what the repetitions differ by, half of
the distance of the quickest and the slowest from one another; a change that is not above it is no change.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NANOSECONDS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}


def give_up(sentence):
    sys.exit(f"bench/compare.py: {sentence}")


def run(program, options):
    """{benchmark: {"ns": median, "spread": share}} of one executable."""
    if not program.exists():
        give_up(f"{program} is missing: cmake --preset release -DHOLDFAST_BENCHMARKS=ON && "
                f"cmake --build --preset release --target {program.name}")
    command = [program, "--benchmark_format=json", f"--benchmark_repetitions={options.repetitions}",
               f"--benchmark_min_time={options.seconds}", "--benchmark_enable_random_interleaving=true"]
    if options.filter:
        command.append(f"--benchmark_filter={options.filter}")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        give_up(f"{program.name} failed:\n{done.stderr}")
    times = {}
    for entry in json.loads(done.stdout)["benchmarks"]:
        if entry.get("error_occurred"):
            give_up(f"{entry['name']}: {entry['error_message']}")
        if entry["run_type"] == "iteration":
            times.setdefault(entry["run_name"], []).append(entry["cpu_time"] * NANOSECONDS[entry["time_unit"]])
    return {name: {"ns": round(statistics.median(values), 2),
                   "spread": round((max(values) - min(values)) / 2 / statistics.median(values), 3)}
            for name, values in times.items()}


def compare(name, measured, path):
    if not path.exists():
        print(f"{name}: nothing recorded in {path}; --record does it")
    recorded = json.loads(path.read_text()) if path.exists() else {"benchmarks": {}, "machine": ""}
    if recorded["machine"] not in ("", machine()):
        print(f"note: recorded on {recorded['machine']}, this is {machine()}")
    print(f"{name + ', ns':44} {'recorded':>12} {'now':>12} {'change':>8} {'spread':>8}")
    for benchmark, now in sorted(measured.items()):
        before = recorded["benchmarks"].get(benchmark)
        then, change = "-", "new"
        if before is not None:
            then, change = f"{before['ns']:.1f}", f"{now['ns'] / before['ns'] - 1:+.1%}"
        print(f"{benchmark:44} {then:>12} {now['ns']:12.1f} {change:>8} {now['spread']:8.1%}")


def machine():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def record(measured, path):
    """Keeps what was recorded of benchmarks that this run left out."""
    before = json.loads(path.read_text())["benchmarks"] if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = sorted({**before, **measured}.items())
    rows = ",\n".join(f"    {json.dumps(name)}: {json.dumps(row)}" for name, row in kept)
    path.write_text(f'{{\n  "machine": {json.dumps(machine())},\n  "benchmarks": {{\n{rows}\n  }}\n}}\n')
    print(f"recorded in {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", metavar="micro_NAME")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release" / "bench", metavar="FOLDER")
    parser.add_argument("--with", type=Path, dest="recorded", metavar="FILE", help="instead of bench/recorded")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--filter", metavar="REGEX")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.05, help="of each repetition")
    options = parser.parse_args()
    if options.recorded and len(options.names) > 1:
        give_up("--with belongs to one benchmark")
    for name in options.names:
        path = options.recorded or ROOT / "bench" / "recorded" / f"{name}.json"
        measured = run(options.build / name, options)
        compare(name, measured, path)
        if options.record:
            record(measured, path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
