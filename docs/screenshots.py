"""Takes every picture in docs/screenshots/ anew: `make screenshots`.

A throw-away shop with the demo range is built by the same commands that the documentation tells people to use,
served by gunicorn, and looked at in Chromium by a visitor who browses, buys, and then opens the admin.
"""

import argparse
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from recommender.imaging.decode import decode
from recommender.imaging.degrading import badly_photographed
from shopsite.stack import Child, StackError

FOLDER = Path(__file__).resolve().parent / "screenshots"
MAX_BYTES = 120_000
QUALITIES = (84, 76, 68, 58, 48, 38)
WIDTHS = {"wide": 1440, "narrow": 360}
TALLEST = {"wide": 1900, "narrow": 1700}
"""CSS pixels after which a picture of a long page is cut."""

LOGIN = {"username": "ada", "password": secrets.token_urlsafe(12)}
ADDRESS = {
    "email": "ada@shop.example",
    "name": "Ada Lovelace",
    "address": "12 St James's Square",
    "postcode": "1815",
    "city": "Bonn",
}
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOADED = """async () => {
  document.querySelectorAll("img[loading=lazy]").forEach(image => { image.loading = "eager"; });
  await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
}"""


class Camera:
    """One visitor at two widths: both windows share their cookies.

    Args:
        browser: where the windows are opened.
        site: the shop's address.
        language: of the visitor's browser.
        scheme: light or dark, as the visitor's device has it.
    """

    def __init__(self, browser: Browser, site: str, language: str = "en-GB", scheme: str = "light") -> None:
        self._windows: dict[str, BrowserContext] = {
            name: browser.new_context(
                base_url=site,
                viewport={"width": width, "height": 900},
                device_scale_factor=2 if name == "narrow" else 1,
                locale=language,
                color_scheme=scheme,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            for name, width in WIDTHS.items()
        }
        self._pages = {name: window.new_page() for name, window in self._windows.items()}

    @property
    def page(self) -> Page:
        """The wide window's page, in which the visitor acts."""
        return self._pages["wide"]

    def shoot(self, name: str, address: str, *widths: str) -> None:
        """Save the page as NAME.webp (wide) and NAME-360.webp (narrow), or only at the widths given."""
        cookies = self._windows["wide"].cookies()
        self._windows["narrow"].add_cookies([dict(cookie) for cookie in cookies])  # type: ignore[misc]
        for width in widths or WIDTHS:
            page = self._pages[width]
            answer = page.goto(address)
            if answer is None or not answer.ok:
                raise StackError(f"{address} answers {answer.status if answer else 'nothing'}.")
            self._take(name, width)

    def search(self, name: str, address: str, photo: Path) -> None:
        """Save what a page finds for a photo, at both widths."""
        for width, page in self._pages.items():
            page.goto(address)
            page.locator("[data-photo-file]").last.set_input_files(photo)
            page.locator("[data-photo-results]:not([aria-busy]) .photo__grid").wait_for()
            self._take(name, width)

    def keep(self, name: str, width: str) -> None:
        """Save the page that is open at this width, as it stands."""
        self._take(name, width)

    def _take(self, name: str, width: str) -> None:
        page = self._pages[width]
        page.evaluate(LOADED)
        height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST[width])
        clip = {"x": 0, "y": 0, "width": WIDTHS[width], "height": height}
        taken = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
        save(taken, FOLDER / (f"{name}-360.webp" if width == "narrow" else f"{name}.webp"))


def save(png: bytes, path: Path) -> None:
    """Write a picture as WebP, at the best quality that stays within MAX_BYTES.

    Raises:
        StackError: when even the lowest quality is too large.
    """
    with Image.open(BytesIO(png)) as picture:
        rgb = picture.convert("RGB")
    for quality in QUALITIES:
        out = BytesIO()
        rgb.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= MAX_BYTES:
            path.write_bytes(out.getvalue())
            return
    raise StackError(f"{path.name} does not fit into {MAX_BYTES} bytes.")


def log_in(page: Page) -> None:
    """Log in as the shop's manager."""
    page.goto("/accounts/login/")
    for name, text in LOGIN.items():
        page.fill(f"[name={name}]", text)
    page.locator(".form button").click()


def visit_shop(camera: Camera) -> None:
    """Every page a shopper can see, on the way to an order."""
    page = camera.page
    camera.shoot("login", "/accounts/login/")
    log_in(page)
    page.goto("/products/")
    tiles = page.locator(".tile__link").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    for number in range(4):
        page.goto("/products/")
        page.locator(".tile__compare button").nth(number).click()
        page.goto(tiles[number])
    for address in tiles[2:5]:
        page.goto(address)
        if (button := page.locator(".buy__button")).count():
            button.click()
            page.locator("[data-toast][data-shown]").wait_for()
    page.goto("/compare/")  # shows what the visitor was told, so that no picture does
    camera.shoot("home", "/")
    camera.shoot("list", "/products/")
    camera.shoot("nothing-found", "/products/?q=velorin", "wide")
    camera.shoot("product", tiles[0])
    camera.shoot("compare", "/compare/")
    camera.shoot("basket", "/basket/")
    camera.shoot("checkout", "/checkout/")
    page.goto("/checkout/")
    for name, text in ADDRESS.items():
        page.fill(f"[name={name}]", text)
    page.locator(".checkout [type=submit]").click()
    page.wait_for_url("**/orders/**")
    camera.shoot("order", page.url)
    camera.shoot("account", "/account/")
    camera.shoot("about-you", "/about-you/")


def search_by_photo(camera: Camera, dataset: Path, folder: Path) -> None:
    """What the shop finds for a phone that somebody photographed badly, its back up."""
    back = sorted((dataset / "images").rglob("*-back.webp"))[0]
    bad = badly_photographed(decode(back.read_bytes()), np.random.default_rng(1))
    photo = folder / "photo.jpg"
    Image.fromarray(bad.pixels).save(photo, quality=85)
    camera.search("photo", "/search-by-photo/", photo)


def visit_elsewhere(browser: Browser, site: str) -> None:
    """The pages that sell, in Chinese and in the dark."""
    chinese = Camera(browser, site, language="zh-CN")
    chinese.page.goto("/products/?sort=-price")
    dearest = chinese.page.locator(".tile__link").first.get_attribute("href") or ""
    chinese.shoot("home-zh", "/", "wide")
    chinese.shoot("product-zh", dearest, "wide", "narrow")
    dark = Camera(browser, site, scheme="dark")
    dark.shoot("home-dark", "/", "wide")
    dark.shoot("product-dark", dearest, "wide")
    night = Camera(browser, site, language="zh-CN", scheme="dark")
    night.shoot("list-zh-dark", "/products/?category=flagship", "narrow")
    log_in(night.page)
    night.shoot("admin-measurement-zh-dark", "/admin/recommender/dailyfigures/", "wide")


def visit_admin(camera: Camera) -> None:
    """The pages on which a shop manager spends the day."""
    page = camera.page
    page.goto("/admin/catalog/product/")
    edit = page.locator("#result_list tbody th a").first.get_attribute("href") or ""
    page.goto(edit)
    preview = page.locator(".field-shelf a").get_attribute("href") or ""
    camera.shoot("admin-products", "/admin/catalog/product/", "wide")
    camera.shoot("admin-product", edit, "wide")
    camera.shoot("admin-overview", "/admin/recommender/snapshot/overview/", "wide", "narrow")
    camera.shoot("admin-measurement", "/admin/recommender/dailyfigures/", "wide", "narrow")
    camera.shoot("admin-preview", preview, "wide")
    camera.shoot("admin-embeddings", "/admin/recommender/imageembedding/", "wide")
    camera.shoot("admin-snapshots", "/admin/recommender/snapshot/", "wide")
    page.goto("/admin/recommender/snapshot/")
    snapshot = page.locator("#result_list tbody th a").first.get_attribute("href") or ""
    camera.shoot("admin-selection", snapshot, "wide")
    camera.shoot("admin-weights", "/admin/recommender/snapshot/weighing/?labels=", "wide")
    camera.shoot("admin-health", "/admin/recommender/finding/health/", "wide")
    camera.shoot("admin-placements", "/admin/recommender/placement/", "wide")
    page.goto("/admin/recommender/placement/")
    page.get_by_role("link", name="product-page").first.click()
    page.locator("[data-result] .rec-move").first.wait_for()
    camera.keep("admin-placement", "wide")
    make_rules(camera)


def make_rules(camera: Camera) -> None:
    """Two merchandising rules that get into each other's way, made by hand, and what a third would change."""
    page = camera.page
    for action, words, place in (("pin", "halo", "2"), ("exclude", "halo", "")):
        page.goto("/admin/recommender/rule/add/")
        page.select_option("#id_action", action)
        page.fill("#id_product", words)
        page.locator(".rec-pick li").first.wait_for()
        page.press("#id_product", "ArrowDown")
        page.press("#id_product", "Enter")
        if place:
            page.fill("#id_position", place)
        page.click("[name=_save]")
        page.wait_for_url("**/rule/")
    camera.shoot("admin-rules", "/admin/recommender/rule/", "wide")
    page.goto("/admin/recommender/rule/add/")
    page.select_option("#id_action", "boost")
    page.select_option("#id_target", "brand")
    page.fill("#id_value", "")
    page.press("#id_value", "ArrowDown")
    page.locator(".rec-pick li").first.wait_for()
    page.press("#id_value", "ArrowDown")
    page.press("#id_value", "Enter")
    page.fill("#id_strength", "60")
    page.click("[data-effect]")
    page.locator(".rec-diff").first.wait_for()
    camera.keep("admin-rule", "wide")


@contextmanager
def open_shop(folder: Path, dataset: Path) -> Iterator[str]:
    """The address of a shop that holds the range, drawn if it is not there, and has learned from it."""
    environment = {
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_hex(),
        "LOG_LEVEL": "ERROR",
        "DATABASE_URL": f"sqlite:///{folder / 'shop.sqlite3'}",
        "REDIS_URL": "",
        "DJANGO_SUPERUSER_PASSWORD": LOGIN["password"],
    }

    def manage(*arguments: str) -> None:
        sys.stderr.write(f"manage.py {arguments[0]}\n")
        child = Child(arguments[0], [sys.executable, "manage.py", *arguments], folder, environment=environment)
        child.start()
        try:
            while child.is_running():
                time.sleep(0.1)
            if child.exit_code:
                raise StackError(f"`{arguments[0]}` failed:\n{child.last_words(20)}")
        finally:
            child.stop()

    manage("migrate", "--verbosity=0")
    manage("collectstatic", "--noinput", "--verbosity=0")
    if not dataset.exists():
        manage("demo_range", f"--out={dataset}")
    manage("recommender_import", str(dataset))
    manage("recommender_train")
    manage("demo_shelves")
    manage("recommender_inspect")
    manage("createsuperuser", "--noinput", f"--username={LOGIN['username']}", f"--email={ADDRESS['email']}")
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "shopsite.wsgi", f"--bind=127.0.0.1:{port}", "--threads=4"]
    server = Child("web", [*command, "--no-control-socket"], folder, environment=environment)
    server.start()
    try:
        await_page(site := f"http://127.0.0.1:{port}", server)
        yield site
    finally:
        server.stop()


def await_page(site: str, server: Child, seconds: float = 60) -> None:
    """Wait until the shop answers.

    Raises:
        StackError: when it does not.
    """
    deadline = time.monotonic() + seconds
    while server.is_running() and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(site, timeout=30):  # noqa: S310 - our own server # nosec B310
                return
        except urllib.error.HTTPError as error:
            raise StackError(f"The first page answers {error.code}:\n{server.last_words(20)}") from error
        except OSError:
            time.sleep(0.2)
    raise StackError(f"The web server does not answer:\n{server.last_words(20)}")


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def main(arguments: list[str]) -> int:
    """Take all pictures and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m docs.screenshots", description=__doc__)
    parser.add_argument("--range", type=Path, metavar="DIR", help="a range that is drawn already, to save a minute")
    options = parser.parse_args(arguments)
    chromium = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if chromium is None:
        sys.stderr.write("Chromium is missing. Install it (Debian: apt-get install chromium) or set CHROMIUM.\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="shop-tour-") as name,
            open_shop(folder := Path(name), dataset := options.range or folder / "range") as site,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
            camera = Camera(browser, site)
            visit_shop(camera)
            search_by_photo(camera, dataset, folder)
            visit_admin(camera)
            visit_elsewhere(browser, site)
            browser.close()
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    taken = sorted(FOLDER.glob("*.webp"))
    sys.stdout.write(f"{len(taken)} pictures, {sum(path.stat().st_size for path in taken) / 1e6:.2f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
