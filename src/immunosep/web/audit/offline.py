"""Checking an exported audit trail without the site: `python -m immunosep.web.audit.offline`.

Needs Python alone. Give it the folder of the export: it says that the trail holds, or its first
fault, and then ends with exit code 1.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from immunosep.web.audit.digest import Fault, faults_of_chain

TRAIL, MANIFEST = "audit.jsonl", "manifest.json"
_BLOCK = 1 << 20


def first_fault_of_export(folder: Path) -> Fault | None:
    """The first place where an export does not hold; None if it is as it was written."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    path = folder / manifest["trail"]
    found = next(faults_of_chain(_events(path), head=manifest["last_digest"]), None)
    if found is None and _sha256(path) != manifest["sha256"]:
        return Fault(sequence=0, sentence="the file is not the one the manifest was made for")
    return found


def anchors_of_export(folder: Path) -> dict[int, str]:
    """The last event of an export and its digest, to compare the living trail with."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return {manifest["events"]: manifest["last_digest"]} if manifest["events"] else {}


def _events(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _sha256(path: Path) -> str:
    seen = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            seen.update(block)
    return seen.hexdigest()


def main(arguments: list[str]) -> int:
    """Check one export and say so."""
    if len(arguments) != 1 or not (Path(arguments[0]) / MANIFEST).is_file():
        sys.stderr.write(f"expected one folder that holds {MANIFEST}; name the export's folder\n")
        return 2
    fault = first_fault_of_export(Path(arguments[0]))
    if fault:
        sys.stdout.write(f"does not hold: {fault.sentence}\n")
        return 1
    sys.stdout.write("the trail holds: every event follows the one before it\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
