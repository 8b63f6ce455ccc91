"""A compiled query answers as the queryset that it was made of, for whatever stands in its gaps."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.db.models import Q, Value

from catalog.models import Product
from recommender.storage.compiled import Compiled, Gap
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)


class CountedValue(Value):
    """A value that counts how often a query with it was compiled."""

    compilations = 0

    def as_sql(self, compiler, connection):
        CountedValue.compilations += 1
        return super().as_sql(compiler, connection)


@pytest.fixture
def phones():
    return [make_product(f"phone-{i}", brand=f"Brand {i}", stock=i, picture=False) for i in range(5)]


def of_keys(n):
    return (
        Product.objects.select_related("family__brand").filter(pk__in=Gap("keys", Product._meta.pk, n)).order_by("pk")
    )


def test_it_gives_what_the_queryset_gives_and_compiles_once(phones, django_assert_num_queries):
    least = CountedValue(1)
    compiled = Compiled(of_keys(2).filter(stock__gte=least))
    before = CountedValue.compilations
    for some in ([phones[0], phones[1]], [phones[2], phones[4]], [phones[3]]):
        expected = [phone for phone in some if phone.stock]
        with django_assert_num_queries(1):
            found = compiled.ask(keys=[phone.pk for phone in some])
            assert [phone.family.brand.name for phone in found] == [phone.brand_name for phone in expected]
        assert found == expected
    assert CountedValue.compilations == before + 1


def test_a_key_may_be_given_as_text(phones):
    assert Compiled(of_keys(1)).ask(keys=[str(phones[2].pk)]) == [phones[2]]


def test_gaps_of_several_names_a_subquery_a_limit_and_columns(phones):
    chosen = Product.objects.filter(pk__in=Gap("keys", Product._meta.pk, 3)).values("family_id")
    stock = Gap("stock", Product._meta.get_field("stock"))
    rows = Product.objects.filter(~Q(stock=stock), family__in=chosen).order_by("-pk").values_list("sku", "stock")[:2]
    compiled = Compiled(rows)
    assert compiled.ask(keys=[phone.pk for phone in phones[:3]], stock=[2]) == [("phone-1", 1), ("phone-0", 0)]
    assert compiled.ask(keys=[phone.pk for phone in phones[2:]], stock=[2]) == [("phone-4", 4), ("phone-3", 3)]


def test_what_is_always_empty_asks_nothing(phones, django_assert_num_queries):
    compiled = Compiled(of_keys(1).filter(sku__in=[]))
    with django_assert_num_queries(0):
        assert compiled.ask(keys=[phones[0].pk]) == []


def test_each_thread_asks_over_its_own_connection(phones):
    compiled = Compiled(of_keys(1))
    assert compiled.ask(keys=[phones[0].pk]) == [phones[0]]

    def ask(phone):
        try:
            return compiled.ask(keys=[phone.pk])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(ask, phones)) == [[phone] for phone in phones]
