"""Asking before a bulk action: one page for all of them, which sends the same action again with a yes."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

_SHOWN = 20


def confirmed(request: HttpRequest) -> bool:
    """Whether the person has said yes."""
    return request.POST.get("confirmed") == "yes"


def ask(
    admin: ModelAdmin[Any],
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    title: Any,
    text: Any,
    yes: Any,
) -> TemplateResponse:
    """The page that asks.

    Args:
        admin: whose list it is.
        request: the one that chose the action.
        rows: the rows it is about.
        title: the question.
        text: what will happen.
        yes: the words on the button.
    """
    n = rows.count()
    context = admin.admin_site.each_context(request) | {
        "title": title,
        "text": text,
        "yes": yes,
        "rows": [str(row) for row in rows[:_SHOWN]],
        "n_more": max(0, n - _SHOWN),
        "opts": admin.opts,
        "action": request.POST.get("action", ""),
        "everywhere": request.POST.get("select_across") == "1",
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
    }
    return TemplateResponse(request, "admin/recommender/confirm.html", context)
