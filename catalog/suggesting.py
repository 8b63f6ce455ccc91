"""What a visitor may have meant, when nothing fits."""

from __future__ import annotations

from difflib import get_close_matches

from catalog.models import Brand, Family

_MAX_NAMES = 1_000
"""Families compared with the words, the newest ones: comparing is quadratic in the letters."""

_ALIKE = 0.6


def close_names(words: str, n: int = 3) -> list[str]:
    """Names of brands and phones that are spelt nearly like the words, the closest first, at most n."""
    families = Family.objects.filter(products__is_visible=True).exclude(name="").order_by("-released_on", "-pk")
    names = [
        *Brand.objects.filter(families__products__is_visible=True).distinct().values_list("name", flat=True),
        *families.values_list("name", flat=True).distinct()[:_MAX_NAMES],
    ]
    lowered = {name.lower(): name for name in names}
    return [lowered[close] for close in get_close_matches(words.lower(), lowered, n, _ALIKE)]
