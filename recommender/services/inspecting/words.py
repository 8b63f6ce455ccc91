"""Findings in whole sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _

from recommender.models import Finding
from recommender.services.inspecting.checks import SMALLEST_SIDE
from recommender.sources import Card

Kind = Finding.Kind


def sentence(finding: Finding, other: Card | None) -> str:
    """What is the matter, for the shop's staff.

    Args:
        finding: of any kind.
        other: the card of its other product, None where there is none.
    """
    detail = finding.detail
    if finding.kind == Kind.SHARED:
        values = {"other": other.title if other else ""}
        if detail.get("exact"):
            return _("The same file is also a picture of %(other)s.") % values
        return _("Nearly the same picture also shows %(other)s.") % values
    if finding.kind in (Kind.COLOR, Kind.BRAND):
        values = {"label": detail["label"], "seen": detail["seen"], "percent": round(100 * detail["confidence"])}
        return _("It is labelled %(label)s and looks like %(seen)s (%(percent)s %% sure).") % values
    if finding.kind == Kind.SMALL:
        size = {"width": detail["width"], "height": detail["height"], "least": SMALLEST_SIDE}
        return _("%(width)s by %(height)s pixels: enlarged, it shows nothing more. Use %(least)s or more.") % size
    if finding.kind == Kind.VIEWS:
        values = {"views": detail["views"], "usual": detail["usual"]}
        if not detail["views"]:
            return _("It has no picture; most products have %(usual)s.") % values
        return _("It has %(views)s of the usual %(usual)s pictures.") % values
    return _plain(finding)


def _plain(finding: Finding) -> str:
    if finding.kind == Kind.DUPLICATE:
        if finding.detail.get("exact"):
            return _("The same file is there twice.")
        return _("Nearly the same picture is there twice.")
    if finding.kind == Kind.BLURRED:
        return _("Its edges are soft: it is out of focus, or was scaled up.")
    if finding.detail.get("why") == "empty":
        return _("It is empty, or of one colour.")
    return _("It looks like nothing else in the shop.")
