"""Who knocks: six people, and the shop that each finds the same."""

import json
import uuid
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from rest_framework.authtoken.models import Token

from catalog.models import Basket, BasketLine, Order, OrderLine
from recommender.models import Finding, ImageEmbedding, Interaction, Job, Snapshot, Suggestion, Visitor
from recommender.services import embedding, merchandising, tracking, training
from tests.hostile.addresses import HOLE
from tests.shop import make_product

WHO = ("anonymous", "shopper", "other", "analyst", "merchandiser", "manager")
STAFF = ("analyst", "merchandiser", "manager")


@dataclass
class Shop:
    """A shop in which everything belongs to the shopper."""

    clients: dict
    numbers: dict
    order: Order

    def path(self, address):
        """An address with the holes filled by what there is."""
        label = "_".join(address.name.removeprefix("admin:").split("_")[:2])
        number = self.numbers.get(address.name) or self.numbers.get(label, self.numbers["catalog_product"])
        words = {
            "reference": self.order.reference,
            "app_label": "catalog",
            "slug": "home" if "placement" in address.name else "nova",
            "url": "x",
            "path": "no.webp",
        }
        words |= {"uidb64": "MQ", "token": "x-y", "content_type_id": "0"}

        def fill(match):
            name = match["name"] or match["group"]
            return str(words.get(name, number))

        return "/" + HOLE.sub(fill, address.route).replace("\\Z", "")

    def knock(self, who, method, path, body=None):
        """What somebody is told, in a word: see `table`."""
        client = self.clients[who]
        as_json = path.startswith("/api/")
        data = json.dumps(body or {}) if as_json else (body or {})
        kind = {"content_type": "application/json"} if as_json and method == "POST" else {}
        answer = (
            client.generic(method, path)
            if method == "DELETE"
            else getattr(client, method.lower())(path, data if method == "POST" else None, **kind)
        )
        return verdict(answer)


def verdict(answer):
    """What a status means, in a word of table.txt."""
    status = answer.status_code
    if status in (301, 302) and "/login/" in answer["Location"]:
        return "login"
    if status < 400:
        return "ok"
    return {400: "wrong", 422: "wrong", 401: "no", 403: "no", 404: "hidden"}.get(status, str(status))


def open_shop():
    """The shop and its six people."""
    users = get_user_model().objects
    people = {who: users.create_user(who, f"{who}@example.org", is_staff=who in STAFF) for who in WHO[1:]}
    for who in STAFF:
        people[who].groups.add(Group.objects.get(name=who))
    clients = {who: Client() for who in WHO}
    for who, user in people.items():
        clients[who].force_login(user)
    nova, azur = make_product("nova"), make_product("azur", colour="blue")
    ruby = make_product("ruby", colour="gold")
    embedding.embed([nova.pk, azur.pk, ruby.pk])
    training.train()
    order = Order.objects.create(user=people["shopper"], name="Ada", email="shopper@example.org")
    OrderLine.objects.create(order=order, product=nova, sku="nova", title="Nova", quantity=1, position=0)
    basket = Basket.objects.create(user=people["shopper"])
    line = BasketLine.objects.create(basket=basket, product=azur, quantity=1, price_seen=azur.price)
    visitor = Visitor.objects.create(user=people["shopper"])
    tracking.record_batch(visitor, [{"id": str(uuid.uuid4()), "kind": "view", "product": str(nova.pk)}])
    rule = merchandising.pin(azur, 1)
    numbers = {
        "catalog_product": nova.pk,
        "catalog_family": nova.family_id,
        "catalog_brand": nova.family.brand_id,
        "catalog_order": order.pk,
        "catalog:basket_change": line.pk,
        "authtoken_tokenproxy": Token.objects.create(user=people["shopper"]).pk,
        "auth_user": people["other"].pk,
        "auth_group": Group.objects.get(name="analyst").pk,
        "recommender_imageembedding": ImageEmbedding.objects.first().pk,
        "admin:recommender_picture": ImageEmbedding.objects.filter(status="ready").first().pk,
        "recommender_visitor": visitor.pk,
        "recommender_interaction": Interaction.objects.first().pk,
        "recommender_job": Job.objects.first().pk,
        "recommender_rule": rule.pk,
        "admin:recommender_rule_effect_of": rule.pk,
        "admin:recommender_suggest": "products",
        "recommender_suggestion": Suggestion.objects.create(
            product=nova, attribute="design", value="round", confidence=0.9, origin="network"
        ).pk,
        "recommender_finding": Finding.objects.create(
            kind="views", product=nova, detail={"views": 1, "usual": 2}, weight=0.5, fingerprint="nova"
        ).pk,
        "recommender_snapshot": Snapshot.objects.get().pk,
        "recommender_placement": "home",
        "admin:recommender_activate": Snapshot.objects.get().pk,
    }
    return Shop(clients, numbers, order)
