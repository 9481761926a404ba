"""Tests of the verifier: each planted fault must be found, and nothing else. test_verify.py [WEIR]

The tables are real ones, written by the program under test; a case tampers with a copy, by PyIceberg or byte by byte.
"""

import base64
import json
import os
import shutil
import sqlite3
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import fastavro  # noqa: E402
import pyarrow as pa  # noqa: E402
from pyiceberg.catalog.sql import SqlCatalog  # noqa: E402
from pyiceberg.expressions import EqualTo  # noqa: E402

import cases  # noqa: E402
import events  # noqa: E402
import weir_process  # noqa: E402
from lakecheck import manifest_schemas, progress  # noqa: E402
from lakecheck.catalog import local_path, metadata_locations  # noqa: E402
from lakecheck.check import check_pipeline  # noqa: E402
from lakecheck.table import Table  # noqa: E402
from lakecheck.xxh3 import xxh3_64  # noqa: E402

TABLE, DEAD_LETTER = "t.events", "t.events_dead_letter"
ROUNDS = 3


class VerifierFindsPlantedFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = weir_process.Workspace()
        cls.addClassCleanup(cls.workspace.__exit__, None, None, None)
        events.write_pipeline(cls.workspace)
        for i in range(ROUNDS):
            events.write_files(cls.workspace, files=1, rows=120, first=i)
            ended = cls.workspace.run("run", "events.yaml", "--once")
            assert ended.code == 0, ended
        cls.warehouse = cls.workspace.path / "wh"
        cls.pristine = cls.workspace.path / "pristine"
        cls.warehouse.rename(cls.pristine)

    def setUp(self):
        shutil.copytree(self.pristine, self.warehouse)
        self.addCleanup(shutil.rmtree, self.warehouse)

    def findings(self, **arguments):
        return check_pipeline(events.rule(self.workspace, **arguments))

    def expect(self, *codes, also=()):
        """Exactly `codes` are found; `also` may be."""
        findings = self.findings()
        self.assertLessEqual(set(codes), findings.codes(), findings.text())
        self.assertLessEqual(findings.codes(), set(codes) | set(also), findings.text())
        return findings

    def table(self, name=TABLE):
        return Table(name, metadata_locations(self.warehouse / "catalog.db")[name])

    def foreign(self, name=TABLE):
        return SqlCatalog("weir", uri=f"sqlite:///{self.warehouse}/catalog.db", warehouse=f"file://{self.warehouse}").load_table(name)

    def change_metadata(self, change, name=TABLE):
        """Applies `change` to the JSON of the current metadata, in place."""
        path = local_path(self.table(name).location)
        with open(path) as file:
            metadata = json.load(file)
        change(metadata)
        with open(path, "w") as file:
            json.dump(metadata, file)

    def change_avro(self, uri, change=lambda records: None, change_schema=lambda schema: None):
        path = local_path(uri)
        with open(path, "rb") as file:
            reader = fastavro.reader(file)
            header, records = dict(reader.metadata), list(reader)
        schema = json.loads(header.pop("avro.schema"))
        header.pop("avro.codec", None)
        change(records)
        change_schema(schema)
        with open(path, "wb") as file:
            fastavro.writer(file, schema, records, codec="deflate", metadata=header)

    def newest_manifest(self):
        table = self.table()
        return table.manifest_list(table.current_snapshot).records[0]["manifest_path"]

    def change_entry(self, change):
        """Applies `change` to the data_file of the first entry of the newest manifest; the list is told the new length."""
        path = self.newest_manifest()
        self.change_avro(path, lambda records: change(records[0]["data_file"]))
        self.tell_length(path)

    def tell_length(self, manifest):
        for snapshot in self.table().snapshots:
            for listed in self.table().manifest_list(snapshot).records:
                if listed["manifest_path"] != manifest:
                    continue

                def tell(records):
                    for record in records:
                        if record["manifest_path"] == manifest:
                            record["manifest_length"] = os.path.getsize(local_path(manifest))

                self.change_avro(snapshot["manifest-list"], tell)
                break

    # What must be found.

    def test_nothing_in_a_good_table(self):
        findings = self.expect()
        for code in ("I1", "I3", "I3.raw", "I5.delta", "I6.rows", "I6.bounds", "I6.partition", "I6.parquet_schema", "manifest.schema", "summary"):
            self.assertGreater(findings.checked.get(code, 0), 0, f"nothing was checked under {code}")

    def test_gap(self):
        self.foreign().delete(EqualTo("id", 33))
        self.expect("I1.gap")

    def test_duplicate(self):
        table = self.foreign()
        table.append(table.scan(row_filter=EqualTo("id", 34)).to_arrow())
        self.expect("I1.duplicate")

    def test_altered_row(self):
        table = self.foreign()
        row = table.scan(row_filter=EqualTo("id", 35)).to_arrow()
        table.overwrite(row.set_column(1, row.schema.field(1), pa.array(["other"], row.schema.field(1).type)), overwrite_filter=EqualTo("id", 35))
        findings = self.expect("I3.checksum")
        self.assertEqual(findings.counts["I3.checksum"], 1)

    def test_swapped_rows(self):
        table = self.foreign()
        rows = table.scan(row_filter="id in (36, 38)").to_arrow()
        offsets = pa.array(rows.column("src_offset").to_pylist()[::-1], pa.int64())
        at = rows.column_names.index("src_offset")
        table.overwrite(rows.set_column(at, rows.schema.field(at), offsets), overwrite_filter="id in (36, 38)")
        findings = self.expect("I3.swapped")
        self.assertEqual(findings.counts["I3.swapped"], 2)

    def test_row_that_the_source_does_not_have(self):
        table = self.foreign()
        row = table.scan(row_filter=EqualTo("id", 40)).to_arrow()
        at = row.column_names.index("src_offset")
        table.append(row.set_column(at, row.schema.field(at), pa.array([100_000], pa.int64())))
        self.expect("I1.unknown")

    def test_row_beyond_progress(self):
        events.write_files(self.workspace, files=1, rows=10, first=ROUNDS)
        self.addCleanup(os.remove, self.workspace.path / f"in/{ROUNDS:05d}.ndjson")
        table = self.foreign()
        row = table.scan(row_filter=EqualTo("id", 5)).to_arrow()
        at = row.column_names.index("src_topic")
        table.append(row.set_column(at, row.schema.field(at), pa.array([f"{ROUNDS:05d}.ndjson"], row.schema.field(at).type)))
        self.expect("I1.beyond_progress", "I10.behind", "I3.swapped")

    def test_source_that_was_not_read_to_its_end(self):
        events.write_files(self.workspace, files=1, rows=10, first=ROUNDS)
        self.addCleanup(os.remove, self.workspace.path / f"in/{ROUNDS:05d}.ndjson")
        self.expect("I10.behind")

    def test_missing_reject(self):
        self.foreign(DEAD_LETTER).delete(EqualTo("offset", 7))
        self.expect("I1.gap")

    def test_altered_reject(self):
        table = self.foreign(DEAD_LETTER)
        row = table.scan(row_filter=EqualTo("offset", 7)).to_arrow()
        at = row.column_names.index("raw")
        other = pa.array([b"{}"] * len(row), row.schema.field(at).type)
        table.overwrite(row.set_column(at, row.schema.field(at), other), overwrite_filter=EqualTo("offset", 7))
        self.expect("I3.raw")

    def test_missing_data_file(self):
        table = self.table()
        _, entry = next(table.live_entries(table.current_snapshot))
        os.remove(local_path(entry["data_file"]["file_path"]))
        self.expect("I7.missing_file")

    def test_missing_manifest(self):
        os.remove(local_path(self.newest_manifest()))
        self.expect("I7.missing_file")

    def test_missing_manifest_list_of_an_old_snapshot(self):
        os.remove(local_path(self.table().snapshots[0]["manifest-list"]))
        self.expect("I7.missing_file")

    def test_missing_old_metadata(self):
        os.remove(local_path(self.table().metadata["metadata-log"][1]["metadata-file"]))
        self.expect("I7.missing_file")

    def test_missing_table(self):
        connection = sqlite3.connect(self.warehouse / "catalog.db")
        with connection:
            connection.execute("DELETE FROM iceberg_tables WHERE table_name = 'events'")
        connection.close()
        self.expect("I7.missing_table")

    def test_wrong_row_count(self):
        self.change_entry(lambda file: file.update(record_count=file["record_count"] + 1))
        self.expect("I6.rows", also=("I6.counts", "manifest.counts", "summary", "I6.pyiceberg"))

    def test_wrong_file_size(self):
        self.change_entry(lambda file: file.update(file_size_in_bytes=file["file_size_in_bytes"] + 1))
        self.expect("I6.size", also=("summary",))

    def test_wrong_split_offsets(self):
        self.change_entry(lambda file: file.update(split_offsets=[5]))
        self.expect("I6.split_offsets")

    def test_wrong_column_sizes(self):
        self.change_entry(lambda file: file["column_sizes"][0].update(value=1))
        self.expect("I6.column_sizes")

    def test_wrong_null_count(self):
        self.change_entry(lambda file: file["null_value_counts"][0].update(value=1))
        self.expect("I6.counts")

    def test_bounds_that_leave_rows_outside(self):
        self.change_entry(lambda file: next(e for e in file["upper_bounds"] if e["key"] == 1).update(value=(0).to_bytes(8, "little")))
        self.expect("I6.bounds")

    def test_bounds_that_are_not_tight(self):
        self.change_entry(lambda file: next(e for e in file["upper_bounds"] if e["key"] == 1).update(value=(10**9).to_bytes(8, "little")))
        self.expect("I6.bounds")

    def test_wrong_partition(self):
        self.change_entry(lambda file: file["partition"].update(id_bucket=1 - file["partition"]["id_bucket"]))
        self.expect("I6.partition", also=("summary", "manifest.partitions"))

    def test_file_that_is_listed_twice(self):
        path = self.newest_manifest()
        self.change_avro(path, lambda records: records.append(records[0]))
        self.tell_length(path)
        self.expect("I1.file_twice", "I1.duplicate", also=("manifest.counts", "summary", "I6.pyiceberg"))

    def test_wrong_field_id_in_a_manifest(self):
        path = self.newest_manifest()

        def change(schema):
            file = next(f for f in schema["fields"] if f["name"] == "data_file")["type"]
            next(f for f in file["fields"] if f["name"] == "record_count")["field-id"] = 105

        self.change_avro(path, change_schema=change)
        self.tell_length(path)
        self.expect("manifest.schema", also=("I6.pyiceberg",))

    def test_optional_where_iceberg_requires(self):
        def change(schema):
            field = next(f for f in schema["fields"] if f["name"] == "added_files_count")
            field["type"] = ["null", "int"]

        self.change_avro(self.table().current_snapshot["manifest-list"], change_schema=change)
        self.expect("manifest.schema")

    def test_wrong_totals(self):
        self.change_metadata(lambda metadata: metadata["snapshots"][-1]["summary"].update({"total-records": "1"}))
        self.expect("summary")

    def test_sequence_number_that_is_used_twice(self):
        def change(metadata):
            metadata["snapshots"][-1]["sequence-number"] = metadata["snapshots"][-2]["sequence-number"]

        self.change_metadata(change)
        self.expect("sequence", also=("manifest.sequence", "manifest.header"))

    def forget_the_files(self, **more):
        name = f"weir.pipeline.{events.rule(self.workspace).pipeline}"

        def change(metadata):
            state = json.loads(metadata["properties"][name])
            state["progress"]["sources"]["source"].pop("files")
            metadata["properties"][name] = json.dumps({**state, **more})

        self.change_metadata(change)  # the lead's: the others have no progress

    def test_progress_that_went_back(self):
        self.forget_the_files()
        self.expect("I5.moved_back", "I5.delta", "I1.beyond_progress", "I10.behind")

    def test_progress_that_went_back_beside_a_decision_on_another_file(self):
        self.forget_the_files(decided=[{"at": 1, "source": "source", "partition": "other.ndjson", "reason": "so"}])
        self.expect("I5.moved_back", "I5.delta", "I1.beyond_progress", "I10.behind")

    def test_progress_of_a_snapshot_that_is_not_the_tables(self):
        self.change_metadata(lambda metadata: metadata["snapshots"][-1]["summary"].update({"weir.progress": '{"v":1,"sources":{}}'}))
        self.expect("I5.delta")

    def change_state(self, table, **changed):
        name = f"weir.pipeline.{events.rule(self.workspace).pipeline}"

        def change(metadata):
            metadata["properties"][name] = json.dumps({**json.loads(metadata["properties"][name]), **changed})

        self.change_metadata(change, table)

    def test_a_table_that_says_another_commit_than_the_lead(self):
        self.change_state(DEAD_LETTER, commit="other")
        self.expect("I5.tables", "I5.property")

    def test_a_lead_that_means_another_table(self):
        self.change_state(TABLE, tables={DEAD_LETTER: {"uuid": "another"}})
        self.expect("I5.tables")

    def test_a_lead_whose_commit_is_not_its_snapshots(self):
        self.change_state(TABLE, commit="other")
        self.expect("I5.property")

    def test_metadata_log_with_a_hole(self):
        self.change_metadata(lambda metadata: metadata["metadata-log"].pop(1))
        self.expect("metadata_log")


class IndependentPieces(unittest.TestCase):
    def test_manifest_tables_are_those_of_pyiceberg(self):
        from pyiceberg.manifest import DATA_FILE_TYPE, MANIFEST_ENTRY_SCHEMAS, MANIFEST_LIST_FILE_SCHEMAS

        def facts(fields):
            return {field.field_id: (field.name, field.required) for field in fields}

        def ours(fields):
            return {field_id: (name, required) for field_id, (name, _, required) in fields.items()}

        def compare(mine, theirs):
            mine, theirs = ours(mine), facts(theirs)
            shared = set(mine) & set(theirs)
            self.assertGreater(len(shared), 3)
            self.assertEqual({i: mine[i] for i in shared}, {i: theirs[i] for i in shared})

        compare(manifest_schemas.MANIFEST_LIST, MANIFEST_LIST_FILE_SCHEMAS[2].fields)
        compare(manifest_schemas.MANIFEST_ENTRY, MANIFEST_ENTRY_SCHEMAS[2].fields)
        compare(manifest_schemas.DATA_FILE, DATA_FILE_TYPE[2].fields)

    def test_xxh3_golden_values(self):
        data = bytes((i * 7 + 3) & 255 for i in range(128))
        golden = {0: 3244421341483603138, 3: 12180141160879835164, 8: 6941064856527638883, 16: 13314990914799711621, 33: 4486878507168070088}
        golden.update({17: 8163341949877205007, 97: 2137665177113230204, 128: 7440608504995537343})
        self.assertEqual({size: xxh3_64(data[:size]) for size in golden}, golden)

    def test_merge_closes_finished_partitions(self):
        before = progress.parse({"v": 1, "sources": {"s": {"p": {"a": [5, 50, "x"]}}}})
        packed = (xxh3_64(b"a")).to_bytes(8, "little") + b"\1\0\0\0"
        after = progress.parse({"v": 1, "sources": {"s": {"done": base64.b64encode(packed).decode()}}})
        merged = progress.merge(before, after)
        self.assertEqual(merged["s"].partitions, {})
        self.assertTrue(merged["s"].covers("a", 10))
        self.assertEqual(progress.what_moved_back(before, merged), [])
        self.assertEqual(len(progress.what_moved_back(merged, before)), 1)


class Runner(unittest.TestCase):
    def test_a_selection_that_fits_no_case_is_an_error(self):
        with self.assertRaisesRegex(SystemExit, "no case has 'no such case' in its name"):
            cases.run_all("no such case")


if __name__ == "__main__":
    began = time.monotonic()
    weir_process.program("Tests of the verifier.")
    result = unittest.TextTestRunner(verbosity=0).run(unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]))
    broken = len(result.failures) + len(result.errors)
    sys.exit(cases.closing_line(result.testsRun - broken, broken, began))
