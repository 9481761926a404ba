#!/usr/bin/env python3
"""Makes the NDJSON files of this folder from the on-time records as Apache Pinot ships them (see ORIGIN.md).

usage: make_data.py FOLDER_WITH_AVRO_GZ OUT_FOLDER        needs: fastavro

Keeps one record a flight with the columns that the example uses, under names of our own; values are unchanged."""
import glob
import gzip
import io
import json
import os
import sys

import fastavro

DELAYS = {"carrier": "CarrierDelay", "weather": "WeatherDelay", "nas": "NASDelay", "security": "SecurityDelay", "late_aircraft": "LateAircraftDelay"}


def place(record, end):
    return {"airport": record[end], "city": record[end + "CityName"], "state": record[end + "State"]}


def event(record):
    delays = {name: record[column] for name, column in DELAYS.items()}
    return {
        "flight_id": "-".join([record["FlightDate"], record["Carrier"], str(record["FlightNum"]), record["Origin"]]),
        "flight_date": record["FlightDate"],
        "carrier": record["Carrier"],
        "flight_num": record["FlightNum"],
        "tail_num": record["TailNum"],
        "origin": place(record, "Origin"),
        "dest": place(record, "Dest"),
        "scheduled_dep": record["CRSDepTime"],
        "dep_delay": record["DepDelay"],
        "arr_delay": record["ArrDelay"],
        "air_time": record["AirTime"],
        "distance": record["Distance"],
        "cancelled": bool(record["Cancelled"]),
        "cancellation_code": record["CancellationCode"],
        "diverted": bool(record["Diverted"]),
        "delays": None if all(value is None for value in delays.values()) else delays,
        "diversion_airports": record["DivAirports"],
    }


def clean(value):
    """The origin writes missing text as "null"."""
    return None if value == "null" else value


def main():
    source, out = sys.argv[1:3]
    for path in sorted(glob.glob(os.path.join(source, "*.avro.gz"))):
        with gzip.open(path) as packed:
            records = list(fastavro.reader(io.BytesIO(packed.read())))
        day = path[-18:-8]
        lines = [json.dumps(event({k: clean(v) for k, v in record.items()}), separators=(",", ":"), ensure_ascii=False) for record in records]
        with open(os.path.join(out, f"flights-{day}.ndjson.gz"), "wb") as raw:
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=9) as packed:
                packed.write(("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main()
