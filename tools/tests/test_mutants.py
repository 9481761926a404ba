"""The list of mutants is that of the page, and of lines that are in the sources."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/mutants"))

import run as mutants_run  # noqa: E402
from mutants import MUTANTS  # noqa: E402


class Mutants(unittest.TestCase):
    def test_the_page_shows_what_there_is(self):
        page = (ROOT / "tests/mutants/table.md").read_text()
        self.assertEqual(page, mutants_run.table() + "\n", "bring it up to date: tests/mutants/run.py --list >tests/mutants/table.md")

    def test_each_line_that_a_mutant_changes_is_in_its_source_once(self):
        for mutant in MUTANTS:
            with self.subTest(mutant.name):
                self.assertEqual((ROOT / mutant.file).read_text().count(mutant.old), 1)
                self.assertIn("SWITCH", mutant.new)


if __name__ == "__main__":
    unittest.main()
