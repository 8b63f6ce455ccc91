"""Drawing phones: a small studio that turns a design into vector pictures and pixels. Knows no shop and no history."""
