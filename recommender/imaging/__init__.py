"""Guarded decode and image steps. Pillow and NumPy only; no Django, no files, no network."""
