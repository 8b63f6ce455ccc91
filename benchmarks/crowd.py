"""Visitors who look, report events and buy, and managers who upload, all at once; what they were promised is kept."""

from __future__ import annotations

import random
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from benchmarks.browser import FAILED, Answer, Browser

ADDRESS = {
    "email": "ada@example.com",
    "name": "Ada",
    "address": "Analytical Street 1",
    "postcode": "1815",
    "city": "London",
    "country": "IE",
    "card": "approved",
}
EVENTS_A_BATCH = 5
_LATER = 503
_HIDDEN = re.compile(r'<input type="hidden" name="(token|total|basket)" value="([^"]*)">')


@dataclass
class Kept:
    """What the shop said yes to, and every answer."""

    answers: list[Answer] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def note(self, answer: Answer) -> None:
        """Keep an answer, without its body."""
        body = answer.body[:300] if answer.status == FAILED or answer.status >= 500 else b""
        self.answers.append(replace(answer, body=body))

    def statuses(self) -> dict[int, int]:
        """Status -> how many answers."""
        return dict(sorted(Counter(answer.status for answer in self.answers).items()))

    def faults(self) -> list[Answer]:
        """Answers that no visitor should get: none at all, or a fault of the server; "come back later" is none."""
        return [one for one in self.answers if one.status == FAILED or (one.status >= 500 and one.status != _LATER)]

    def slowest(self) -> float:
        """The longest that anybody waited, in seconds."""
        return max(answer.seconds for answer in self.answers)


@dataclass(frozen=True)
class Places:
    """What the crowd knows of the shop.

    Attributes:
        port: of the shop on this machine.
        pages: addresses to look at.
        products: products that can be bought: key -> address.
        manager: cookies of somebody who may add products; None when nobody uploads.
        family: the key of the family that new products belong to.
        picture: what is uploaded.
    """

    port: int
    pages: Sequence[str]
    products: Mapping[int, str]
    manager: Mapping[str, str] | None = None
    family: int = 0
    picture: bytes = b""


class Crowd:
    """A crowd in one shop.

    Args:
        places: where to go.
        mix: what they do -> how often: "look", "report", "buy", "upload".
        patience_seconds: how long one goes on asking a shop that says 503.
        seed: of the choice.
    """

    def __init__(
        self, places: Places, mix: Mapping[str, float], *, patience_seconds: float = 60.0, seed: int = 0
    ) -> None:
        self._places = places
        self._mix = dict(mix)
        self._patience = patience_seconds
        self._random = random.Random(seed)  # noqa: S311 - a repeatable choice # nosec B311
        self._lock = threading.Lock()
        self._last_start = 0.0
        self.kept = Kept()
        self.done = 0
        self.stopped = threading.Event()

    def run(
        self, *, visitors: int, actions: int | None = None, seconds: float | None = None, a_second: float | None = None
    ) -> Kept:
        """Let so many visitors act at once until enough was done, time is over, or `stopped` is set.

        Args:
            visitors: at once.
            actions: how many actions.
            seconds: for how long.
            a_second: actions that begin in a second; as many as can be when None.
        """
        ends = time.monotonic() + seconds if seconds is not None else None
        left = actions
        lock = threading.Lock()

        def begin() -> bool:
            nonlocal left
            with lock:
                if self.stopped.is_set() or (ends is not None and time.monotonic() >= ends) or left == 0:
                    return False
                left = None if left is None else left - 1
            if a_second:
                self._pace(1 / a_second)
            return True

        def visit() -> None:
            while begin():
                self._act()

        with ThreadPoolExecutor(visitors) as pool:
            for one in [pool.submit(visit) for _ in range(visitors)]:
                one.result()
        return self.kept

    def _pace(self, interval: float) -> None:
        with self._lock:
            self._last_start = start = max(time.monotonic(), self._last_start + interval)
        time.sleep(max(0.0, start - time.monotonic()))

    def _act(self) -> None:
        with self._lock:
            name = self._random.choices(list(self._mix), list(self._mix.values()))[0]
            page = self._random.choice(self._places.pages)
            product = self._random.choice(list(self._places.products))
        browser = Browser(self._places.port, self.kept.note, self._patience)
        match name:
            case "look":
                browser.get(page, what="look")
            case "report":
                self._report(browser, product)
            case "buy":
                self._buy(browser, product)
            case "upload":
                self._upload(browser)
        with self._lock:
            self.done += 1

    def _report(self, browser: Browser, product: int) -> None:
        guest = browser.send("/api/v1/guests/", {}, what="guest")
        token = re.search(rb'"token":\s*"([^"]+)"', guest.body)
        if token is None:
            return self.kept.refused.append(f"guest {guest.status}")
        ids = [str(uuid.uuid4()) for _ in range(EVENTS_A_BATCH)]
        events = [{"id": one, "kind": "view", "product": str(product)} for one in ids]
        answer = browser.send(
            "/api/v1/events/", {"events": events}, what="events", headers={"X-Visitor-Token": token[1].decode()}
        )
        if answer.status == 200:
            self.kept.events += ids
        else:
            self.kept.refused.append(f"events {answer.status}")
        return None

    def _buy(self, browser: Browser, product: int) -> None:
        browser.get(self._places.products[product], what="product")
        browser.get("/basket/", what="basket")
        added = browser.post(f"/basket/add/{product}/", {"quantity": 1}, what="basket add")
        page = browser.get("/checkout/", what="checkout page")
        hidden = dict(_HIDDEN.findall(page.body.decode()))
        if len(hidden) != 3:
            return self.kept.refused.append(f"basket {added.status}, checkout page {page.status}")
        answer = browser.post("/checkout/", {**ADDRESS, **hidden}, what="checkout")
        if answer.status == 302 and answer.location.startswith("/orders/"):
            self.kept.orders.append(answer.location.split("/")[2])
            browser.get(answer.location, what="order")
        else:
            self.kept.refused.append(f"checkout {answer.status}")
        return None

    def _upload(self, browser: Browser) -> None:
        browser.cookies |= self._places.manager or {}
        sku = f"upload-{uuid.uuid4().hex[:12]}"
        form = product_form(sku, self._places.family)
        browser.get("/admin/catalog/product/add/", what="upload page")
        answer = browser.upload(
            "/admin/catalog/product/add/", form, {"images-0-file": ("a.png", self._places.picture)}, what="upload"
        )
        if answer.status == 302 or b"already exists" in answer.body:
            self.kept.uploads.append(sku)
        else:
            self.kept.refused.append(f"upload {answer.status}")


def product_form(sku: str, family: int) -> dict[str, object]:
    """The fields of the admin's form for a new product with one picture, `images-0-file`."""
    return {
        "title": sku,
        "sku": sku,
        "family": family,
        "is_visible": "on",
        "price": "199.00",
        "stock": "3",
        "color": "red",
        "attributes": "{}",
        "images-TOTAL_FORMS": "1",
        "images-INITIAL_FORMS": "0",
        "images-MIN_NUM_FORMS": "0",
        "images-MAX_NUM_FORMS": "1000",
        "images-0-position": "0",
    }
