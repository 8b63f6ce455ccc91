"""The shop's tables: fields, constraints and what one row can say about itself."""

from catalog.models.baskets import Basket, BasketLine
from catalog.models.orders import Order, OrderLine
from catalog.models.pictures import ProductImage
from catalog.models.products import Brand, Family, Product, ProductQuerySet

__all__ = [
    "Basket",
    "BasketLine",
    "Brand",
    "Family",
    "Order",
    "OrderLine",
    "Product",
    "ProductImage",
    "ProductQuerySet",
]
