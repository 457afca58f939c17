"""The addresses of coming in, going out and proving who one is: those of allauth that we need.

An allow-list: allauth's own list has sign-up, change of address, log-in by mailed code and links to
other directories, none of which this site has.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as hospital
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.urls import path, re_path
from django.views.generic import RedirectView

from immunosep.web.accounts.language_views import language
from immunosep.web.accounts.log_in_views import end_every_log_in, log_ins
from immunosep.web.accounts.second_factor_views import AddPasskey, SetUpApp, recovery_codes

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("logout/everywhere/", end_every_log_in, name="end_every_log_in"),
    path("log-ins/", log_ins, name="account_log_ins"),
    path("language/", language, name="account_language"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path(  # allauth's mails ask for this address; nobody signs up
        "signup/", RedirectView.as_view(pattern_name="account_login"), name="account_signup"
    ),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path(  # who has only ever come through the hospital gets a password by mail, as all do
        "password/set/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",
    ),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", mfa.index, name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", SetUpApp.as_view(), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/codes/", recovery_codes, name="mfa_recovery_codes"),
    path("2fa/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("2fa/passkeys/add/", AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("2fa/passkeys/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path(
        "2fa/passkeys/reauthenticate/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("2fa/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("2fa/passkeys/<int:pk>/edit/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("oidc/cancelled/", hospital.login_cancelled, name="socialaccount_login_cancelled"),
    path("oidc/error/", hospital.login_error, name="socialaccount_login_error"),
    path("oidc/<provider_id>/login/", openid_connect.login, name="openid_connect_login"),
    path(
        "oidc/<provider_id>/login/callback/",
        openid_connect.callback,
        name="openid_connect_callback",
    ),
]
