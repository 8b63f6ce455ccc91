"""The range as rows of products.csv."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

from catalog.demo.describing import back, camera_layout, describe
from catalog.demo.drawing.views import View
from catalog.demo.specs import specs
from catalog.demo.variants import Variant, family_key, picture_path, price_after, released_on
from recommender.sources import ProductRecord


def records(folder: Path, variants: Iterable[Variant], views: Iterable[View], end: date) -> list[ProductRecord]:
    """The products on the day `end`, in order."""
    shown = tuple(views)
    return [_record(folder, line, variant, shown, end) for line, variant in enumerate(variants, start=2)]


def _record(folder: Path, line: int, variant: Variant, views: tuple[View, ...], end: date) -> ProductRecord:
    family, colour = variant.family, variant.colour
    facts = specs(family)
    english, chinese = describe(family, facts)
    launched = released_on(family, end)
    size = f"{variant.storage_gb // 1024} TB" if variant.storage_gb >= 1024 else f"{variant.storage_gb} GB"
    return ProductRecord(
        line=line,
        product_id=variant.product_id,
        title=f"{family.title} {size} {colour.name}",
        brand=family.brand.name,
        category=family.tier,
        color=colour.group,
        price=Decimal(price_after(variant.launch_price, family.age_months)),
        images=tuple(folder / picture_path(family, variant.colour_key, view) for view in views),
        attributes={
            "family": family_key(family),
            "model": family_key(family),
            "family_name": family.title,
            "color_name": colour.name,
            "color_name_zh": colour.name_zh,
            "color_hex": colour.base,
            "storage_gb": str(variant.storage_gb),
            "stock": str(variant.stock),
            "released_on": launched.isoformat(),
            **{name: _text(value) for name, value in vars(facts).items()},
            "back": back(family)[0],
            "camera_layout": camera_layout(family),
            "description": english,
            "description_zh": chinese,
        },
    )


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
