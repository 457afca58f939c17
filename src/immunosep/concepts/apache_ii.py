"""APACHE II: what a patient's age alone adds to the total, so that a total below it is a slip.

Source: Knaus WA, Draper EA, Wagner DP, Zimmerman JE. APACHE II: a severity of disease
classification system. Crit Care Med 1985;13:818-829: 2 points from 45 years, 3 from 55, 5 from 65,
6 from 75. The rest of the total, 12 physiological values of 24 hours and chronic health, is scored
at the bedside. One row is one patient.
"""

import ibis
from ibis.expr import types as ir

POINTS_FROM_AGE = ((75, 6), (65, 5), (55, 3), (45, 2))  # Knaus Crit Care Med 1985;13:818


def apache_ii_age_points(age_years: ir.NumericValue) -> ir.IntegerValue:
    """The points for age; NULL while it is unknown."""
    points = [(age_years >= years, points) for years, points in POINTS_FROM_AGE]
    return ibis.cases((age_years.isnull(), ibis.null("int64")), *points, else_=0)
