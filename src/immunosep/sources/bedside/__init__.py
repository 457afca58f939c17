"""Patients as a clinician has them: a CSV, JSON or Parquet file, or one patient as typed or sent.

Headers are the names of the data dictionary; a column left out is unknown. A unit beside a name
converts: `creatinine [umol/L]`. See `values` for how a cell is read and `files` for the formats.
"""

from immunosep.sources.bedside.clocks import Now, fill_assessed_at, read_moment
from immunosep.sources.bedside.patients import Patients, patients_of, read_patients
from immunosep.sources.bedside.values import Moment

__all__ = [
    "Moment",
    "Now",
    "Patients",
    "fill_assessed_at",
    "patients_of",
    "read_moment",
    "read_patients",
]
