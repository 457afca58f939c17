"""Looks at a trial before its end: limits to stop at, the chance of success, honest estimates."""
