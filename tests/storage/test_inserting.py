"""Rows are written once, and the count says how many were."""

import uuid

import pytest
from django.utils import timezone

from recommender.models import Interaction, Search, Visitor
from recommender.storage import inserting
from tests.shop import make_product

pytestmark = pytest.mark.django_db


def search(key):
    return Search(id=key, occurred_at=timezone.now())


def test_nothing_is_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert inserting.insert([]) == 0


@pytest.mark.parametrize("n", [1, 30, 2500])
def test_rows_that_are_there_or_come_twice_are_not_counted(n):
    keys = [uuid.uuid4() for _ in range(n)]
    assert inserting.insert([search(key) for key in keys]) == n
    fresh = uuid.uuid4()
    assert inserting.insert([search(key) for key in [*keys, fresh, fresh]]) == 1
    assert Search.objects.count() == n + 1


def test_one_statement_and_the_first_of_two_stays(django_assert_num_queries):
    visitor, product, key = Visitor.objects.create(), make_product("nova", picture=False), uuid.uuid4()
    rows = [
        Interaction(visitor=visitor, product=product, kind=kind, occurred_at=timezone.now(), client_id=key)
        for kind in ("view", "cart")
    ]
    with django_assert_num_queries(1):
        assert inserting.insert(rows) == 1
    assert Interaction.objects.get().kind == "view"
