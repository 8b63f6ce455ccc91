"""A small shop for tests: products of a few families, with pictures drawn on the spot."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw

from catalog import pictures
from catalog.models import Brand, Family, Product

COLOURS = {
    "red": (200, 30, 40),
    "blue": (30, 60, 200),
    "green": (20, 140, 60),
    "black": (25, 25, 28),
    "gold": (205, 165, 70),
}
LIGHT = {"BACKEND": "recommender.engines.colour_encoder.ColourEncoder"}


@lru_cache(maxsize=1024)
def phone_picture(colour="red", *, corner=30, lens=1, size=160, kind="PNG"):
    """The bytes of a phone's back: a rounded body on white, a camera island with some lenses."""
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    body = (size * 0.28, size * 0.08, size * 0.72, size * 0.92)
    draw.rounded_rectangle(body, radius=corner * size / 320, fill=COLOURS.get(colour, colour))
    for i in range(lens):
        top = size * (0.14 + 0.1 * i)
        draw.ellipse((size * 0.33, top, size * 0.41, top + size * 0.08), fill=(10, 10, 12))
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


def make_product(
    name, *, colour="red", family=None, brand="Orbis", stock=5, picture=True, price="199.00", category="phone", **look
):
    """A product with its family and, unless told otherwise, one picture."""
    maker, _ = Brand.objects.get_or_create(name=brand)
    phone, _ = Family.objects.get_or_create(
        key=family or name, defaults={"name": family or name, "brand": maker, "category": category}
    )
    product = Product.objects.create(sku=name, title=name, family=phone, color=colour, stock=stock, price=price)
    if picture:
        add_picture(product, phone_picture(colour, **look))
    return product


def add_picture(product, data, *, position=0):
    """Attach a picture the way the shop's admin does."""
    return pictures.attach(product, _prepared(data), position=position)


@lru_cache(maxsize=1024)
def _prepared(data):
    """The picture made ready once for all tests: many shops have the same."""
    return pictures.prepare(BytesIO(data))
