"""An evaluation's report as pictures: accuracy, segments, exposure against demand, and diversity against accuracy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recommender.exceptions import EngineUnavailableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Report = Mapping[str, Any]

INK, QUIET, GRID = "#1f2933", "#7b8794", "#e4e7eb"
CHOSEN, OTHER, WARM = "#0b6e99", "#9aa5b1", "#c05621"
_DPI = 150
_TICKS = 5
_NAME_WIDTH, _NAME_HEIGHT = 60.0, 14.0
_SEGMENTS = {"cold": "Cold: nobody chose it before", "scarce": "Scarce: 1 or 2 choices", "warm": "Warm: 3 or more"}


def draw_plots(report: Report, folder: Path) -> list[Path]:
    """Write one PNG a plot into a folder, which is made if need be, and return their paths.

    Raises:
        EngineUnavailableError: when Matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context  # evaluation extra, and slow to load
    except ImportError as error:
        raise EngineUnavailableError(
            'Plots need Matplotlib: pip install "django-visual-recommender[evaluation]".'
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, draw in PLOTS.items():
        with rc_context({"font.size": 9, "text.color": INK, "axes.labelcolor": INK, "ytick.color": INK}):
            figure = draw(report)
            path = folder / f"{name}.png"
            figure.savefig(path, dpi=_DPI, metadata={"Software": None})
            written.append(path)
    return written


def _accuracy(report: Report) -> Figure:
    """Recall@20 and NDCG@20 of every strategy, the best on top, with intervals."""
    strategies = report["strategies"]
    keys = sorted(strategies, key=lambda key: strategies[key]["all"]["ndcg@20"])
    figure, panels = _panels(2, 1.2 + 0.3 * len(keys))
    for panel, (metric, title) in zip(panels, (("recall@20", "Recall@20"), ("ndcg@20", "NDCG@20")), strict=True):
        _dots(panel, report, keys, "all", metric)
        panel.set_title(title, loc="left", fontsize=10)
    users = strategies[keys[0]]["all"]["users"]
    _caption(figure, f"Bars are 95 % intervals over {users:,} users; blue is the strategy that validation chose.")
    return figure


def _segments(report: Report) -> Figure:
    """Recall@100 of every strategy by how well known the products are."""
    keys = list(reversed(report["strategies"]))
    figure, panels = _panels(len(_SEGMENTS), 1.2 + 0.3 * len(keys))
    for panel, (segment, title) in zip(panels, _SEGMENTS.items(), strict=True):
        _dots(panel, report, keys, segment, "recall@100")
        panel.set_title(title, loc="left", fontsize=10)
        if not any(report["strategies"][key][segment]["users"] for key in keys):
            panel.text(0.5, 0.5, "no such products\nwere wanted", transform=panel.transAxes, ha="center", color=QUIET)
            panel.set_xticks([])
        else:
            panel.set_xlabel("Recall@100")
    _caption(figure, "Each panel counts only the products of its kind; the scales differ.")
    return figure


def _exposure(report: Report) -> Figure:
    """Each group's share of the places in lists, beside its share of what users wanted."""
    exposure = report["exposure"]
    names = [f"{name} ({count:,})" for name, count in zip(exposure["groups"], exposure["products"], strict=True)]
    places = range(len(names) - 1, -1, -1)
    figure, (panel,) = _panels(1, 1.5 + 0.34 * len(names))
    shown = {
        key: exposure["shown"][key]
        for key in dict.fromkeys((report["chosen"], "popularity"))
        if key in exposure["shown"]
    }
    for place, demand, ours in zip(places, exposure["demand"], exposure["shown"][report["chosen"]], strict=True):
        panel.plot(
            [100 * demand, 100 * ours], [place, place], color=GRID, linewidth=5, solid_capstyle="round", zorder=1
        )
    demand = [100 * share for share in exposure["demand"]]
    panel.scatter(demand, places, marker="|", s=220, linewidths=2.5, color=INK, label="demand", zorder=3)
    for key, color in zip(shown, (CHOSEN, WARM), strict=False):
        panel.scatter([100 * share for share in shown[key]], places, s=42, color=color, label=key, zorder=4)
    panel.set_yticks(list(places), names)
    panel.set_xlabel("share of places and of choices, in %")
    panel.set_ylim(-0.6, len(names) - 0.4)
    panel.set_title(f"Exposure by {exposure['by']}", loc="left", fontsize=10)
    panel.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.6 / figure.get_figheight() - 0.05), ncols=3)
    return figure


def _diversity(report: Report) -> Figure:
    """How varied each strategy's lists are, against how accurate they are."""
    strategies = report["strategies"]
    figure, (panel,) = _panels(1, 3.8)
    points = []
    for key, segments in strategies.items():
        x, y = segments["all"]["ndcg@20"], segments["variety"]["diversity@20"]
        low, high = segments["all"]["interval"]["ndcg@20"]
        under, over = segments["variety"]["interval"]["diversity@20"]
        color = CHOSEN if key == report["chosen"] else OTHER
        across, upwards = [[max(x - low, 0)], [max(high - x, 0)]], [[max(y - under, 0)], [max(over - y, 0)]]
        panel.errorbar(x, y, xerr=across, yerr=upwards, fmt="o", color=color, elinewidth=1, markersize=5, clip_on=False)
        points.append((x, y, key))
    panel.margins(x=0.16, y=0.12)
    panel.set_xlim(left=0)
    figure.draw_without_rendering()  # or no point knows its place
    _label_points(panel, points)
    panel.set_xlabel("NDCG@20")
    panel.set_ylabel("diversity of the first 20")
    panel.set_title("Diversity against accuracy", loc="left", fontsize=10)
    return figure


def _label_points(panel: Axes, points: list[tuple[float, float, str]]) -> None:
    """Names beside points: above them, or below where a point close above has its name."""
    above: list[tuple[float, float]] = []
    for x, y, key in sorted(points, key=lambda point: -point[1]):
        right, top = panel.transData.transform((x, y))
        crowded = any(abs(right - other) < _NAME_WIDTH and height - top < _NAME_HEIGHT for other, height in above)
        panel.annotate(key, (x, y), xytext=(6, -11 if crowded else 3), textcoords="offset points", fontsize=8)
        above.append((right, top))


def _panels(count: int, height: float) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8, height), layout="constrained")
    panels = list(figure.subplots(1, count, sharey=count > 1, squeeze=False)[0])
    for panel in panels:
        panel.spines[["top", "right", "left"]].set_visible(False)
        panel.spines["bottom"].set_color(QUIET)
        panel.tick_params(axis="x", colors=QUIET)
        panel.tick_params(axis="y", length=0)
        panel.grid(axis="x", color=GRID, linewidth=0.8)
        panel.set_axisbelow(True)
        panel.xaxis.set_major_locator(MaxNLocator(_TICKS))
    return figure, panels


def _dots(panel: Axes, report: Report, keys: list[str], segment: str, metric: str) -> None:
    for place, key in enumerate(keys):
        figures = report["strategies"][key][segment]
        if not figures["users"]:
            continue
        low, high = figures["interval"][metric]
        color = CHOSEN if key == report["chosen"] else OTHER
        panel.plot([low, high], [place, place], color=color, linewidth=2.5, alpha=0.6, solid_capstyle="round")
        panel.plot(figures[metric], place, "o", color=color, markersize=6, clip_on=False)
    panel.set_yticks(range(len(keys)), keys)
    panel.set_xlim(left=0)


def _caption(figure: Figure, text: str) -> None:
    figure.supxlabel(text, fontsize=8, color=QUIET)


PLOTS: dict[str, Callable[[Report], Figure]] = {
    "accuracy": _accuracy,
    "segments": _segments,
    "exposure": _exposure,
    "diversity": _diversity,
}
"""The plots by file name."""
