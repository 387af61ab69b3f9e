"""Finds the clauses that tests claim to cover and those that code names.

Three kinds of test are read: Boost.Test (`*label("MQTT5-3.1.0-2")`), Python
(`@clause("MQTT5-3.1.0-2")`, or a comment of that form above a function) and JavaScript
(`// clause: MQTT5-3.1.0-2` above a test).

A label of a test that does not run (disabled, skipped, commented out, under #if 0) is not returned.
A label that belongs to no test is a problem, never silence.
"""

import ast
import io
import re
import tokenize
from dataclasses import dataclass, field

# Anything that means to be a clause id; whether it is one, the lists of conformance.py say.
CLAUSE_LIKE = re.compile(r"\bMQTT[35]-\d+(?:\.\d+)*(?:-\d+)?|\bMQTT\d*(?:\.\d+)*-\d+\.\d+\.\d+-\d+")

MEANS_A_CLAUSE = re.compile(r"MQTT[\d.]*-", re.I)


@dataclass(frozen=True)
class Label:
    clause: str
    line: int
    case: str


@dataclass
class Found:
    labels: list = field(default_factory=list)
    problems: list = field(default_factory=list)  # (line, sentence)


def line_at(text, position):
    return text.count("\n", 0, position) + 1


def clauses_named(text):
    """Every clause-like word of a file, with its line, wherever it stands."""
    return [(match.group(), line_at(text, match.start())) for match in CLAUSE_LIKE.finditer(text)]


# C++ --------------------------------------------------------------------------------------------

CPP_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<char>(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])*')""",
    re.S | re.X,
)
CPP_TEST = re.compile(r"\b(BOOST_(?:TEST_DECORATOR|\w*TEST_(?:CASE|SUITE)\w*))\s*\(")
CPP_LABEL = re.compile(r'\blabel\s*\(\s*"([^"]*)"')
CPP_DISABLED = re.compile(r"\bdisabled\s*\(\s*\)|\benable_if\s*<\s*false\s*>")
CPP_ENABLED = re.compile(r"\benabled\s*\(\s*\)|\benable_if\s*<\s*true\s*>")
DEFINE = re.compile(r"^[ \t]*#[ \t]*define\b(?:[^\n]*\\\n)*[^\n]*", re.M)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    def replace(match):
        is_dead = match.group("comment") or match.group("raw")
        return blank(match.group()) if is_dead else match.group()

    return CPP_TOKEN.sub(replace, text)


def without_strings(text):
    return CPP_TOKEN.sub(lambda match: blank(match.group()), text)


def without_dead_code(text):
    """Blanks what stands between `#if 0` and its #else, #elif or #endif."""
    kept, dead_at, depth = [], None, 0
    for line in text.split("\n"):
        directive = re.match(r"\s*#\s*(if|ifdef|ifndef|else|elif|endif)\b\s*(.*)", line)
        word = directive.group(1) if directive else ""
        if word.startswith("if"):
            depth += 1
            if word == "if" and dead_at is None and directive.group(2).strip() in ("0", "false"):
                dead_at = depth
        elif word in ("else", "elif") and dead_at == depth:
            dead_at = None
        elif word == "endif":
            dead_at = None if dead_at == depth else dead_at
            depth -= 1
        kept.append(line if dead_at is None else blank(line))
    return "\n".join(kept)


def closing_bracket(masked, start):
    depth = 0
    for position in range(start, len(masked)):
        depth += {"(": 1, ")": -1}.get(masked[position], 0)
        if depth == 0:
            return position
    return len(masked)


@dataclass
class Suite:
    name: str = ""
    labels: list = field(default_factory=list)
    is_disabled: bool = False
    cases: int = 0


class CppReader:
    """Walks the test macros of one file in order; suites nest, a decorator waits for its test."""

    def __init__(self, text):
        self.text = without_dead_code(without_comments(text))
        self.masked = DEFINE.sub(lambda match: blank(match.group()), without_strings(self.text))
        self.found = Found()
        self.suites = [Suite()]
        self.waiting = ""
        self.waiting_labels = []
        self.used = set()

    def read(self):
        for match in CPP_TEST.finditer(self.masked):
            start, end = match.end(), closing_bracket(self.masked, match.end() - 1)
            self.on_macro(match.group(1), start, end)
        while len(self.suites) > 1:
            self.end_suite()
        for match in CPP_LABEL.finditer(self.text):
            if match.start() not in self.used and MEANS_A_CLAUSE.match(match.group(1)):
                message = f'label("{match.group(1)}") belongs to no test case known to labels.py'
                self.found.problems.append((line_at(self.text, match.start()), message))
        return self.found

    def on_macro(self, macro, start, end):
        if macro.endswith("SUITE_END"):
            self.end_suite()
            return
        if macro.endswith("EXPECTED_FAILURES"):
            return
        labels = self.labels_between(start, end)
        arguments = self.waiting + self.text[start:end]
        if macro == "BOOST_TEST_DECORATOR":
            self.waiting = arguments
            self.waiting_labels = labels
            return
        if self.waiting:
            labels = self.waiting_labels + labels
            self.waiting = ""
        words = self.text[start:end].split(",")
        name = words[1 if macro.endswith("CASE_F") and len(words) > 1 else 0].strip()
        self.on_test("SUITE" in macro, name, labels, arguments)

    def on_test(self, is_suite, name, labels, arguments):
        is_disabled = bool(CPP_DISABLED.search(arguments))
        if self.suites[-1].is_disabled and not CPP_ENABLED.search(arguments):
            is_disabled = True
        if is_suite:
            self.suites.append(Suite(name, labels, is_disabled))
        elif not is_disabled:
            self.suites[-1].cases += 1
            self.add(labels, name)

    def end_suite(self):
        if len(self.suites) == 1:
            return
        suite = self.suites.pop()
        if suite.cases:
            self.add(suite.labels, f"suite {suite.name}")
        self.suites[-1].cases += suite.cases

    def labels_between(self, start, end):
        matches = list(CPP_LABEL.finditer(self.text, start, end))
        self.used.update(match.start() for match in matches)
        return [(match.group(1), line_at(self.text, match.start())) for match in matches]

    def add(self, labels, name):
        self.found.labels += [
            Label(clause, line, name) for clause, line in labels if MEANS_A_CLAUSE.match(clause)
        ]


def cpp_labels(text):
    return CppReader(text).read()


# Python -----------------------------------------------------------------------------------------

SKIPS = {"skip", "disabled", "xfail", "expectedFailure"}
PYTHON_COMMENT = re.compile(r"#\s*(?:@clause\((?P<call>.*)\)|clause:(?P<list>.*))\s*$")
PYTHON_DEFINITION = re.compile(r"#?\s*(?:async\s+)?(?:def|class)\s+(\w+)")


def decorator_name(node):
    target = node.func if isinstance(node, ast.Call) else node
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


class PythonReader(ast.NodeVisitor):
    def __init__(self):
        self.found = Found()
        self.live = []  # (first line, last line, name, is_disabled) of each function and class
        self.is_disabled = False

    def visit_definition(self, node):
        outer = self.is_disabled
        names = [decorator_name(decorator) for decorator in node.decorator_list]
        self.is_disabled = outer or any(name in SKIPS for name in names)
        first = min([node.lineno] + [decorator.lineno for decorator in node.decorator_list])
        self.live.append((first, node.end_lineno, node.name, self.is_disabled))
        for decorator in node.decorator_list:
            if decorator_name(decorator) == "clause" and not self.is_disabled:
                self.on_clause(decorator, node.name)
        self.generic_visit(node)
        self.is_disabled = outer

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_definition

    def on_clause(self, decorator, name):
        arguments = decorator.args if isinstance(decorator, ast.Call) else []
        texts = [node.value for node in arguments if isinstance(node, ast.Constant)]
        if not texts or len(texts) != len(arguments):
            problem = "@clause wants clause ids as literal strings"
            self.found.problems.append((decorator.lineno, problem))
        self.found.labels += [Label(str(text), decorator.lineno, name) for text in texts]

    def on_comment(self, line, ids, lines):
        """Inside a function the comment is that function's; else it is the next definition's."""
        for text in lines[line:]:
            if text.strip().startswith("#") and PYTHON_DEFINITION.match(text.strip()):
                return  # the whole test is commented out
            if text.strip() and not text.strip().startswith("#"):
                break
        around = [entry for entry in self.live if entry[0] <= line <= entry[1]]
        after = sorted(entry for entry in self.live if entry[0] > line)
        owner = around[-1] if around else after[0] if after else None
        if owner is None:
            self.found.problems.append((line, "a clause comment belongs to no function"))
        elif not owner[3]:
            self.found.labels += [Label(clause, line, owner[2]) for clause in ids]


def python_labels(text):
    reader = PythonReader()
    try:
        reader.visit(ast.parse(text))
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, tokenize.TokenError) as error:
        line = getattr(error, "lineno", None) or 1
        reader.found.problems.append((line, f"is no Python: {error}"))
        return reader.found
    lines = text.split("\n")
    for token in tokens:
        match = token.type == tokenize.COMMENT and PYTHON_COMMENT.match(token.string)
        if match:
            ids = re.findall(r"[^\s,\"']+", match.group("call") or match.group("list") or "")
            reader.on_comment(token.start[0], ids, lines)
    return reader.found


# JavaScript -------------------------------------------------------------------------------------

JS_COMMENT = re.compile(r"^\s*//\s*clause:(.*)$")
JS_TEST = re.compile(
    r"""\b(?P<call>x?(?:test|it|scenario))(?P<mode>\.\w+)?
        \s*\(\s*(?P<quote>["'`])(?P<title>.*?)(?P=quote)(?P<rest>.*)
      | \bfunction\s+(?P<function>\w+)\s*\(
      | \b(?:const|let)\s+(?P<constant>\w+)\s*=\s*(?:async\s*)?(?:\(|function\b)""",
    re.X,
)


def js_test(line):
    """(name, does it run) of the test that a line begins, or None."""
    match = JS_TEST.search(line)
    if not match:
        return None
    name = match.group("title") or match.group("function") or match.group("constant")
    is_skipped = (
        (match.group("call") or "").startswith("x")
        or match.group("mode") in (".skip", ".todo")
        or bool(re.search(r"\b(?:skip|todo)\s*:", match.group("rest") or ""))
    )
    return name, not is_skipped


def js_owner(lines, index):
    """The test below a comment, or the one around it; None when that test is itself a comment."""
    for line in lines[index + 1 :]:
        text = line.strip()
        if text.startswith("//"):
            if js_test(text):
                return None
        elif text:
            if js_test(text):
                return js_test(text)
            break
    for line in reversed(lines[:index]):
        if js_test(line) and not line.strip().startswith("//"):
            return js_test(line)
    return "whole file", True


def js_labels(text):
    text = re.sub(r"/\*.*?\*/", lambda match: blank(match.group()), text, flags=re.S)
    lines = text.split("\n")
    found = Found()
    for index, line in enumerate(lines):
        match = JS_COMMENT.match(line)
        owner = match and js_owner(lines, index)
        if owner and owner[1]:
            ids = re.findall(r"[^\s,]+", match.group(1))
            found.labels += [Label(clause, index + 1, owner[0]) for clause in ids]
    return found
