"""Networks that learn from a shop's own labelled pictures. Keras and TensorFlow are imported inside functions only."""
