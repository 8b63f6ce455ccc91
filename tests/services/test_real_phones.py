"""A range of real phones, tablets and watches, imported with the default encoder."""

import os
from pathlib import Path

import pytest
from django.core.management import call_command

from catalog.models import Product
from recommender.services import recommending, training

pytestmark = [pytest.mark.data, pytest.mark.django_db(transaction=True)]


def test_shelves_of_real_phones_show_other_phones(settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {
        "ENCODER": {"BACKEND": "recommender.engines.composite.CompositeEncoder", "OPTIONS": {}}
    }
    call_command("recommender_import", Path(os.environ["RECOMMENDER_DATA_DIR"]) / "phones-apple")
    assert Product.objects.count() == 194
    training.train()
    phones = Product.objects.filter(family__category="phones")
    assert phones.count() == 124
    good = 0
    for phone in phones:
        shelf = [item.product for item in recommending.similar(phone, k=4).items]
        assert all(other.family_id != phone.family_id for other in shelf)
        good += len(shelf) == 4 and all(other.family.category == "phones" for other in shelf)
    assert good >= 0.9 * phones.count()
