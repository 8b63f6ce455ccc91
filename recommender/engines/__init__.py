"""Machines: the only room that knows TensorFlow, LiteRT and implicit. Options come through constructors alone.

No engine reads settings or the database.
"""
