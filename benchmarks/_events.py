"""Reads an R data file of dated, located events, in the environment that can; prints {"date", "longitude", "latitude"}."""

import json
import sys

import pyreadr

(table,) = pyreadr.read_r(sys.argv[1]).values()
table = table.dropna(subset=["date_single", "longitude", "latitude"])
print(
    json.dumps(
        {
            "date": [each[:10] for each in table["date_single"]],
            "longitude": table["longitude"].tolist(),
            "latitude": table["latitude"].tolist(),
        }
    )
)
