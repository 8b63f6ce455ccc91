"""Content types from strangers reach Django harmless, and good ones as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopsite.headers import harmless
from shopsite.wsgi import application
from tests.hostile.raw import ask

GOOD = [
    "application/json",
    "application/x-www-form-urlencoded; charset=UTF-8",
    'multipart/form-data; boundary="a b"; charset=utf-8',
    "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
]


@pytest.mark.parametrize("content_type", GOOD)
def test_what_browsers_send_stays(content_type):
    assert harmless(content_type) == content_type


def test_an_odd_charset_goes_and_the_boundary_stays():
    assert harmless("multipart/form-data; boundary=b; charset=hex") == 'multipart/form-data; boundary="b"'
    assert harmless("text/plain; charset*=nowhere'en'x") == "text/plain"


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_nothing_makes_it_fail_and_the_result_is_harmless(rest):
    for content_type in (f"text/plain;{rest}", f"text/plain; charset={rest}", f"text/plain; charset*={rest}"):
        once = harmless(content_type)
        assert harmless(once) == once


@pytest.mark.django_db
def test_the_web_servers_entry_is_guarded():
    assert type(application).__name__ == "HarmlessContentType"
    assert ask("POST", "/theme/", content_type="text/plain; charset*=nowhere'en'x").status == 403
