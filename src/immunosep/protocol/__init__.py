"""The nouns a trial is written in."""
