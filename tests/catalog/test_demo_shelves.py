"""The demo's figures: imagined once, from people who shopped anyway."""

import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from recommender.models import DailyFigures, Impression, Interaction, Visitor
from tests.shop import make_product

pytestmark = pytest.mark.django_db


def test_shelves_lead_to_looks_that_the_history_has(capsys):
    phones = [make_product(f"phone-{number}", picture=False) for number in range(5)]
    visitors = [Visitor.objects.create() for _ in range(20)]
    now = timezone.now()

    def event(number, kind, minutes):
        return Interaction(
            visitor=visitors[number % 20],
            product=phones[number % 5],
            kind=kind,
            occurred_at=now - timedelta(hours=number, minutes=-minutes),
            client_id=uuid.uuid4(),
            price=100 if kind == "purchase" else None,
        )

    Interaction.objects.bulk_create(event(number, "view", 0) for number in range(1, 800))
    Interaction.objects.bulk_create(event(number, "purchase", 9) for number in range(1, 800, 5))
    call_command("demo_shelves")
    clicks = Interaction.objects.filter(kind="click")
    assert f"{clicks.count()} clicks imagined" in capsys.readouterr().out
    assert 60 < clicks.count() < 250
    looks = set(Interaction.objects.filter(kind="view").values_list("visitor", "product"))
    assert set(clicks.values_list("visitor", "product")) <= looks
    assert Interaction.objects.filter(kind__in=["view", "purchase"]).count() == 799 + 160
    assert Interaction.objects.filter(kind="purchase").exclude(strategy="").exists()
    n = Impression.objects.count()
    assert sum(DailyFigures.objects.values_list("impressions", flat=True)) == n > 0
    call_command("demo_shelves", verbosity=0)
    assert Impression.objects.count() == n


def test_a_shop_without_history_is_left_alone():
    call_command("demo_shelves", verbosity=0)
    assert not Impression.objects.exists()
