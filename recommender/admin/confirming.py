"""Asking before something large is done: one page for all of it, which sends the same request again with a yes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import model_ngettext
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
    form: Form | None = None,
    name: Callable[[Any], str] = str,
) -> TemplateResponse:
    """The page that asks before a bulk action: what happens, to how many, and the first of them.

    Args:
        admin: whose list it is.
        request: the one that chose the action.
        rows: the rows it is about.
        title: the question.
        text: what will happen.
        yes: the words on the button.
        form: what has to be known besides a yes.
        name: how a row is named.
    """
    n = rows.count()
    bulk: dict[str, Any] = {
        "n": n,
        "noun": model_ngettext(admin.opts, n),
        "rows": [name(row) for row in rows[:_SHOWN]],
        "n_more": max(0, n - _SHOWN),
        "form": form,
        "action": request.POST.get("action", ""),
        "everywhere": request.POST.get("select_across") == "1",
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
    }
    back = reverse(f"{admin.admin_site.name}:{admin.opts.app_label}_{admin.opts.model_name}_changelist")
    return question(admin.admin_site, request, admin.model, title=title, text=text, yes=yes, back=back, **bulk)


def question(
    site: AdminSite,
    request: HttpRequest,
    model: type[Model],
    *,
    title: Any,
    yes: Any,
    back: str,
    text: Any = "",
    template: str = "admin/recommender/confirm.html",
    **more: Any,
) -> TemplateResponse:
    """The page that asks, whatever it is about.

    Args:
        site: the admin it is part of.
        request: the one that has to be confirmed.
        model: whose list the page hangs under.
        title: the question.
        yes: the words on the button.
        back: the address to go to on a no.
        text: what will happen.
        template: the page, or one that says more in it.
        more: what the page shows besides.
    """
    context = {"title": title, "text": text, "yes": yes, "back": back, "opts": model._meta, **more}
    return TemplateResponse(request, template, site.each_context(request) | context)


def told_where(request: HttpRequest, text: str, permission: str, address: str, link: str) -> SafeString:
    """A message that leads to where its progress shows, for those who may look there; else the message alone."""
    if not request.user.has_perm(permission):
        return format_html("{}", text)
    return format_html('{} <a href="{}">{}</a>', text, address, link)
