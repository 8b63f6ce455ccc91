"""What a photo search answers: the product itself if the shop has it, then what looks like it, or that nothing does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from recommender.conf import settings
from recommender.core.recognition import Thresholds, Verdict, judge
from recommender.exceptions import SnapshotVersionError
from recommender.services import reading_products, serving
from recommender.services.searching import candidates
from recommender.services.searching.candidates import POOL, Candidate
from recommender.services.searching.filters import Filters
from recommender.services.searching.measuring import thresholds_of
from recommender.services.searching.photos import Glance
from recommender.services.terms import Terms
from recommender.services.viewing import Serving
from recommender.sources import Card, get_source, prefetch

PAGE_SIZE = 12
MAX_PAGE = 100

_MAX_COLOURS = 6
_A_FAMILY = 2
"""So many products of a family are read: the nearest, and one to spare for when that is sold out."""


@dataclass(frozen=True)
class Found:
    """One product of an answer.

    Attributes:
        product: the shop's own instance.
        card: what a page shows of it.
        score: the cosine of its nearest picture with the photo, cut to [0, 1].
        is_exact: whether the photo shows this very product, as far as one can tell.
        reason: a sentence in the active language.
        position: 1 is the first place of all pages.
    """

    product: Any
    card: Card
    score: float
    is_exact: bool
    reason: str
    position: int


@dataclass(frozen=True)
class Refinement:
    """More like this, but: filters that change one property of the best result.

    Attributes:
        kind: "cheaper", "larger" or the name of a filter such as "color".
        filters: the filters to search with.
        value: the number or value in words.
    """

    kind: str
    filters: Mapping[str, str]
    value: str


@dataclass(frozen=True)
class PhotoResult:
    """One page of an answer.

    Attributes:
        verdict: what the photo shows.
        items: this page's products, best first; none when nothing in the shop is like the photo.
        has_more: whether there is another page.
        recognised: the product that the photo shows, also when it is sold out or filtered out; None unless exact.
        refinements: what to try next.
    """

    verdict: Verdict
    items: Sequence[Found] = ()
    has_more: bool = False
    recognised: Card | None = None
    refinements: Sequence[Refinement] = field(default_factory=tuple)


def search(
    glance: Glance, filters: Filters | None = None, *, k: int = PAGE_SIZE, page: int = 1, anyway: bool = False
) -> PhotoResult:
    """The products in stock that look like what was seen, one a family first, by ascending page.

    Args:
        glance: from `look`, or `unseal`.
        filters: what the products must be besides.
        k: how many a page.
        page: from 1.
        anyway: show the nearest even when nothing is like the photo.

    Raises:
        SnapshotVersionError: when the catalogue was embedded by another encoder.
    """
    view = serving.current()
    if view.snapshot is not None and view.snapshot.encoder_version not in ("", glance.encoder_version):
        raise SnapshotVersionError("The catalogue was embedded by another encoder. Run `manage.py recommender_train`.")
    pool = candidates.nearest(view, glance, POOL)
    thresholds = thresholds_of(view.snapshot)
    verdict = _verdict(pool, thresholds)
    if verdict is Verdict.NOTHING and not anyway:
        return PhotoResult(verdict)
    condition = get_source().available() & (filters.condition() if filters else Q())
    wanted = k * page + 1
    if filters:
        read = _products(near := pool[: max(wanted, settings.CANDIDATES)], condition)
    else:
        near = _of_families(pool, wanted + wanted // 2)
        read = reading_products.read(get_source(), Terms(), None, [candidate.key for candidate in near])
    fitting = _fitting(view, glance, pool, near, read, condition, wanted)
    shown = fitting[k * (page - 1) : k * page]
    exact = {c.key for c in pool if verdict is Verdict.EXACT and _is_exact(c, pool[0])}
    items = _with_cards(shown, exact, read, first=k * (page - 1) + 1)
    recognised = _recognised(pool[0].key, items) if verdict is Verdict.EXACT else None
    refinements = _refinements(items) if page == 1 else ()
    return PhotoResult(verdict, items, len(fitting) >= wanted, recognised, refinements)


def _verdict(pool: Sequence[Candidate], thresholds: Thresholds) -> Verdict:
    if not pool:
        return Verdict.NOTHING
    if pool[0].is_same_picture:
        return Verdict.EXACT
    return judge(max(candidate.cosine for candidate in pool), thresholds)


def _is_exact(candidate: Candidate, best: Candidate) -> bool:
    """Whether this is the recognised product, or another size of it with the same pictures."""
    return candidate.is_same_picture == best.is_same_picture and candidate.cosine >= best.cosine - 1e-4


def _of_families(pool: Sequence[Candidate], wanted: int) -> list[Candidate]:
    """The first `_A_FAMILY` of each of the first families, as many as are wanted, in the pool's order."""
    taken: dict[int, int] = {}
    near = []
    for candidate in pool:
        n = taken.get(candidate.family, 0)
        if n == 0 and len(taken) == wanted:
            break
        if n < _A_FAMILY:
            near.append(candidate)
            taken[candidate.family] = n + 1
    return near


def _fitting(
    view: Serving,
    glance: Glance,
    pool: Sequence[Candidate],
    near: Sequence[Candidate],
    read: Collection[str],
    condition: Q,
    wanted: int,
) -> list[Candidate]:
    """Those of the pool that fulfil the condition, the best of each family first; then of all products, in order.

    Only `near`, some of the pool, was read at first: `read` are those of it that fulfil the condition. What comes after
    the pool is only appended, so that pages never overlap, however far they lead. Once as many as are wanted are known,
    the rest is not looked for.
    """
    firsts = _known_firsts(pool, {candidate.key for candidate in near}, read)
    if len(firsts) >= wanted:
        return firsts
    firsts, others = _families_first(pool, _keys(pool, condition))
    fitting = firsts + others
    if len(fitting) < wanted and view.catalogue.n > len(pool):
        among = candidates.matching_rows(view, condition)
        if among.size > len(fitting):
            known = {candidate.key for candidate in fitting}
            further = candidates.nearest(view, glance, max(wanted, POOL), among=among)
            fitting += [candidate for candidate in further if candidate.key not in known]
    return fitting


def _products(chosen: Sequence[Candidate], condition: Q) -> dict[str, Any]:
    """The products of these candidates that fulfil a condition, by key, without what is only prefetched."""
    products = reading_products.products(get_source()).filter(condition, pk__in=[c.key for c in chosen])
    return {str(product.pk): product for product in products}


def _keys(chosen: Sequence[Candidate], condition: Q) -> set[str]:
    products = get_source().queryset().filter(condition, pk__in=[candidate.key for candidate in chosen]).order_by()
    return {str(key) for key in products.values_list("pk", flat=True)}


def _families_first(pool: Sequence[Candidate], fitting: Collection[str]) -> tuple[list[Candidate], list[Candidate]]:
    """The first fitting candidate of each family, and the other ones that fit, both in the pool's order."""
    seen: set[int] = set()
    firsts: list[Candidate] = []
    others: list[Candidate] = []
    for candidate in pool:
        if candidate.key in fitting:
            (others if candidate.family in seen else firsts).append(candidate)
            seen.add(candidate.family)
    return firsts, others


def _known_firsts(pool: Sequence[Candidate], asked: Collection[str], fitting: Collection[str]) -> list[Candidate]:
    """As the first of `_families_first`, up to the place from which on what was not asked for might come before."""
    seen: set[int] = set()
    firsts: list[Candidate] = []
    for candidate in pool:
        if candidate.family in seen:
            continue
        if candidate.key not in asked:
            break
        if candidate.key in fitting:
            firsts.append(candidate)
            seen.add(candidate.family)
    return firsts


def _with_cards(shown: Sequence[Candidate], exact: set[str], read: Mapping[str, Any], *, first: int) -> list[Found]:
    source = get_source()
    missing = [candidate for candidate in shown if candidate.key not in read]
    products = {**read, **_products(missing, Q())} if missing else read
    found = [(candidate, products[candidate.key]) for candidate in shown if candidate.key in products]
    prefetch(source, [product for _, product in found])
    items: list[Found] = []
    for place, (candidate, product) in enumerate(found, start=first):
        is_exact = candidate.key in exact
        reason = _("The one in your photo") if is_exact else _("Looks like the one in your photo")
        score = min(max(candidate.cosine, 0.0), 1.0)
        items.append(Found(product, source.card(product), score, is_exact, reason, place))
    return items


def _recognised(key: str, items: Sequence[Found]) -> Card | None:
    source = get_source()
    for item in items:
        if item.card.id == key:
            return item.card
    product = source.queryset().filter(source.visible(), pk=key).first()
    return None if product is None else source.card(product)


def _refinements(items: Sequence[Found]) -> list[Refinement]:
    """Cheaper and larger than the best result, and in the other colours of the results."""
    if not items:
        return []
    source, best = get_source(), items[0].product
    found = []
    for kind, name, ending, step in (("cheaper", "price", "_max", "-0.01"), ("larger", "size", "_min", "0.01")):
        lookup = source.measures().get(name)
        value = _followed(best, lookup) if lookup else None
        if value is not None:
            bound = f"{Decimal(value) + Decimal(step):f}"
            found.append(Refinement(kind, {name + ending: bound}, f"{Decimal(value):f}"))
    if lookup := source.filters().get("color"):
        colours = [_followed(item.product, lookup) for item in items]
        others = dict.fromkeys(str(colour) for colour in colours if colour and colour != colours[0])
        found += [Refinement("color", {"color": colour}, colour) for colour in list(others)[:_MAX_COLOURS]]
    return found


def _followed(product: Any, lookup: str) -> Any:
    """The value at the end of a lookup such as "family__brand__name"; None where a link is missing."""
    value = product
    for name in lookup.split("__"):
        value = getattr(value, name, None)
    return value
