"""Sphinx reads the Markdown pages of this folder. A reference that leads nowhere fails the build."""

import re
from pathlib import Path

_init = (Path(__file__).resolve().parent.parent / "recommender" / "__init__.py").read_text(encoding="utf-8")

project = "Visual Recommender for Django"
author = "The Visual Recommender authors"
project_copyright = author
version = release = re.search(r'__version__ = "([^"]+)"', _init)[1]  # type: ignore[index]

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
nitpicky = True
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = project
