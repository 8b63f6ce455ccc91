"""How much colour counts beside a trained embedding: judged by every head, not by the one that shapes the embedding."""

import numpy as np

from recommender.services.teaching.examples import Example
from recommender.services.teaching.judging import COLOUR_WEIGHTS, best_colour_weight

BRAND = np.repeat([0, 1], 4).astype(np.int32)
COLOUR = np.tile([0, 1], 4).astype(np.int32)
SHOWN = [Example(f"{row}.png", lambda: b"", {}, str(row), str(row)) for row in range(8)]


def units(rows, noise):
    """One direction a class, and a direction of their own for every picture: without help nothing else is alike."""
    vectors = np.hstack([np.eye(2)[rows], noise * np.eye(8)]).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_a_network_that_sees_the_brand_alone_is_given_colour_for_the_head_of_colours():
    seen, colours = units(BRAND, 0.5), units(COLOUR, 0.5)
    assert best_colour_weight(seen, colours, SHOWN, {"brand": BRAND, "color": COLOUR}) > 0


def test_colour_has_no_weight_where_no_head_gains_by_it():
    seen, colours = units(BRAND, 0.5), units(COLOUR, 0.5)
    assert best_colour_weight(seen, colours, SHOWN, {"brand": BRAND}) == COLOUR_WEIGHTS[0] == 0
    assert best_colour_weight(seen, colours, SHOWN, {"brand": np.full(8, -1, np.int32)}) == 0


def test_three_heads_of_shape_do_not_outvote_the_one_of_colours():
    seen, colours = units(BRAND, 0.5), units(COLOUR, 0.5)
    one = best_colour_weight(seen, colours, SHOWN, {"brand": BRAND, "color": COLOUR})
    shapes = {f"shape {number}": BRAND for number in range(3)}
    assert best_colour_weight(seen, colours, SHOWN, {**shapes, "color": COLOUR}) == one > 0
