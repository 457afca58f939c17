"""MIMIC-IV, and any extract in its layout: `hosp/` and `icu/` folders, read in place.

Source: Johnson AEW et al. Sci Data 2023;10:1 (doi:10.1038/s41597-022-01899-x).
"""
