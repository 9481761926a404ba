"""What commands print with --json is what its published schema says, and the generated reference is up to date."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
WEIR = os.environ.get("WEIR", str(ROOT / "build/release/weir"))

OUTPUTS = [
    ("validate", ["validate", "pipeline.yaml"], 0),
    ("plan", ["plan", "pipeline.yaml"], 0),
    ("test", ["test", "pipeline.yaml"], 0),
    ("run", ["run", "pipeline.yaml", "--once", "-q"], 0),
    ("plan", ["plan", "pipeline.yaml"], 0),
    ("table-list", ["table", "list"], 0),
    ("table-snapshots", ["table", "snapshots", "ops.flights"], 0),
    ("table-snapshots", ["table", "snapshots", "ops.flights_dead_letter"], 0),
    ("table-files", ["table", "files", "ops.flights"], 0),
    ("table-history", ["table", "history", "ops.flights"], 0),
    ("progress", ["progress", "show", "pipeline.yaml"], 0),
    ("why", ["why", "pipeline.yaml", "flights-2014-01-04.ndjson.gz:89"], 0),
    ("why", ["why", "pipeline.yaml", "flights-2014-01-04.ndjson.gz:1"], 0),
    ("why", ["why", "pipeline.yaml", "no-such-file:1"], 0),
    ("try", ["try", "contracts/flight.yaml", "data/flights-2014-01-04.ndjson.gz"], 1),
    ("version", ["version"], 0),
]


class JsonOutput(unittest.TestCase):
    def test_every_output_is_what_its_schema_says(self):
        with tempfile.TemporaryDirectory(prefix="weir-outputs-") as folder:
            work = Path(folder) / "flights"
            shutil.copytree(ROOT / "examples/flights", work)
            environment = {"PATH": os.environ["PATH"], "WEIR_WAREHOUSE": str(Path(folder) / "warehouse")}
            for name, command, code in OUTPUTS:
                with self.subTest(command=" ".join(command)):
                    schema = json.loads(subprocess.run([WEIR, "schema", "output-" + name], check=True, capture_output=True, text=True).stdout)
                    jsonschema.Draft202012Validator.check_schema(schema)
                    done = subprocess.run([WEIR, *command, "--json"], cwd=work, env=environment, capture_output=True, text=True)
                    self.assertEqual(done.returncode, code, done.stderr)
                    jsonschema.validate(json.loads(done.stdout), schema, jsonschema.Draft202012Validator)

    def test_a_schema_refuses_numbers_as_text(self):
        schema = json.loads(subprocess.run([WEIR, "schema", "output-table-list"], check=True, capture_output=True, text=True).stdout)
        row = {"table": "a.b", "rows": "1", "files": 0, "bytes": 0, "snapshots": 0}
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate([row], schema)


class Reference(unittest.TestCase):
    def test_the_generated_pages_are_what_the_program_would_write(self):
        done = subprocess.run([str(ROOT / "tools/reference"), "--check", WEIR], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
