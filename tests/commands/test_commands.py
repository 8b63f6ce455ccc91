"""Every command: its output for people and machines, its exit code, its cure when it fails."""

import io
import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import Order, OrderLine, Product
from recommender.management.commands import recommender_forget
from recommender.models import ImageEmbedding, Interaction, Job, Snapshot, Visitor
from recommender.services import jobs
from recommender.services.engines import get_encoder
from tests.folders import phone, write_interactions, write_products
from tests.shop import add_picture, make_product, phone_picture

pytestmark = pytest.mark.django_db(transaction=True)


def run(name, *args, **options):
    """Standard output and standard error of one command."""
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *args, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def run_json(name, *args, **options):
    return json.loads(run(name, *args, "--json", **options)[0])


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "set"
    write_products(path, [phone("nova"), phone("lumen", color="blue")])
    write_interactions(path, [("u1", "nova", "view"), ("u1", "lumen", "purchase")])
    return path


class TestImport:
    def test_says_what_it_did_and_what_comes_next(self, folder):
        out, err = run("recommender_import", str(folder))
        assert out.splitlines() == [
            "Products: 2 added, 0 updated, 0 unchanged, 0 left out.",
            "History: 2 rows; 2 events and 1 order lines added, 0 known, 0 of unknown products, 0 left out.",
            "Pictures: 2 embedded, 0 waiting, 0 failed.",
            "Next: manage.py recommender_train",
        ]
        assert "Importing products: 2 of 2" in err
        assert "Embedding pictures: 2 of 2" in err

    def test_json_goes_to_standard_output_alone(self, folder):
        (folder / "images" / "nova.png").write_bytes(b"no picture")
        data = run_json("recommender_import", str(folder))
        assert data["products"] == {"rows": 1, "added": 1, "updated": 0, "unchanged": 0, "refused": 1}
        assert data["n_errors"] == 1
        assert data["errors"][0]["line"] == 2

    def test_silence_is_golden(self, folder):
        assert run("recommender_import", str(folder), verbosity=0)[1] == ""

    def test_pictures_are_embedded_once_in_bulk(self, folder):
        run("recommender_import", str(folder))
        job = Job.objects.get(kind="embed")
        assert (job.state, job.done, job.total) == ("done", 2, 2)

    def test_without_pictures_nothing_is_embedded(self, folder):
        run("recommender_import", str(folder), "--skip-images")
        assert not Job.objects.filter(kind="embed").exists()

    def test_broken_rows_fail_a_strict_run_only(self, folder):
        write_products(folder, [phone("nova"), phone("lumen", price="cheap")])
        _, err = run("recommender_import", str(folder))
        assert "products.csv, line 3: price is 'cheap', not a number" in err
        with pytest.raises(CommandError, match="1 rows were left out") as caught:
            run("recommender_import", str(folder), "--strict")
        assert caught.value.returncode == 1

    def test_an_import_of_nothing_fails_with_the_cure(self, tmp_path):
        write_interactions(tmp_path / "set", [("u1", "gone", "view")])
        with pytest.raises(CommandError, match=r"import their products\.csv first"):
            run("recommender_import", str(tmp_path / "set"))

    def test_many_broken_rows_are_not_all_printed(self, tmp_path):
        write_products(tmp_path / "set", [phone(f"p{n}", price="cheap", images="") for n in range(80)] + [phone("ok")])
        _, err = run("recommender_import", str(tmp_path / "set"))
        assert err.count("not a number") == 50
        assert "More rows are left out" in err

    def test_a_missing_folder_fails_with_the_cure(self, tmp_path):
        with pytest.raises(CommandError, match="is not a folder"):
            run("recommender_import", str(tmp_path / "nowhere"))

    def test_ctrl_c_says_that_the_same_call_goes_on(self, folder, monkeypatch):
        class Impatient(io.StringIO):
            def write(self, text):
                if "Importing products" in text:
                    raise KeyboardInterrupt
                return super().write(text)

        with pytest.raises(CommandError, match="goes on where it was") as caught:
            call_command("recommender_import", str(folder), stdout=io.StringIO(), stderr=Impatient())
        assert caught.value.returncode == 130

    def test_with_workers_requests_are_stored_and_sent(self, folder, settings):
        settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
        out, _ = run("recommender_import", str(folder), "--no-wait")
        assert "Pictures: 0 embedded, 2 waiting, 0 failed." in out

    @pytest.mark.parametrize("limit", ["0", "-1", "many"])
    def test_a_limit_is_a_positive_number(self, folder, limit):
        with pytest.raises(CommandError, match="limit"):
            run("recommender_import", str(folder), "--limit", limit)


class TestBackfill:
    def test_counts_for_people_and_machines(self):
        product = make_product("nova", picture=False)
        order = Order.objects.create()
        OrderLine.objects.create(order=order, product=product, sku="nova", title="Nova", quantity=1, position=1)
        assert run_json("recommender_backfill", "--dry-run")["added"] == 1
        assert Interaction.objects.count() == 0
        out, _ = run("recommender_backfill")
        assert out.strip() == "Order lines: 1 read; 1 events added, 0 known, 0 of products that are gone."
        assert run_json("recommender_backfill")["known"] == 1

    def test_a_shop_without_purchases_is_told_what_to_override(self, settings):
        settings.RECOMMENDER = settings.RECOMMENDER | {"PRODUCT_SOURCE": "recommender.sources.ProductSource"}
        with pytest.raises(CommandError, match=r"override purchases\(\)"):
            run("recommender_backfill")

    def test_a_busy_place_is_named(self):
        with jobs.running(Job.Kind.IMPORT), pytest.raises(CommandError, match="already running"):
            run("recommender_backfill")


class TestEmbed:
    @pytest.fixture
    def shop(self):
        good, bad = make_product("nova"), make_product("lumen", colour="blue")
        path = Path(bad.images.get().file.path)
        content = path.read_bytes()
        path.write_bytes(b"no picture any more")
        ImageEmbedding.objects.all().delete()
        return good, bad, path, content

    def test_embeds_what_nobody_looked_at(self, shop):
        data = run_json("recommender_embed")
        assert data["products"] == 2
        assert (data["pictures"]["ready"], data["pictures"]["failed"]) == (1, 1)
        assert run_json("recommender_embed")["products"] == 0

    def test_failed_pictures_are_tried_again_when_asked(self, shop):
        _, bad, path, content = shop
        run("recommender_embed")
        path.write_bytes(content)
        assert run_json("recommender_embed", "--failed")["pictures"]["failed"] == 0
        assert ImageEmbedding.objects.get(product=bad).status == "ready"

    def test_retrying_joins_what_waits_with_what_failed(self, shop):
        run("recommender_embed")
        assert run_json("recommender_embed", "--retry-failed")["products"] == 1
        assert run_json("recommender_embed", "--all")["products"] == 2

    def test_named_products_only(self, shop):
        good = shop[0]
        assert run_json("recommender_embed", "--product", str(good.pk))["products"] == 1
        assert ImageEmbedding.objects.get().product == good
        with pytest.raises(CommandError, match="There is no product 4711"):
            run("recommender_embed", "--product", "4711")

    def test_a_dry_run_looks_at_nothing(self, shop):
        assert run_json("recommender_embed", "--all", "--dry-run")["products"] == 2
        assert ImageEmbedding.objects.count() == 0

    def test_here_means_here_even_with_workers(self, shop, settings):
        settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
        assert run_json("recommender_embed", "--here")["pictures"]["ready"] == 1

    def test_a_broker_that_is_down_is_named_and_the_requests_stay(self, shop, settings, no_broker):
        settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
        with pytest.raises(CommandError, match="The broker does not answer"):
            run("recommender_embed", "--no-wait")
        assert set(ImageEmbedding.objects.values_list("status", flat=True)) == {"pending"}


class TestTrain:
    def test_prints_the_snapshot_and_its_numbers(self):
        for name in ("nova", "lumen", "orbit"):
            make_product(name)
        out, err = run("recommender_train")
        number, encoder = Snapshot.objects.get().pk, get_encoder().version
        assert out.startswith(f"Snapshot {number} is live: 3 products, encoder {encoder}.")
        assert "  pictured: 3" in out
        assert "Publishing" in err
        assert run_json("recommender_train")["products"] == 3

    def test_a_shop_without_products_fails_with_the_cure(self):
        with pytest.raises(CommandError, match="no products yet"):
            run("recommender_train")

    def test_a_training_that_runs_is_named(self):
        with jobs.running(Job.Kind.TRAIN), pytest.raises(CommandError, match="already running"):
            run("recommender_train")


class TestForget:
    @pytest.fixture
    def ada(self):
        user = get_user_model().objects.create_user("ada")
        visitor = Visitor.objects.create(user=user)
        product = make_product("nova", picture=False)
        for _ in range(3):
            Interaction.objects.create(
                visitor=visitor, product=product, kind="view", occurred_at=timezone.now(), client_id=uuid.uuid4()
            )
        return visitor

    def test_by_name_key_or_visitor(self, ada):
        for args in (("--user", "ada"), ("--user", str(ada.user.pk)), ("--visitor", str(ada.pk))):
            assert run_json("recommender_forget", *args, "--dry-run")["events"] == 3
        assert run_json("recommender_forget", "--user", "ada", "--yes")["deleted"] == 3
        assert (Visitor.objects.count(), Interaction.objects.count()) == (0, 0)
        assert "Nothing is known" in run("recommender_forget", "--user", "ada", "--yes")[0]

    @pytest.mark.parametrize(("answer", "left"), [("no", 3), ("", 3), ("yes", 0)])
    def test_asks_first(self, ada, monkeypatch, answer, left):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
        if left:
            with pytest.raises(CommandError, match="Nothing was deleted"):
                run("recommender_forget", "--user", "ada")
        else:
            _, err = run("recommender_forget", "--user", "ada")
            assert "3 events will be deleted for good" in err
        assert Interaction.objects.count() == left

    def test_without_anybody_to_ask_nothing_is_deleted(self, ada, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        with pytest.raises(CommandError, match="give --yes"):
            run("recommender_forget", "--user", "ada")

    def test_strangers_and_nonsense_are_errors(self, db):
        with pytest.raises(CommandError, match="There is no user nobody"):
            run("recommender_forget", "--user", "nobody")
        with pytest.raises(CommandError, match="There is no visitor"):
            run("recommender_forget", "--visitor", str(uuid.uuid4()))
        with pytest.raises(CommandError, match="give a UUID") as caught:
            run("recommender_forget", "--visitor", "me")
        assert caught.value.returncode == 2
        with pytest.raises(CommandError):
            run("recommender_forget")

    def test_the_help_says_that_orders_stay(self):
        assert "orders stay" in recommender_forget.Command.help


class TestDoctor:
    def test_an_empty_shop_is_told_what_to_do(self):
        out = io.StringIO()
        with pytest.raises(CommandError, match="only show the newest"):
            call_command("recommender_doctor", stdout=out, stderr=io.StringIO())
        assert "✗ 0 products, 0 of them available" in out.getvalue()
        assert "→ manage.py recommender_train" in out.getvalue()

    def test_a_shop_with_pictures_works_by_looks_and_says_what_else_there_could_be(self):
        make_product("nova")
        data = run_json("recommender_doctor")
        assert data["shelves_work"] is True
        works = {name: strategy["works"] for name, strategy in data["strategies"].items()}
        assert works == {"visual": True, "collaborative": False, "attributes": False, "trend": False, "hybrid": False}
        assert (data["products"], data["with_vector"], data["order_lines_missing"]) == (1, 1, 0)

    def test_a_broker_that_is_down_is_named(self, settings, no_broker):
        make_product("nova")
        settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
        data = run_json("recommender_doctor")
        assert (data["broker"], data["workers"]) == (False, None)
        assert "The broker does not answer" in [finding["text"] for finding in data["general"]]

    def test_quick_reads_no_orders(self):
        make_product("nova")
        assert run_json("recommender_doctor", "--quick")["order_lines_missing"] is None


@pytest.mark.parametrize("name", ["import", "backfill", "embed", "train", "forget", "doctor"])
def test_help_helps(name, capsys):
    with pytest.raises(SystemExit) as caught:
        call_command(f"recommender_{name}", "--help")
    out = capsys.readouterr().out
    assert caught.value.code == 0
    assert "--json" in out
    assert len(out.split("options:")[0]) > 150, "more than a usage line"


def test_the_exit_code_reaches_the_shell(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "recommender_import", "--settings=tests.settings"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "folder" in done.stderr


def test_a_new_picture_of_an_old_product_is_embedded_by_a_later_run():
    product = make_product("nova")
    add_picture(product, phone_picture("blue"), position=1)
    ImageEmbedding.objects.filter(position=1).delete()
    assert run_json("recommender_embed", "--all")["pictures"]["ready"] == 2
    assert Product.objects.count() == 1
