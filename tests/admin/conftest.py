import uuid

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.utils import timezone

from recommender.models import Interaction, Visitor
from tests.commands.conftest import no_broker  # noqa: F401 - for these tests too
from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too
from tests.shop import make_product


@pytest.fixture
def boss(client):
    """A client logged in as superuser."""
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def staff(client):
    """Logs a member of staff in, with the named permissions on the recommender's tables."""

    def login(*codenames):
        user = get_user_model().objects.create_user("staff", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return client

    return login


@pytest.fixture
def shop():
    """Four phones with pictures, seen by three visitors each."""
    products = [
        make_product(f"Nova {n}", colour=colour, corner=5 * n)
        for n, colour in enumerate(("red", "blue", "green", "gold"))
    ]
    for visitor in (Visitor.objects.create() for _ in range(3)):
        see(visitor, *products)
    return products


def see(visitor, *products, kind="view"):
    for product in products:
        Interaction.objects.create(
            visitor=visitor, product_id=product.pk, kind=kind, occurred_at=timezone.now(), client_id=uuid.uuid4()
        )
