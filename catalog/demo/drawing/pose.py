"""How a phone stands before the camera: a rotation under parallel projection, as through a long lens."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Pose:
    """Turns model millimetres (x right, y down, z towards the viewer, origin in the middle) into sheet millimetres.

    Attributes:
        yaw: degrees; positive turns the right side away and shows the left side.
        pitch: degrees; positive tips the top away from the viewer.
        roll: degrees, clockwise on the page.
        centre: where the origin lands.
    """

    centre: tuple[float, float]
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    rotation: Float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        yaw, pitch, roll = np.radians([self.yaw, self.pitch, self.roll])
        about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
        about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
        about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
        object.__setattr__(self, "rotation", about_z @ about_x @ about_y)

    def project(self, points: Float) -> Float:
        """Sheet positions, shape (n, 2), of model points, shape (n, 3)."""
        return np.asarray(points @ self.rotation[:2].T + np.array(self.centre))

    def turn(self, normals: Float) -> Float:
        """Directions as the viewer sees them, shape (n, 3)."""
        return normals @ self.rotation.T

    def plane(self, z: float = 0.0) -> str:
        """The SVG transform that puts a flat drawing on the face at height z."""
        r = self.rotation
        x, y = self.centre[0] + z * r[0, 2], self.centre[1] + z * r[1, 2]
        return f"matrix({r[0, 0]:.5f} {r[1, 0]:.5f} {r[0, 1]:.5f} {r[1, 1]:.5f} {x:.3f} {y:.3f})"

    def wall(self, x: float, y: float) -> str:
        """The SVG transform of the plane through (x, y, 0) that faces right: drawn x is depth z, drawn y stays y."""
        r = self.rotation
        at = self.project(np.array([[x, y, 0.0]]))[0]
        return f"matrix({r[0, 2]:.5f} {r[1, 2]:.5f} {r[0, 1]:.5f} {r[1, 1]:.5f} {at[0]:.3f} {at[1]:.3f})"
