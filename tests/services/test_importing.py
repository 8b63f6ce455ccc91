import uuid
from dataclasses import asdict

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Order, OrderLine, Product
from catalog.source import CatalogSource
from recommender import tasks
from recommender.exceptions import DatasetError, JobBusyError
from recommender.models import ImageEmbedding, ImportedProduct, Interaction, Job, Visitor
from recommender.services import backfilling, importing, jobs
from recommender.services.importing import ImportOptions, products
from recommender.sources import ProductSource, get_source
from tests.folders import phone, write_interactions, write_products
from tests.shop import make_product, phone_picture

pytestmark = pytest.mark.django_db(transaction=True)

DAY = "2026-05-0{}T12:00:00+00:00"


class OrderlessSource(CatalogSource):
    """A shop that keeps no orders of an imported history."""

    import_history = ProductSource.import_history


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "set"
    write_products(path, [phone("nova"), phone("lumen", color="blue"), phone("orbit", color="green")])
    return path


@pytest.fixture
def orderless(settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"PRODUCT_SOURCE": "tests.services.test_importing.OrderlessSource"}


def load(path, **options):
    errors = []
    report = importing.import_folder(
        path, ImportOptions(**options), on_error=errors.append, deliver=tasks.dispatch_embedding
    )
    return report, errors


def events():
    fields = ("visitor__external_id", "product__sku", "kind", "quantity", "client_id")
    return sorted(Interaction.objects.values_list(*fields), key=str)


def test_products_come_with_pictures_and_their_row_is_remembered(folder):
    report, errors = load(folder)
    assert errors == []
    assert asdict(report.products) == {"rows": 3, "added": 3, "updated": 0, "unchanged": 0, "refused": 0}
    assert set(Product.objects.values_list("sku", "color")) == {("nova", "red"), ("lumen", "blue"), ("orbit", "green")}
    assert dict(ImportedProduct.objects.values_list("external_id", "product__sku")) == {
        "nova": "nova",
        "lumen": "lumen",
        "orbit": "orbit",
    }
    assert set(ImageEmbedding.objects.values_list("status", flat=True)) == {"ready"}


def test_a_second_run_changes_nothing(folder):
    load(folder)
    before = list(Product.objects.order_by("pk").values())
    report, _ = load(folder)
    assert (report.products.unchanged, report.products.added, report.products.updated) == (3, 0, 0)
    assert list(Product.objects.order_by("pk").values()) == before


def test_a_changed_row_or_picture_is_loaded_again(folder):
    load(folder)
    (folder / "images" / "nova.png").write_bytes(phone_picture("gold"))
    rows = [phone("nova"), phone("lumen", color="blue", price="299"), phone("orbit", color="green")]
    write_products(folder, rows)
    report, _ = load(folder)
    assert (report.products.unchanged, report.products.updated) == (1, 2)
    assert Product.objects.get(sku="lumen").price == 299


def test_broken_rows_are_named_and_the_rest_goes_on(tmp_path):
    path = tmp_path / "set"
    write_products(path, [phone("nova"), phone("lumen"), phone("orbit", price="cheap"), phone("halo")])
    (path / "images" / "nova.png").write_bytes(b"no picture")
    (path / "images" / "lumen.png").unlink()
    report, errors = load(path)
    errors.sort(key=lambda error: error.line)  # within a batch, what cannot be parsed is told first
    assert [(error.file, error.line) for error in errors] == [
        ("products.csv", 2),
        ("products.csv", 3),
        ("products.csv", 4),
    ]
    assert "nova.png is refused" in errors[0].message
    assert "lumen.png cannot be opened" in errors[1].message
    assert "price is 'cheap', not a number" in errors[2].message
    assert (report.products.added, report.products.refused, report.is_fruitless) == (1, 3, False)
    assert list(Product.objects.values_list("sku", flat=True)) == ["halo"]


def test_an_import_of_nothing_but_broken_rows_is_fruitless(tmp_path):
    write_products(tmp_path / "set", [phone("nova", price="cheap")])
    report, _ = load(tmp_path / "set")
    assert report.is_fruitless


def test_without_pictures_products_that_are_there_keep_theirs(folder):
    load(folder)
    write_products(folder, [phone("nova", title="Other"), phone("halo")])
    report, _ = load(folder, skip_images=True)
    assert (report.products.unchanged, report.products.added) == (1, 1)
    assert Product.objects.get(sku="nova").images.count() == 1
    assert Product.objects.get(sku="halo").images.count() == 0
    assert load(folder)[0].products.updated == 2, "a run with pictures brings them"


def test_a_dry_run_counts_and_writes_nothing(folder):
    write_interactions(folder, [("u1", "nova", "view"), ("u1", "lumen", "purchase"), ("u1", "gone", "view")])
    report, _ = load(folder, dry_run=True)
    assert (report.products.added, report.history.added, report.history.unknown_products) == (3, 2, 1)
    counts = [model.objects.count() for model in (Product, Order, Interaction, ImportedProduct, Job, Visitor)]
    assert counts == [0] * 6


def test_purchases_become_orders_and_each_event_exists_once_however_often_it_is_read(folder):
    write_interactions(
        folder,
        [
            ("u1", "nova", "view", DAY.format(1)),
            ("u1", "nova", "purchase", DAY.format(2), 1, "199", "A1"),
            ("u1", "nova", "purchase", DAY.format(2), 2, "199", "A1"),  # the same product on two lines
            ("u1", "lumen", "purchase", DAY.format(2), 1, "99", "A1"),
            ("u1", "nova", "refund", DAY.format(3), -1, "199", "A1"),
            ("", "lumen", "purchase", DAY.format(3), 1, "99", "A2"),
            ("", "orbit", "purchase", DAY.format(3), 1, "99", "A2"),
            ("u2", "orbit", "purchase", DAY.format(4)),
        ],
    )
    report, errors = load(folder)
    assert errors == []
    assert (report.history.rows, report.history.order_lines, report.history.added) == (8, 7, 8)
    first = events()
    assert len(first) == 8
    assert OrderLine.objects.count() == 7
    guests = Interaction.objects.filter(product__sku__in=["lumen", "orbit"], visitor__external_id=None)
    assert len(set(guests.values_list("visitor", flat=True))) == 1, "one visitor for a guest's whole order"

    assert backfilling.backfill().added == 0
    again, _ = load(folder)
    assert (again.history.added, again.history.known, again.history.order_lines) == (0, 8, 0)
    assert backfilling.backfill().known == 7
    assert events() == first


def test_a_shop_that_keeps_no_imported_orders_gets_events_only(folder, orderless):
    write_interactions(
        folder,
        [
            ("u1", "nova", "purchase", DAY.format(2), 1, "199", "A1"),
            ("u1", "nova", "purchase", DAY.format(2), 2, "199", "A1"),
            ("", "lumen", "view", DAY.format(3)),
            ("", "lumen", "view", DAY.format(3)),
        ],
    )
    report, _ = load(folder)
    assert (report.history.added, Order.objects.count()) == (4, 0)
    assert Visitor.objects.count() == 3, "a shopper, and a guest for each line without an order"
    first = events()
    again, _ = load(folder)
    assert (again.history.added, again.history.known) == (0, 4)
    assert events() == first


def test_events_of_the_shops_own_order_export_are_not_doubled_by_a_backfill(folder, settings, orderless):
    """An export of the shop's orders names them as the shop does: their events are the backfill's."""
    load(folder, skip_history=True)
    nova = Product.objects.get(sku="nova")
    order = Order.objects.create(reference="R1")
    for position in (1, 2):
        OrderLine.objects.create(order=order, product=nova, sku="nova", title="Nova", quantity=1, position=position)
    write_interactions(folder, [("", "nova", "purchase", DAY.format(1), 1, "", "R1")] * 2)
    assert load(folder)[0].history.added == 2
    assert backfilling.backfill().added == 0


def test_rows_without_a_time_happen_now_and_the_future_is_clamped(folder, orderless):
    write_interactions(folder, [("u1", "nova", "view"), ("u2", "nova", "view", "2126-01-01T00:00:00+00:00")])
    before = timezone.now()
    load(folder)
    times = list(Interaction.objects.values_list("occurred_at", flat=True))
    assert all(before <= moment <= timezone.now() for moment in times)


def test_orders_without_a_time_are_learned_of_as_of_now(folder):
    write_interactions(folder, [("u1", "nova", "purchase")])
    before = timezone.now()
    load(folder)
    assert Interaction.objects.get().occurred_at >= before


def test_unknown_products_are_counted_and_unknown_kinds_reported(folder):
    write_interactions(folder, [("u1", "gone", "view"), ("u1", "nova", "licked"), ("u1", "nova", "cart")])
    report, errors = load(folder)
    assert (report.history.unknown_products, report.history.refused, report.history.added) == (1, 1, 1)
    assert (errors[0].file, errors[0].line) == ("interactions.csv.gz", 3)
    assert "licked" in errors[0].message
    assert "purchase" in errors[0].message


def test_a_history_alone_may_name_products_by_primary_key(tmp_path):
    product = make_product("nova")
    write_interactions(tmp_path / "set", [("u1", str(product.pk), "view"), ("u1", "gone", "view")])
    report, _ = load(tmp_path / "set")
    assert (report.history.added, report.history.unknown_products) == (1, 1)
    assert Interaction.objects.get().product == product


def test_a_history_alone_may_name_products_imported_before(folder, tmp_path):
    load(folder)
    write_interactions(tmp_path / "more", [("u1", "nova", "purchase", DAY.format(1), 1, "", "A1")])
    report, _ = load(tmp_path / "more")
    assert (report.history.added, report.history.order_lines) == (1, 1)


def test_a_history_of_strangers_is_fruitless(tmp_path):
    write_interactions(tmp_path / "set", [("u1", "gone", "view")])
    assert load(tmp_path / "set")[0].is_fruitless


def test_the_limit_holds_for_each_file(folder):
    write_interactions(folder, [("u1", "nova", "view"), ("u2", "nova", "view"), ("u3", "nova", "view")])
    report, _ = load(folder, limit=2)
    assert (report.products.rows, report.history.rows) == (2, 2)


def test_the_held_out_part_comes_only_when_asked_for(folder):
    write_interactions(folder, [("u1", "nova", "view")])
    write_interactions(folder, [("u1", "lumen", "view")], name="test")
    assert load(folder)[0].history.added == 1
    assert load(folder, with_test=True)[0].history.added == 1
    assert Interaction.objects.count() == 2


def test_events_past_their_retention_are_announced(folder):
    write_interactions(folder, [("u1", "nova", "view", "2001-01-01"), ("u1", "nova", "purchase", "2001-01-01")])
    assert load(folder)[0].history.expired == 2


def test_two_imports_never_run_at_once_and_the_job_tells_how_it_ended(folder):
    with jobs.running(Job.Kind.IMPORT), pytest.raises(JobBusyError):
        load(folder)
    assert Product.objects.count() == 0
    load(folder)
    job = Job.objects.first()
    assert (job.kind, job.state, job.done, job.total) == ("import", "done", 3, 3)


def test_an_interrupted_import_goes_on(folder, monkeypatch):
    monkeypatch.setattr(products, "BATCH", 2)
    seen = []

    def stop(done, total):
        seen.append(done)
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.import_folder(folder, ImportOptions(), on_error=seen.append, progress=stop)
    assert Job.objects.get().state == "failed"
    assert Product.objects.count() == 2
    report, _ = load(folder)
    assert (report.products.unchanged, report.products.added) == (2, 1)


class FussySource(CatalogSource):
    """A shop whose database refuses one product, when all of its batch is written already."""

    def upsert_many(self, records):
        outcomes = super().upsert_many(records)
        if any(record.product_id == "lumen" for record in records):
            raise IntegrityError("no lumen here")
        return outcomes


class PlainSource(CatalogSource):
    """A shop that imports one product after the other."""

    upsert_many = ProductSource.upsert_many


def test_what_only_the_database_refuses_spares_the_rest_of_its_batch(folder, settings):
    name = f"{__name__}.FussySource"
    settings.RECOMMENDER = settings.RECOMMENDER | {"PRODUCT_SOURCE": name}
    report, [error] = load(folder)
    assert (error.line, error.message) == (3, "no lumen here")
    assert (report.products.added, report.products.refused) == (2, 1)
    assert set(ImportedProduct.objects.values_list("external_id", flat=True)) == {"nova", "orbit"}
    assert set(Product.objects.values_list("sku", flat=True)) == {"nova", "orbit"}


def test_a_shop_without_bulk_writing_imports_the_same(folder, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"PRODUCT_SOURCE": f"{__name__}.PlainSource"}
    (folder / "images" / "nova.png").write_bytes(b"no picture")
    report, [error] = load(folder)
    assert "nova.png is refused" in error.message
    assert (report.products.added, report.products.refused) == (2, 1)
    assert set(ImageEmbedding.objects.values_list("product__sku", "status")) == {("lumen", "ready"), ("orbit", "ready")}


def test_products_go_out_to_be_embedded_batch_by_batch_after_their_commit(folder, monkeypatch):
    monkeypatch.setattr(products, "BATCH", 2)
    sent = []

    def deliver(keys):
        assert not connection.in_atomic_block
        assert ImageEmbedding.objects.filter(product__in=keys, status="pending").count() == len(keys)
        sent.append(len(keys))

    importing.import_folder(folder, ImportOptions(), on_error=print, deliver=deliver)
    assert sent == [2, 1]


def test_a_batch_is_also_full_with_many_pictures(folder, monkeypatch):
    monkeypatch.setattr(products, "BATCH_PICTURES", 3)
    shared = [phone(f"n{i}", images="images/a.png|images/b.png") for i in range(4)]
    write_products(folder, [*shared, phone("own", images="images/c.png|images/d.png")])
    sent = []
    importing.import_folder(folder, ImportOptions(), on_error=print, deliver=lambda keys: sent.append(len(keys)))
    assert sent == [4, 1]


def test_the_number_of_queries_does_not_grow_with_the_rows(tmp_path):
    counts = []
    for n in (10, 100):
        path = tmp_path / str(n)
        write_products(path, [phone(f"{n}-{i}", images="images/one.png") for i in range(n)])
        with CaptureQueriesContext(connection) as queries:
            importing.import_folder(path, ImportOptions(), on_error=print)
        counts.append(len(queries))
    assert counts[0] <= counts[1] <= counts[0] + 5, "SQLite takes long inserts in parts"
    assert counts[1] < 50


def test_a_folder_without_tables_is_refused_with_the_cure(tmp_path):
    with pytest.raises(DatasetError, match=r"neither products\.csv nor interactions\.csv\.gz"):
        load(tmp_path)


def test_a_shop_that_cannot_create_products_is_told_what_to_override(folder, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"PRODUCT_SOURCE": "recommender.sources.ProductSource"}
    with pytest.raises(DatasetError, match=r"override upsert\(\)"):
        load(folder)


def test_event_ids_do_not_depend_on_who_holds_the_event(folder):
    write_interactions(folder, [("u1", "nova", "purchase", DAY.format(1), 1, "", "A1")])
    load(folder)
    user = get_user_model().objects.create_user("ada")
    Interaction.objects.update(visitor=Visitor.objects.create(user=user))
    assert load(folder)[0].history.added == 0
    assert Interaction.objects.count() == 1


def test_a_view_with_an_order_lines_id_does_not_suppress_the_purchase(folder):
    """Apps choose their events' ids, so one could guess an order line's."""
    load(folder)
    nova = Product.objects.get(sku="nova")
    order = Order.objects.create(reference="R1")
    OrderLine.objects.create(order=order, product=nova, sku="nova", title="Nova", quantity=1, position=1)
    guessed = backfilling.LineNumbers().event_id("R1", str(nova.pk), "purchase")
    Interaction.objects.create(
        visitor=Visitor.objects.create(id=uuid.uuid4()),
        product=nova,
        kind="view",
        occurred_at=timezone.now(),
        client_id=guessed,
    )
    assert backfilling.backfill().added == 1


def test_the_shop_is_the_one_the_tests_speak_of():
    assert get_source().can("import_history")
