"""A monoline alphabet of our own, so that pictures need no installed font and are the same everywhere."""

from __future__ import annotations

from catalog.demo.drawing.sheet import Sheet, number

# Strokes in a box 10 high; the first value is the width.
_GLYPHS: dict[str, tuple[float, str]] = {
    "0": (6, "M0 3a3 3 0 0 1 6 0V7a3 3 0 0 1-6 0Z"),
    "1": (3, "M0 2L3 0V10"),
    "2": (6, "M0 3A3 3 0 0 1 6 3C6 5 0 7.5 0 10H6"),
    "3": (6, "M0.3 1.8A3 2.5 0 1 1 3 5A3 2.5 0 1 1 .2 8.2"),
    "4": (6.6, "M4.8 10V0L0 7H6.6"),
    "5": (6, "M5.4 0H.8L.4 4.6A3 3 0 1 1 .2 8.4"),
    "6": (6, "M5 .3C2 1.5 0 4 0 7A3 3 0 1 0 3 4C1.5 4 .4 4.8 0 6.2"),
    "7": (5.6, "M0 0H5.6L2 10"),
    "8": (6, "M3 4.7A2.6 2.35 0 1 1 3 0A2.6 2.35 0 1 1 3 4.7A3 2.65 0 1 0 3 10A3 2.65 0 1 0 3 4.7"),
    "9": (6, "M1 9.7C4 8.5 6 6 6 3A3 3 0 1 0 3 6C4.500 6 5.600 5.200 6 3.800"),
    ":": (0.6, "M.3 3.2V3.3M.3 7.2V7.3"),
    "A": (7.6, "M0 10L3.800 0L7.600 10M1.400 6.600H6.200"),
    "B": (6, "M0 0V10H3.200A2.700 2.700 0 0 0 3.200 4.600H0M0 0H2.900A2.300 2.300 0 0 1 2.900 4.600"),
    "C": (8, "M7.800 2.100A5 5 0 1 0 7.800 7.900"),
    "D": (7.4, "M0 0V10H2.600A5 5 0 0 0 2.600 0Z"),
    "E": (5.4, "M5.400 0H0V10H5.400M0 4.800H4.600"),
    "F": (5.2, "M5.200 0H0V10M0 4.800H4.400"),
    "G": (8.4, "M7.800 2.100A5 5 0 1 0 8.400 6H5.200"),
    "H": (6.8, "M0 0V10M6.800 0V10M0 4.800H6.800"),
    "I": (0.4, "M.2 0V10"),
    "J": (4.4, "M4.400 0V7.200A2.200 2.500 0 0 1 0 7.400"),
    "K": (6.2, "M0 0V10M6 0L0 5.800M2.200 3.900L6.200 10"),
    "L": (5, "M0 0V10H5"),
    "M": (8.6, "M0 10V0L4.300 6.400L8.600 0V10"),
    "N": (7, "M0 10V0L7 10V0"),
    "O": (9.6, "M4.800 0A4.800 5 0 1 1 4.800 10A4.800 5 0 1 1 4.800 0"),
    "P": (5.8, "M0 10V0H3A2.800 2.800 0 0 1 3 5.600H0"),
    "Q": (9.6, "M4.800 0A4.800 5 0 1 1 4.800 10A4.800 5 0 1 1 4.800 0M6 7.200L9.200 10.400"),
    "R": (6, "M0 10V0H3A2.700 2.700 0 0 1 3 5.400H0M3 5.400L6 10"),
    "S": (5.8, "M5.400 1.800A2.700 2.400 0 1 0 2.900 4.900A2.800 2.500 0 1 1 .2 8.200"),
    "T": (6.6, "M0 0H6.600M3.300 0V10"),
    "U": (6.8, "M0 0V6.600A3.400 3.400 0 0 0 6.800 6.600V0"),
    "V": (7.4, "M0 0L3.700 10L7.400 0"),
    "W": (10.6, "M0 0L2.700 10L5.300 2L7.900 10L10.600 0"),
    "X": (6.8, "M0 0L6.800 10M6.800 0L0 10"),
    "Y": (7, "M0 0L3.500 5L7 0M3.500 5V10"),
    "Z": (6.4, "M0 0H6.400L0 10H6.400"),
    " ": (2.6, ""),
}


def width(text: str, height: float, spacing: float = 0.34) -> float:
    """The width of a line in millimetres; `spacing` is a share of the height."""
    return sum(_GLYPHS[letter][0] for letter in text) * height / 10 + spacing * height * (len(text) - 1)


def write(
    sheet: Sheet,
    text: str,
    at: tuple[float, float],
    height: float,
    weight: float,
    paint: str,
    spacing: float = 0.34,
    anchor: float = 0.5,
) -> None:
    """Write a line whose top is at[1]; anchor 0 starts it at at[0], 0.5 centres it, 1 ends it there."""
    x = at[0] - anchor * width(text, height, spacing)
    scale = height / 10
    stroke = number(weight / scale)
    for letter in text:
        advance, path = _GLYPHS[letter]
        if path:
            sheet.add(
                f'<path d="{path}" fill="none" stroke="{paint}" stroke-width="{stroke}" stroke-linecap="round" '
                f'stroke-linejoin="round" transform="translate({number(x)} {number(at[1])}) scale({number(scale)})"/>'
            )
        x += advance * scale + spacing * height
