"""For the host's product admin: copies of the product's pictures elsewhere, and what looks like it."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from recommender.services.likenesses import likenesses
from recommender.sources import get_product_model


def likeness_panel(product: Any) -> SafeString | str:
    """The panel, for a read-only field; it fills itself while pictures wait for a worker."""
    if product is None or product.pk is None:
        return "-"
    found = likenesses(product)
    context = {
        "found": found,
        "copies": [(copy, _address(copy.product)) for copy in found.copies],
        "alike": [(one, _address(one.product)) for one in found.alike],
    }
    return render_to_string("admin/recommender/likenesses.html", context)


def _address(product: Any) -> str:
    """The form of another product; empty where the host has none."""
    options = get_product_model()._meta
    try:
        return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[product.pk])
    except NoReverseMatch:
        return ""
