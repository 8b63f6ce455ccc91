"""Arithmetic. NumPy only on the serving path, SciPy in fitting modules; no Django, files, clock or unseeded chance."""
