"""A production start refuses what is unsafe and says what to do; a trial is not asked."""

import pytest

from crm.launcher.safety import refuse_unsafe, unsafe

SAFE = {
    "CRM_ENV": "production",
    "SECRET_KEY": "k" * 50,
    "ALLOWED_HOSTS": "crm.example.ru",
    "SITE_URL": "https://crm.example.ru",
}


def test_safe_settings_start():
    assert unsafe(SAFE) == []
    refuse_unsafe(SAFE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "short"}, "too short"),
        ({"DEBUG": "True"}, "DEBUG is on"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is empty"),
        ({"ALLOWED_HOSTS": "crm.example.ru, *"}, r"ALLOWED_HOSTS is \*"),
        ({"SITE_URL": ""}, "not an https"),
        ({"SITE_URL": "http://crm.example.ru"}, "not an https"),
        ({"SITE_URL": "https://other.ru"}, "other.ru, which ALLOWED_HOSTS does not allow"),
    ],
)
def test_each_unsafe_setting_is_named(change, reason):
    with pytest.raises(SystemExit, match=reason):
        refuse_unsafe(SAFE | change)


def test_everything_wrong_is_said_at_once():
    assert len(unsafe({"CRM_ENV": "production", "DEBUG": "1"})) == 4


def test_a_private_network_may_do_without_tls():
    assert unsafe(SAFE | {"SITE_URL": "http://crm.example.ru", "CRM_INSECURE_HTTP": "1"}) == []


def test_subdomains_may_be_allowed_by_a_dot():
    assert unsafe(SAFE | {"ALLOWED_HOSTS": ".example.ru"}) == []


def test_a_trial_needs_no_settings():
    refuse_unsafe({})
