"""The pictures: the same every time, different for every colour and family, on white, and showing the phone."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from catalog.demo.designing import look
from catalog.demo.drawing.colour import code, darken, lighten, linear, luminance, mix
from catalog.demo.drawing.outline import chamfered, circle, rounded
from catalog.demo.drawing.pose import Pose
from catalog.demo.drawing.studio import SIZE, develop, photograph
from catalog.demo.drawing.views import VIEWS, compose
from catalog.demo.families import FAMILIES

PIXELS = 200
# One family for every finish, every camera layout and every way to fold, and the largest phone.
KINDS = {(family.finish or family.brand.finish): family for family in FAMILIES} | {
    (family.layout or family.brand.cameras.layout, family.fold): family for family in FAMILIES
}
LARGEST = max(FAMILIES, key=lambda family: 0 if family.fold else family.inches)
SHOWN = sorted(
    {family.title: family for family in (*KINDS.values(), LARGEST)}.values(), key=lambda family: family.title
)


def family(title):
    return next(family for family in FAMILIES if family.title == title)


def pixels(design, view, size=PIXELS):
    return np.asarray(photograph(design, view, size), dtype=np.int16)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda family: family.title)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_shows_a_phone_in_the_middle_of_a_white_page(shown, view):
    picture = pixels(look(shown, shown.colours[0]), view)
    assert picture.shape == (PIXELS, PIXELS, 3)
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    assert (border >= 240).all()
    middle = picture[PIXELS // 4 : -PIXELS // 4, PIXELS // 3 : -PIXELS // 3]
    assert (middle < 240).any(axis=2).mean() > 0.5 or luminance(look(shown, shown.colours[0]).colour.base) > 0.6
    assert (picture < 250).any(axis=2).mean() > 0.2


@pytest.mark.parametrize("view", VIEWS)
def test_drawing_twice_gives_the_same_pixels(view):
    design = look(family("Vellorin Halo 9 Pro"), "orchid")
    assert np.array_equal(pixels(design, view), pixels(design, view))


@pytest.mark.parametrize("view", VIEWS)
def test_every_colour_has_its_own_picture(view):
    shown = family("Calyro Pop 7")
    pictures = [pixels(look(shown, colour), view) for colour in shown.colours]
    for number, picture in enumerate(pictures):
        for other in pictures[:number]:
            assert np.abs(picture - other).mean() > 8


def test_the_back_has_the_colour_that_the_shop_names():
    shown = family("Mikoru Mini 4")
    for key, strongest in (("sky", 2), ("sakura", 0)):
        back = pixels(look(shown, key), "back")
        patch = back[PIXELS * 55 // 100 : PIXELS * 75 // 100, PIXELS * 45 // 100 : PIXELS * 55 // 100]
        assert patch.mean(axis=(0, 1)).argmax() == strongest


def test_makers_are_told_apart_by_their_backs():
    names = ("Vellorin Halo 9", "Tessandi Opera 3", "Dovane Sterling 5", "Elqora Iris 6", "Brontag Anvil 5")
    grey = look(family("Vellorin Halo 9"), "glacier").colour
    backs = [pixels(replace(look(family(name), family(name).colours[0]), colour=grey), "back") for name in names]
    for number, back in enumerate(backs):
        for other in backs[:number]:
            assert np.abs(back - other).mean() > 3


def test_another_seed_hangs_another_wallpaper_and_leaves_the_back_alone():
    design = look(family("Calyro Pop 7"), "sun")
    other = replace(design, seed=design.seed + 1)
    assert np.abs(pixels(design, "front") - pixels(other, "front")).mean() > 1
    assert np.abs(pixels(design, "back") - pixels(other, "back")).mean() < 1


def test_a_file_is_a_webp_of_full_size_and_modest_weight():
    data = develop(photograph(look(family("Halvra Fjord 6"), "fjord"), "back"))
    with Image.open(BytesIO(data)) as picture:
        assert (picture.format, picture.mode, picture.size) == ("WEBP", "RGB", (SIZE, SIZE))
    assert SIZE >= 800
    assert 5_000 < len(data) < 90_000


def test_a_drawing_needs_no_font_and_no_file():
    for view in VIEWS:
        svg, shadows = compose(look(family("Ruvola Duo Book 3"), "cobalt"), view)
        assert "<text" not in svg
        assert "nan" not in svg
        assert len(shadows) >= 2


codes = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@given(codes)
def test_a_colour_survives_the_way_to_linear_light_and_back(colour):
    assert code(linear(colour)) == colour


@given(codes, codes, st.floats(0, 1))
def test_a_mix_lies_between_its_colours(first, second, share):
    low, high = sorted((luminance(first), luminance(second)))
    assert low - 0.01 <= luminance(mix(first, second, share)) <= high + 0.01


@given(codes, st.floats(0, 1))
def test_lighter_is_lighter_and_darker_is_darker(colour, share):
    assert luminance(lighten(colour, share)) >= luminance(colour) - 0.005
    assert luminance(darken(colour, share)) <= luminance(colour) + 0.005


@pytest.mark.parametrize("outline", [rounded(70, 150, 12, 2.4), circle(20), chamfered(80, 160, 15, 4)])
def test_outlines_are_closed_convex_and_face_outwards(outline):
    assert np.linalg.norm(outline.normals, axis=1) == pytest.approx(1)
    steps = np.roll(outline.points, -1, axis=0) - outline.points
    following = np.roll(steps, -1, axis=0)
    assert (steps[:, 0] * following[:, 1] - steps[:, 1] * following[:, 0] > -1e-6).all()
    assert (np.einsum("ij,ij->i", outline.points, outline.normals) > 0).all()
    smaller, larger = outline.inset(2).box, outline.box
    assert (larger[2] - smaller[2], larger[3] - smaller[3]) == pytest.approx((4, 4))


@settings(max_examples=25)
@given(st.floats(-60, 60), st.floats(-60, 60), st.floats(-180, 180))
def test_a_pose_is_a_rotation_and_its_planes_agree_with_its_points(yaw, pitch, roll):
    pose = Pose((10.0, 20.0), yaw, pitch, roll)
    assert pose.rotation @ pose.rotation.T == pytest.approx(np.eye(3))
    a, b, c, d, e, f = (float(value) for value in pose.plane(3.0)[7:-1].split())
    x, y = pose.project(np.array([[5.0, 7.0, 3.0]]))[0]
    assert (a * 5 + c * 7 + e, b * 5 + d * 7 + f) == pytest.approx((x, y), abs=0.01)
