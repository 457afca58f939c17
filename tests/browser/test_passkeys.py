"""Setting up a passkey and coming in with it, on the authenticator that Chromium emulates."""

from playwright.sync_api import Page, expect

from tests.browser.chromium import needs_chromium
from tests.browser.conftest import Walk
from tests.web.people import PASSWORD

pytestmark = needs_chromium


def with_authenticator(page: Page) -> None:
    """A device of the browser's own that asks its holder and keeps keys (WebAuthn level 2)."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def confirm_if_asked(page: Page) -> None:
    if page.get_by_role("heading", name="Confirm that it is you").is_visible():
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()


def test_a_passkey_is_added_and_lets_in_without_a_password(walk: Walk):
    page = walk("Lena Laboratory")
    with_authenticator(page)
    page.goto("/account/2fa/passkeys/add/")
    confirm_if_asked(page)
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Add a passkey")).to_be_hidden()
    page.goto("/home/")
    page.get_by_role("button", name="Log out").click()
    page.goto("/account/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
