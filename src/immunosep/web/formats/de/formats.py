"""Numbers and dates on pages in German: a decimal point, no sign between thousands, month names.

A laboratory, a label and an infusion pump write a point. A page that wrote a comma would have one
value in two spellings, and a reader who takes 4,420 for 4.42 is wrong by a thousand.
"""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ""
NUMBER_GROUPING = 0
DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "j F Y H:i"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
