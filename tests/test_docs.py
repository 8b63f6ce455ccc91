"""The documentation is complete: what exists is documented, and what is linked exists."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from recommender.conf import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
REFERENCE = "\n".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs" / "reference").glob("*.md")))
SETTINGS_PAGE = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")


def _section(name: str) -> str:
    found = re.search(rf"^### {name}\n(.*?)(?=^##|\Z)", SETTINGS_PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"docs/reference/settings.md has no section ### {name}"
    return found[1]


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_every_setting_is_explained_with_its_default(name):
    section, default = _section(name), getattr(Settings(), name)
    assert "default" in section
    values = list(default.values()) if hasattr(default, "values") and "BACKEND" not in default else [default]
    for value in values:
        shown = value["BACKEND"] if isinstance(value, dict) else value
        assert shown == "" or str(shown) in section or f"{shown:.2f}" in section


def test_no_setting_is_explained_that_does_not_exist():
    assert set(re.findall(r"^### (\w+)$", SETTINGS_PAGE, re.MULTILINE)) == {field.name for field in fields(Settings)}


def test_every_command_is_documented():
    commands = [path.stem for path in (ROOT / "recommender" / "management" / "commands").glob("recommender_*.py")]
    assert [name for name in commands if name not in REFERENCE] == []


def test_every_system_check_is_documented():
    source = (ROOT / "recommender" / "checks.py").read_text(encoding="utf-8")
    ids = re.findall(r"recommender\.[EWI]\d{3}", source)
    assert sorted({name for name in ids if name not in REFERENCE}) == []


def test_every_environment_variable_is_documented():
    source = (ROOT / "shopsite" / "settings.py").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
    names = re.findall(r'env\.\w+\(\s*"(\w+)"', source)
    assert len(names) > 8
    assert [name for name in names if f"`{name}`" not in page] == []


def test_every_make_target_says_what_it_does():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r"^\.PHONY: (\S+)\n(?!\1:.*## \S)", makefile, re.MULTILINE) == []


def test_make_targets_in_the_docs_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(named) <= targets, page


def test_every_relative_link_leads_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_dependency_is_justified():
    page = (ROOT / "docs" / "explanation" / "dependencies.md").read_text(encoding="utf-8").lower()
    other_names = {
        "djangorestframework": "django rest framework",
        "psycopg": "psycopg",
        "redis": "redis-py",
        "djangorestframework-stubs": "stubs of django, drf",
        "django-stubs": "stubs of django",
        "celery-types": "celery",
        "scipy-stubs": "scipy",
        "types-psutil": "psutil",
        "axe-playwright-python": "axe",
        "myst-parser": "myst",
        "backports-strenum": "ai-edge-litert",
        "setuptools": "build",
        "uv": "make requirements",
    }
    for file in ("requirements.in", "requirements-dev.in", "requirements-peers.in"):
        for name in re.findall(r"^([a-z][a-z0-9-]+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE):
            assert other_names.get(name, name) in page, name


def test_the_pins_carry_hashes_and_name_no_index():
    for file in ("requirements.txt", "requirements-dev.txt", "requirements-peers.txt"):
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line.startswith("-") or "://" in line] == []
        pins = "\n".join(lines).split("\n\n")[0]
        for pin in re.findall(r"^[a-z].*?(?=^[a-z]|\Z)", pins, re.DOTALL | re.MULTILINE):
            assert "==" in pin, pin
            assert "--hash=sha256:" in pin, pin


def test_the_languages_of_the_shop():
    assert [code for code, _ in django_settings.LANGUAGES] == ["en", "zh-hans"]
