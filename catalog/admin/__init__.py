"""The shop's back office in the Django admin."""

from catalog.admin.orders import OrderAdmin
from catalog.admin.products import BrandAdmin, FamilyAdmin, ProductAdmin

__all__ = ["BrandAdmin", "FamilyAdmin", "OrderAdmin", "ProductAdmin"]
