"""The image encoder is judged by labels that pictures inherit from all products that use them."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from recommender.engines.colour_encoder import ColourEncoder
from recommender.exceptions import DatasetError
from recommender.services.evaluating.images import evaluate_images
from tests.folders import phone, write_products
from tests.shop import phone_picture


@pytest.fixture
def folder(tmp_path):
    """Two models in two colours, and a third alone; the two sizes of one share their picture's content."""
    path = tmp_path / "set"
    write_products(
        path,
        [
            phone("nova-red-64", model="nova", color="red", images="images/a.png"),
            phone("nova-red-128", model="nova", color="red", images="images/b.png|images/c.png"),
            phone("nova-blue", model="nova", color="blue", images="images/d.png"),
            phone("lumen-blue", model="lumen", color="blue", images="images/e.png|images/f.png"),
            phone("solo", model="solo", color="green", images="images/g.png"),
        ],
    )
    for name, drawn in zip("abcdefg", ("red", "red", "darkred", "navy", "blue", "mediumblue", "green"), strict=True):
        (path / "images" / f"{name}.png").write_bytes(phone_picture(drawn))
    return path


def write_photos(folder, rows):
    with (folder / "photos.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("photo", "product_id", "split"), *rows])


def judge(folder, **options):
    return evaluate_images(folder, encoder=ColourEncoder(), **options)


def test_equal_contents_are_one_picture_and_only_those_with_a_match_query(folder):
    report = judge(folder)
    assert report["pictures"] == 6  # a and b are the same file
    assert report["same_model"]["queries"] == 5  # all but the one of "solo"
    assert report["same_item"]["queries"] == 4  # the blue nova has no second picture
    assert report["photo_to_product"] == {}
    assert report["unreadable"] == []
    assert report["encoder"] == ColourEncoder().version


def test_colour_finds_the_item_and_not_the_model(folder):
    report = judge(folder)
    assert report["same_item"]["top1"] == 1
    assert report["same_item"]["map"] > report["same_model"]["map"]


def test_products_are_compared_as_shelves_do_and_by_their_means(tmp_path):
    """A back alone is blurred in the mean of the whole; a rival that resembles both pictures is not."""
    path = tmp_path / "set"
    write_products(
        path,
        [
            phone("whole", model="nova", color="red", images="images/front.png|images/back.png"),
            phone("sizes", model="nova", color="red", images="images/front.png|images/back.png"),
            phone("alone", model="nova", color="red", images="images/back.png"),
            phone("rival", model="lumen", color="red", images="images/paler_front.png|images/paler_back.png"),
        ],
    )
    drawn = {"front": "red", "back": "blue", "paler_front": (191, 39, 49), "paler_back": (39, 69, 191)}
    for name, colour in drawn.items():
        (path / "images" / f"{name}.png").write_bytes(phone_picture(colour))
    products = judge(path)["products"]
    assert (products["count"], products["several"]) == (3, 2)
    assert products["same_model"] == {"top1": 1.0, "map": 1.0, "queries": 2}
    assert products["by_mean"]["same_model"] == {"top1": 0.5, "map": 0.75, "queries": 2}
    assert products["same_color"]["queries"] == 3


def test_without_several_pictures_a_product_there_is_nothing_to_compare(tmp_path):
    path = tmp_path / "set"
    write_products(path, [phone("one", model="a", color="red", images="images/a.png")])
    (path / "images" / "a.png").write_bytes(phone_picture("red"))
    assert judge(path)["products"] is None


def test_photos_look_for_their_product_by_split(folder):
    (folder / "p.png").write_bytes(phone_picture("green"))
    (folder / "q.png").write_bytes(phone_picture("darkred"))
    write_photos(folder, [("p.png", "solo", "val"), ("q.png", "nova-red-128", "test"), ("q.png", "unknown", "test")])
    found = judge(folder)["photo_to_product"]
    assert found["val"] == {"top1": 1.0, "top5": 1.0, "mrr": 1.0, "queries": 1}
    assert found["test"] == {"top1": 1.0, "top5": 1.0, "mrr": 1.0, "queries": 1}


def test_unreadable_pictures_are_listed_and_skipped(folder):
    (folder / "images" / "c.png").write_bytes(b"no picture")
    (folder / "images" / "g.png").unlink()
    report = judge(folder)
    assert report["pictures"] == 4
    assert {entry["file"].rsplit("/")[-1] for entry in report["unreadable"]} == {"c.png", "g.png"}
    assert all(entry["reason"] for entry in report["unreadable"])


def test_progress_ends_at_the_number_of_files(folder):
    (folder / "p.png").write_bytes(phone_picture("green"))
    write_photos(folder, [("p.png", "solo", "val")])
    seen = []
    judge(folder, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (7, 7)
    assert seen == sorted(seen)


def test_folders_without_products_or_pictures_say_what_to_do(tmp_path):
    with pytest.raises(DatasetError, match="is not a folder"):
        judge(tmp_path / "none")
    with pytest.raises(DatasetError, match=r"no products\.csv"):
        judge(tmp_path)
    write_products(tmp_path, [{"product_id": "a"}])
    with pytest.raises(DatasetError, match="no readable picture"):
        judge(tmp_path)


def run(*args):
    out, err = io.StringIO(), io.StringIO()
    call_command("recommender_evaluate_images", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_prints_a_table_and_writes_the_report(folder, tmp_path):
    file = tmp_path / "new" / "report.json"
    (folder / "images" / "g.png").write_bytes(b"no picture")
    out, err = run("--dataset", str(folder), "--json", str(file))
    report = json.loads(file.read_text())
    assert f"{report['same_item']['map']:.3f}" in out
    assert "same model and colour" in out
    assert "products by their means: same colour " in out
    assert "1 unreadable files left out" in out
    assert "g.png" in err
    assert {"top1", "map", "queries"} == set(report["same_model"])


def test_the_command_names_the_cure(tmp_path):
    with pytest.raises(CommandError, match="is not a folder"):
        run("--dataset", str(tmp_path / "none"))
    with pytest.raises(CommandError, match="--dataset"):
        run()
