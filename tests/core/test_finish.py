import colorsys

import numpy as np
import pytest

from recommender.core import colour


def finish_of(*colours):
    pixels = np.array(colours, np.uint8)
    return colour.finish(pixels, np.ones(len(pixels), np.float32))


def test_it_is_float32_of_unit_length():
    found = finish_of((200, 30, 40), (20, 20, 24))
    assert found.dtype == np.float32
    assert found.shape == (colour.FINISH,)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)


def test_only_nearly_equal_colours_count():
    graphite = finish_of((40, 41, 44))
    assert graphite @ finish_of((40, 41, 44)) == pytest.approx(1, abs=1e-5)
    assert abs(graphite @ finish_of((88, 90, 96))) < 0.2
    assert abs(graphite @ finish_of((200, 30, 40))) < 0.2


@pytest.mark.parametrize("shared", [0, 5, 10, 15, 20])
def test_the_inner_product_is_the_share_of_common_colours(shared):
    hues = [colorsys.hsv_to_rgb((i + 0.5) / 40, 0.8, 0.8) for i in range(40)][::2]
    palette = [tuple(round(255 * channel) for channel in colour_) for colour_ in hues]
    others = [tuple(channel // 3 for channel in colour_) for colour_ in palette]
    mixed = palette[:shared] + others[shared:]
    assert float(finish_of(*palette) @ finish_of(*mixed)) == pytest.approx(shared / 20, abs=0.15)


def test_the_order_of_pixels_does_not_matter():
    colours = [(200, 30, 40), (20, 20, 24), (240, 240, 238)]
    assert np.allclose(finish_of(*colours), finish_of(*colours[::-1]), atol=1e-6)


def test_no_weight_gives_zeros():
    assert not colour.finish(np.zeros((3, 3), np.uint8), np.zeros(3, np.float32)).any()


def test_signs_never_change_between_versions():
    signs = np.sign(finish_of((200, 30, 40))[:12])
    assert signs.tolist() == [-1, 1, 1, 1, 1, 1, 1, -1, 1, 1, -1, -1]
