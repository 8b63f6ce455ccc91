"""Makes recommender/engines/feature_means.npz: `python -m benchmarks.feature_means FOLDER`.

FOLDER is a data set folder with photos.csv. The published file was made from the Grocery Store Dataset (M. Klasson,
MIT): its 81 product pictures and the photos of its training split.
"""

import sys
from pathlib import Path

import numpy as np

from recommender.core.types import Float32
from recommender.datasets.folder import DatasetFolder
from recommender.engines.export import default_path
from recommender.engines.framing import is_scene
from recommender.engines.semantic import SemanticBlock
from recommender.imaging.decode import decode


def main(folder: Path) -> None:
    """Write the means of product pictures and of scenes."""
    block = SemanticBlock(default_path())
    dataset = DatasetFolder(folder)
    paths = [path for product in dataset.products() for path in product.images]
    paths += [photo.photo for photo in dataset.photos() if photo.split == "train"]
    seen: dict[str, list[Float32]] = {"product": [], "scene": []}
    for path in paths:
        picture = decode(path.read_bytes(), filename=path.name)
        seen["scene" if is_scene(picture) else "product"].append(block.uncentred(picture))
    target = Path(__file__).parent.parent / "recommender" / "engines" / "feature_means.npz"
    np.savez(target, **{kind: np.mean(vectors, axis=0).astype(np.float32) for kind, vectors in seen.items()})
    print(f"{target}: {len(seen['product'])} products, {len(seen['scene'])} scenes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
