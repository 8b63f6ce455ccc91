"""Building the folder and the command around it: complete, cached, resumable, and readable as a data set."""

import csv
import re
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from catalog.demo import building
from catalog.demo.building import Plan, build
from catalog.demo.families import FAMILIES
from catalog.demo.picturing import draw, shoot, sittings
from catalog.importing import upsert_product
from recommender.datasets.folder import DatasetFolder

END = date(2026, 3, 1)
PRODUCTS = 8


@pytest.fixture(autouse=True)
def _tiny(monkeypatch):
    """A size that draws in a second."""
    families = tuple(family for family in FAMILIES if family.title in ("Vellorin Halo 7", "Mikoru Mini 3"))
    monkeypatch.setitem(building.PLANS, "tiny", Plan(families, ("front", "back"), shoppers=60, pixels=160))


def command(folder):
    return ("demo_range", "--out", str(folder), "--size", "tiny", "--end", "2026-03-01")


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".json"
    }


def test_a_range_is_a_readable_data_set(tmp_path):
    steps = []
    summary = build(tmp_path / "range", end=END, size="tiny", progress=lambda *step: steps.append(step))
    dataset = DatasetFolder(tmp_path / "range")
    products, events = list(dataset.products()), list(dataset.interactions())
    assert dataset.errors == []
    assert (summary.families, summary.products, summary.pictures, summary.drawn) == (2, PRODUCTS, 8, 8)
    assert (len(products), len(events)) == (PRODUCTS, summary.interactions)
    assert {event.product_id for event in events} <= {product.product_id for product in products}
    for product in products:
        assert [image.suffix for image in product.images] == [".webp", ".webp"]
        for image in product.images:
            with Image.open(image) as picture:
                picture.load()
                assert picture.size == (160, 160)
    assert steps[0] == ("pictures", 0, 8)
    assert ("pictures", 8, 8) in steps
    assert steps[-1] == ("history", 1, 1)


@pytest.mark.django_db
def test_the_shop_takes_every_product_as_it_is(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    build(tmp_path / "range", end=END, size="tiny")
    records = list(DatasetFolder(tmp_path / "range").products())
    products = [upsert_product(record) for record in records]
    assert [product.images.count() for product in products] == [2] * PRODUCTS
    halo = products[0]
    assert (halo.title, halo.color, halo.color_name) == ("Vellorin Halo 7 128 GB Glacier Blue", "blue", "Glacier Blue")
    assert (halo.color_hex, halo.storage_gb, halo.price) == ("#3f6fc4", 128, 399)
    assert (halo.family.name, halo.family.chip, halo.family.released_on) == (
        "Vellorin Halo 7",
        "Arvos 6",
        date(2023, 11, 30),
    )
    assert halo.family.description.startswith("The Vellorin Halo 7")
    assert halo.family.description_zh.startswith("Vellorin Halo 7 ")
    assert set(halo.attributes) == {"resolution", "operating_system", "back", "camera_layout"}


def test_equal_arguments_give_equal_files(tmp_path):
    for name in ("one", "two"):
        build(tmp_path / name, end=END, size="tiny", seed=5)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_several_processes_draw_what_one_draws(tmp_path):
    shown = [family for family in FAMILIES if family.title in ("Mikoru Mini 4", "Calyro Pop 7")]
    work, seen = sittings(shown, ("back",)), []
    assert shoot(tmp_path / "many", work, 0, 120, lambda done, total: seen.append((done, total))) == 6
    for sitting in work:
        draw(tmp_path / "one", sitting, 0, 120)
    assert files(tmp_path / "many") == files(tmp_path / "one")
    assert seen == [(done, 6) for done in range(7)]


def test_several_processes_stop_when_asked(tmp_path):
    def interrupt(done, total):
        if done:
            raise KeyboardInterrupt

    shown = [family for family in FAMILIES if family.title in ("Mikoru Mini 4", "Calyro Pop 7")]
    with pytest.raises(KeyboardInterrupt):
        shoot(tmp_path, sittings(shown, ("back",)), 0, 120, interrupt)
    assert 1 <= len(list(tmp_path.rglob("*.webp"))) <= 6
    assert list(tmp_path.rglob("*.part")) == []


def test_a_complete_folder_is_left_alone(tmp_path):
    first = build(tmp_path, end=END, size="tiny")
    again = build(tmp_path, end=END, size="tiny")
    assert (first.is_cached, again.is_cached) == (False, True)
    assert again.drawn == 0
    assert again.interactions == first.interactions


def test_another_end_keeps_the_pictures_and_moves_the_tables(tmp_path):
    build(tmp_path, end=END, size="tiny")
    before = files(tmp_path)
    summary = build(tmp_path, end=date(2026, 4, 1), size="tiny")
    after = files(tmp_path)
    assert summary.drawn == 0
    assert {name for name in before if before[name] != after[name]} == {"products.csv", "interactions.csv.gz"}


def test_an_interrupted_build_goes_on_where_it_stopped(tmp_path):
    def interrupt(step, done, total):
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, end=END, size="tiny", progress=interrupt)
    present = len(list(tmp_path.rglob("*.webp")))
    assert present >= 4
    assert build(tmp_path, end=END, size="tiny").drawn == 8 - present
    complete = build(tmp_path / "fresh", end=END, size="tiny")
    assert complete.drawn == 8


def test_another_seed_draws_again(tmp_path):
    build(tmp_path, end=END, size="tiny", seed=1)
    assert build(tmp_path, end=END, size="tiny", seed=2).drawn == 8


def test_a_folder_with_something_else_is_not_touched(tmp_path):
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="holds no demo range"):
        build(tmp_path, end=END, size="tiny")
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


def test_the_command_reports_what_the_folder_holds_and_that_it_is_complete(tmp_path):
    first, second = StringIO(), StringIO()
    for out in (first, second):
        call_command(*command(tmp_path), stdout=out)
    assert "2 families, 8 products, 8 pictures" in first.getvalue()
    assert "until 2026-03-01" in first.getvalue()
    assert "8 pictures drawn in" in first.getvalue()
    assert "Nothing to do: it was complete." in second.getvalue()
    with (tmp_path / "products.csv").open(encoding="utf-8") as table:
        assert len(list(csv.DictReader(table))) == PRODUCTS


def test_the_command_is_silent_when_asked(tmp_path, capfd):
    out = StringIO()
    call_command(*command(tmp_path), verbosity=0, stdout=out)
    assert out.getvalue() == ""
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--end", "tomorrow"], "'tomorrow' is no date such as 2026-01-31"),
        (["--seed", "-1"], "'-1' is no whole number of 0 or more"),
        (["--size", "huge"], "invalid choice: 'huge'"),
    ],
)
def test_the_command_names_what_is_wrong(tmp_path, arguments, words):
    with pytest.raises(CommandError, match=re.escape(words)):
        call_command("demo_range", "--out", str(tmp_path), *arguments)


def test_the_command_refuses_a_folder_with_something_else(tmp_path):
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(CommandError, match="holds no demo range"):
        call_command(*command(tmp_path))
