"""Scripts name each other by their content: a browser that kept an old module never runs it with a new one."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage

from shopsite.statics import HashedStaticFiles

SCRIPTS = Path(finders.find("catalog/js/shop.js")).parent
IMPORT = re.compile(r'from "\./([\w.]+)"')


def deployed(folder, changes=None):
    """Plain name -> hashed name of the shop's scripts, some of them changed, as `collectstatic` leaves them."""
    source = folder / "source"
    source.mkdir(parents=True)
    for script in SCRIPTS.glob("*.js"):
        (source / script.name).write_text(script.read_text() + (changes or {}).get(script.name, ""))
    storage = HashedStaticFiles(location=folder / "static", base_url="/static/")
    files = {}
    for script in source.iterdir():
        with script.open("rb") as content:
            storage.save(script.name, content)
        files[script.name] = (FileSystemStorage(location=source), script.name)
    for _name, _hashed, problem in storage.post_process(files):
        if isinstance(problem, Exception):
            raise problem
    return {name: storage.stored_name(name) for name in files}


@pytest.fixture
def names(tmp_path):
    return deployed(tmp_path / "one")


def test_modules_import_each_other_by_hashed_names(names, tmp_path):
    folder = tmp_path / "one" / "static"
    imported = {name: IMPORT.findall((folder / hashed).read_text()) for name, hashed in names.items()}
    assert set(imported["shop.js"]) >= {names["basket.js"], names["filters.js"], names["theme.js"]}
    assert imported["basket.js"] == [names["toast.js"]]
    assert {module for modules in imported.values() for module in modules} <= set(names.values())


def test_a_changed_module_renames_all_that_import_it(names, tmp_path):
    later = deployed(tmp_path / "two", {"toast.js": "\n// changed"})
    assert {name for name in names if later[name] != names[name]} == {"toast.js", "basket.js", "shop.js"}
