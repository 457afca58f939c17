"""The Glasgow coma score of a patient whose verbal answer a tube takes away.

Sources: Teasdale G, Jennett B. Lancet 1974;2:81-84; Vincent JL et al. Intensive Care Med
1996;22:707-710 (the score assumed without sedation). A total with an untestable part is not a
total: the last full one before the tube stands in for it, within the same admission.
"""

import ibis
from ibis.expr import types as ir

from immunosep.tables.events import NUMBERS, in_columns

MOST = 15  # Teasdale & Jennett, Lancet 1974;2:81: 4 for eyes, 5 for words, 6 for movement


def derive_gcs_before_tube(numbers: ir.Table) -> ir.Table:
    """One row per assessment with a tube (`gcs_intubated`): the last `gcs` before it, if any."""
    rows = numbers.filter(numbers.variable.isin(["gcs", "gcs_intubated"]))
    # The moment and the total in one number, so that the greatest is the latest.
    total = (rows.variable == "gcs").ifelse(rows.value.cast("int64"), ibis.null("int64"))
    rows = rows.mutate(packed=rows.at_s * (MOST + 1) + total)
    so_far = ibis.range_window(
        group_by=[rows.patient_id, rows.admission_id],
        order_by=rows.at_s,
        preceding=None,
        following=0,
    )
    carried = rows.mutate(last=rows.packed.max().over(so_far))
    carried = carried.filter(carried.variable == "gcs_intubated", carried["last"].notnull())
    gcs = (carried["last"] % (MOST + 1)).cast("float64")
    return in_columns(carried.mutate(variable=ibis.literal("gcs"), value=gcs), NUMBERS.schema())
