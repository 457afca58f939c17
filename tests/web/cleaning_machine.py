"""A machine that cleans one casebook in any order, with what must be true kept beside it.

It enters, completes, reopens, asks, answers, closes, verifies, freezes, signs and locks, each by
whoever may, and opens again. Before each step it says itself whether that is allowed, by rules
written here; after each it compares pages, questions, signatures and counts with the site's.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from immunosep.errors import RefusedError
from immunosep.web.audit.models import Event, Head
from immunosep.web.casebook.completing import complete_page, reopen_page
from immunosep.web.casebook.freezing import freeze, unfreeze
from immunosep.web.casebook.locked import is_locked
from immunosep.web.casebook.locking import (
    lock_page,
    lock_participant,
    unlock_page,
    unlock_participant,
)
from immunosep.web.casebook.models import Lock, Page, PageEntry, Query, QueryStep, Signature, Step
from immunosep.web.casebook.querying import answer, close, raise_query, reopen
from immunosep.web.casebook.signatures import signatures_of
from immunosep.web.casebook.verifying import take_back, verify
from tests.web.casebooks import LATER, signed, write
from tests.web.cleaning_expected import (
    BLOOD,
    ENTRIES,
    HELD,
    PAGES,
    READ,
    SOFA,
    Asked,
    Expected,
    Site,
)

KEPT = (PageEntry, Step, Signature, Query, QueryStep, Lock, Event)
ANY_PAGE = st.integers(0, len(PAGES) - 1)
NTH = st.integers(0, 7)


class Cleaning(RuleBasedStateMachine):
    """One walk; it is rolled back at its end."""

    site: Site

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.cast, self.patient = self.site.cast, self.site.patient
        self.pages = [Expected(**{**vars(page), "values": dict(page.values)})
                      for page in self.site.pages]  # fmt: skip
        self.queries: list[Asked] = []
        self.signatures: dict[int, tuple[str, list[int]]] = {}
        self.locked = False
        self.events = Head.objects.get().sequence
        self.now = LATER

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.run.__exit__(None, None, None)

    # ── Helpers ─────────────────────────────────────────────────────────────────────────

    def row(self, at: int) -> Page:
        return Page.objects.select_related("patient__centre").get(pk=self.pages[at].pk)

    def later(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def act(self, may: bool, do: Callable[[], Any], events: int = 1) -> Any:
        """Done if it may be, with its events; else refused, and nothing of it is left."""
        before = [model.objects.count() for model in KEPT]
        try:
            with transaction.atomic():
                made = do()
        except RefusedError:
            assert not may
            assert [model.objects.count() for model in KEPT] == before
            return None
        assert may
        self.events += events
        return made

    def unsettled(self, at: int) -> bool:
        return any(q.page == at and q.status != "closed" for q in self.queries)

    def holds(self, pk: int) -> bool:
        block, entries = self.signatures[pk]
        return entries == [self.pages[at].entries for at in sorted(HELD[block])]

    def endorsed(self, *blocks: str) -> bool:
        return any(self.holds(pk) for pk, (block, _) in self.signatures.items() if block in blocks)

    def answering(self, at: int) -> Any:
        return self.cast.laboratory if self.pages[at].form == BLOOD else self.cast.nurse

    # ── At the centre ───────────────────────────────────────────────────────────────────

    @rule(at=ANY_PAGE, nth=NTH)
    def enter(self, at: int, nth: int) -> None:
        page = self.pages[at]
        column, value = ENTRIES[page.form][nth % len(ENTRIES[page.form])]
        same = page.values.get(column) == value and page.form != BLOOD
        may = same or page.stage in ("started", "complete")
        turns = [] if same or not may else self._rule_turns(at, {column: value})
        self.act(
            may,
            lambda: write(self.row(at), self.cast, reason="misread", **{column: value}),
            events=0 if same else 1 + bool(turns),
        )
        if may and not same:
            page.values[column] = value
            page.entries += 1
            page.stage, page.verified = "started", False
            self._turn(at, turns)

    def _rule_turns(self, at: int, changed: dict[str, Any]) -> list[str]:
        """What the rule about blood gases does once this is written."""
        if self.pages[at].form != SOFA:
            return []
        after = self.pages[at].values | changed
        fails = after.get("pao2_mmhg") is not None and after.get("fio2") is None
        last = [q for q in self.queries if q.page == at and q.by_rule][-1:]
        waiting = bool(last) and last[0].status != "closed"
        accepted = bool(last) and last[0].closed_by_person and not READ & set(changed)
        if fails and not waiting and not accepted:
            return ["open"]
        return ["closed"] if waiting and not fails else []

    def _turn(self, at: int, turns: list[str]) -> None:
        if turns == ["open"]:
            made = Query.objects.latest("pk")
            self.queries.append(Asked(pk=made.pk, page=at, by_rule=True))
        elif turns:
            last = [q for q in self.queries if q.page == at and q.by_rule][-1]
            last.status, last.closed_by_person = "closed", False

    @rule(at=ANY_PAGE)
    def complete(self, at: int) -> None:
        page = self.pages[at]
        again = page.stage == "complete"
        may = page.stage in ("started", "complete")
        self.act(may, lambda: complete_page(self.row(at), by=self.answering(at),
                                            now=self.later()), 0 if again else 1)  # fmt: skip
        page.stage = "complete" if may else page.stage

    @rule(at=ANY_PAGE)
    def take_completion_back(self, at: int) -> None:
        page = self.pages[at]
        may = page.stage == "complete"
        self.act(may, lambda: reopen_page(self.row(at), reason="Not yet",
                                          by=self.answering(at), now=self.later()))  # fmt: skip
        page.stage = "started" if may else page.stage

    @rule(block=st.sampled_from(sorted(HELD)))
    def sign(self, block: str) -> None:
        held = HELD[block]
        asked = any(q.page in held and q.status == "open" for q in self.queries)
        may = not asked and all(self.pages[at].stage != "started" for at in held)
        made = self.act(may, lambda: signed(self.patient, self.cast, block, self.later()))
        if made is not None:
            entries = [self.pages[at].entries for at in sorted(held)]
            self.signatures[made.pk] = (block, entries)

    # ── Questions ───────────────────────────────────────────────────────────────────────

    @rule(at=ANY_PAGE)
    def ask(self, at: int) -> None:
        may = self.pages[at].stage != "locked"
        made = self.act(may, lambda: raise_query(self.row(at), text="Is it so?",
                                                 by=self.cast.monitor,
                                                 now=self.later()))  # fmt: skip
        if made is not None:
            self.queries.append(Asked(pk=made.pk, page=at))

    def _ask(self, nth: int, act: Any, by: Any, to: str, may: Callable[[Asked], bool]) -> None:
        if not self.queries:
            return
        asked = self.queries[nth % len(self.queries)]
        who = by(asked.page)
        query = Query.objects.get(pk=asked.pk)
        if self.act(may(asked), lambda: act(query, text="So it is.", by=who, now=self.later())):
            asked.status, asked.closed_by_person = to, to == "closed"

    @rule(nth=NTH)
    def reply(self, nth: int) -> None:
        self._ask(nth, answer, self.answering, "answered", lambda q: q.status == "open")

    @rule(nth=NTH)
    def be_content(self, nth: int) -> None:
        self._ask(nth, close, lambda _: self.cast.data_manager, "closed",
                  lambda q: q.status != "closed")  # fmt: skip

    @rule(nth=NTH)
    def ask_again(self, nth: int) -> None:
        def may(asked: Asked) -> bool:
            if asked.status == "closed":
                return not asked.by_rule and self.pages[asked.page].stage != "locked"
            return asked.status == "answered"

        self._ask(nth, reopen, lambda _: self.cast.monitor, "open", may)

    # ── Monitor and data manager ────────────────────────────────────────────────────────

    @rule(at=ANY_PAGE, stale=st.booleans())
    def compare(self, at: int, stale: bool) -> None:
        page = self.pages[at]
        may = page.stage in ("complete", "frozen") and not page.verified and not stale
        seen = page.entries - stale
        self.act(may, lambda: verify(self.row(at), seen=seen, by=self.cast.monitor,
                                     now=self.later()))  # fmt: skip
        page.verified |= may

    @rule(at=ANY_PAGE)
    def compare_again(self, at: int) -> None:
        page = self.pages[at]
        may = page.verified and page.stage != "locked"
        self.act(may, lambda: take_back(self.row(at), reason="Wrong chart",
                                        by=self.cast.monitor, now=self.later()))  # fmt: skip
        page.verified = page.verified and not may

    @rule(at=ANY_PAGE)
    def close_to_entries(self, at: int) -> None:
        page = self.pages[at]
        may = page.stage == "complete" and not self.unsettled(at)
        self.act(may, lambda: freeze(self.row(at), by=self.cast.monitor, now=self.later()))
        page.stage = "frozen" if may else page.stage

    @rule(at=ANY_PAGE)
    def open_to_entries(self, at: int) -> None:
        page = self.pages[at]
        may = page.stage == "frozen"
        self.act(may, lambda: unfreeze(self.row(at), reason="A late report",
                                       by=self.cast.monitor, now=self.later()))  # fmt: skip
        page.stage = "complete" if may else page.stage

    @rule(at=ANY_PAGE)
    def lock_one(self, at: int) -> None:
        page = self.pages[at]
        blocks = [block for block, held in HELD.items() if at in held]
        may = (
            page.stage == "frozen"
            and not self.unsettled(at)
            and (page.verified or not page.targeted)
            and self.endorsed(*blocks)
        )
        self.act(may, lambda: lock_page(self.row(at), by=self.cast.data_manager,
                                        now=self.later()))  # fmt: skip
        page.stage = "locked" if may else page.stage

    @rule(at=ANY_PAGE)
    def open_one(self, at: int) -> None:
        page = self.pages[at]
        may = page.stage == "locked" and not self.locked
        self.act(may, lambda: unlock_page(self.row(at), reason="A late report",
                                          by=self.cast.data_manager,
                                          now=self.later()))  # fmt: skip
        page.stage = "frozen" if may else page.stage

    @rule()
    def lock_all(self) -> None:
        may = (
            not self.locked
            and all(page.stage in ("frozen", "locked") for page in self.pages)
            and not any(self.unsettled(at) for at in range(len(self.pages)))
            and all(page.verified or not page.targeted for page in self.pages)
            and self.endorsed("casebook")
        )
        self.act(may, lambda: lock_participant(self.patient, by=self.cast.data_manager,
                                               now=self.later()))  # fmt: skip
        if may:
            self.locked = True
            for page in self.pages:
                page.stage = "locked"

    @rule()
    def open_all(self) -> None:
        may = self.locked
        self.act(may, lambda: unlock_participant(self.patient, reason="A late report",
                                                 by=self.cast.data_manager,
                                                 now=self.later()))  # fmt: skip
        self.locked = False

    @rule(then=st.sampled_from(("nothing", "one", "all")))
    def tidy_up(self, then: str) -> None:
        """All that leads to a lock, so that walks come there."""
        for nth, asked in enumerate(self.queries):
            if asked.status != "closed":
                self.be_content(nth)
        for at, page in enumerate(self.pages):
            self.complete(at)
            if not page.verified:
                self.compare(at, stale=False)
            self.close_to_entries(at)
        self.sign("casebook")
        if then == "one":
            self.lock_one(0)
        if then == "all":
            self.lock_all()

    # ── What must be true after every step ──────────────────────────────────────────────

    @invariant()
    def pages_stand_as_expected(self) -> None:
        rows = {page.pk: page for page in Page.objects.all()}
        for page in self.pages:
            row = rows[page.pk]
            assert (row.stage, row.verified) == (page.stage, page.verified)
            assert row.entries_made == page.entries == row.entries.count()
        assert len(rows) == len(self.pages)
        assert is_locked(self.patient) == self.locked

    @invariant()
    def verification_is_of_what_stands(self) -> None:
        kinds = (Step.Kind.VERIFIED, Step.Kind.UNVERIFIED)
        for page in self.pages:
            if page.verified:
                last = Step.objects.filter(page=page.pk, kind__in=kinds).latest("id")
                assert (last.kind, last.entries) == (Step.Kind.VERIFIED, page.entries)

    @invariant()
    def nothing_is_entered_on_a_closed_page(self) -> None:
        for page in self.pages:
            if page.stage in ("frozen", "locked"):
                entry = PageEntry(page_id=page.pk, column="gcs", value=3, entered_at=LATER,
                                  entered_by=self.cast.nurse, trial_digest="0")  # fmt: skip
                try:
                    with transaction.atomic():
                        entry.save()
                except DatabaseError:
                    continue
                raise AssertionError("the database took an entry on a closed page")

    @invariant()
    def questions_stand_where_their_last_turn_left_them(self) -> None:
        rows = {query.pk: query for query in Query.objects.all()}
        assert {pk: row.status for pk, row in rows.items()} == {
            asked.pk: asked.status for asked in self.queries
        }
        for query in rows.values():
            assert query.steps.latest("id").status == query.status

    @invariant()
    def a_signature_holds_until_something_changes(self) -> None:
        pages = list(Page.objects.select_related("patient__centre"))
        found = signatures_of([self.patient], pages)[self.patient.pk]
        assert {each.signature.pk: each.is_valid for each in found} == {
            pk: self.holds(pk) for pk in self.signatures
        }

    @invariant()
    def each_act_is_one_event(self) -> None:
        assert Head.objects.get().sequence == self.events


def machine_of(site: Site) -> type[Cleaning]:
    """The machine for one site."""
    return type("Walk", (Cleaning,), {"site": site})
