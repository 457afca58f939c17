"""Small forms that a laboratory fills in as TOML: a bead lot, a channel mapping, a sample's way."""

import tomllib
from pathlib import Path
from typing import Any

from immunosep.errors import SourceError

LARGEST = 100_000  # bytes: a form has a few lines


def read_form(path: Path) -> dict[str, Any]:
    """The keys and values of a TOML file."""
    try:
        if path.stat().st_size > LARGEST:
            raise SourceError(path.name, [f"larger than {LARGEST:,} bytes; expected a small form"])
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(path.name, [f"cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise SourceError(path.name, ["is not text in UTF-8; save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise SourceError(
            path.name, [f'is not TOML: {error}; expected lines such as lot = "96597"']
        ) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, a list of lists of ...
        raise SourceError(
            path.name, ['is no form; expected a few lines such as lot = "96597"']
        ) from None
