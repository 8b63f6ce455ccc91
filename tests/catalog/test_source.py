"""The shop as the recommender sees it, and what an import makes of a data set folder."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from catalog.models import Brand, Family, Order, OrderLine, Product, ProductImage
from catalog.source import CatalogSource
from recommender.sources import Card, InteractionRecord, Price, ProductRecord, PurchaseRecord, get_source
from tests.shop import add_picture, phone_picture

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def source():
    return get_source()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "red.png").write_bytes(phone_picture("red"))
    (tmp_path / "blue.png").write_bytes(phone_picture("blue"))
    (tmp_path / "broken.png").write_bytes(phone_picture("blue")[:200])
    return tmp_path


def record(**fields):
    return ProductRecord(**({"line": 2, "product_id": "nova-128-red"} | fields))


def test_it_is_the_shop_s_own_source(source):
    assert type(source) is CatalogSource
    assert all(source.can(optional) for optional in ("upsert", "import_history", "purchases"))


def test_a_card_shows_title_brand_page_picture_price_and_stock(source, phone):
    product = phone(title="Nova 2 Red", color="red", picture=True)
    card = source.card(source.queryset().get())
    assert card == Card(
        id=str(product.pk),
        title="Nova 2 Red",
        brand="Orbis",
        url=f"/products/{product.pk}/nova-2-red/",
        image=product.main_image.thumbnail.url,
        price=Price(Decimal("199.00"), "EUR"),
        available=True,
        renditions=tuple(product.main_image.renditions),
    )


def test_a_card_of_a_product_without_anything_falls_back_to_its_number(source, phone):
    product = phone(sku="0108775015", title="", brand="", price=None, stock=0)
    assert source.card(source.queryset().get()) == Card(
        id=str(product.pk), title="0108775015", url=f"/products/{product.pk}/0108775015/", available=False
    )


@pytest.mark.parametrize("n", [1, 30])
def test_cards_attributes_and_families_need_two_queries_for_any_number(source, phone, django_assert_num_queries, n):
    for _ in range(n):
        phone(picture=True)
    with django_assert_num_queries(2):
        products = list(source.queryset())
        cards = [source.card(product) for product in products]
        assert len([(source.attributes(product), source.family(product)) for product in products]) == n
    assert all(card.image for card in cards)


def test_only_visible_products_in_stock_are_available(source, phone):
    shown = phone()
    phone(stock=0)
    phone(is_visible=False)
    assert list(source.queryset().filter(source.available())) == [shown]


def test_pictures_come_in_order_and_open_more_than_once(source, phone):
    product = phone()
    add_picture(product, phone_picture("blue"), position=1)
    add_picture(product, phone_picture("red"), position=0)
    images = list(source.images(product))
    assert [image.position for image in images] == [0, 1]
    assert [image.key for image in images] == [image.file.name for image in product.images.all()]
    with images[0].open() as first, images[0].open() as second:
        assert first.read() == second.read() != b""


def test_variants_that_look_the_same_share_their_files(source, phone):
    small, large = phone(family="nova", storage_gb=128), phone(family="nova", storage_gb=256)
    add_picture(small, phone_picture("red"))
    add_picture(large, phone_picture("red"))
    [one], [other] = source.images(small), source.images(large)
    assert one.key == other.key


def test_attributes_name_what_is_known(source, phone):
    product = phone(color="blue", storage_gb=128, specs={"screen_inches": "6.10"})
    product.family.refresh_from_db()
    assert source.attributes(product) == {
        "brand": "Orbis",
        "category": "phone",
        "color": "blue",
        "storage": "128 GB",
        "screen": "6.1″",
    }
    assert source.attributes(phone(brand="", category="")) == {}


def test_a_camera_layout_is_an_attribute_in_the_pages_language(source, phone):
    product = phone(attributes={"camera_layout": "square island"})
    assert source.attributes(product)["camera_layout"] == "square island"
    with translation.override("zh-hans"):
        assert source.shown_attributes(product)["camera_layout"] == "方形镜头模组"


def test_watched_models_lead_to_product_keys(source, phone):
    product = phone(picture=True)
    watched = source.watched_models()
    assert watched[Product](product) == watched[ProductImage](product.main_image) == [product.pk]


class TestUpsert:
    def test_creates_product_brand_family_and_pictures(self, source, folder):
        made = source.upsert(
            record(
                title="Nova 2 128 GB Red",
                brand="Orbis",
                category="phone",
                color="red",
                price=Decimal("499.999"),
                images=(folder / "red.png", folder / "blue.png"),
                attributes={
                    "family": "nova-2",
                    "capacity": "128GB",
                    "screen_inches": "6.1",
                    "released_on": "2026-03-01",
                    "stock": "7",
                    "specs": '{"camera": {"flash": true}, "cell": ["4G", "5G"], "empty": null}',
                    "case": "aluminium",
                },
            )
        )
        product = Product.objects.get(sku="nova-128-red")
        assert made == product
        assert (product.family.key, product.family.name, product.brand_name) == ("nova-2", "Nova 2", "Orbis")
        assert product.family.screen_inches == Decimal("6.10")
        assert (product.price, product.stock, product.storage_gb) == (Decimal("500.00"), 7, 128)
        assert product.attributes == {"camera flash": "yes", "cell": "4G, 5G", "case": "aluminium"}
        assert [image.position for image in product.images.all()] == [0, 1]

    def test_twice_changes_nothing(self, source, folder):
        wanted = record(title="Nova", brand="Orbis", images=(folder / "red.png",))
        first, second = source.upsert(wanted), source.upsert(wanted)
        assert first == second
        assert (Product.objects.count(), Brand.objects.count(), ProductImage.objects.count()) == (1, 1, 1)

    def test_keeps_the_stock_that_the_shop_counted(self, source):
        source.upsert(record())
        Product.objects.update(stock=3)
        source.upsert(record(title="New title"))
        assert Product.objects.values_list("title", "stock").get() == ("New title", 3)

    def test_takes_away_pictures_that_the_row_no_longer_names(self, source, folder):
        source.upsert(record(images=(folder / "red.png", folder / "blue.png")))
        product = source.upsert(record(images=(folder / "blue.png",)))
        [left] = product.images.all()
        assert left.position == 0

    def test_a_bare_row_becomes_a_product_that_can_be_shown(self, source, client):
        product = source.upsert(record(product_id="0108775015", attributes={"style": "0108775"}))
        assert str(product) == "0108775015"
        assert product.family.key == "0108775"
        assert client.get(product.get_absolute_url()).status_code == 200

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"images": ("broken.png",)}, "The picture broken.png is refused: The picture is damaged."),
            ({"images": ("missing.png",)}, "The picture missing.png cannot be opened: No such file or directory"),
            ({"attributes": {"screen_inches": "large"}}, "must be a decimal number"),
            ({"attributes": {"stock": "-3"}}, "greater than or equal to 0"),
            ({"attributes": {"color_hex": "blue"}}, "A colour such as #1d4ed8."),
            ({"price": Decimal("-1")}, "greater than or equal to 0"),
            ({"price": Decimal("1E+30")}, "This is no price"),
            ({"price": Decimal("NaN")}, "must be a decimal number"),
            ({"title": "x" * 300}, "at most 255 characters"),
            ({"product_id": "x" * 65}, "at most 64 characters"),
            ({"category": "x" * 81}, "at most 80 characters"),
        ],
    )
    def test_a_bad_row_is_refused_as_a_whole_and_says_why(self, source, folder, fields, message):
        if "images" in fields:
            fields = {"images": tuple(folder / name for name in fields["images"])}
        with pytest.raises(ValidationError) as refused:
            source.upsert(record(**fields))
        assert message in " ".join(refused.value.messages)
        assert (Product.objects.count(), Family.objects.count()) == (0, 0)

    def test_a_refused_picture_leaves_the_product_as_it_was(self, source, folder):
        source.upsert(record(title="Before", images=(folder / "red.png",)))
        with pytest.raises(ValidationError):
            source.upsert(record(title="After", images=(folder / "broken.png",)))
        product = Product.objects.get()
        assert (product.title, product.images.count()) == ("Before", 1)

    def test_a_batch_has_each_row_s_own_outcome(self, source, folder):
        old = source.upsert(record(title="Before", brand="Orbis", attributes={"model": "nova"}))
        outcomes = source.upsert_many(
            [
                record(title="After", brand="Orbis", attributes={"model": "nova"}, images=(folder / "red.png",)),
                record(product_id="bad", brand="Other", attributes={"model": "nova", "screen_inches": "large"}),
                record(
                    product_id="blue", attributes={"model": "nova"}, images=(folder / "blue.png", folder / "red.png")
                ),
                record(product_id="lost", attributes={"model": "lost"}, images=(folder / "missing.png",)),
                record(product_id="azur", brand="Ciel", attributes={"model": "azur"}, images=(folder / "blue.png",)),
            ]
        )
        assert [type(outcome).__name__ for outcome in outcomes] == [
            "Product",
            "ValidationError",
            "Product",
            "ValidationError",
            "Product",
        ]
        assert outcomes[0] == old
        assert set(Product.objects.values_list("sku", "title", "family__key", "family__brand__name")) == {
            ("nova-128-red", "After", "nova", "Orbis"),
            ("blue", "", "nova", "Orbis"),
            ("azur", "", "azur", "Ciel"),
        }
        assert set(Family.objects.values_list("key", flat=True)) == {"nova", "azur"}
        assert set(Brand.objects.values_list("name", flat=True)) == {"Orbis", "Ciel"}
        assert [image.position for image in outcomes[2].images.all()] == [0, 1]
        assert ProductImage.objects.filter(file=old.images.get().file.name).count() == 2

    def test_a_family_may_change_its_brand_and_a_product_its_family(self, source):
        source.upsert(record(brand="Orbis", attributes={"model": "nova"}))
        source.upsert(record(brand="Ciel", attributes={"model": "nova"}))
        assert Product.objects.get().brand_name == "Ciel"
        source.upsert(record(brand="Ciel", attributes={"model": "other"}))
        assert Product.objects.get().family.key == "other"

    def test_an_unchanged_row_is_not_written_again(self, source, folder):
        wanted = record(title="Nova", brand="Orbis", images=(folder / "red.png",))
        product = source.upsert(wanted)
        source.upsert_many([wanted])
        assert Product.objects.get().updated_at == product.updated_at

    def test_refusals_speak_the_reader_s_language(self, source, folder):
        with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
            source.upsert(record(images=(folder / "broken.png",)))
        assert "图片" in refused.value.messages[0]


class TestHistory:
    @pytest.fixture
    def lines(self, phone):
        phone(sku="a")
        phone(sku="b")
        one = InteractionRecord(2, "17850", "a", "purchase", MAY, 6, Decimal("2.5500"), "536365")
        return [
            one,
            replace(one, line=3, product_id="b", quantity=8),
            replace(one, line=4, quantity=-2, kind="refund"),
            replace(one, line=5, user_id="", order_id=""),
            replace(one, line=6, kind="view"),
            replace(one, line=7, product_id="unknown"),
            replace(one, line=8, quantity=0),
        ]

    def test_becomes_guest_orders_once(self, source, lines):
        assert source.import_history(iter(lines)) == 4
        assert source.import_history(lines) == 0
        assert source.import_history([*lines, replace(lines[0], line=9)]) == 1
        big = Order.objects.get(external_reference="536365")
        assert (big.user, big.external_user, big.placed_at) == (None, "17850", MAY)
        assert list(big.lines.values_list("sku", "quantity", "position")) == [
            ("a", 6, 2),
            ("b", 8, 3),
            ("a", -2, 4),
            ("a", 6, 9),
        ]
        assert Order.objects.count() == 2

    def test_comes_back_as_purchases_oldest_first(self, source, lines):
        source.import_history(lines[:1])
        source.import_history([replace(lines[1], order_id="1", occurred_at=None)])
        a, b = Product.objects.get(sku="a"), Product.objects.get(sku="b")
        references = dict(Order.objects.values_list("external_reference", "reference"))
        assert list(source.purchases()) == [
            PurchaseRecord(references["1"], str(b.pk), None, "", 8, Decimal("2.5500"), "17850"),
            PurchaseRecord(references["536365"], str(a.pk), MAY, "", 6, Decimal("2.5500"), "17850"),
        ]

    def test_needs_a_constant_number_of_queries(self, source, phone, django_assert_max_num_queries):
        phone(sku="a")
        many = [InteractionRecord(n, str(n), "a", "purchase", MAY, 1, None, str(n)) for n in range(400)]
        with django_assert_max_num_queries(14):
            assert source.import_history(many) == 400
        assert OrderLine.objects.count() == 400
