"""Judges every way to recommend, and the image encoder, on a history with a part held out."""
