"""The runner of the cases reads them as they are written, and finds what does not hold."""

import gzip
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import run  # noqa: E402 - it makes the other folders importable
import case_file  # noqa: E402
import case_run  # noqa: E402

TEXT = """\
# What it proves.

=== pipeline
pipeline: case

=== input a.ndjson
{"id": 1}


{"id": 2}

=== rows t.rows
{"id": 1}
{"id": 2}

=== then

=== input b.ndjson

=== exit 1

=== error
error: a <...> b
"""


def stage_of(text):
    return case_file.parse(text, "x.test").stages[0]


def seen(**texts):
    """What was seen: kind__table with underscores for dots."""
    keys = {("exit", ""): ["0"], ("error", ""): []}
    for key, lines in texts.items():
        kind, _, table = key.partition("__")
        keys[kind, table.replace("_", ".")] = lines
    return case_run.Seen(keys, {}, [], [])


class CaseFiles(unittest.TestCase):
    def test_what_is_read_is_written_again(self):
        self.assertEqual(case_file.as_text(case_file.parse(TEXT, "x.test")), TEXT)

    def test_stages_sections_and_the_layout_line(self):
        first, second = case_file.parse(TEXT, "x.test").stages
        self.assertEqual(case_file.input_of(first.find("input")).plain, b'{"id": 1}\n\n\n{"id": 2}\n')
        self.assertEqual(first.find("rows", "t.rows").lines, ['{"id": 1}', '{"id": 2}'])
        self.assertEqual((first.find("exit").lines, second.find("exit").lines), (["0"], ["1"]))

    def test_unknown_sections_and_options_are_errors(self):
        with self.assertRaisesRegex(ValueError, "x.test:1: there is no section 'rwos'"):
            case_file.parse("=== rwos t.rows\n", "x.test")
        with self.assertRaisesRegex(ValueError, "unknown options"):
            case_file.input_of(case_file.Section("input", "a gzp", []))

    def test_escapes(self):
        escaped = case_file.Section("input", "a escaped", [r"\x00\xFF\r\t\\n\{3:ab}", r"end\ ".rstrip()])
        self.assertEqual(case_file.input_of(escaped).plain, b"\x00\xff\r\t\\nababab\nend")
        with self.assertRaisesRegex(ValueError, "no escape"):
            case_file.input_of(case_file.Section("input", "a escaped", [r"\q"]))

    def test_encodings(self):
        given = case_file.input_of(case_file.Section("input", "a encoding=utf-16le", ["é"]))
        self.assertEqual((given.stored, given.plain), ("é\n".encode("utf-16le"), "é\n".encode()))

    def test_compression_and_cuts(self):
        given = case_file.input_of(case_file.Section("input", "a.gz gzip cut=3", ["x"]))
        self.assertEqual(given.stored, gzip.compress(b"x\n", mtime=0)[:-3])
        self.assertEqual(given.plain, b"x\n")


class Differences(unittest.TestCase):
    def problems(self, text, found):
        return run.differences(stage_of(text), found)

    def test_what_holds_has_none(self):
        text = "=== rows t.rows\n1\n2\n\n=== error\ntook <...> ms\n"
        self.assertEqual(self.problems(text, seen(rows__t_rows=["1", "2"], error=["took 12 ms"])), [])

    def test_each_kind_of_difference_is_found(self):
        rows = "=== rows t.rows\n1\n2\n"
        for text, found in (
            (rows, seen(rows__t_rows=["1"])),  # a gap
            (rows, seen(rows__t_rows=["1", "2", "2"])),  # a duplicate
            (rows, seen(rows__t_rows=["1", "3"])),  # an altered row
            (rows, seen()),  # no table
            ("", seen(rows__t_rows=["1"])),  # a table that nobody expects
            ("", seen(rejects__t_bad=["x"])),
            ("", seen(exit=["1"])),
            ("", seen(error=["error: x"])),
            ("=== error\ntook <...> ms\n", seen(error=["took 12 s"])),
            ("=== summary t.rows\nweir.rule.x.broken 1\n", seen(summary__t_rows=[])),
        ):
            self.assertTrue(self.problems(text, found), text)

    def test_what_a_restart_changed_is_found(self):
        before = case_run.Seen({}, {"t.rows": ["1", "2"]}, [], [])
        for rows in ({"t.rows": ["1"]}, {"t.rows": ["1", "2", "2"]}, {}, {"t.rows": ["1", "2"], "t.bad": ["x"]}):
            self.assertTrue(run.changes("kill", before, case_run.Seen({}, rows, [], [])), rows)
        self.assertEqual(run.changes("kill", before, before), [])

    def test_paths_may_be_absolute_when_the_process_ran_elsewhere(self):
        stage = stage_of("=== error\nerror: pipeline.yaml:1:1: x\n")
        found = seen(error=["error: DIR/pipeline.yaml:1:1: x"])
        self.assertTrue(run.differences(stage, found))
        self.assertEqual(run.differences(stage, found, case_run.SURROUNDINGS[1]), [])

    def test_update_keeps_placeholders_that_fit(self):
        stage = stage_of("=== error\na <...> b\nold\n")
        run.update(stage, seen(error=["a 1 b", "new"], rows__t_rows=["1"], rejects__t_bad=[]))
        self.assertEqual(stage.find("error").lines, ["a <...> b", "new"])
        self.assertEqual(stage.find("rows", "t.rows").lines, ["1"])
        self.assertIsNone(stage.find("rejects"))


if __name__ == "__main__":
    unittest.main()
