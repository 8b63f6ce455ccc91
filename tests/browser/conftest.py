"""A real Chromium against the live shop."""

import contextlib
import os
import shutil
import sqlite3

import pytest
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import sync_playwright

from catalog.models import Brand, Family, Product
from recommender.services import serving, training
from tests.shop import LIGHT, add_picture, phone_picture

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
COLOURS = ("red", "blue", "green", "black", "gold")


@pytest.fixture(scope="session")
def chromium():
    """The browser, started once."""
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    path = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    assert path, "Chromium is missing. Install it, or set CHROMIUM to its path."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def eyes():
    """The shop's encoder; a test that needs another one names it: `parametrize("eyes", [TWO])`."""
    return LIGHT


@pytest.fixture
def shop(transactional_db, settings, tmp_path, tmp_path_factory, eyes):
    """A range of five families with pictures and a trained snapshot: stocked once, and copied for every later test."""
    files = tmp_path / "shop"
    settings.MEDIA_ROOT = files / "media"
    settings.RECOMMENDER = settings.RECOMMENDER | {"ENCODER": eyes, "CACHE_DIR": files / "cache", "POLL_SECONDS": 0}
    settings.STORAGES = settings.STORAGES | {
        "recommender": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": files / "objects"},
        }
    }
    serving.reset()
    cache.clear()
    kept = tmp_path_factory.getbasetemp() / "stocked" / eyes["BACKEND"]
    connection.ensure_connection()
    if kept.exists():
        shutil.copytree(kept / "files", files)
        with contextlib.closing(sqlite3.connect(kept / "rows")) as rows:
            rows.backup(connection.connection)
    else:
        stock()
        shutil.copytree(files, kept / "files")
        with contextlib.closing(sqlite3.connect(kept / "rows")) as rows:
            connection.connection.backup(rows)
    serving.reset()
    yield Product.objects.order_by("pk")
    serving.reset()


def stock():
    """Fill the shop and train it."""
    for number in range(1, 6):
        brand, _ = Brand.objects.get_or_create(name=("Orbis", "Lumen")[number % 2])
        family = Family.objects.create(
            key=f"nova-{number}",
            name=f"Nova {number}",
            brand=brand,
            category="phone",
            description="A light phone with a bright screen.",
            description_zh="一款屏幕明亮的轻薄手机。",
            screen_inches="6.1",
            battery_mah=4000 + 100 * number,
            weight_g=160 + number,
        )
        for color in (COLOURS[number - 1], COLOURS[number % 5]):
            for gigabytes in (128, 256):
                product = Product.objects.create(
                    sku=f"nova-{number}-{color}-{gigabytes}",
                    title=f"Nova {number} {gigabytes} GB {color}",
                    family=family,
                    color=color,
                    storage_gb=gigabytes,
                    price=400 + 50 * number + gigabytes // 8,
                    stock=0 if (number, gigabytes) == (2, 256) else 20,
                )
                add_picture(product, phone_picture(color, lens=number % 3 + 1, size=400))
                if gigabytes == 128:
                    add_picture(product, phone_picture("black", lens=0, size=400), position=1)
    training.train()


@pytest.fixture
def visit(chromium, live_server, shop):
    """Opens a visitor's window: `page = visit(width=360, script=False, language="zh-CN")`."""
    contexts = []

    def open_window(*, width=1440, script=True, language="en-GB", scheme="light"):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            locale=language,
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.faults = []
        page.on("console", lambda message: message.type == "error" and page.faults.append(message.text))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def office(visit, shop, client, live_server, django_user_model):
    """Opens a page of the admin as a superuser who has logged in before."""
    client.force_login(django_user_model.objects.create_superuser("boss"))
    ticket = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}

    def open_page(address, **window):
        page = visit(**window)
        page.context.add_cookies([ticket])
        page.goto(address)
        return page

    return open_page
