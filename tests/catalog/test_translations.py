"""Both languages are complete, and the compiled catalogues are those of the texts beside them."""

from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).parents[2]
CATALOGUES = ["catalog/locale/zh_Hans/LC_MESSAGES/django", "recommender/locale/zh_Hans/LC_MESSAGES/django"]


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_text_is_translated(name):
    texts = polib.pofile(ROOT / f"{name}.po")
    assert [entry.msgid for entry in texts.untranslated_entries() + texts.fuzzy_entries()] == []


@pytest.mark.parametrize("name", CATALOGUES)
def test_the_compiled_catalogue_is_up_to_date(name):
    def pairs(entries):
        return {(entry.msgid, entry.msgstr or entry.msgstr_plural.get(0)) for entry in entries if not entry.obsolete}

    assert pairs(polib.mofile(ROOT / f"{name}.mo")) == pairs(polib.pofile(ROOT / f"{name}.po"))
