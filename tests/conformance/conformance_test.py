#!/usr/bin/env python3
"""Tests of the collector itself: it finds what is there, and cannot find nothing and pass."""

import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import conformance  # noqa: E402
import labels  # noqa: E402

COLUMNS = "id\twho\tfeature\tparaphrase\texcluded\n"
CLAUSES = {
    "mqtt3": COLUMNS + "MQTT3-3.12.4-1\tserver\tPINGREQ\tPINGREQ is answered.\t\n",
    "mqtt5": COLUMNS
    + "MQTT5-3.1.0-2\tserver\tCONNECT\tA second CONNECT is an error.\t\n"
    + "MQTT5-3.1.2-20\tclient\tKeep alive\tA client sends PINGREQ.\tbinds the client only\n"
    + "MQTT5-6.0.0-4\tserver\tWebSocket\tThe subprotocol is mqtt.\tno WebSocket yet\n",
}
ENFORCED = "int refuse();  // [MQTT5-3.1.0-2]\n"
TESTED = 'BOOST_AUTO_TEST_CASE(refuses, *label("MQTT5-3.1.0-2")) {}\n'


def pairs(found):
    return sorted((label.clause, label.case) for label in found.labels)


class CppLabels(unittest.TestCase):
    def of(self, text):
        found = labels.cpp_labels(text)
        self.assertEqual(found.problems, [])
        return pairs(found)

    def test_finds_one_label(self):
        self.assertEqual(self.of(TESTED), [("MQTT5-3.1.0-2", "refuses")])

    def test_finds_several_labels_over_lines_and_leaves_others_alone(self):
        text = """BOOST_FIXTURE_TEST_CASE(
            answers, Broker,
            *boost::unit_test::label("MQTT5-3.8.4-1")
            * boost::unit_test::label( "MQTT3-3.8.4-1" ) * label("slow") * label("API-14")) {}"""
        expected = [("MQTT3-3.8.4-1", "answers"), ("MQTT5-3.8.4-1", "answers")]
        self.assertEqual(self.of(text), expected)

    def test_finds_the_name_in_every_kind_of_case(self):
        text = """
        BOOST_TEST_DECORATOR(*label("MQTT5-1.5.4-1"))
        BOOST_DATA_TEST_CASE(decodes, data::make(cases), example) {}
        BOOST_TEST_DECORATOR(* label("MQTT5-1.5.4-2"))
        BOOST_DATA_TEST_CASE_F(Broker, encodes, data::make(cases), example) {}
        BOOST_AUTO_TEST_CASE_TEMPLATE(both, T, Types, *label("MQTT5-1.5.4-3")) {}"""
        self.assertEqual(
            self.of(text),
            [("MQTT5-1.5.4-1", "decodes"), ("MQTT5-1.5.4-2", "encodes"), ("MQTT5-1.5.4-3", "both")],
        )

    def test_a_decorator_belongs_to_one_case_only(self):
        text = """BOOST_TEST_DECORATOR(*disabled() * label("MQTT5-1.5.4-1"))
        BOOST_AUTO_TEST_CASE(off) {}
        BOOST_AUTO_TEST_CASE(on, *label("MQTT5-1.5.4-2")) {}"""
        self.assertEqual(self.of(text), [("MQTT5-1.5.4-2", "on")])

    def test_disabled_cases_do_not_count(self):
        for decorator in ("*disabled()", "*boost::unit_test::disabled( )", "*enable_if<false>()"):
            text = f'BOOST_AUTO_TEST_CASE(off, {decorator} *label("MQTT5-3.1.0-2")) {{}}'
            self.assertEqual(self.of(text), [], decorator)

    def test_disabled_suites_do_not_count_but_their_enabled_cases_do(self):
        text = """BOOST_AUTO_TEST_SUITE(off, *disabled())
        BOOST_AUTO_TEST_SUITE(inner)
        BOOST_AUTO_TEST_CASE(one, *label("MQTT5-3.1.0-1")) {}
        BOOST_AUTO_TEST_SUITE_END()
        BOOST_AUTO_TEST_CASE(two, *enabled() *label("MQTT5-3.1.0-2")) {}
        BOOST_AUTO_TEST_SUITE_END()
        BOOST_AUTO_TEST_CASE(three, *label("MQTT5-3.1.2-1")) {}"""
        self.assertEqual(self.of(text), [("MQTT5-3.1.0-2", "two"), ("MQTT5-3.1.2-1", "three")])

    def test_the_label_of_a_suite_wants_a_case_that_runs(self):
        text = 'BOOST_AUTO_TEST_SUITE(ping, *label("MQTT5-3.12.4-1"))\n%s\n'
        text += "BOOST_AUTO_TEST_SUITE_END()"
        self.assertEqual(self.of(text % ""), [])
        self.assertEqual(self.of(text % "BOOST_AUTO_TEST_CASE(off, *disabled()) {}"), [])
        self.assertEqual(
            self.of(text % "BOOST_AUTO_TEST_CASE(on) {}"), [("MQTT5-3.12.4-1", "suite ping")]
        )

    def test_what_is_not_compiled_does_not_count(self):
        for dead in ("// %s", "/* %s */", "#if 0\n%s\n#endif", 'auto text = R"(%s)";'):
            self.assertEqual(self.of(dead % TESTED.strip()), [], dead)

    def test_the_else_of_if_0_is_compiled(self):
        text = f"#if 0\n#ifdef X\n#else\nint a;\n#endif\n#else\n{TESTED}#endif\n"
        self.assertEqual(self.of(text), [("MQTT5-3.1.0-2", "refuses")])

    def test_brackets_and_slashes_in_strings_confuse_nobody(self):
        text = 'auto a = "//)("; char b = \'"\'; auto c = 1\'000;\n' + TESTED
        self.assertEqual(self.of(text), [("MQTT5-3.1.0-2", "refuses")])

    def test_a_label_of_no_case_is_a_problem(self):
        stray = 'auto all = label("MQTT5-3.1.0-2");'
        define = '#define T(name) MY_CASE(name, *label("MQTT5-3.1.0-2"))\nT(x) {}'
        for text in (stray, define):
            found = labels.cpp_labels(text)
            self.assertEqual((found.labels, len(found.problems)), ([], 1), text)


class PythonLabels(unittest.TestCase):
    def of(self, text):
        found = labels.python_labels(text)
        self.assertEqual(found.problems, [])
        return pairs(found)

    def test_finds_decorators_of_functions_coroutines_and_classes(self):
        text = """
@clause("MQTT5-3.1.0-2", "MQTT3-3.1.0-2")
def test_second_connect(): pass

@scenario.clause("MQTT5-3.12.4-1")
async def test_ping(): pass

@clause("MQTT5-4.7.2-1")
class Topics:
    @clause("MQTT5-4.7.3-1")
    def test_empty(self): pass
"""
        self.assertEqual(
            self.of(text),
            [
                ("MQTT3-3.1.0-2", "test_second_connect"),
                ("MQTT5-3.1.0-2", "test_second_connect"),
                ("MQTT5-3.12.4-1", "test_ping"),
                ("MQTT5-4.7.2-1", "Topics"),
                ("MQTT5-4.7.3-1", "test_empty"),
            ],
        )

    def test_finds_comments_above_and_inside_a_function(self):
        text = """
# @clause("MQTT5-3.1.0-2", "MQTT3-3.1.0-2")
# A word of explanation.
def test_second_connect():
    # clause: MQTT5-3.1.0-1
    pass
"""
        self.assertEqual(
            self.of(text),
            [
                ("MQTT3-3.1.0-2", "test_second_connect"),
                ("MQTT5-3.1.0-1", "test_second_connect"),
                ("MQTT5-3.1.0-2", "test_second_connect"),
            ],
        )

    def test_skipped_tests_do_not_count(self):
        test = '@clause("MQTT5-3.1.0-2")\ndef test_x():\n    # clause: MQTT5-3.1.0-1\n    pass\n'
        for skip in ('@unittest.skip("later")', "@mark.skip", "@disabled", "@expectedFailure"):
            self.assertEqual(self.of(f"{skip}\n{test}"), [], skip)
        inner = '    @clause("MQTT5-3.1.0-2")\n    def test_x(self): pass\n'
        self.assertEqual(self.of(f'@skip("later")\nclass A:\n{inner}'), [])

    def test_tests_that_are_comments_or_strings_do_not_count(self):
        test = '@clause("MQTT5-3.1.0-2")\ndef test_x(): pass\n'
        commented = "".join(f"# {line}\n" for line in test.splitlines())
        self.assertEqual(self.of(commented + "def test_y(): pass\n"), [])
        self.assertEqual(self.of(f"text = '''\n{test}'''\n"), [])

    def test_what_cannot_be_read_is_a_problem(self):
        stray = "x = 1  # clause: MQTT5-3.1.0-2\n"
        for text in ("def broken(:\n", "@clause(ids)\ndef test_x(): pass\n", stray):
            found = labels.python_labels(text)
            self.assertEqual((found.labels, len(found.problems)), ([], 1), text)


class JsLabels(unittest.TestCase):
    def of(self, text):
        return pairs(labels.js_labels(text))

    def test_finds_the_test_below_or_around(self):
        text = """
// clause: MQTT5-3.1.0-2, MQTT3-3.1.0-2
test("second connect", async () => {});
async function pings() {
  // clause: MQTT5-3.12.4-1
}
"""
        self.assertEqual(
            self.of(text),
            [
                ("MQTT3-3.1.0-2", "second connect"),
                ("MQTT5-3.1.0-2", "second connect"),
                ("MQTT5-3.12.4-1", "pings"),
            ],
        )

    def test_a_clause_without_a_test_function_covers_the_file(self):
        found = self.of("// clause: MQTT5-3.1.0-2\nrun();\n")
        self.assertEqual(found, [("MQTT5-3.1.0-2", "whole file")])

    def test_tests_that_do_not_run_do_not_count(self):
        skipped = ('test.skip("a", f)', 'xit("a", f)', 'test("a", {skip: true}, f)')
        for test in (*skipped, '// test("a", f)'):
            self.assertEqual(self.of(f"// clause: MQTT5-3.1.0-2\n{test};\n"), [], test)
        self.assertEqual(self.of('/*\n// clause: MQTT5-3.1.0-2\ntest("a", f);\n*/\n'), [])


class Words(unittest.TestCase):
    def of(self, text):
        return [clause for clause, _ in labels.clauses_named(text)]

    def test_finds_clauses_in_comments_and_strings(self):
        text = '// [MQTT5-3.1.2-22] [MQTT3-3.1.2-24]\nViolation{code, "MQTT5-4.13.1-1"};'
        self.assertEqual(self.of(text), ["MQTT5-3.1.2-22", "MQTT3-3.1.2-24", "MQTT5-4.13.1-1"])

    def test_finds_ids_that_are_nearly_right(self):
        found = self.of("// [MQTT-3.1.2-22] MQTT5-3.1.2")
        self.assertEqual(found, ["MQTT-3.1.2-22", "MQTT5-3.1.2"])

    def test_leaves_prose_alone(self):
        self.assertEqual(self.of("MQTT 5 section 3.1.2, an MQTT-3.1.1 client, MQTT-SN"), [])


class Project(unittest.TestCase):
    """A whole small project in a temporary folder."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for name, text in CLAUSES.items():
            self.put(f"tests/conformance/{name}.tsv", text)
        self.put("broker/session/connection.cpp", ENFORCED)
        self.put("tests/unit/session/connection_test.cpp", TESTED)

    def put(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def write_page(self):
        self.put("docs/conformance.md", conformance.document(conformance.survey_tree(self.root)))

    def problems(self, is_complete=False):
        self.write_page()
        return conformance.check(self.root, conformance.survey_tree(self.root), is_complete)

    def assert_one_problem(self, *words):
        problems = self.problems()
        self.assertEqual(len(problems), 1, problems)
        for word in words:
            self.assertIn(word, problems[0])

    def test_passes_when_all_agree(self):
        self.assertEqual(self.problems(), [])

    def test_complete_fails_for_a_clause_without_a_test(self):
        problems = self.problems(is_complete=True)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn("MQTT3-3.12.4-1 has no test", problems[0])

    def test_fails_for_an_unknown_label(self):
        self.put("tests/unit/a_test.cpp", TESTED.replace("3.1.0-2", "3.1.0-9"))
        self.assert_one_problem("tests/unit/a_test.cpp: refuses", "MQTT5-3.1.0-9")

    def test_fails_for_a_label_without_a_version(self):
        self.put("tests/unit/a_test.cpp", TESTED.replace("MQTT5-", "MQTT-"))
        self.assert_one_problem("MQTT-3.1.0-2")

    def test_fails_for_an_unknown_clause_in_the_code(self):
        self.put("store/log.cpp", "// [MQTT5-3.1.0-9]\n")
        self.assert_one_problem("store/log.cpp:1", "MQTT5-3.1.0-9")

    def test_fails_for_a_clause_in_the_code_without_a_test(self):
        self.put("api/routes.hpp", "\n// [MQTT3-3.12.4-1]\n")
        self.assert_one_problem("api/routes.hpp:2", "MQTT3-3.12.4-1", "label")

    def test_fails_when_the_only_test_is_disabled(self):
        disabled = TESTED.replace("*label", "*disabled() *label")
        self.put("tests/unit/session/connection_test.cpp", disabled)
        problems = "\n".join(self.problems())
        self.assertIn("MQTT5-3.1.0-2 has no test", problems)
        self.assertIn("no label", problems)

    def test_fails_for_a_label_of_an_excluded_clause(self):
        self.put("tests/unit/a_test.cpp", TESTED.replace("3.1.0-2", "6.0.0-4"))
        self.assert_one_problem("MQTT5-6.0.0-4", "drop the exclusion")

    def test_fails_for_a_label_of_a_clause_of_the_client(self):
        self.put("tests/unit/a_test.cpp", TESTED.replace("3.1.0-2", "3.1.2-20"))
        self.assert_one_problem("MQTT5-3.1.2-20", "binds the client only")

    def test_fails_for_a_stray_label(self):
        self.put("tests/support/labels.hpp", 'const auto all = label("MQTT5-3.1.0-2");\n')
        self.assert_one_problem("tests/support/labels.hpp:1", "belongs to no test case")

    def test_fails_when_the_page_is_old_or_missing(self):
        self.write_page()
        self.put("tests/scenario/ping.py", '@clause("MQTT3-3.12.4-1")\ndef test_ping(): pass\n')
        for _ in range(2):
            problems = conformance.check(self.root, conformance.survey_tree(self.root), False)
            self.assertEqual(len(problems), 1, problems)
            self.assertIn("docs/conformance.md is out of date: run", problems[0])
            (self.root / "docs/conformance.md").unlink(missing_ok=True)

    def test_fails_when_no_label_matches(self):
        self.put("broker/session/connection.cpp", "int refuse();\n")
        self.put("tests/unit/session/connection_test.cpp", "int main() {}\n")
        self.assert_one_problem("no label in")

    def test_fails_when_no_source_file_matches(self):
        (self.root / "broker/session/connection.cpp").rename(self.root / "connection.cpp")
        self.assert_one_problem("no source file")

    def test_fails_for_a_list_without_clauses(self):
        self.put("tests/conformance/mqtt3.tsv", "# nothing\n")
        self.assert_one_problem("mqtt3.tsv: holds no clause")

    def test_fails_for_rows_that_are_wrong(self):
        row = "MQTT3-3.12.4-1\tserver\tPINGREQ\tPINGREQ is answered.\t\n"
        other = "MQTT3-3.1.0-1\tserver\tCONNECT\tCONNECT is first.\t\n"
        wrong = {
            row: "stands twice",
            other.replace("server", "broker"): "who is",
            other.replace("server", "client"): "say why",
            other.replace("CONNECT is first.", "x" * 141): "140 characters",
            other.replace("MQTT3", "MQTT5"): "belongs to another list",
            other.replace("\t\n", "\n"): "one cell for each column",
        }
        for line, word in wrong.items():
            self.put("tests/conformance/mqtt3.tsv", COLUMNS + row + line)
            self.assert_one_problem("mqtt3.tsv:3", word)

    def test_the_page_counts_and_names_what_is_missing(self):
        page = conformance.document(conformance.survey_tree(self.root))
        self.assertIn("| clauses in the specification | 1 | 3 |", page)
        self.assertIn("| that concern a server | 1 | 2 |", page)
        self.assertIn("| of these: covered by a test | 0 | 1 |", page)
        self.assertIn("| MQTT3-3.12.4-1 | PINGREQ is answered. | **NO TEST** |", page)
        self.assertIn("| MQTT5-6.0.0-4 | The subprotocol is mqtt. | no WebSocket yet |", page)
        self.assertIn("`unit/session/connection_test.cpp`: refuses", page)


class Lists(unittest.TestCase):
    """The real lists: complete, and their references lead somewhere."""

    def setUp(self):
        self.survey = conformance.Survey()
        for specification in conformance.SPECIFICATIONS:
            conformance.read_clauses(HERE.parents[1], specification, self.survey)

    def test_have_no_problem_and_every_clause(self):
        self.assertEqual(self.survey.problems, [])
        self.assertEqual(len(self.survey.of("MQTT3")), 141)
        self.assertEqual(len(self.survey.of("MQTT5")), 251)

    def test_are_numbered_without_gaps(self):
        numbers = {}
        for id_ in self.survey.clauses:
            section, number = id_.rsplit("-", 1)
            numbers.setdefault(section, []).append(int(number))
        numbers["MQTT5-2.2.1"].append(1)  # the specification itself begins with 2 there
        for section, found in numbers.items():
            self.assertEqual(sorted(found), list(range(1, len(found) + 1)), section)

    def test_counterparts_exist(self):
        lines = (HERE / "mqtt5.tsv").read_text(encoding="utf-8").split("\n")
        rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
        column = rows[0].index("mqtt3")
        counterparts = {id_ for row in rows[1:] for id_ in row[column].split()}
        self.assertGreater(len(counterparts), 100)
        self.assertEqual(counterparts - set(self.survey.clauses), set())


if __name__ == "__main__":
    unittest.main()
