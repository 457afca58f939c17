"""A centre's own copy of its records, readable without this software.

The investigator keeps control of the records of the centre's participants, whatever becomes of the
site (ICH E6(R3) 3.16.1(i); EMA/INS/GCP/112288/2023 6.6). One page for each of them, every line of
those pages as a table, and digests of all of it. It says what a blinded investigator may see and
nothing else.
"""
