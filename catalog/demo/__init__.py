"""The demo range: invented phones, drawn by our own code, and simulated shoppers, as a data set folder to import.

`build(folder, end=date.today())` writes the folder. Nothing in here needs Django's settings or database.
"""

from catalog.demo.building import Summary, build

__all__ = ["Summary", "build"]
