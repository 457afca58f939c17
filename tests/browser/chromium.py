"""The browser of the system: where it is, and what tests say that cannot run without one."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_CHROMIUM = "no Chromium on PATH: install one (Debian: chromium)"

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
