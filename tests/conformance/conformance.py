#!/usr/bin/env python3
"""Compares the normative clauses of MQTT 3.1.1 and 5.0 with the tests and with the code.

The clauses are data (mqtt3.tsv, mqtt5.tsv beside this file), the tests carry them as labels
(labels.py says how), the code names them in comments: `// [MQTT5-3.1.2-22]`.

  conformance.py --write    writes docs/conformance.md
  conformance.py --check    fails, a line per problem, when lists, labels, code and page disagree
  conformance.py --missing  prints the clauses that concern a server and have no test yet
  --complete                with --check: such a clause is a problem too
"""

import argparse
import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import labels  # noqa: E402

HERE = "tests/conformance"
PAGE = "docs/conformance.md"
COMMAND = f"python3 {HERE}/conformance.py --write"
SPECIFICATIONS = {"MQTT3": "MQTT 3.1.1", "MQTT5": "MQTT 5.0"}
CODE_FOLDERS = ("broker", "api", "store")
CODE_SUFFIXES = (".cpp", ".hpp", ".ipp", ".h")
READERS = {
    ".cpp": labels.cpp_labels,
    ".hpp": labels.cpp_labels,
    ".py": labels.python_labels,
    ".js": labels.js_labels,
    ".mjs": labels.js_labels,
    ".cjs": labels.js_labels,
}
IGNORED_FOLDERS = {"node_modules", "build", "__pycache__", "corpus", "corpora", "conformance"}


@dataclass
class Clause:
    id: str
    who: str
    feature: str
    paraphrase: str
    excluded: str

    @property
    def concerns_server(self):
        return self.who in ("server", "both")


@dataclass
class Survey:
    clauses: dict = field(default_factory=dict)  # id -> Clause, in the order of the specification
    tests: dict = field(default_factory=lambda: defaultdict(set))  # id -> {(file, case)}
    code: dict = field(default_factory=lambda: defaultdict(list))  # id -> ["file:line"]
    problems: list = field(default_factory=list)
    code_files: int = 0
    test_files: int = 0

    def of(self, specification):
        start = specification + "-"
        return [clause for id_, clause in self.clauses.items() if id_.startswith(start)]

    def untested(self, specification):
        return [
            clause
            for clause in self.of(specification)
            if clause.concerns_server and not clause.excluded and clause.id not in self.tests
        ]


# Reading ----------------------------------------------------------------------------------------


def problem_of_row(row):
    if row["who"] not in ("server", "client", "both", "none"):
        return f"who is \"{row['who']}\": write server, client, both or none"
    if not row["paraphrase"] or len(row["paraphrase"]) > 140:
        return "the paraphrase wants 1 to 140 characters"
    if row["who"] in ("client", "none") and not row["excluded"]:
        return "does not concern the server: say why under excluded"
    return ""


def read_clauses(root, specification, survey):
    path = f"{HERE}/{specification.lower()}.tsv"
    lines = (root / path).read_text(encoding="utf-8").split("\n")
    rows = [(at, line) for at, line in enumerate(lines, 1) if line and not line.startswith("#")]
    names = rows[0][1].split("\t") if rows else []
    for at, line in rows[1:]:
        cells = line.split("\t")
        row = dict(zip(names, cells))
        problem = "has not one cell for each column"
        if len(cells) == len(names):
            problem = problem_of_row(row)
        if not problem and row["id"] in survey.clauses:
            problem = f"{row['id']} stands twice"
        if not problem and not row["id"].startswith(specification + "-"):
            problem = f"{row['id']} belongs to another list"
        if problem:
            survey.problems.append(f"{path}:{at}: {problem}")
            continue
        columns = (row[name] for name in ("id", "who", "feature", "paraphrase", "excluded"))
        survey.clauses[row["id"]] = Clause(*columns)
    if not survey.of(specification):
        survey.problems.append(f"{path}: holds no clause")


def files_below(root, folder, suffixes):
    for parent, folders, names in os.walk(root / folder):
        folders[:] = sorted(set(folders) - IGNORED_FOLDERS)
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix in suffixes:
                text = path.read_text(encoding="utf-8", errors="replace")
                yield path.relative_to(root).as_posix(), text


def read_code(root, survey):
    for folder in CODE_FOLDERS:
        for name, text in files_below(root, folder, CODE_SUFFIXES):
            survey.code_files += 1
            for clause, line in labels.clauses_named(text):
                survey.code[clause].append(f"{name}:{line}")


def read_tests(root, survey):
    for name, text in files_below(root, "tests", READERS):
        found = READERS[Path(name).suffix](text)
        survey.test_files += 1 if found.labels else 0
        survey.problems += [f"{name}:{line}: {sentence}" for line, sentence in found.problems]
        for label in found.labels:
            survey.tests[label.clause].add((name, label.case))
        labelled = {label.clause for label in found.labels}
        for clause, line in labels.clauses_named(text):
            if clause not in survey.clauses and clause not in labelled:
                survey.problems.append(f"{name}:{line}: {unknown(clause)}")


def survey_tree(root):
    survey = Survey()
    for specification in SPECIFICATIONS:
        read_clauses(root, specification, survey)
    read_code(root, survey)
    read_tests(root, survey)
    return survey


# Checking ---------------------------------------------------------------------------------------


def unknown(clause):
    return f"{clause} is in no list of {HERE}: correct the id, of the form MQTT5-3.1.2-22"


def problem_of_exclusion(clause):
    if not clause.concerns_server:
        remedy = "name one that concerns the server, or correct the list"
        return f"{clause.id} {clause.excluded}: {remedy}"
    remedy = "drop the exclusion in the list, or the id here"
    return f"{clause.id} is excluded ({clause.excluded}): {remedy}"


def check_mentions(survey):
    problems = []
    for id_, places in sorted(survey.code.items()):
        clause = survey.clauses.get(id_)
        if clause is None:
            problems += [f"{place}: {unknown(id_)}" for place in places]
        elif clause.excluded:
            problems += [f"{place}: {problem_of_exclusion(clause)}" for place in places]
        elif id_ not in survey.tests:
            problems.append(f"{places[0]}: {id_} has no test: give one the label \"{id_}\"")
    for id_, cases in sorted(survey.tests.items()):
        file, case = min(cases)
        clause = survey.clauses.get(id_)
        if clause is None:
            problems.append(f"{file}: {case}: {unknown(id_)}")
        elif clause.excluded:
            problems.append(f"{file}: {case}: {problem_of_exclusion(clause)}")
    return problems


def check(root, survey, is_complete):
    problems = survey.problems + check_mentions(survey)
    if not survey.code_files:
        problems.append(f"no source file in {', '.join(CODE_FOLDERS)}: is {root} the project?")
    if not survey.tests:
        problems.append(f"no label in {root}/tests: labels.py does not read the tests as they are")
    for specification in SPECIFICATIONS if is_complete else ():
        for clause in survey.untested(specification):
            problems.append(f"{clause.id} has no test: {clause.paraphrase}")
    page = root / PAGE
    if not page.is_file() or page.read_text(encoding="utf-8") != document(survey):
        problems.append(f"{PAGE} is out of date: run {COMMAND}")
    return problems


# The page ---------------------------------------------------------------------------------------

HEADER = f"""# Conformance

> Generated by `{COMMAND}` from the lists of clauses in
> `{HERE}/` and from the labels of the tests. Do not edit: `conformance.py --check` compares this
> page with both.

Each specification numbers its normative statements; here they are called clauses and carry the
version: `MQTT5-3.1.2-22` is [MQTT-3.1.2-22] of MQTT 5.0, `MQTT3-3.1.2-24` is [MQTT-3.1.2-24] of
MQTT 3.1.1. The sentences are paraphrases; the specifications decide. A clause is *covered* when a
test that runs carries it as a label. A clause that binds the client *concerns a server* too where
the server has to notice a violation. File names are relative to `tests/`.
"""


def escaped(text):
    return text.replace("|", "\\|").replace("<", "&lt;").replace("#", "\\#")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def counts(survey, specification):
    clauses = survey.of(specification)
    concerning = [clause for clause in clauses if clause.concerns_server]
    covered = [clause for clause in concerning if clause.id in survey.tests]
    untested = len(survey.untested(specification))
    of_client = len(clauses) - len(concerning)
    excluded = len(concerning) - len(covered) - untested
    return [len(clauses), of_client, len(concerning), len(covered), excluded, untested]


def summary(survey):
    names = [
        "clauses in the specification",
        "that bind the client only",
        "that concern a server",
        "of these: covered by a test",
        "of these: not covered, for a reason given below",
        "of these: NO TEST",
    ]
    columns = [counts(survey, specification) for specification in SPECIFICATIONS]
    rows = [[name] + [str(column[at]) for column in columns] for at, name in enumerate(names)]
    return table(["Number of clauses"] + list(SPECIFICATIONS.values()), rows)


def not_covered(survey):
    parts = ["## Clauses that concern a server and are not covered\n"]
    for specification, title in SPECIFICATIONS.items():
        rows = [
            [clause.id, escaped(clause.paraphrase), escaped(clause.excluded) or "**NO TEST**"]
            for clause in survey.of(specification)
            if clause.concerns_server and clause.id not in survey.tests
        ]
        head = ["Clause", "What it demands", "Why it is not covered"]
        body = table(head, rows) if rows else "None.\n"
        parts.append(f"### {title}\n\n{body}")
    return "\n".join(parts)


def tests_of(survey, clause):
    if clause.id not in survey.tests:
        return escaped(clause.excluded) or "**NO TEST**"
    by_file = defaultdict(list)
    for file, case in sorted(survey.tests[clause.id]):
        by_file[file.removeprefix("tests/")].append(case)
    return "<br>".join(f"`{file}`: {escaped(', '.join(cases))}" for file, cases in by_file.items())


def all_clauses(survey):
    parts = []
    for specification, title in SPECIFICATIONS.items():
        parts.append(f"## {title}: every clause and its tests\n")
        by_feature = defaultdict(list)
        for clause in survey.of(specification):
            by_feature[clause.feature].append(clause)
        for feature, clauses in by_feature.items():
            rows = [
                [clause.id, escaped(clause.paraphrase), tests_of(survey, clause)]
                for clause in clauses
            ]
            body = table(["Clause", "What it demands", "Tests"], rows)
            parts.append(f"### {feature} ({title})\n\n{body}")
    return "\n".join(parts)


def document(survey):
    return "\n".join([HEADER, summary(survey), not_covered(survey), all_clauses(survey)])


# The command ------------------------------------------------------------------------------------


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    home = Path(__file__).resolve().parents[2]
    parser.add_argument("--write", action="store_true", help=f"write {PAGE}")
    parser.add_argument("--check", action="store_true", help="fail when anything disagrees")
    parser.add_argument("--complete", action="store_true", help="with --check: fail for NO TEST")
    parser.add_argument("--missing", action="store_true", help="print the clauses without a test")
    parser.add_argument("--root", type=Path, default=home, help="the project")
    parsed = parser.parse_args()
    if not (parsed.write or parsed.check or parsed.missing):
        parser.error("say --write, --check or --missing")
    return parsed


def main():
    options = arguments()
    survey = survey_tree(options.root)
    if options.write:
        (options.root / PAGE).parent.mkdir(exist_ok=True)
        (options.root / PAGE).write_text(document(survey), encoding="utf-8")
    if options.missing:
        for specification in SPECIFICATIONS:
            for clause in survey.untested(specification):
                print(f"{clause.id}\t{clause.paraphrase}")
    problems = check(options.root, survey, options.complete) if options.check else []
    for problem in problems:
        print(f"conformance: {problem}", file=sys.stderr)
    if options.check and not problems:
        tested = sum(counts(survey, specification)[3] for specification in SPECIFICATIONS)
        print(f"conformance: {tested} clauses covered by labels in {survey.test_files} test files")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
