"""Every page as axe sees it, by day and by night: no issue that is serious or critical."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.browser.axe import graves
from tests.browser.chromium import needs_chromium
from tests.browser.conftest import PHONE, RunningSite, Walk

pytestmark = needs_chromium

BEDSIDE: dict[str, str] = {
    "home": "/home/",
    "patients": "/patients/",
    "patient": "/patients/{added}/",
    "screen": "/patients/{screened}/screen/",
    "laboratory": "/patients/laboratory/",
    "laboratory_result": "/patients/laboratory/{screened}/",
    "imports": "/imports/",
    "consent": "/patients/{screened}/consent/",
    "randomise": "/patients/{ready}/randomise/",
    "recorded": "/patients/{received}/record/",
    "doses": "/patients/{received}/doses/",
    "withdraw": "/patients/{received}/withdraw/",
    "follow_up": "/follow-up/",
    "casebook": "/patients/{looked_at}/casebook/",
    "new_page": "/patients/{looked_at}/casebook/new/daily_sofa/?visit=day_2",
    "casebook_page": "/patients/{looked_at}/casebook/pages/{page}/",
    "dose_plan": "/patients/{looked_at}/casebook/doses/",
    "timeline": "/patients/{looked_at}/casebook/timeline/",
    "in_error": "/patients/{received}/in-error/",
    "not_enrolled": "/patients/{added}/not-enrolled/",
    "screening_log": "/patients/log/",
    "orders": "/supply/orders/",
    "unblind": "/unblinding/{received}/",
    "audit": "/audit/",
    "mfa_index": "/account/2fa/",
    "account_log_ins": "/account/log-ins/",
    "account_change_password": "/account/password/change/",
    "account_language": "/account/language/",
    "tokens": "/tokens/",
    "notices": "/notices/",
}
PHARMACY: dict[str, str] = {
    "home": "/home/",
    "worklist": "/pharmacy/",
    "prepare": "/pharmacy/orders/{order}/",
    "check": "/pharmacy/preparations/{preparation}/check/",
    "stock": "/pharmacy/stock/",
    "stock_of": "/pharmacy/stock/{centre}/",
}
ADMINISTRATION: dict[str, str] = {
    "people": "/people/",
    "person": "/people/{person}/",
    "access_review": "/people/access/",
    "centres": "/centres/",
    "centre": "/centres/{centre}/",
    "webhooks": "/webhooks/",
}
PUBLIC: dict[str, str] = {
    "study": "/",
    "find_centre": "/find-centre/?town=Patras",
    "components": "/components/",
    "account_login": "/account/login/",
    "account_reset_password": "/account/password/reset/",
}
IN_KITS: dict[str, tuple[str, str]] = {
    "kits": ("Nora Nurse", "/supply/kits/"),
    "shipments": ("Dora Depot", "/supply/shipments/"),
    "depot": ("Dora Depot", "keyed:/pharmacy/depot/"),
    "packing": ("Paul Pharmacist", "keyed:/pharmacy/packing/"),
}
BY_OTHERS = {  # looked at by their journeys
    "reveal", "amendments", "amendment", "amendment_version", "amendment_at",
    "cleaning", "clean_centre", "clean_participant", "clean_page", "queries", "query",
    "sign_block", "confirm_signature", "safety_event", "report_serious", "assess_event",
    "import",
    "submit_event", "code_event", "add_follow_up", "deviation", "delegation", "delegations",
}  # fmt: skip
NO_PAGES = {
    "health", "front", "robots", "screening_log_csv", "screen_check", "receive_dose", "give_dose",
    "screen_again", "discard_dose", "move_kit", "dispense", "receive_shipment",
    "excursion", "decide_excursion", "enter_unblinding", "review_unblinding", "labels", "label",
    "hand_over", "hand_over_all", "discard", "send", "batch_list", "batch_labels", "carry_over",
    "missed_visit",
    "notice", "end_webhook", "send_again", "revoke_token",
    "record_import", "discard_import", "left_out_csv",
    "page_check", "page_step", "safety_listing_csv", "deviations_csv", "look_for_deviations",
}  # fmt: skip
OVERSIGHT: dict[str, tuple[str, str]] = {
    "safety": ("Max Medical", "/safety/"),
    "safety_listing": ("Max Medical", "/safety/listing/"),
    "oversight": ("Dora Data", "/oversight/"),
    "deviations": ("Max Medical", "/oversight/deviations/"),
    "report_deviation": ("Clara Consultant", "/oversight/deviations/at/01_jena/"),
}
LOOKED_AT = [
    *OVERSIGHT.values(),
    *(("Clara Consultant", path) for path in BEDSIDE.values()),
    ("Clara Consultant", "/patients/nobody/"),
    ("Max Medical", "/unblinding/"),
    *(("Paul Pharmacist", f"keyed:{path}") for path in PHARMACY.values()),
    *(("Ada Administrator", path) for path in ADMINISTRATION.values()),
    *(("", path) for path in PUBLIC.values()),
]


@pytest.mark.parametrize(("who", "path"), LOOKED_AT, ids=lambda given: given.replace("/", "."))
def test_page_keeps_nobody_out(walk: Walk, site_running: RunningSite, who: str, path: str):
    host = site_running.keyed_url if path.startswith("keyed:") else site_running.url
    page = walk(who, kept=True)
    page.goto(host + path.removeprefix("keyed:").format(**site_running.numbers))
    assert graves(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize(("who", "path"), IN_KITS.values(), ids=IN_KITS)
def test_page_of_kits_keeps_nobody_out(
    walk: Walk, kits_site_running: RunningSite, who: str, path: str
):
    site = kits_site_running
    page = walk(who, base_url=site.url)
    page.goto((site.keyed_url if path.startswith("keyed:") else "") + path.removeprefix("keyed:"))
    assert graves(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_every_page_of_ours_is_looked_at():
    ours = {
        name
        for conf in ("immunosep.web.urls", "immunosep.web.keyed_urls")
        for name in names_in(get_resolver(conf))
        if not name.startswith(
            ("account_", "mfa_", "socialaccount_", "openid_", "end_every", "api_")
        )
    }
    seen = {*BEDSIDE, *PHARMACY, *ADMINISTRATION, *PUBLIC, "unblindings", *OVERSIGHT}
    assert ours - seen - NO_PAGES - BY_OTHERS - set(IN_KITS) == set()


def names_in(resolver: URLResolver) -> Iterator[str]:
    """The names of all addresses, however deep."""
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield each.name or ""
        else:
            yield from names_in(each)
