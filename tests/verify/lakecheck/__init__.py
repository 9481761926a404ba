"""Judges tables that a pipeline wrote, from the outside: it shares no code with Weir.

What is read: the catalog's SQLite file, metadata JSON, Avro (fastavro), Parquet (pyarrow), and the table as PyIceberg
shows it. What it is held against: the truth, which is the input itself. `check.check_pipeline` is the way in.
"""
