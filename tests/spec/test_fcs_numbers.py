"""What a stored number means (FCS 3.1, `$PnB` `$PnR` `$PnE` `$PnG`), and what no number is.

Integers are masked to the bits that `$PnR` needs. A logarithmic one, `$PnE` f1,f2 with f1 above 0,
means f2 x 10^(f1 x stored / $PnR), and f2 = 0 is read as 1. A linear one is divided by `$PnG`;
the clock never is. Floating-point data are linear whatever `$PnE` says. A number that is not written
in digits, or lies where no cytometer's does, refuses the file; `-` leaves the keyword out.
"""

import io

import numpy as np
import pytest

from immunosep.cytometry.fcs import FcsFile, read_fcs
from immunosep.errors import FcsError
from tests.spec.drawn import Row, rows
from tests.written_fcs import written_fcs

MEANINGS = rows("""
| channel | type | range   | exponent   | gain | stored     | masked    | means     |
|---------|------|---------|------------|------|------------|-----------|-----------|
| PE-A    | u2   | 1024    | 0,0        | -    | 512        | 512       | 512       |
| PE-A    | u2   | 1024    | 0,1        | -    | 512        | 512       | 512       |
| PE-A    | u2   | 1024    | 0,0        | 2    | 512        | 512       | 256       |
| PE-A    | u2   | 1024    | 4,1        | -    | 0          | 0         | 1         |
| PE-A    | u2   | 1024    | 4,1        | -    | 512        | 512       | 100       |
| PE-A    | u2   | 1024    | 4,0        | -    | 512        | 512       | 100       |
| PE-A    | u2   | 1024    | 4,10       | -    | 512        | 512       | 1000      |
| PE-A    | u2   | 1024    | 4.0,0.1    | -    | 768        | 768       | 100       |
| PE-A    | u2   | 1024    | 4,1        | 2    | 512        | 512       | 100       |
| PE-A    | u2   | 1024    | 0,0        | -    | 1536       | 512       | 512       |
| PE-A    | u2   | 1000    | 0,0        | -    | 1023       | 1023      | 1023      |
| PE-A    | u2   | 65536   | 0,0        | -    | 65535      | 65535     | 65535     |
| PE-A    | u4   | 262144  | 0,0        | -    | 262143     | 262143    | 262143    |
| PE-A    | u4   | 262144  | 0,0        | -    | 4294967295 | 262143    | 262143    |
| PE-A    | u1   | 1024    | 0,0        | -    | 255        | 255       | 255       |
| Time    | u2   | 1024    | 0,0        | 0.01 | 512        | 512       | 512       |
| TIME    | u2   | 1024    | 0,0        | 2    | 512        | 512       | 512       |
| PE-A    | f4   | 262144  | 0,0        | -    | 8.5        | 8.5       | 8.5       |
| PE-A    | f4   | 262144  | 0,0        | 2    | 8.5        | 8.5       | 4.25      |
| PE-A    | f4   | 262144  | 4,1        | -    | 8.5        | 8.5       | 8.5       |
| PE-A    | f4   | 262144  | -          | -    | 8.5        | 8.5       | 8.5       |
| PE-A    | f4   | 262144  | 0,0        | -    | -8.5       | -8.5      | -8.5      |
| PE-A    | f8   | 262144  | 0,0        | -    | 1e300      | 1e300     | 1e300     |
| Time    | f4   | 262144  | 0,0        | 0.01 | 8.5        | 8.5       | 8.5       |
""")

FAULTS = rows("""
| type | keyword     | value                  | said                                       |
|------|-------------|------------------------|--------------------------------------------|
| f4   | $MODE       | `H`                    | $MODE is 'H', expected L                   |
| f4   | $DATATYPE   | `A`                    | $DATATYPE is 'A', expected I               |
| f4   | $BYTEORD    | `3,4,1,2`              | $BYTEORD is '3,4,1,2', expected 1,2,3,4    |
| f4   | $BYTEORD    | `1`                    | $BYTEORD is '1', expected                  |
| f4   | $BYTEORD    | `1,2,3,4,5,6,7,8,9`    | $BYTEORD is '1,2,3,4,5,6,7,8,9'            |
| f4   | $PAR        | `513`                  | $PAR is '513', expected the number         |
| f4   | $TOT        | `50000001`             | $TOT is '50000001', expected the number    |
| f4   | $TOT        | `1_0`                  | $TOT is text of 3 characters               |
| f4   | $TOT        | `١`                    | $TOT is text of 1 characters               |
| f4   | $TOT        | `0000000000000001`     | $TOT is '0000000000000001'                 |
| f4   | $P1B        | `16`                   | $P1B is '16', expected 32 bits             |
| f8   | $P1B        | `32`                   | $P1B is '32', expected 64 bits             |
| u2   | $P1B        | `12`                   | $P1B is '12', expected 8, 16, 24           |
| u2   | $P1B        | `0`                    | $P1B is '0', expected 8, 16, 24            |
| u2   | $P1B        | `72`                   | $P1B is '72', expected 8, 16, 24           |
| u2   | $P1R        | `1`                    | $P1R is '1', expected a whole number       |
| u2   | $P1R        | `1024.0`               | $P1R is '1024.0', expected a whole number  |
| u2   | $P1R        | `18446744073709551617` | $P1R is '18446744073709551617', expected   |
| f4   | $P1R        | `0`                    | $P1R is '0', expected a number above 0     |
| f4   | $P1R        | `nan`                  | $P1R is text of 3 characters, expected     |
| f4   | $P1R        | `1e999`                | $P1R is '1e999', expected a number         |
| u2   | $P1E        | -                      | $P1E is missing, expected two numbers      |
| u2   | $P1E        | `4`                    | $P1E is '4', expected two numbers          |
| u2   | $P1E        | `4,1,1`                | $P1E is '4,1,1', expected two numbers      |
| u2   | $P1E        | `-4,1`                 | $P1E is '-4,1', expected two numbers       |
| u2   | $P1E        | `400,1`                | $P1E is '400,1', expected two numbers      |
| u2   | $P1E        | `4,-1`                 | $P1E is '4,-1', expected two numbers       |
| f4   | $P1G        | `0`                    | $P1G is '0', expected a gain               |
| f4   | $P1G        | `1e-300`               | $P1G is '1e-300', expected a gain          |
| f4   | $P1G        | `1e`                   | $P1G is '1e', expected a gain              |
| f4   | $P1DATATYPE | `I`                    | $P1DATATYPE is 'I', expected 'F'           |
""")


def one_channel(row: Row) -> FcsFile:
    said = {"$P1R": str(row["range"]), "$P1E": row["exponent"], "$P1N": row["channel"]}
    gain = {"$P1G": str(row["gain"])} if row["gain"] is not None else {}
    table = np.array([[row["stored"]]], "<" + row["type"])
    (read,) = read_fcs(io.BytesIO(written_fcs(table, said=said | gain)))
    return read


@pytest.mark.parametrize("row", MEANINGS, ids=lambda row: "-".join(map(str, row.values())))
def test_a_stored_number_means_what_its_keywords_say(row):
    read = one_channel(row)
    assert read.raw.tolist() == [[row["masked"]]]
    assert read.events[0, 0] == pytest.approx(row["means"], rel=1e-12)
    assert read.values(row["channel"])[0] == read.events[0, 0]


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: f"{row['keyword']}-{row['value']}")
def test_a_keyword_that_says_nothing_safe_is_refused(row):
    value = row["value"] and row["value"].strip("`")
    table = np.ones((1, 1), "<" + row["type"])
    with pytest.raises(FcsError) as refused:
        read_fcs(io.BytesIO(written_fcs(table, said={row["keyword"]: value})))
    assert row["said"] in str(refused.value)
