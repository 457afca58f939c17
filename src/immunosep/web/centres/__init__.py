"""The centres of this site: which of the trial's have opened, and their clocks."""
