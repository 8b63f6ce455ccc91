"""Suggestions for attributes that products lack: read off their vectors, decided by people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from recommender.core.confidence import fit_trust
from recommender.core.labels import SHOWN, classify, normalise
from recommender.core.types import Float32
from recommender.core.voting import vote
from recommender.engines.base import Encoder
from recommender.exceptions import SuggestionError
from recommender.models import Suggestion
from recommender.services.engines import follow_live
from recommender.services.freshening import product_vector
from recommender.sources import get_source
from recommender.storage import embeddings, suggestions
from recommender.storage.suggestions import Proposal

Status = Suggestion.Status
Origin = Suggestion.Origin

LEAST_CONFIDENCE = 0.5
"""What is likelier wrong than right is not worth a person's look."""

_FEWEST_LABELLED = 8
_OTHERS = 4
_NAMED = frozenset(SHOWN) - {"family", "model"}


@dataclass(frozen=True)
class Catalogue:
    """The products that have a vector.

    Attributes:
        keys: primary keys, n of them.
        labels: what each product's attributes are.
        views: the vectors of each product's pictures, float32, (views, d).
        vectors: their means, unit vectors, float32, shape (n, d).
    """

    keys: Sequence[Any]
    labels: Sequence[Mapping[str, str]]
    views: Sequence[Float32]
    vectors: Float32

    def attributes(self) -> list[str]:
        """The attributes that any product has and a picture may show."""
        present = {name for labels in self.labels for name in labels}
        return [name for name in SHOWN if name in present & _NAMED]


@dataclass(frozen=True)
class Refreshed:
    """What came of looking for suggestions.

    Attributes:
        open: how many wait for a person.
        found: by attribute, how many products lack it and got a suggestion.
        accuracy: by attribute, the share of labelled products of which the look-alikes say the right value.
    """

    open: int
    found: dict[str, int] = field(default_factory=dict)
    accuracy: dict[str, float] = field(default_factory=dict)


def load_catalogue(encoder: Encoder) -> Catalogue:
    """All products of the shop that have been embedded, with their labels."""
    found = dict(embeddings.vectors(encoder.version, encoder.dimension))
    source = get_source()
    keys, labels, views = [], [], []
    for product in source.queryset().iterator(chunk_size=500):
        if (seen := found.get(str(product.pk))) is not None:
            keys.append(product.pk)
            labels.append({name: value for name, value in source.attributes(product).items() if value.strip()})
            views.append(seen)
    vectors = np.stack([product_vector(seen) for seen in views]) if views else np.zeros((0, encoder.dimension))
    return Catalogue(keys, labels, views, np.asarray(vectors, np.float32))


def refresh() -> Refreshed:
    """Propose a value wherever a product lacks one; what a person has decided is never proposed again."""
    encoder = follow_live()
    catalogue = load_catalogue(encoder)
    done = suggestions.decided()
    proposals: list[Proposal] = []
    accuracy: dict[str, float] = {}
    for attribute in catalogue.attributes():
        answers = opinions(encoder, catalogue, attribute)
        if answers is None:
            continue
        accuracy[attribute] = answers.accuracy
        proposals += [one for one in answers.proposals() if (str(one.product_key), attribute) not in done]
    counts = {name: sum(one.attribute == name for one in proposals) for name in accuracy}
    return Refreshed(suggestions.replace_open(proposals), counts, accuracy)


@dataclass(frozen=True)
class Opinions:
    """What sight says about one attribute of every product.

    Attributes:
        attribute: its name.
        catalogue: the products.
        classes: the values.
        shares: how likely each is, float32, shape (n, c); of look-alikes only the likeliest is above 0.
        accuracy: share of labelled products for which the likeliest is the label, in [0, 1].
        origin: of `Suggestion.Origin`.
    """

    attribute: str
    catalogue: Catalogue
    classes: Sequence[str]
    shares: Float32
    accuracy: float
    origin: str

    def proposals(self) -> Iterator[Proposal]:
        """Values for the products that lack the attribute, where one is likely enough."""
        for row, labels in enumerate(self.catalogue.labels):
            order = np.argsort(-self.shares[row], kind="stable")[: _OTHERS + 1]
            confidence = float(self.shares[row, order[0]])
            if self.attribute in labels or confidence < LEAST_CONFIDENCE:
                continue
            value, *others = (self.classes[column] for column in order)
            yield Proposal(self.catalogue.keys[row], self.attribute, value, confidence, others, self.origin)

    def contradictions(self, least: float) -> Iterator[tuple[int, str, float]]:
        """(row, likeliest value, confidence) of products whose label is another, where sight is at least this sure."""
        for row, labels in enumerate(self.catalogue.labels):
            column = int(self.shares[row].argmax())
            confidence, label = float(self.shares[row, column]), labels.get(self.attribute, "")
            if label and confidence >= least and normalise(label) != normalise(self.classes[column]):
                yield row, self.classes[column], confidence


def opinions(encoder: Encoder, catalogue: Catalogue, attribute: str) -> Opinions | None:
    """What the trained network says, else what the look-alikes say; None with too few labels to go by."""
    read = encoder.read_attributes(np.concatenate(catalogue.views)) if catalogue.views else {}
    if attribute in read:
        return _from_network(catalogue, attribute, *read[attribute])
    return _from_neighbours(catalogue, attribute)


def _from_network(catalogue: Catalogue, attribute: str, classes: Sequence[str], shares: Float32) -> Opinions:
    """The mean of what each picture of a product says."""
    stops = np.cumsum([len(views) for views in catalogue.views])
    means = np.stack([part.mean(axis=0) for part in np.split(shares, stops[:-1])])
    known = [normalise(labels.get(attribute, "")) for labels in catalogue.labels]
    right = [normalise(classes[int(row.argmax())]) == label for row, label in zip(means, known, strict=True) if label]
    accuracy = float(np.mean(right)) if right else 0.0
    return Opinions(attribute, catalogue, classes, means, accuracy, Origin.NETWORK)


def _from_neighbours(catalogue: Catalogue, attribute: str) -> Opinions | None:
    """Votes of labelled look-alikes, as sure as such votes were right on the labelled products themselves."""
    classes = classify([labels.get(attribute, "") for labels in catalogue.labels])
    labelled = np.flatnonzero(classes.rows >= 0).astype(np.int32)
    if len(labelled) < _FEWEST_LABELLED or len(classes.names) < 2:
        return None
    vectors, truth = catalogue.vectors[labelled], classes.rows[labelled]
    tried = vote(vectors, vectors, truth, own=np.arange(len(labelled), dtype=np.int32))
    trust = fit_trust(tried.trust, tried.answers == truth)
    votes = vote(catalogue.vectors, vectors, truth)
    shares = np.zeros((len(catalogue.keys), len(classes.names)), np.float32)
    rows = np.arange(len(shares))
    shares[rows, votes.answers] = trust.apply(votes.trust)
    # A labelled product has no vote on itself: else it could never contradict its label.
    shares[labelled] = 0
    shares[labelled, tried.answers] = trust.apply(tried.trust)
    accuracy = float((tried.answers == truth).mean())
    return Opinions(attribute, catalogue, classes.names, shares, accuracy, Origin.NEIGHBOURS)


def decide(suggestion: Suggestion, value: str, user: Any) -> bool:
    """Give the product this value, the proposed or another; return False when it has one by now, which stays.

    Raises:
        SuggestionError: for an empty value, one that the shop does not take, or a suggestion that was decided already.
    """
    text = " ".join(value.split())
    if not text:
        raise SuggestionError(_("Type the right value, or reject the suggestion."))
    return _answer(suggestion, Status.ACCEPTED if text == suggestion.value else Status.CORRECTED, text, user)


def reject(suggestion: Suggestion, user: Any) -> bool:
    """Leave the product without a value, and never propose one for this attribute again."""
    return suggestions.settle(suggestion.pk, Status.REJECTED, "", user)


def can_be_written() -> bool:
    """Whether the shop lets values be written at all."""
    return get_source().can("set_attribute")


def _answer(suggestion: Suggestion, status: str, value: str, user: Any) -> bool:
    source = get_source()
    product = source.queryset().filter(pk=suggestion.product_id).first()
    if product is None:
        raise SuggestionError(_("The product is gone."))
    if not can_be_written():
        raise SuggestionError(
            _("This shop does not let attributes be written: its product source has no set_attribute().")
        )
    try:
        with transaction.atomic():
            written = source.set_attribute(product, suggestion.attribute, value)
            if not suggestions.settle(
                suggestion.pk, status if written else Status.OVERTAKEN, value if written else "", user
            ):
                raise SuggestionError(_("Somebody else has decided this already."))
    except ValidationError as error:
        raise SuggestionError(" ".join(error.messages)) from error
    return written
