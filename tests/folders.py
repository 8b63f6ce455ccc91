"""Small data set folders for tests of imports."""

import csv
import gzip

from tests.shop import phone_picture

PRODUCTS = ("product_id", "title", "brand", "category", "color", "price", "images", "model")
INTERACTIONS = ("user_id", "product_id", "kind", "occurred_at", "quantity", "price", "order_id")


def write_products(folder, rows):
    """products.csv from dictionaries; a picture is drawn for each name in `images`."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    with (folder / "products.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, PRODUCTS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        for name in filter(None, row.get("images", "").split("|")):
            path = folder / name
            if not path.exists():
                path.write_bytes(phone_picture(row.get("color") or "black"))


def write_interactions(folder, rows, name="interactions"):
    """interactions.csv.gz from tuples in the order of `INTERACTIONS`; missing cells are empty."""
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / f"{name}.csv.gz", "wt", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(INTERACTIONS)
        writer.writerows([*row, *[""] * (len(INTERACTIONS) - len(row))] for row in rows)


def phone(key, **values):
    """One row of products.csv with a picture of its own."""
    row = {"product_id": key, "title": key.title(), "brand": "Orbis", "color": "red", "images": f"images/{key}.png"}
    return row | {"model": key} | values
