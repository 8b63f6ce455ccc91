"""The docs show every image step, as the code draws it today."""

import numpy as np
import pytest
from PIL import Image

CURE = "run: python -m docs.image_steps"


def test_the_page_shows_every_step_and_nothing_else():
    from docs import image_steps

    page = (image_steps.FOLDER.parent / "embeddings.md").read_text(encoding="utf-8")
    pictures = sorted(path.name for path in image_steps.FOLDER.iterdir())
    assert pictures == sorted(f"{name}.webp" for name in image_steps.STEPS), CURE
    assert all(f"```{{image}} image-steps/{name}\n" in page for name in pictures)


@pytest.mark.parametrize("name", ["srgb", "cropped", "separated"])
def test_the_committed_picture_is_what_the_code_draws(name):
    from docs import image_steps

    with Image.open(image_steps.FOLDER / f"{name}.webp") as committed:
        shown = np.asarray(committed.convert("RGB"), np.int16)
    drawn = np.asarray(image_steps.card(image_steps.STEPS[name]()), np.int16)
    assert shown.shape == drawn.shape, CURE
    # What saving loses, and no more.
    assert np.abs(shown - drawn).mean() < 3, CURE
