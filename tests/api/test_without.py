"""What the API needs, and what does not need the API."""

import importlib.util
import os
import runpy
import subprocess
import sys
from textwrap import dedent

import pytest
from django.core.exceptions import ImproperlyConfigured

from recommender import urls

HOST = """
    import sys, importlib, pkgutil
    from django.conf import settings

    class Missing:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in {blocked!r}:
                raise ModuleNotFoundError(name)

    sys.meta_path.insert(0, Missing())
    from tests import settings as shop
    apps = [name for name in shop.INSTALLED_APPS if name.partition(".")[0] not in {blocked!r}]
    values = {{name: getattr(shop, name) for name in dir(shop) if name.isupper()}}
    settings.configure(**values | {{"INSTALLED_APPS": apps, "ROOT_URLCONF": "catalog.urls"}})
    import django
    django.setup()
    for name in {imported!r}:
        importlib.import_module(name)
    print(sorted({unwanted!r} & sys.modules.keys()))
"""


def run_host(imported, *, blocked=(), unwanted=()):
    code = dedent(HOST).format(blocked=set(blocked), imported=list(imported), unwanted=set(unwanted))
    own = {
        name: value for name, value in os.environ.items() if name != "DATA_DIR"
    }  # which a process deletes at its end
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=own)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_host_without_rest_framework_has_everything_but_the_api():
    rooms = ("models", "services.recommending", "services.tracking", "widgets", "tasks", "receivers", "checks", "admin")
    frameworks = ("rest_framework", "rest_framework_simplejwt", "drf_spectacular", "drf_spectacular_sidecar")
    assert run_host([f"recommender.{room}" for room in rooms], blocked=frameworks, unwanted=frameworks) == "[]"


def test_the_api_imports_nothing_heavy():
    heavy = ("tensorflow", "keras", "implicit", "ai_edge_litert", "scipy", "matplotlib")
    assert run_host(["recommender.urls"], blocked=heavy, unwanted=heavy) == "[]"


def test_mounting_the_api_without_its_extra_names_the_cure(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match=r"django-visual-recommender\[api\]"):
        runpy.run_path(urls.__file__)
