"""The small readings of the environment."""

import doctest
import multiprocessing
import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from shopsite import environment
from shopsite.environment import broker_url, is_public, kept_secret


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(environment).failed == 0


@pytest.mark.parametrize(
    ("redis_url", "expected"),
    [
        ("redis://cache.example:6379/1", "redis://cache.example:6379/1"),
        ("rediss://cache.example/0", "rediss://cache.example/0"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
        ("unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
    ],
)
def test_the_broker_is_the_same_server(redis_url, expected):
    assert broker_url(redis_url) == expected


@pytest.mark.parametrize(
    ("hosts", "public"),
    [(["localhost"], False), (["127.0.0.1", "[::1]"], False), (["localhost", "shop.example"], True), (["*"], True)],
)
def test_a_site_is_public_as_soon_as_one_host_is(hosts, public):
    assert is_public(hosts) is public


def test_a_public_site_must_be_given_its_secret(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        kept_secret(tmp_path / "key", public=True)
    assert not (tmp_path / "key").exists()


def test_the_secret_is_long_private_and_stays(tmp_path):
    key = kept_secret(tmp_path / "deep" / "key", public=False)
    assert len(key) >= 50
    assert kept_secret(tmp_path / "deep" / "key", public=False) == key
    assert stat.S_IMODE((tmp_path / "deep" / "key").stat().st_mode) == 0o600


def _make(path):
    return kept_secret(path, public=False)


def test_processes_that_start_together_agree_on_the_secret(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_make, [tmp_path / "key"] * 16, chunksize=1))) == 1
