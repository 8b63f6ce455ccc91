"""Machines: the only room that knows TensorFlow, LiteRT, implicit and vector libraries. Options come through constructors; no settings, no database."""
