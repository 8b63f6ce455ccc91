"""The guard in front of every decoder, and what comes out behind it."""

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from recommender.exceptions import ImageRefusedError
from recommender.imaging import guard
from recommender.imaging.decode import decode, sanitise
from recommender.imaging.refusals import MESSAGES, Refusal
from recommender.services import refusals
from tests.imaging import pictures
from tests.imaging.pictures import encoded, noise, quarters

RED, GREEN, BLUE, YELLOW, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 255, 255)


def corners(pixels):
    """The colours at the four corners, reading order, rounded to pure ones."""
    found = pixels[[1, 1, -2, -2], [1, -2, 1, -2]]
    return [tuple(int(level) for level in colour) for colour in np.where(found > 127, 255, 0)]


def refused(data, **options):
    with pytest.raises(ImageRefusedError) as caught:
        decode(data, **options)
    with pytest.raises(ImageRefusedError) as again:
        sanitise(data, **options)
    assert caught.value.reason == again.value.reason
    return caught.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("filename", ["", "phone", "phone.{}", "PHONE.{}", "a/b.c/phone.{}"])
def test_each_allowed_format_is_read(kind, filename):
    picture = decode(encoded(quarters(), kind), filename=filename.format(kind.lower()))
    assert picture.pixels.shape == (20, 40, 3)
    assert picture.pixels.dtype == np.uint8
    assert corners(picture.pixels) == [RED, GREEN, BLUE, YELLOW]
    assert picture.mask.shape == (20, 40)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Refusal.EMPTY),
        (b"<html><script>alert(1)</script></html>", Refusal.UNSUPPORTED_FORMAT),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', Refusal.UNSUPPORTED_FORMAT),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", Refusal.UNSUPPORTED_FORMAT),
        (b"8BPS\0\1" + bytes(20), Refusal.UNSUPPORTED_FORMAT),
        (encoded(quarters(), "GIF"), Refusal.UNSUPPORTED_FORMAT),
        (encoded(quarters(), "TIFF"), Refusal.UNSUPPORTED_FORMAT),
        (encoded(quarters(), "BMP"), Refusal.UNSUPPORTED_FORMAT),
        (encoded(quarters(), "JPEG2000"), Refusal.UNSUPPORTED_FORMAT),
        (pictures.PNG_HEAD, Refusal.UNREADABLE),
        (b"\xff\xd8\xff", Refusal.UNREADABLE),
        (b"RIFF\x10\0\0\0WEBP", Refusal.UNREADABLE),
        (pictures.PNG_HEAD + b"\xf4\xa8\x81\xe1" * 9, Refusal.UNREADABLE),
        (pictures.png_bomb(10_000, 10_000), Refusal.TOO_MANY_PIXELS),
        (pictures.png_bomb(2**31 - 1, 1), Refusal.TOO_MANY_PIXELS),
        (pictures.png_bomb(5_000, 5_000), Refusal.UNREADABLE),
        (pictures.webp_bomb(16_000, 16_000), Refusal.TOO_MANY_PIXELS),
        (pictures.webp_bomb(5_000, 5_000), Refusal.TOO_MANY_PIXELS_OF_ITS_KIND),
        (pictures.jpeg_of_many_scans(200), Refusal.UNREADABLE),
        (pictures.animated("PNG"), Refusal.ANIMATED),
        (pictures.animated("WEBP"), Refusal.ANIMATED),
    ],
)
def test_hostile_content_is_refused_with_its_reason(data, reason):
    assert refused(data).reason is reason
    assert refused(data, filename="photo.jpg").reason in {reason, Refusal.EXTENSION_MISMATCH}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_truncation_is_refused_or_read_in_full(kind):
    data = encoded(noise((24, 24)), kind)
    whole = decode(data).pixels
    outcomes = set()
    for length in range(0, len(data), max(1, len(data) // 40)):
        try:
            outcomes.add(decode(data[:length]).pixels.shape)
        except ImageRefusedError as refusal:
            outcomes.add(refusal.reason)
    assert Refusal.UNREADABLE in outcomes
    assert outcomes <= {whole.shape, *Refusal}


def test_size_is_judged_before_the_content():
    assert refused(b"no picture at all" * 100, max_bytes=1000).reason is Refusal.TOO_LARGE
    data = encoded(quarters(), "PNG")
    assert refused(data, max_bytes=len(data) - 1).reason is Refusal.TOO_LARGE
    assert decode(data, max_bytes=len(data)).pixels.shape == (20, 40, 3)


def test_the_pixel_limit_is_inclusive():
    data = encoded(quarters((40, 20)), "JPEG")
    assert decode(data, max_pixels=800).pixels.shape == (20, 40, 3)
    assert refused(data, max_pixels=799).reason is Refusal.TOO_MANY_PIXELS


@pytest.mark.parametrize("name", ["photo.png", "photo.gif", "photo.php", "photo.jpg.svg", "photo.JPG.exe ", ".a.b"])
def test_a_name_that_contradicts_the_content_is_refused(name):
    error = refused(encoded(quarters(), "JPEG"), filename=name)
    assert error.reason is Refusal.EXTENSION_MISMATCH
    assert "JPEG" in str(error)


def test_every_refusal_has_a_message_that_names_a_cure():
    assert set(MESSAGES) == set(Refusal)
    assert all(any(verb in text for verb in ("upload", "Rename")) for text in MESSAGES.values())
    assert "1 MB" in str(refused(bytes(2**20 + 1), max_bytes=2**20))
    assert "12.5 million" in str(refused(pictures.webp_bomb(5_000, 5_000)))


def test_what_a_door_says_of_a_kind_is_what_the_guard_allows():
    said = refusals.explain_reason(Refusal.TOO_MANY_PIXELS_OF_ITS_KIND)
    assert f"{guard.MAX_WEBP_PIXELS / 1e6:g} million" in said
    assert f"{guard.MAX_PROGRESSIVE_PIXELS / 1e6:g} million" in said


def test_a_polyglot_is_read_as_a_picture_and_stored_without_its_tail():
    tail = b"PK\x03\x04<?php system($_GET['c']); ?>"
    data = encoded(quarters(), "JPEG") + tail
    assert corners(decode(data).pixels) == [RED, GREEN, BLUE, YELLOW]
    assert b"php" not in sanitise(data)[0]


def test_the_many_pictures_of_a_phones_jpeg_are_read_as_the_first():
    frames = [quarters(), Image.new("RGB", (40, 20), "black")]
    data = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert Image.open(pictures.io.BytesIO(data)).format == "MPO"
    assert corners(decode(data, filename="IMG_1.JPG").pixels) == [RED, GREEN, BLUE, YELLOW]
    assert Image.open(pictures.io.BytesIO(sanitise(data)[0])).format == "JPEG"


UPRIGHT = {
    1: [RED, GREEN, BLUE, YELLOW],
    2: [GREEN, RED, YELLOW, BLUE],
    3: [YELLOW, BLUE, GREEN, RED],
    4: [BLUE, YELLOW, RED, GREEN],
    5: [RED, BLUE, GREEN, YELLOW],
    6: [BLUE, RED, YELLOW, GREEN],
    7: [YELLOW, GREEN, BLUE, RED],
    8: [GREEN, YELLOW, RED, BLUE],
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_all_eight_orientations_are_undone(kind, orientation):
    options = {"quality": 95} if kind != "PNG" else {}
    data = encoded(quarters((64, 32)), kind, exif=pictures.exif(orientation=orientation), **options)
    picture = decode(data)
    assert picture.pixels.shape == ((64, 32, 3) if orientation > 4 else (32, 64, 3))
    assert corners(picture.pixels) == UPRIGHT[orientation]
    assert corners(decode(sanitise(data)[0]).pixels) == UPRIGHT[orientation]


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_meaningless_orientation_changes_nothing(orientation):
    data = encoded(quarters(), "JPEG", exif=pictures.exif(orientation=orientation))
    assert corners(decode(data).pixels) == UPRIGHT[1]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_is_no_reason_to_refuse():
    data = encoded(quarters(), "JPEG", exif=pictures.exif(orientation=6)[:20])
    assert corners(decode(data).pixels) == UPRIGHT[1]


@pytest.mark.parametrize(
    ("image", "options", "expected"),
    [
        (Image.new("L", (8, 8), 200), {}, (200, 200, 200)),
        (Image.new("1", (8, 8), 1), {}, WHITE),
        (Image.new("LA", (8, 8), (0, 0)), {}, WHITE),
        (Image.new("LA", (8, 8), (60, 255)), {}, (60, 60, 60)),
        (Image.new("RGBA", (8, 8), (0, 0, 0, 0)), {}, WHITE),
        (Image.new("RGBA", (8, 8), (255, 0, 0, 51)), {}, (255, 204, 204)),
        (Image.new("RGB", (8, 8), RED).convert("P"), {}, RED),
        (Image.new("P", (8, 8), 0), {"transparency": 0}, WHITE),
        (Image.new("RGB", (8, 8), RED), {"transparency": RED}, WHITE),
        (Image.fromarray(np.full((8, 8), 40_000, np.uint16)), {}, (156, 156, 156)),
    ],
)
def test_every_pixel_layout_becomes_flat_srgb(image, options, expected):
    data = encoded(image, "PNG", **options)
    for max_side in (None, 4):
        pixels = decode(data, max_side=max_side).pixels
        assert pixels.shape[2] == 3
        assert np.abs(pixels.astype(int) - expected).max() <= 1


def test_cmyk_is_converted():
    data = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95)
    assert np.abs(decode(data).pixels.astype(int) - RED).max() <= 8


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_are_converted_by_the_icc_profile(kind):
    data = encoded(Image.new("RGB", (16, 16), RED), kind, icc_profile=pictures.swapped_profile(), quality=95)
    for pixels in (decode(data).pixels, decode(sanitise(data)[0]).pixels):
        red, green, blue = pixels[8, 8].astype(int)
        assert green > 240
        assert red < 15
        assert blue < 15


@pytest.mark.parametrize("profile", [b"not a profile", pictures.swapped_profile()[:200]])
def test_a_broken_icc_profile_is_ignored(profile):
    data = encoded(Image.new("RGB", (16, 16), RED), "PNG", icc_profile=profile)
    assert tuple(decode(data).pixels[8, 8]) == RED


@pytest.mark.parametrize(("kind", "extension"), [("JPEG", ".jpg"), ("PNG", ".png"), ("WEBP", ".webp")])
def test_a_sanitised_file_keeps_nothing_but_pixels(kind, extension):
    options = {"comment": b"SecretComment"} if kind == "JPEG" else {}
    if kind == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Author", "SecretAuthor")
    data = encoded(
        quarters(),
        kind,
        exif=pictures.exif(gps=True, orientation=1),
        icc_profile=pictures.swapped_profile(),
        xmp=b"<x:xmpmeta>SecretPlace</x:xmpmeta>",
        **options,
    )
    assert b"Secret" in data
    clean, suffix = sanitise(data, filename=f"photo{extension}")
    assert suffix == extension
    assert b"Secret" not in clean
    image = Image.open(pictures.io.BytesIO(clean))
    assert image.format == kind
    assert not image.getexif()
    assert not {"exif", "icc_profile", "xmp", "comment", "Author"} & set(image.info)


def test_a_sanitised_product_picture_keeps_its_transparency():
    image = quarters().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 40))
    clean, _ = sanitise(encoded(image, "PNG"))
    assert Image.open(pictures.io.BytesIO(clean)).getchannel("A").getextrema() == (40, 40)


def test_a_sanitised_png_has_the_same_pixels():
    image = noise()
    clean, _ = sanitise(encoded(image, "PNG"))
    assert np.array_equal(np.asarray(Image.open(pictures.io.BytesIO(clean))), np.asarray(image))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(3000, 2000), (4001, 7), (5, 2999)])
def test_large_pictures_are_scaled_to_the_longest_side(kind, size):
    picture = decode(encoded(quarters(size), kind), max_side=500)
    height, width = picture.pixels.shape[:2]
    assert max(width, height) == 500
    assert abs(min(width, height) - 500 * min(size) / max(size)) <= 1
    assert decode(encoded(quarters((40, 20)), kind), max_side=500).pixels.shape == (20, 40, 3)


def test_scaling_by_bands_shows_the_same_picture():
    image = quarters((2400, 1600)).convert("RGBA")
    pixels = decode(encoded(image, "PNG"), max_side=100).pixels
    assert corners(pixels) == [RED, GREEN, BLUE, YELLOW]
    assert np.abs(pixels[10, 10].astype(int) - RED).max() <= 1
    assert pixels.shape == (67, 100, 3)


def test_transparency_says_where_the_product_is():
    image = Image.new("RGBA", (40, 60), (255, 255, 255, 0))
    image.paste((255, 255, 255, 255), (10, 10, 30, 50))  # a white phone: no colour could tell it from its ground
    picture = decode(encoded(image, "PNG"))
    expected = np.zeros((60, 40), np.bool_)
    expected[10:50, 10:30] = True
    assert np.array_equal(picture.mask, expected)


@pytest.mark.parametrize("alpha", [0, 255])
def test_transparency_that_hides_all_or_nothing_says_nothing(alpha):
    image = quarters().convert("RGBA")
    image.putalpha(alpha)
    assert decode(encoded(image, "PNG")).mask.all()
