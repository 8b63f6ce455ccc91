"""Makes recommender/engines/feature_means.npz: `python -m benchmarks.feature_means FOLDER`.

FOLDER is a data set folder with photos.csv. The published file was made from the Grocery Store Dataset (M. Klasson,
MIT): its 81 product pictures and the photos of its training split.
"""

import sys
from pathlib import Path

import numpy as np

from recommender.core.types import Picture
from recommender.datasets.folder import DatasetFolder
from recommender.engines.export import default_path
from recommender.engines.framing import clutter
from recommender.engines.semantic import SemanticBlock
from recommender.imaging.decode import decode


def read(path: Path) -> Picture:
    """The picture in a file."""
    return decode(path.read_bytes(), filename=path.name)


def main(folder: Path) -> None:
    """Write the means of product pictures and of scenes."""
    block = SemanticBlock(default_path())
    dataset = DatasetFolder(folder)
    seen = {
        "product": [block.uncentred(read(path)) for product in dataset.products() for path in product.images],
        "scene": [
            block.uncentred(picture)
            for photo in dataset.photos()
            if photo.split == "train" and clutter(picture := read(photo.photo)) > 0.5
        ],
    }
    target = Path(__file__).parent.parent / "recommender" / "engines" / "feature_means.npz"
    np.savez(target, **{kind: np.mean(vectors, axis=0).astype(np.float32) for kind, vectors in seen.items()})
    print(f"{target}: {len(seen['product'])} products, {len(seen['scene'])} scenes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
