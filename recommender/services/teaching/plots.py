"""A training's report as pictures: learning curves, confusion matrices, before and after, and the worst mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from recommender.engines.trained import framed
from recommender.exceptions import EngineUnavailableError, ImageRefusedError
from recommender.services.evaluating.plots import CHOSEN, GRID, INK, OTHER, QUIET, WARM
from recommender.services.teaching.copies import read_picture
from recommender.services.teaching.examples import Example

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DPI = 150
_LINES = (CHOSEN, WARM, "#2f855a", "#6b46c1", "#b7791f", "#97266d")
_MOST_NAMES = 30
_TILE, _CAPTION, _GAP, _ACROSS = 176, 44, 14, 6


def draw_curves(curves: Mapping[str, Any], path: Path) -> None:
    """Loss on the left, held-out accuracy a head on the right, by epoch; the kept epoch is marked."""
    figure, (losses, named) = _figure(8.6, 3.2, 2)
    from matplotlib.ticker import MaxNLocator  # evaluation extra, and slow to load

    epochs = np.arange(1, len(curves["loss"]) + 1)
    losses.plot(
        epochs, curves["loss"], color=OTHER, marker="o", markersize=3.5, label="learned from (with extra tasks)"
    )
    if curves["held_out_loss"]:
        losses.plot(epochs, curves["held_out_loss"], color=CHOSEN, marker="o", markersize=3.5, label="held out")
    losses.set_title("Loss", loc="left", fontsize=10)
    losses.set_ylim(bottom=0)
    losses.legend(frameon=False, fontsize=8)
    for color, (head, values) in zip(_LINES * 3, curves["accuracy"].items(), strict=False):
        named.plot(epochs, values, color=color, marker="o", markersize=3.5, label=head)
    named.set_title("Held-out accuracy", loc="left", fontsize=10)
    if curves["accuracy"]:
        named.legend(frameon=False, fontsize=8, loc="lower right")
    for panel in (losses, named):
        panel.axvline(curves["best_epoch"] + 1, color=QUIET, linewidth=0.8, linestyle=(0, (2, 3)))
        panel.set_xlabel("epoch")
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})


def draw_confusion(head: str, judged: Mapping[str, Any], path: Path) -> None:
    """Truth down, answer across; each row's shares. With many classes the most confused ones are shown."""
    matrix, names = np.array(judged["matrix"], np.float64), list(judged["names"])
    wrong = matrix.sum(axis=1) + matrix.sum(axis=0) - 2 * np.diag(matrix)
    if len(names) > _MOST_NAMES:
        kept = np.sort(np.argsort(-wrong, kind="stable")[:_MOST_NAMES])
        matrix, names = matrix[np.ix_(kept, kept)], [names[row] for row in kept]
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    side = 1.9 + 0.26 * len(names)
    figure, (panel,) = _figure(side + 0.6, side, 1)
    panel.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="equal")
    panel.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    panel.set_yticks(range(len(names)), names, fontsize=7)
    panel.grid(visible=False)
    if len(names) <= _MOST_NAMES:
        for (row, column), count in np.ndenumerate(matrix):
            if count:
                dark = shares[row, column] > 0.5
                panel.text(
                    column, row, f"{count:.0f}", ha="center", va="center", fontsize=6.5, color="w" if dark else INK
                )
    panel.set_title(f"{head}: {judged['accuracy']:.1%} of {judged['pictures']:,} right", loc="left", fontsize=10)
    panel.set_xlabel("answer")
    panel.set_ylabel("truth")
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})


def draw_retrieval(retrieval: Mapping[str, Any], path: Path) -> None:
    """Before and after, a pair of bars a measure."""
    rows = list(measures(retrieval))
    figure, (panel,) = _figure(7.2, 1.2 + 0.55 * len(rows), 1)
    for place, (_name, before, after) in enumerate(reversed(rows)):
        panel.barh(place + 0.18, before, 0.32, color=OTHER, label="before" if not place else None)
        panel.barh(place - 0.18, after, 0.32, color=CHOSEN, label="after" if not place else None)
        for offset, value in ((0.18, before), (-0.18, after)):
            panel.text(value + 0.01, place + offset, f"{value:.3f}", va="center", fontsize=8, color=INK)
    panel.set_yticks(range(len(rows)), [name for name, _, _ in reversed(rows)])
    panel.set_xlim(0, 1.08)
    panel.grid(axis="y", visible=False)
    panel.set_title("Finding, before and after", loc="left", fontsize=10)
    panel.legend(frameon=False, fontsize=8, loc="lower right")
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})


def measures(retrieval: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """The measures that both encoders have: name, before, after."""
    before, after = retrieval["before"], retrieval["after"]
    rows = []
    for split, figures in after["photo_to_product"].items():
        for key, title in (("top1", "first"), ("top5", "among the first five")):
            rows.append((f"{split}: product {title}", before["photo_to_product"][split][key], figures[key]))
    for head, figures in after["same"].items():
        rows.append((f"same {head}: nearest", before["same"][head]["top1"], figures["top1"]))
        rows.append((f"same {head}: mAP", before["same"][head]["map"], figures["map"]))
    return rows


def draw_worst(worst: Sequence[Mapping[str, Any]], examples: Sequence[Example], path: Path) -> None:
    """A contact sheet of the surest mistakes: each picture, what it is, and what it was taken for."""
    shown = []
    for mistake in worst:
        try:
            shown.append((mistake, framed(read_picture(examples[mistake["row"]]), _TILE)))
        except (ImageRefusedError, OSError):
            continue
    across = min(_ACROSS, len(shown))
    down = -(-len(shown) // across)
    size = (_GAP + across * (_TILE + _GAP), _GAP + down * (_TILE + _CAPTION + _GAP))
    sheet = Image.new("RGB", size, "#f5f7fa")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for place, (mistake, pixels) in enumerate(shown):
        x = _GAP + place % across * (_TILE + _GAP)
        y = _GAP + place // across * (_TILE + _CAPTION + _GAP)
        draw.rectangle((x - 1, y - 1, x + _TILE, y + _TILE + _CAPTION), fill="white", outline=GRID)
        sheet.paste(Image.fromarray(pixels), (x, y))
        draw.text((x + 6, y + _TILE + 5), _fit(draw, font, f"is {mistake['truth']}"), fill=INK, font=font)
        taken = f"{mistake['confidence']:.0%} {mistake['answer']}"
        draw.text((x + 6, y + _TILE + 23), _fit(draw, font, taken), fill=WARM, font=font)
    sheet.save(path)


def _fit(draw: ImageDraw.ImageDraw, font: Any, text: str) -> str:
    plain = text.encode("latin-1", "replace").decode("latin-1")  # what the built-in font can draw
    while plain and draw.textlength(plain, font) > _TILE - 12:
        plain = plain[:-2] + "\u2026" if len(plain) > 2 else ""
        plain = plain if len(plain) < 3 or draw.textlength(plain, font) <= _TILE - 12 else plain[:-1]
    return plain


def _figure(width: float, height: float, panels: int) -> tuple[Any, list[Axes]]:
    try:
        from matplotlib.figure import Figure  # evaluation extra, and slow to load
    except ImportError as error:
        raise EngineUnavailableError(
            'The report needs Matplotlib: pip install "django-visual-recommender[evaluation]".'
        ) from error
    figure = Figure(figsize=(width, height), layout="constrained")
    drawn = list(figure.subplots(1, panels, squeeze=False)[0])
    for panel in drawn:
        panel.spines[["top", "right", "left"]].set_visible(False)
        panel.spines["bottom"].set_color(QUIET)
        panel.tick_params(colors=QUIET, length=0, labelsize=8)
        panel.grid(color=GRID, linewidth=0.8)
        panel.set_axisbelow(True)
    return figure, drawn
