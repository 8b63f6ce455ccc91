"""The web forms that invite guessing, and how they refuse."""

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from shopsite import settings as shop_settings
from shopsite.limits import client_address

pytestmark = pytest.mark.django_db
WRONG = {"username": "ada", "password": "wrong"}


@pytest.fixture(autouse=True)
def limits(settings):
    cache.clear()
    settings.LIMITS = dict.fromkeys(shop_settings.LIMITS)

    def limit(**rates):
        settings.LIMITS = settings.LIMITS | {name.replace("_", " "): rate for name, rate in rates.items()}

    return limit


@pytest.mark.parametrize("address", ["/accounts/login/", "/admin/login/"])
def test_beyond_the_limit_not_even_the_right_password_helps_and_the_page_says_how_long(client, limits, address):
    get_user_model().objects.create_superuser("ada", password="correct horse")
    limits(login_address="2/min")
    assert [client.post(address, WRONG).status_code for _ in range(2)] == [200, 200]
    refused = client.post(address, WRONG | {"password": "correct horse"})
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert "no-store" in refused["Cache-Control"]
    page = refused.content.decode()
    assert "That was too often." in page
    assert f"Wait {refused['Retry-After']} seconds" in page
    assert client.get(address).status_code == 200
    assert Client(REMOTE_ADDR="10.0.0.2").post(address, WRONG | {"password": "correct horse"}).status_code == 302


def test_one_account_cannot_be_guessed_from_many_addresses(limits):
    limits(login_account="3/min")
    tries = [
        Client(REMOTE_ADDR=f"10.0.0.{n}").post("/accounts/login/", WRONG | {"username": name})
        for n, name in enumerate(["ada", "Ada", "ADA", "ada"])
    ]
    assert [answer.status_code for answer in tries] == [200, 200, 200, 429]
    assert Client().post("/accounts/login/", WRONG | {"username": "bob"}).status_code == 200


def test_nobody_floods_a_mailbox(client, limits):
    get_user_model().objects.create_user("ada", "ada@example.org", "x")
    limits(mail_account="2/hour")
    for _ in range(5):
        client.post("/accounts/password_reset/", {"email": "ada@example.org"})
    assert len(mail.outbox) == 2


def test_accounts_are_not_made_by_the_hundred(client, limits):
    limits(register_address="2/min")
    assert [client.post("/account/register/", {"email": "x"}).status_code for _ in range(3)] == [422, 422, 429]


def test_photos_are_counted_before_they_are_read(client, limits):
    limits(photo_address="2/min")
    sent = [client.post("/search-by-photo/", {"photo": SimpleUploadedFile("a.png", b"x")}) for _ in range(3)]
    assert [answer.status_code for answer in sent] == [400, 400, 429]


def test_it_speaks_chinese(client, limits):
    limits(login_address="1/min")
    client.post("/accounts/login/", WRONG)
    page = client.post("/accounts/login/", WRONG, headers={"accept-language": "zh-hans"}).content.decode()
    assert "请等待" in page


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "expected"),
    [
        (False, "198.51.100.9", "203.0.113.5"),
        (True, "198.51.100.9", "198.51.100.9"),
        (True, "1.1.1.1, 198.51.100.9", "198.51.100.9"),
        (True, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (True, "nonsense", "nonsense"),
    ],
)
def test_only_our_own_proxy_is_believed(rf, settings, behind_proxy, forwarded, expected):
    settings.BEHIND_PROXY = behind_proxy
    request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="203.0.113.5")
    assert client_address(request) == expected


def test_a_member_of_staff_sends_so_many_bytes_a_day(client, limits):
    limits(upload_bytes="5000/day")
    boss = get_user_model().objects.create_superuser("boss")
    client.force_login(boss)

    def upload(who):
        return who.post("/admin/catalog/product/add/", {"file": SimpleUploadedFile("a.jpg", b"x" * 2000)})

    assert [upload(client).status_code for _ in range(3)] == [200, 200, 429]
    refused = upload(client)
    assert 3600 < int(refused["Retry-After"]) <= 86_400
    assert "That was too often." in refused.content.decode()
    assert client.get("/admin/catalog/product/add/").status_code == 200
    other = Client()
    other.force_login(get_user_model().objects.create_superuser("other"))
    assert upload(other).status_code == 200
    assert Client().post("/search-by-photo/", {"image": SimpleUploadedFile("a.jpg", b"x" * 9000)}).status_code == 400
