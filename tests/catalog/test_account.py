"""Accounts, and what the shop knows about a visitor."""

import json

import pytest

from catalog.models import Order
from recommender.models import Interaction, Visitor

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def register(client, **changes):
    fields = {"email": "Ada@Example.com", "password1": PASSWORD, "password2": PASSWORD} | changes
    return client.post("/account/register/", fields)


class TestRegister:
    def test_makes_an_account_and_logs_in(self, client, django_user_model):
        response = register(client, next="/basket/")
        assert response["Location"] == "/basket/"
        user = django_user_model.objects.get()
        assert (user.username, user.email) == ("ada@example.com", "ada@example.com")
        assert client.get("/account/").status_code == 200

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"email": "ada"}, "email"),
            ({"email": ""}, "email"),
            ({"password2": "other"}, "password2"),
            ({"password1": "123", "password2": "123"}, "password2"),
        ],
    )
    def test_marks_what_is_wrong(self, client, django_user_model, wrong, field):
        response = register(client, **wrong)
        assert response.status_code == 422
        assert field in response.context["form"].errors
        assert not django_user_model.objects.exists()

    def test_an_address_has_one_account(self, client, customer):
        errors = register(client).context["form"].errors
        assert errors == {"email": ["There is an account with this e-mail address already. Log in instead."]}

    def test_a_customer_needs_no_second_account(self, client, customer):
        client.force_login(customer)
        assert client.get("/account/register/")["Location"] == "/account/"


class TestAccount:
    def test_asks_guests_to_log_in(self, client):
        assert client.get("/account/")["Location"] == "/accounts/login/?next=/account/"

    def test_shows_own_orders_only(self, client, customer, django_user_model):
        own = Order.objects.create(user=customer)
        Order.objects.create(user=django_user_model.objects.create_user("eve"))
        Order.objects.create()
        client.force_login(customer)
        assert list(client.get("/account/").context["page"]) == [own]

    def test_login_and_password_pages_speak_both_languages(self, client, customer):
        client.force_login(customer)
        for path in ("/accounts/login/", "/accounts/password_change/", "/accounts/password_reset/"):
            assert "Mobilum" in client.get(path).content.decode()
            assert "密码" in client.get(path, headers={"accept-language": "zh-hans"}).content.decode()

    def test_a_forgotten_password_can_be_set_anew(self, client, customer, mailoutbox):
        client.post("/accounts/password_reset/", {"email": customer.email})
        link = next(word for word in mailoutbox[0].body.split() if "/accounts/reset/" in word)
        page = client.get(link.removeprefix("http://testserver"), follow=True)
        new = "another long phrase"
        client.post(page.redirect_chain[-1][0], {"new_password1": new, "new_password2": new})
        assert client.login(username=customer.username, password=new)

    def test_an_old_reset_link_leads_to_a_new_one(self, client):
        page = client.get("/accounts/reset/MQ/set-password/").content.decode()
        assert "This link was used already or is too old." in page


class TestAboutYou:
    def test_a_stranger_is_told_that_nothing_is_known(self, client):
        assert "Nothing. You have not looked at a phone yet" in client.get("/about-you/").content.decode()
        assert not Visitor.objects.exists()

    def test_a_visitor_reads_a_profile_in_words(self, client, phone):
        for _ in range(3):
            client.get(phone(color="blue", brand="Orbis").get_absolute_url())
        client.get(phone(color="red", brand="Orbis").get_absolute_url())
        profile = client.get("/about-you/", headers={"accept-language": "en"}).context["profile"]
        assert (profile.n_events, profile.kinds) == (4, [("viewed", 4)])
        assert [(trait.attribute, trait.value, trait.percent) for trait in profile.traits] == [
            ("Brand", "Orbis", 100),
            ("Category", "Phones", 100),
            ("Colour", "blue", 75),
            ("Colour", "red", 25),
        ]

    def test_exports_everything(self, client, phone):
        product = phone()
        client.get(product.get_absolute_url())
        response = client.get("/about-you/export/")
        assert response["Content-Disposition"] == 'attachment; filename="about-me.json"'
        [event] = json.loads(response.content)["events"]
        assert (event["product_id"], event["kind"]) == (str(product.pk), "view")

    def test_a_stranger_exports_nothing(self, client):
        assert client.get("/about-you/export/").json() == {"events": []}

    def test_deletes_everything_but_orders(self, client, phone, customer):
        client.force_login(customer)
        client.get(phone().get_absolute_url())
        Order.objects.create(user=customer)
        client.post("/about-you/forget/")
        assert (Interaction.objects.count(), Visitor.objects.count(), Order.objects.count()) == (0, 0, 1)

    def test_remembers_nothing_after_a_no_and_again_after_a_yes(self, client, phone):
        product = phone()
        client.post("/about-you/remember/", {"remember": "0"})
        client.get(product.get_absolute_url())
        assert not Interaction.objects.exists()
        client.post("/about-you/remember/", {"remember": "1"})
        client.get(product.get_absolute_url())
        assert Interaction.objects.count() == 1

    @pytest.mark.parametrize("path", ["forget", "remember"])
    def test_changes_nothing_on_a_mere_visit(self, client, path):
        assert client.get(f"/about-you/{path}/").status_code == 405


def test_a_form_that_is_too_old_says_so(client_factory):
    response = client_factory(enforce_csrf_checks=True).post("/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "This form is too old." in response.content.decode()
