"""Strings that break text handling in every field of every form, and as the names of uploaded files."""

from itertools import cycle

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from catalog.models import Order, OrderLine, Product
from recommender.services import training
from tests.hostile.addresses import walk
from tests.hostile.forms import forms_of
from tests.hostile.raw import ask, faults
from tests.hostile.strings import TEXTS, utf8
from tests.hostile.test_addresses import PARTS, session_of
from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too
from tests.shop import make_product, phone_picture

pytestmark = pytest.mark.django_db

KEEP = ("csrfmiddlewaretoken", "initial-", "-TOTAL_FORMS", "-INITIAL_FORMS", "-MIN_NUM_FORMS", "-MAX_NUM_FORMS")
NAMES = list(TEXTS)


class Somebody:
    """A visitor with cookies, who sends forms as multipart, byte by byte."""

    def __init__(self, session):
        self.cookies = {"sessionid": session} if session else {}

    def ask(self, method, address, **more):
        """The answer; cookies that it sets are kept."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = ask(method, address, headers={"COOKIE": cookie}, **more)
        for name, value in answer.headers:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer

    def forms(self, address):
        """The forms of a page, their actions made full."""
        page = self.ask("GET", address).body.decode("utf-8", "replace")
        found = forms_of(page)
        for form in found:
            form.action = form.action or address
        return [form for form in found if form.method == "POST" and "logout" not in form.action]

    def send(self, form, fields, files=()):
        """What comes back."""
        lines = []
        for name, value in fields.items():
            lines += [b'--b\r\nContent-Disposition: form-data; name="%s"\r\n' % utf8(name), utf8(value)]
        for name, file_name, content in files:
            quoted = utf8(file_name).replace(b'"', b"%22").replace(b"\r", b"").replace(b"\n", b"")
            head = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n' % (utf8(name), quoted)
            lines += [head + b"Content-Type: image/png\r\n", content]
        body = b"\r\n".join([*lines, b"--b--", b""])
        return self.ask("POST", form.action, body=body, content_type="multipart/form-data; boundary=b")


def changed(form, names, text):
    """The form's fields with the text in those named, all but what keeps the form together."""
    typed = [name for name in names if not any(keep in name for keep in KEEP)]
    return form.fields | dict.fromkeys(typed, text)


@pytest.fixture
def people(light):  # noqa: F811
    """A manager, a shopper with something in the basket, and a stranger."""
    users = get_user_model().objects
    shop = [make_product("nova"), make_product("azur", colour="blue")]
    training.train()
    order = Order.objects.create(name="Ada", email="ada@example.org")
    OrderLine.objects.create(order=order, product=shop[0], sku="nova", title="Nova", quantity=1, position=0)
    shopper = Somebody(session_of(users.create_user("shopper")))
    page = shopper.forms(shop[0].get_absolute_url())
    basket = next(form for form in page if "/basket/add/" in form.action)
    assert shopper.send(basket, basket.fields).status == 302
    return Somebody(session_of(users.create_superuser("manager"))), shopper, Somebody("")


def pages(people):
    """Each form once, with somebody who sees it: by address and fields."""
    product, order = Product.objects.first(), Order.objects.first()
    numbers = {"catalog_order": order.pk, "catalog_product": product.pk}
    seen = set()
    for who in people:
        for address in walk():
            if "logout" in address.name or address.route.startswith(("media", "api/")):
                continue
            number = next((key for part, key in numbers.items() if part in address.name), 1)
            path = (
                product.get_absolute_url() if address.name == "catalog:product" else address.filled(str(number), number)
            )
            for form in who.forms(path):
                key = (form.action.partition("?")[0], tuple(form.typed), tuple(form.files))
                if key not in seen:
                    seen.add(key)
                    yield who, form


def tell(who, form, names, text):
    """What goes wrong when the form is sent with the text, and when its page is then looked at again."""
    answer = who.send(form, changed(form, names, text))
    found = faults(answer, form.action, names, text[:40])
    if answer.status == 302 and answer.header("location").startswith("/"):
        found += faults(who.ask("GET", answer.header("location")), form.action, names, text[:40], "afterwards")
    return found


def test_every_form_with_some_of_the_strings_in_all_fields_and_in_each(people):
    names, found, forms = cycle(NAMES), [], list(pages(people))
    actions = {form.action.partition("?")[0] for _, form in forms}
    assert {"/accounts/login/", "/checkout/", "/admin/catalog/product/add/", "/i18n/setlang/", "/theme/"} <= actions
    assert len(actions) > 25
    for who, form in forms:
        found += tell(who, form, form.typed, TEXTS[next(names)])
        for name in form.typed[:: 1 + len(form.typed) // 4]:
            found += tell(who, form, [name], TEXTS[next(names)])
    assert found == []


@pytest.mark.faults
@pytest.mark.parametrize("part", range(PARTS))
def test_every_form_with_every_string_in_every_field(people, part):
    found, forms = [], list(pages(people))
    cookies = [dict(who.cookies) for who in people]
    for name in NAMES[part::PARTS]:
        with transaction.atomic():
            for who, form in forms:
                # Half of the fields at once: beside good values a bad one gets further.
                for names in filter(None, (form.typed[::2], form.typed[1::2])):
                    found += tell(who, form, names, TEXTS[name])
            transaction.set_rollback(True)  # the next string finds the shop as it was
        for who, before in zip(people, cookies, strict=True):
            who.cookies = dict(before)
    assert found == []


def test_every_string_as_the_name_of_an_uploaded_file(people):
    manager = people[0]
    pages_with_files = ("/admin/catalog/product/add/", "/admin/catalog/product/import/")
    forms = [form for address in pages_with_files for form in manager.forms(address)]
    fields = [(form, name) for form in forms for name in form.files if "__prefix__" not in name]
    assert {name for _, name in fields} == {"images-0-file", "import_file"}
    picture, found = phone_picture(size=40), []
    for number, (text, (form, name)) in enumerate(zip(TEXTS.values(), cycle(fields), strict=False)):
        content = picture if number % 2 else b"sku,title\nnova,x7f3q"
        file_name = text + (".png" if number % 4 == 1 else "")
        answer = manager.send(form, form.fields | {"sku": f"new-{number}"}, [(name, file_name[:3000], content)])
        found += faults(answer, form.action, "file name", text[:40])
    assert found == []
