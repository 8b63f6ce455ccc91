"""A stranger's shop: the built wheel with what its core declares alone, in a project made by the how-to."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
HOW_TO = (ROOT / "docs" / "how-to" / "add-to-your-shop.md").read_text(encoding="utf-8")

SETTINGS = """
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent
SECRET_KEY = "a stranger's"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "recommender", "shop",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
MEDIA_ROOT = BASE_DIR / "media"
MEDIA_URL = "/media/"
ROOT_URLCONF = "urls"
STATIC_URL = "/static/"
USE_TZ = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "recommender": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": BASE_DIR / "recommender-data"},
    },
}
RECOMMENDER_PRODUCT_MODEL = "shop.Product"
RECOMMENDER_PRODUCT_MIGRATION = "0002_product"
RECOMMENDER = {
    "PRODUCT_SOURCE": "shop.recommendations.ShopSource",
    "ENCODER": {"BACKEND": "recommender.engines.colour_encoder.ColourEncoder"},
    "CACHE_DIR": BASE_DIR / "cache",
}
"""

MODELS = """
import uuid
from django.db import models

class Brand(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=50)

class Product(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=50)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    photo = models.FileField(blank=True)

    def get_absolute_url(self):
        return f"/products/{self.pk}/"
"""

FIRST_MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Brand", [
            ("id", models.BigAutoField(primary_key=True, serialize=False)), ("name", models.CharField(max_length=50)),
        ]),
    ]
"""

SECOND_MIGRATION = """
import uuid
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_brand")]
    operations = [
        migrations.CreateModel("Product", [
            ("id", models.UUIDField(primary_key=True, default=uuid.uuid4, serialize=False)),
            ("name", models.CharField(max_length=50)),
            ("brand", models.ForeignKey("shop.Brand", on_delete=models.CASCADE)),
            ("price", models.DecimalField(max_digits=8, decimal_places=2)),
            ("photo", models.FileField(blank=True, upload_to="")),
        ]),
    ]
"""

USE = """
import json, sys
from pathlib import Path
import django
django.setup()
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.template import engines
from shop.models import Brand, Product
from recommender.models import ImageEmbedding

call_command("migrate", verbosity=0)
call_command("check", fail_level="WARNING")
call_command("makemigrations", check=True, dry_run=True)
brand = Brand.objects.create(name="Aurora")
for picture in sorted(Path("pictures").iterdir()):
    photo = ContentFile(picture.read_bytes(), name=picture.name)
    Product.objects.create(name=picture.stem, brand=brand, price="199.00", photo=photo)
page = engines["django"].from_string("{% load recommender %}{% similar_products product %}")
product = Product.objects.get(name="blue")
html = page.render({"product": product})
print(json.dumps({
    "embedded": sorted(ImageEmbedding.objects.filter(status="ready").values_list("product__name", flat=True)),
    "key": type(ImageEmbedding.objects.first().product_id).__name__,
    "html": html,
    "names": {str(p.pk): p.name for p in Product.objects.all()},
    "heavy": sorted({"tensorflow", "keras", "implicit", "scipy", "rest_framework"} & set(sys.modules)),
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy: building leaves files behind."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "recommender", folder / "recommender", ignore=shutil.ignore_patterns("__pycache__"))
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist"], folder)
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory) -> Path:
    """A folder of installed packages that has the wheel and what its core declares, and nothing else."""
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
        metadata = next(name for name in archive.namelist() if name.endswith("METADATA"))
        text = archive.read(metadata).decode()
    for dependency in _closure(re.findall(r"^Requires-Dist: (.*)$", text, re.MULTILINE)):
        for name in {file.parts[0] for file in dependency.files or []} - {"..", "__pycache__"}:
            source = Path(str(dependency.locate_file(name)))
            if source.exists() and not (site / name).exists():
                (site / name).symlink_to(source)
    return site


@pytest.fixture(scope="module")
def outcome(site, tmp_path_factory) -> dict:
    """What the stranger's shop says after following the how-to."""
    project = tmp_path_factory.mktemp("stranger")
    source = re.search(r"```python\n# shop/recommendations.py\n(.*?)```", HOW_TO, re.DOTALL)[1]
    files = {
        "settings.py": SETTINGS,
        "urls.py": "urlpatterns = []",
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
        "shop/recommendations.py": source,
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_brand.py": FIRST_MIGRATION,
        "shop/migrations/0002_product.py": SECOND_MIGRATION,
        "use.py": USE,
    }
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    (project / "pictures").mkdir()
    for name, colour in {"blue": (20, 40, 200), "navy": (25, 45, 180), "red": (210, 30, 30)}.items():
        picture = Image.new("RGB", (160, 200), "white")
        ImageDraw.Draw(picture).rounded_rectangle((40, 20, 120, 180), 12, fill=colour)
        picture.save(project / "pictures" / f"{name}.png")
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")},
        "PYTHONPATH": os.pathsep.join([str(project), str(site)]),
        "DJANGO_SETTINGS_MODULE": "settings",
    }
    # -S: the packages of this environment stay out of sight
    output = _run([sys.executable, "-S", "-W", "error", "use.py"], project, environment)
    return json.loads(output.splitlines()[-1])


def test_the_wheel_holds_the_plugin_and_all_it_shows(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in names} == {"recommender"}
    expected = {
        str(path.relative_to(ROOT))
        for pattern in ("*.py", "templates/**/*", "static/**/*", "locale/**/*.mo", "engines/*.npz", "py.typed")
        for path in (ROOT / "recommender").rglob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == expected


def test_every_picture_is_embedded_when_it_is_saved(outcome):
    assert outcome["embedded"] == ["blue", "navy", "red"]
    assert outcome["key"] == "UUID"


def test_the_shelf_shows_the_look_alike_first(outcome):
    shown = re.findall(r"/products/([0-9a-f-]{36})/", outcome["html"])
    assert list(dict.fromkeys(outcome["names"][key] for key in shown)) == ["navy", "red"]


def test_nothing_heavy_was_there_to_import(outcome):
    assert outcome["heavy"] == []


def _closure(requirements: list[str]) -> list[Distribution]:
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(text), frozenset[str]()) for text in requirements]
    while waiting:
        requirement, extras = waiting.pop()
        environments = [{"extra": extra} for extra in extras or {""}]
        if requirement.marker and not any(requirement.marker.evaluate(environment) for environment in environments):
            continue
        if requirement.name in found and not requirement.extras:
            continue
        found[requirement.name] = package = distribution(requirement.name)
        waiting += [(Requirement(text), frozenset(requirement.extras)) for text in package.requires or []]
    return list(found.values())


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
