"""Files at every door that takes one: refused for what they are, kept under our names, served as what they are."""

import gzip
import io
import tarfile
import zipfile

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from PIL import Image

from catalog.models import Family, Product, ProductImage
from recommender.services import training
from tests.folders import phone, write_products
from tests.imaging import pictures
from tests.realservices.test_freshness import admin_form
from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too
from tests.shop import make_product, phone_picture

pytestmark = pytest.mark.django_db


def zip_file(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("../../out.png", b"x")
    return out.getvalue()


def tar_file():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return out.getvalue()


PICTURE = phone_picture(size=60)
NO_PICTURES = {
    "zip with a link and a way out": zip_file(picture=PICTURE),
    "zip bomb": zip_file(zeros=bytes(20_000_000)),
    "tar with a link": tar_file(),
    "gzip of a picture": gzip.compress(PICTURE),
    "gzip bomb": gzip.compress(bytes(20_000_000)),
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "php": b"<?php system($_GET['x']); ?>",
    "gif": b"GIF89a\x01\x00\x01\x00\x00\xff\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x00;",
    "pdf": b"%PDF-1.7\n1 0 obj <<>> endobj",
    "program": b"\x7fELF" + bytes(60),
    "script": b"#!/bin/sh\nid\n",
    "nothing": b"",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n",
    "psd": b"8BPS\0\1" + bytes(20),
    "tiff": pictures.encoded(pictures.quarters(), "TIFF"),
    "ico": pictures.encoded(pictures.quarters(), "ICO"),
    "too many pixels": pictures.png_bomb(10_000, 10_000),
    "too large a canvas": pictures.webp_bomb(16_000, 16_000),
    "too many scans": pictures.jpeg_of_many_scans(200),
    "many frames of a gif": pictures.animated("GIF"),
    "many frames of a png": pictures.animated("PNG"),
    "many frames of a webp": pictures.animated("WEBP"),
}
NAMES = ("a.png", "a.php", "a.png.php", "../../a.png", "a.html", "a.png\0.php", ".htaccess", "con", "x" * 300 + ".png")


@pytest.fixture
def media(settings, tmp_path, light):  # noqa: F811
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def stored(media):
    return sorted(path for path in media.rglob("*") if path.is_file())


def save(client, content, name):
    family, _ = Family.objects.get_or_create(key="late", defaults={"name": "Late", "category": "phone"})
    form = admin_form(family, content) | {"images-0-file": SimpleUploadedFile(name, content, "image/png")}
    return client.post("/admin/catalog/product/add/", form)


def bring(folder, content, name="nova.png"):
    """Import a folder of one product with this file as its picture."""
    (folder / "images").mkdir(parents=True)
    (folder / "images" / name).write_bytes(content)
    write_products(folder, [phone("nova", images=f"images/{name}")])
    call_command("recommender_import", str(folder), stdout=io.StringIO(), stderr=io.StringIO())


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_what_is_no_picture_is_refused_at_every_door_and_nothing_of_it_is_kept(admin_client, media, tmp_path, kind):
    content = NO_PICTURES[kind]
    for name in ("a.png", "a.zip", "a"):
        assert save(admin_client, content, name).status_code == 200
        photo = admin_client.post("/search-by-photo/", {"image": SimpleUploadedFile(name, content, "image/png")})
        assert photo.status_code == 400
        sent = admin_client.post("/api/v1/visual-search/", {"image": SimpleUploadedFile(name, content, "image/png")})
        assert 400 <= sent.status_code < 500
    listed = SimpleUploadedFile("a.csv", content, "text/csv")
    page = admin_client.post("/admin/catalog/product/import/", {"format": "0", "import_file": listed})
    assert "Confirm import" not in page.content.decode()
    with pytest.raises(CommandError, match="Nothing could be imported"):
        bring(tmp_path / "set", content)
    assert not Product.objects.exists()
    assert stored(media) == []


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_an_uploaded_name_is_checked_against_the_content_and_never_used(admin_client, media, name):
    answer = save(admin_client, PICTURE, name)
    for path in stored(media):
        assert media in path.resolve().parents
        assert path.suffix in (".png", ".webp")
        assert len(path.stem) >= 40
        assert set(path.stem.split("-")[0]) <= set("0123456789abcdef")
    assert bool(stored(media)) == (answer.status_code == 302)


def test_a_tail_that_would_be_a_program_elsewhere_is_not_stored(admin_client, media):
    assert save(admin_client, PICTURE + b"<?php system('id'); ?>" + zip_file(x=b"y"), "a.png").status_code == 302
    assert stored(media)
    for path in stored(media):
        assert b"<?php" not in path.read_bytes()
        assert b"PK\x03\x04" not in path.read_bytes()


def keep(door, client, folder, content):
    """Have a door that stores pictures take this one."""
    if door == "import":
        bring(folder, content, "nova.jpg")
        assert ProductImage.objects.get().product.sku == "nova"
    else:
        assert save(client, content, "nova.jpg").status_code == 302


@pytest.mark.parametrize("door", ["form", "import"])
def test_nothing_that_a_camera_tells_is_kept_of_a_picture_and_it_stands_upright(admin_client, media, tmp_path, door):
    talkative = pictures.talkative()
    for told in (b"SecretCamera", b"SecretPlace", b"SecretComment", b"SecretCaption", b"acsp"):
        assert told in talkative
    keep(door, admin_client, tmp_path / "set", talkative)
    assert {path.suffix for path in stored(media)} == {".jpg", ".webp"}
    for path in stored(media):
        assert b"Secret" not in path.read_bytes()
        with Image.open(path) as image:
            assert not image.getexif()
            assert not {"exif", "icc_profile", "xmp", "comment", "photoshop"} & set(image.info)
            width, height = image.size
            assert height == 2 * width
            # On its side blue came first; the profile says that red is green and green is red.
            found = [image.convert("RGB").getpixel((x, y)) for y in (9, height - 9) for x in (9, width - 9)]
            assert [[level > 127 for level in colour] for colour in found] == [
                [False, False, True],
                [False, True, False],
                [True, True, False],
                [True, False, False],
            ]


@pytest.mark.parametrize("door", ["form", "import"])
def test_of_the_many_pictures_of_a_phone_the_first_is_kept(admin_client, media, tmp_path, door):
    keep(door, admin_client, tmp_path / "set", pictures.many_pictures())
    for path in stored(media):
        with Image.open(path) as image:
            assert image.format in ("JPEG", "WEBP")
            assert image.convert("RGB").getpixel((9, 9))[0] > 127


@pytest.mark.parametrize("make", [pictures.talkative, pictures.many_pictures, lambda: PICTURE + zip_file(x=b"y")])
@pytest.mark.parametrize("address", ["/search-by-photo/", "/api/v1/visual-search/"])
def test_such_pictures_are_looked_at_by_photo_and_nothing_of_them_is_kept(client, media, make, address):
    make_product("nova", picture=False)
    training.train()
    answer = client.post(address + "?anyway=true", {"photo": SimpleUploadedFile("IMG_1", make())})
    assert answer.status_code == 200, answer.content
    assert stored(media) == []


def test_a_stored_picture_is_served_as_a_picture_and_nothing_else_guesses(client, admin_client, media):
    assert save(admin_client, PICTURE, "a.png").status_code == 302
    image = ProductImage.objects.get()
    answer = client.get(f"/{django_settings.MEDIA_URL.strip('/')}/{image.file.name}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    (media / "products" / "left.php").write_bytes(b"<?php echo 6*7; ?>")
    left = client.get(f"/{django_settings.MEDIA_URL.strip('/')}/products/left.php")
    assert b"".join(left.streaming_content) == b"<?php echo 6*7; ?>", "sent as it is, run by nobody"
    assert left["X-Content-Type-Options"] == "nosniff"


def test_downloads_name_themselves_whatever_is_asked(admin_client, light):  # noqa: F811
    product = make_product('=cmd"; filename="x.exe\r\nX: y', picture=False)
    admin_client.get(product.get_absolute_url())
    export = admin_client.post("/admin/catalog/product/export/", {"format": "0", "filename": "x.exe"})
    for answer in (export, admin_client.get("/about-you/export/?filename=x.exe")):
        disposition = answer["Content-Disposition"]
        assert disposition.startswith("attachment; filename=")
        assert "exe" not in disposition
        assert "\n" not in disposition


def test_a_product_has_so_many_pictures_and_no_more(admin_client, media, monkeypatch):
    monkeypatch.setattr("catalog.admin.pictures.ProductImageInline.max_num", 1)
    family = Family.objects.create(key="late", name="Late", category="phone")
    form = admin_form(family, PICTURE) | {
        "images-TOTAL_FORMS": "2",
        "images-1-file": SimpleUploadedFile("b.png", phone_picture("blue", size=60), "image/png"),
        "images-1-position": "1",
    }
    page = admin_client.post("/admin/catalog/product/add/", form)
    assert page.status_code == 200
    assert "Please submit at most 1 form." in page.content.decode()
    assert not Product.objects.exists()
    too_many = {f"file{n}": SimpleUploadedFile(f"{n}.png", b"x") for n in range(101)}
    assert admin_client.post("/admin/catalog/product/add/", too_many).status_code == 400
