"""Running the checks: each is named, asked once, and a check that breaks does not hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from immunosep.web.folder import SiteFolder
from immunosep.web.validation import drills, installation, people, records
from immunosep.web.validation.evidence import Evidence, Seen


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a check may need to know."""

    folder: SiteFolder
    now: datetime


Check = Callable[[Ground], Seen]
CHECKS: Mapping[str, tuple[str, Check]] = {
    "installed_files": ("Files are as their packages recorded them",
                        lambda _: installation.installed_files()),
    "versions": ("What it runs on", lambda _: installation.versions()),
    "migrations": ("Tables are of this version", lambda _: installation.migrations()),
    "live_settings": ("Settings of a live site", lambda _: installation.live_settings()),
    "files_of_the_owner": ("Files with secrets are their owner's",
                           lambda ground: installation.files_of_the_owner(ground.folder)),
    "no_key_here": ("The site holds no code key", lambda _: people.no_key_here()),
    "change_is_refused": ("The database refuses change, tried and rolled back",
                          lambda _: records.change_is_refused()),
    "trail_unbroken": ("The audit trail is unbroken", lambda _: records.trail_unbroken()),
    "change_is_found": ("A changed event is found", lambda _: records.change_is_found()),
    "records_whole": ("The records are whole", lambda _: records.records_whole()),
    "sealed_alike": ("What is sealed has one length", lambda _: records.sealed_alike()),
    "roles_blinded": ("Blinded roles are blinded", lambda _: people.roles_blinded()),
    "accounts_in_order": ("Accounts and second factors", lambda _: people.accounts_in_order()),
    "log_ins_guarded": ("What guards log-ins", lambda _: people.log_ins_guarded()),
    "logs_filtered": ("What a log may hold", lambda _: people.logs_filtered()),
    "clock": ("Clocks", lambda ground: records.clock(now=ground.now)),
    "commits_are_durable": ("What is committed is on the disk",
                            lambda _: records.commits_are_durable()),
    "export_checked": ("An export is checked with Python alone",
                       lambda ground: drills.export_checked(ground.folder)),
    "backup_restored": ("A backup is restored and verified",
                        lambda ground: drills.backup_restored(ground.folder)),
}  # fmt: skip


def run_checks(ground: Ground) -> dict[str, Evidence]:
    """The evidence of each check, by its name."""
    return {name: _run(name, ground) for name in CHECKS}


def _run(name: str, ground: Ground) -> Evidence:
    about, check = CHECKS[name]
    try:
        seen = check(ground)
    except Exception as error:  # noqa: BLE001 - a check that breaks shows nothing, and is shown
        seen = Seen(seen=(), faults=(f"the check broke: {type(error).__name__}",))
    return Evidence(check=name, about=about, outcome=seen.outcome, seen=seen.lines)
