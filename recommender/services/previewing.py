"""What a shelf would show and why, laid out for the shop's staff: scores, their parts, and the weights behind them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import CharField, Q
from django.utils.translation import gettext_lazy as _

from recommender.core.catalogue import BlendConfig
from recommender.models import InteractionKind, Visitor
from recommender.services import recommending, serving
from recommender.services.explaining import SOURCE_LABELS
from recommender.services.recommending import Recommended
from recommender.services.viewing import Serving
from recommender.sources import Card, get_product_model, get_source
from recommender.storage import interactions
from recommender.storage.interactions import Event

SIGNAL_LABELS = {
    "visual": _("Looks"),
    "collaborative": _("Behaviour"),
    "attributes": _("Attributes"),
    "affinity": _("Taste in looks"),
    "trend": _("Trend"),
    "novelty": _("Novelty"),
}

_EVENTS_SHOWN = 20


@dataclass(frozen=True)
class Part:
    """What one signal adds to a score.

    Attributes:
        signal: its name.
        label: its name for people.
        value: in [0, 1]; the parts of a product sum to its score.
        start: the sum of the parts before it, for a stacked bar.
    """

    signal: str
    label: str
    value: float
    start: float

    @property
    def percent(self) -> float:
        """The value in hundredths."""
        return 100 * self.value

    @property
    def start_percent(self) -> float:
        """The start in hundredths."""
        return 100 * self.start


@dataclass(frozen=True)
class PreviewItem:
    """One recommended product, explained."""

    recommended: Recommended
    parts: Sequence[Part]
    source_label: str


@dataclass(frozen=True)
class PreviewEvent:
    """One event of a visitor, its kind in words, and the product's card where it still exists."""

    event: Event
    label: str
    card: Card | None


@dataclass(frozen=True)
class Weight:
    """One signal of a blend: its weight, as a share of all, and the events at which it outweighs its prior."""

    signal: str
    label: str
    share: float
    strength: float


@dataclass(frozen=True)
class Preview:
    """A shelf and what it is made of.

    Attributes:
        items: as a shelf shows them, best first.
        weights: the blend in use.
        snapshot_id: what it is served from; None while nothing was published.
        seed: the product that the shelf belongs to; None for a visitor's.
        has_vector: whether the seed has a picture that counts.
        n_events: the weighted events behind the seed.
        events: the visitor's last events.
    """

    items: Sequence[PreviewItem]
    weights: Sequence[Weight]
    snapshot_id: int | None
    seed: Card | None = None
    has_vector: bool = False
    n_events: float = 0.0
    events: Sequence[PreviewEvent] = ()


def preview_product(product: Any, *, k: int | None = None) -> Preview:
    """The shelf of a product, explained."""
    view = serving.current()
    shelf = recommending.similar(product, k=k)
    row = view.row(product.pk)
    return Preview(
        items=[_item(recommended) for recommended in shelf.items],
        weights=_weights(view.catalogue.item_blend),
        snapshot_id=shelf.snapshot_id,
        seed=get_source().card(product),
        has_vector=_has_vector(view, row),
        n_events=0.0 if row is None or view.catalogue.events is None else float(view.catalogue.events[row]),
    )


def preview_visitor(visitor: Visitor, *, k: int | None = None) -> Preview:
    """The shelf of a visitor, explained, with the events that it comes from."""
    shelf = recommending.for_you(visitor, k=k)
    events = interactions.recent(visitor, _EVENTS_SHOWN)
    source = get_source()
    products = source.queryset().filter(pk__in={event.product_key for event in events})
    cards = {str(product.pk): source.card(product) for product in products}
    return Preview(
        items=[_item(recommended) for recommended in shelf.items],
        weights=_weights(serving.current().catalogue.visitor_blend),
        snapshot_id=shelf.snapshot_id,
        events=[
            PreviewEvent(event, str(InteractionKind(event.kind).label), cards.get(event.product_key))
            for event in events
        ],
    )


def find_product(key: str) -> Any:
    """The product with this primary key, given as text; None when there is none."""
    try:
        return get_source().queryset().filter(pk=get_product_model()._meta.pk.to_python(key)).first()
    except ValidationError:
        return None


def search_products(text: str, limit: int = 20) -> list[Card]:
    """The first products with this primary key, or with this text in one of their own short text fields."""
    model = get_product_model()
    condition = Q()
    for field in model._meta.concrete_fields:
        if isinstance(field, CharField) and not field.choices:
            condition |= Q(**{f"{field.name}__icontains": text})
    with suppress(ValidationError):  # no primary key, but perhaps a title
        condition |= Q(pk=model._meta.pk.to_python(text))
    source = get_source()
    return [source.card(product) for product in source.queryset().filter(condition).order_by("pk")[:limit]]


def find_visitor(text: str) -> Visitor | None:
    """The visitor with this id, or this login name; None when it is nobody's."""
    login = get_user_model().USERNAME_FIELD
    condition = Q(**{f"user__{login}": text.strip()})
    with suppress(ValueError):
        condition |= Q(pk=uuid.UUID(text.strip()))
    return Visitor.objects.select_related("user").filter(condition).first()


def search_visitors(text: str, limit: int = 10) -> list[Visitor]:
    """The visitors whose login name begins with this text, by name."""
    field = get_user_model().USERNAME_FIELD
    found = Visitor.objects.filter(**{f"user__{field}__istartswith": text.replace("\0", "")}).select_related("user")
    return list(found.order_by(f"user__{field}")[:limit])


def behaviour_share(n_events: float, strength: float) -> float:
    """How much of the behaviour signal is measured rather than predicted: n / (n + k), in [0, 1)."""
    return n_events / (n_events + strength) if n_events + strength > 0 else 0.0


def _item(recommended: Recommended) -> PreviewItem:
    return PreviewItem(
        recommended, _parts(recommended.parts), str(SOURCE_LABELS.get(recommended.source, recommended.source))
    )


def _parts(parts: Mapping[str, float]) -> list[Part]:
    found, start = [], 0.0
    for signal, value in sorted(parts.items(), key=lambda part: -part[1]):
        found.append(Part(signal, _label(signal), value, start))
        start += value
    return found


def _weights(blend: BlendConfig) -> list[Weight]:
    total = sum(blend.weights.values()) or 1.0
    return [
        Weight(signal, _label(signal), weight / total, float(blend.strengths.get(signal, 1.0)))
        for signal, weight in sorted(blend.weights.items(), key=lambda item: -item[1])
    ]


def _label(signal: str) -> str:
    return str(SIGNAL_LABELS.get(signal, signal))


def _has_vector(view: Serving, row: int | None) -> bool:
    return row is not None and view.catalogue.vectors is not None and bool(view.catalogue.vectors[row].any())
