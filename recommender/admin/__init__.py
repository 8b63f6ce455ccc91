"""The recommender in the Django admin: what is embedded, served and running, and why a shelf shows what it shows.

Hosts may put `EmbeddingStatusInline` and `likeness_panel(product)` into their product admin and link to
`preview_url(product)`. For bulk actions there are `embed_products_again(admin, request, products)`, and `ask(...)` with
`confirmed(request)`, which ask before anything is done.
"""

from recommender.admin.confirming import ask, confirmed
from recommender.admin.embedding_again import embed_products_again
from recommender.admin.embeddings import EmbeddingStatusInline, ImageEmbeddingAdmin
from recommender.admin.findings import FindingAdmin
from recommender.admin.history import InteractionAdmin, VisitorAdmin
from recommender.admin.jobs import JobAdmin
from recommender.admin.likenesses import likeness_panel
from recommender.admin.measurement import MeasurementAdmin
from recommender.admin.placements import PlacementAdmin
from recommender.admin.preview import preview_url
from recommender.admin.rules import RuleAdmin
from recommender.admin.snapshots import SnapshotAdmin
from recommender.admin.suggestions import SuggestionAdmin

__all__ = [
    "EmbeddingStatusInline",
    "FindingAdmin",
    "ImageEmbeddingAdmin",
    "InteractionAdmin",
    "JobAdmin",
    "MeasurementAdmin",
    "PlacementAdmin",
    "RuleAdmin",
    "SnapshotAdmin",
    "SuggestionAdmin",
    "VisitorAdmin",
    "ask",
    "confirmed",
    "embed_products_again",
    "likeness_panel",
    "preview_url",
]
