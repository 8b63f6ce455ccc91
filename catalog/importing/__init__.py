"""From the lines of a data set folder to the shop's own rows."""

from catalog.importing.history import import_orders
from catalog.importing.products import upsert_product, upsert_products

__all__ = ["import_orders", "upsert_product", "upsert_products"]
