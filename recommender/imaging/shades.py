"""A picture in shades of grey. Pillow only."""

from PIL import Image

from recommender.core.types import Picture


def shades(picture: Picture) -> Image.Image:
    """The picture in shades of grey, mode "L": made once for all that looks at brightness alone."""
    return Image.fromarray(picture.pixels).convert("L")
