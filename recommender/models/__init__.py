"""Tables: fields, constraints and __str__. Queries live in `storage`, verbs in `services`."""

from recommender.models.embeddings import CatalogueChange, ImageEmbedding, Sequence
from recommender.models.encoders import EncoderVersion
from recommender.models.figures import DailyFigures
from recommender.models.imports import ImportedProduct
from recommender.models.interactions import Interaction, InteractionKind, Visitor
from recommender.models.jobs import Job
from recommender.models.observations import Impression, Search, ShownProduct
from recommender.models.placements import Placement, Strategy
from recommender.models.rules import Rule
from recommender.models.selections import Selection
from recommender.models.sight import Finding, PictureMeasure, Suggestion
from recommender.models.snapshots import Snapshot

__all__ = [
    "CatalogueChange",
    "DailyFigures",
    "EncoderVersion",
    "Finding",
    "ImageEmbedding",
    "ImportedProduct",
    "Impression",
    "Interaction",
    "InteractionKind",
    "Job",
    "PictureMeasure",
    "Placement",
    "Rule",
    "Search",
    "Selection",
    "Sequence",
    "ShownProduct",
    "Snapshot",
    "Strategy",
    "Suggestion",
    "Visitor",
]
