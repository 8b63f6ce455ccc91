"""Small repairs to Django's own admin pages."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

register = template.Library()

_NAMELESS = {"original": '<th class="original"></th>', "delete": "<th></th>"}
"""The headings of columns that Django's table of inlines leaves without a word."""


@register.filter
def name_headings(table: str) -> SafeString:
    """Django's table of inlines with a name for every column, which those hear who do not see it."""
    table = str(conditional_escape(table))
    for column, empty in _NAMELESS.items():
        name = gettext("Entry") if column == "original" else gettext("Delete?")
        heading = format_html('<th class="{}"><span class="visually-hidden">{}</span></th>', column, name)
        table = table.replace(empty, heading)
    # Safe: escaped above unless it was safe already, and only constants were replaced.
    return mark_safe(table)  # noqa: S308 # nosec B308 B703
