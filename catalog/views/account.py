"""The customer's account: register, and past orders."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from catalog.forms import RegisterForm
from catalog.models import Order
from catalog.views.addresses import back

_PAGE_SIZE = 10


@never_cache
@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Past orders, newest first."""
    orders = Order.objects.filter(user=request.user.pk).prefetch_related("lines__product__images")
    page = Paginator(orders, _PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "catalog/account.html", {"page": page})


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """A new account; the visitor is logged in and keeps basket and history."""
    if request.user.is_authenticated:
        return redirect("catalog:account")
    form = RegisterForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        login(request, form.save())
        return back(request)
    return render(
        request,
        "registration/register.html",
        {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")},
        status=422 if form.is_bound else 200,
    )
