"""What a shelf reads of the shop is what holds at that moment, however the shop's source puts its queries together."""

import pytest
from django.db.models import Q, Value
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import get_language

from catalog.models import Family, Product
from catalog.source import CatalogSource
from recommender.models import Visitor
from recommender.services import reading_products
from recommender.services.terms import Terms
from recommender.storage import interactions
from tests.services.test_recommending import visit
from tests.shop import make_product

pytestmark = pytest.mark.django_db


class Tenants(CatalogSource):
    """A shop of which each request sees a part, and nobody more than some stock."""

    brand_name = "Orbis"
    least_stock = 1

    def queryset(self):
        return super().queryset().filter(family__brand__name=self.brand_name).annotate(whose=Value(self.brand_name))

    def available(self):
        return Q(stock__gte=self.least_stock)

    def visible(self):
        return Q(is_visible=True)


@pytest.fixture
def source():
    return Tenants()


@pytest.fixture
def phones():
    made = [make_product(f"orbis-{i}", stock=i, picture=False) for i in range(4)]
    return [*made, make_product("nova", brand="Nova", picture=False)]


def read(source, phones, named=(), visitor=None):
    keys, others = [str(phone.pk) for phone in phones], [str(phone.pk) for phone in named]
    found = reading_products.read(source, Terms(), visitor, keys, others)
    assert all(key == str(product.pk) for key, product in found.items())
    return sorted(product.sku for product in found.values())


def test_what_is_available_and_what_is_only_named(source, phones, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert read(source, phones[2:4], named=phones[:1]) == ["orbis-0", "orbis-2", "orbis-3"]
    assert read(source, phones) == ["orbis-1", "orbis-2", "orbis-3"]
    assert read(source, [], named=phones[:1]) == ["orbis-0"]
    Product.objects.filter(sku="orbis-3").update(is_visible=False)
    assert read(source, phones[2:3], named=phones[3:4]) == ["orbis-2"]


def test_nothing_is_no_query(source, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert read(source, []) == []


def test_stock_that_changes_is_seen_at_once(source, phones):
    assert read(source, phones[:2]) == ["orbis-1"]
    Product.objects.filter(sku="orbis-0").update(stock=1)
    assert read(source, phones[:2]) == ["orbis-0", "orbis-1"]


def test_a_source_may_give_another_queryset_each_time(source, phones):
    assert read(source, phones) == ["orbis-1", "orbis-2", "orbis-3"]
    source.brand_name = "Nova"
    assert read(source, phones) == ["nova"]
    key = str(phones[-1].pk)
    assert reading_products.read(source, Terms(), None, [key])[key].whose == "Nova"
    source.brand_name = "Orbis"
    source.least_stock = 3
    assert read(source, phones) == ["orbis-3"]


def test_what_one_visitor_dismissed_another_is_shown(source, phones):
    first, second = Visitor.objects.create(), Visitor.objects.create()
    visit(first, phones[1], kind="dismiss")
    assert read(source, phones, visitor=first) == ["orbis-2", "orbis-3"]
    assert read(source, phones, visitor=second) == ["orbis-1", "orbis-2", "orbis-3"]
    interactions.take_back_dismissal(first, phones[1].pk)
    assert read(source, phones, visitor=first) == ["orbis-1", "orbis-2", "orbis-3"]


@pytest.mark.parametrize("n", [1, 4, 5, 9])
def test_any_number_of_keys(source, n):
    phones = [make_product(f"orbis-{i}", picture=False) for i in range(n)]
    assert read(source, phones) == sorted(phone.sku for phone in phones)


class OfBrand(CatalogSource):
    """A shop whose products come by way of what they belong to."""

    def __init__(self, brand):
        super().__init__()
        self.family = brand.families.get() if hasattr(brand, "families") else Family.objects.get(brand=brand)

    def queryset(self):
        return self.family.products.all()


def test_a_related_instance_is_never_that_of_an_earlier_request(phones):
    nova = phones[-1]
    first, second = OfBrand(nova.family.brand), OfBrand(nova.family.brand)
    second.family.name = "Renamed"
    for source in (first, second):
        found = reading_products.read(source, Terms(), None, [str(nova.pk)])
        assert found[str(nova.pk)].family is source.family


class ByLanguage(CatalogSource):
    """A shop that sells one brand to readers of one language."""

    def available(self):
        return Q(family__brand__name=lazy(lambda: "Nova" if get_language() == "zh-hans" else "Orbis", str)())


def test_what_depends_on_the_language_is_asked_anew(phones):
    source = ByLanguage()
    for _ in range(2):
        for language, expected in (("en", ["orbis-1"]), ("zh-hans", ["nova"])):
            with translation.override(language):
                assert read(source, [phones[1], phones[-1]]) == expected


class Growing(CatalogSource):
    """A shop that hides more and more by adding to one list."""

    def __init__(self):
        super().__init__()
        self.hidden = []

    def available(self):
        return ~Q(sku__in=self.hidden)


def test_a_list_that_grew_in_place_is_noticed(phones):
    source = Growing()
    assert read(source, phones[:2]) == ["orbis-0", "orbis-1"]
    source.hidden.append("orbis-0")
    assert read(source, phones[:2]) == ["orbis-1"]


def test_few_questions_are_kept(source, phones):
    for n_named in range(50):
        for n_keys in range(1, 60, 7):
            reading_products._question(source, Terms(), False, n_keys + n_named, n_named)
    assert 0 < len(reading_products._questions) <= reading_products._MOST
