"""A data set folder becomes products, orders and events of the shop. A second run adds nothing and is quick."""

from recommender.services.importing.folder import ImportOptions, ImportReport, import_folder
from recommender.services.importing.history import HistoryReport
from recommender.services.importing.products import ProductsReport

__all__ = ["HistoryReport", "ImportOptions", "ImportReport", "ProductsReport", "import_folder"]
