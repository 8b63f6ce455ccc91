"""A public shop's settings, as the environment makes them, leave nothing to warn about."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def check(tmp_path, **environment):
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=kept | {"DATA_DIR": str(tmp_path), "SECRET_KEY": secrets.token_urlsafe(50)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_django_has_nothing_to_warn_about(tmp_path):
    for more in ({}, {"BEHIND_PROXY": "true", "REDIS_URL": "redis://cache/0", "DATABASE_URL": "postgres://db/shop"}):
        done = check(tmp_path, ALLOWED_HOSTS="shop.example", **more)
        assert done.returncode == 0, done.stderr
        assert "no issues (0 silenced)" in done.stdout + done.stderr


def test_the_check_would_find_something(tmp_path):
    assert check(tmp_path, ALLOWED_HOSTS="shop.example", HTTPS="false").returncode != 0
