"""Guarded decoding of untrusted pictures, and image steps as plain functions. No Django, no vectors."""
