"""A small labelled range for tests of training: phones whose colour and lenses are known."""

import csv

from tests.shop import phone_picture

COLUMNS = ("product_id", "brand", "color", "images", "family", "camera_layout")
LAYOUTS = {1: "one lens", 2: "two lenses", 3: "three lenses"}
COLOURS = ("red", "blue", "green", "gold")


def draw_range(folder, families=16, **changed):
    """products.csv and pictures: a family has its count of lenses and corners, and comes in four colours."""
    (folder / "images").mkdir(parents=True)
    rows = []
    for family in range(families):
        lens = 1 + family % 3
        for colour in COLOURS:
            key = f"f{family}-{colour}"
            file = folder / "images" / f"{key}.png"
            file.write_bytes(phone_picture(colour, corner=10 + 4 * (family % 16), lens=lens, size=120))
            row = {"product_id": key, "color": colour, "images": f"images/{key}.png"}
            rows.append(row | {"family": f"f{family}", "camera_layout": LAYOUTS[lens], "brand": "Orbis"} | changed)
    write_rows(folder, rows)
    return rows


def write_rows(folder, rows):
    with (folder / "products.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
