"""The audit trail as files that outlive the site: one event a line, and a manifest.

`audit.jsonl` holds every field of every event; `manifest.json` holds the file's SHA-256, the number
of events, the digest of the last, and in words how to check it. `offline` checks both with nothing
but Python. The trail holds what people wrote: an export is for the trial master file, not for
blinded eyes.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from immunosep import __version__
from immunosep.web.audit import digest
from immunosep.web.audit.chain import fields_of
from immunosep.web.audit.models import Event, Head
from immunosep.web.audit.offline import MANIFEST, TRAIL
from immunosep.web.audit.verify import BATCH
from immunosep.web.trial import site_trial


def export_trail(folder: Path, *, now: datetime) -> dict[str, Any]:
    """Write the trail as it stands into `folder`; the answer is the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    head = Head.objects.get()
    manifest = {
        "trail": TRAIL,
        "events": head.sequence,
        "last_digest": head.digest or digest.FIRST,
        "sha256": _write_events(folder / TRAIL, up_to=head.sequence),
        "trial": site_trial().id,
        "trial_digest": site_trial().digest,
        "exported_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "software": f"immunosep {__version__}",
        "how_to_check": " ".join((digest.__doc__ or "").split()),
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return manifest


def _write_events(path: Path, *, up_to: int) -> str:
    """One event a line; the answer is the file's SHA-256."""
    seen = hashlib.sha256()
    events = Event.objects.filter(sequence__lte=up_to).order_by("sequence")
    with path.open("wb") as file:
        for event in events.iterator(chunk_size=BATCH):
            line = json.dumps(fields_of(event), ensure_ascii=False).encode() + b"\n"
            seen.update(line)
            file.write(line)
    return seen.hexdigest()
