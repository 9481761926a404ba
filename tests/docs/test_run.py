"""The runner of the documentation's commands finds what does not hold."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import run  # noqa: E402

DOC = """\
# A page

```yaml file=a/x.yaml
key: 1
```

<!-- run: export GREETING=hello -->

```sh run
# a comment
cat a/x.yaml   # and another
```

```
not run: false
```

```console
$ echo $GREETING; echo tail
hello
...
$ false
[1]
```
"""


class StepsOfAPage(unittest.TestCase):
    def test_commands_files_and_outputs_in_order(self):
        steps = run.steps_of(DOC)
        wanted = [(3, "a/x.yaml"), (7, "export GREETING=hello"), (11, "cat a/x.yaml   # and another"), (19, "echo $GREETING; echo tail"), (22, "false")]
        self.assertEqual([(step.line, step.command or step.file) for step in steps], wanted)
        self.assertEqual((steps[0].file, steps[0].content), ("a/x.yaml", "key: 1\n"))
        self.assertEqual((steps[3].wanted, steps[3].code), (["hello", "..."], 0))
        self.assertEqual((steps[4].wanted, steps[4].code), ([], 1))


class Outputs(unittest.TestCase):
    def test_dots_stand_for_lines_and_for_parts_of_one(self):
        self.assertTrue(run.fits(["a", "...", "z"], ["a", "b", "c", "z"]))
        self.assertTrue(run.fits(["a", "...", "z"], ["a", "z"]))
        self.assertTrue(run.fits(["took ... ms"], ["took 12 ms"]))
        self.assertTrue(run.fits([], []))

    def test_anything_else_is_a_difference(self):
        self.assertFalse(run.fits(["a"], ["a", "b"]))
        self.assertFalse(run.fits(["a", "b"], ["a"]))
        self.assertFalse(run.fits(["took ... ms"], ["took 12 s"]))
        self.assertFalse(run.fits([], ["a"]))
        self.assertFalse(run.fits(["a.b"], ["axb"]))


class Pages(unittest.TestCase):
    def outcome(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page.md"
            path.write_text(text)
            return run.run_file(path, Path(sys.executable))

    def test_a_page_that_holds(self):
        self.assertEqual(self.outcome(DOC), (4, []))

    def test_a_command_that_fails_and_an_output_that_differs(self):
        for text, wanted in (
            ("```sh run\ntrue\nfalse\n```\n", "page.md:3: false"),
            ("```console\n$ echo a\nb\n```\n", "page.md:2: echo a"),
            ("```console\n$ true\n[1]\n```\n", "exit code 0, not 1"),
            ("```sh run\nexit 0\n```\n", "the shell ended"),
        ):
            commands, failures = self.outcome(text)
            self.assertEqual(len(failures), 1, text)
            self.assertIn(wanted, failures[0])

    def test_a_page_without_commands_is_left_alone(self):
        self.assertEqual(self.outcome("# text\n```sh\nfalse\n```\n"), (0, []))


if __name__ == "__main__":
    unittest.main()
