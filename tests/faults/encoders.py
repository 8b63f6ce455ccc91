"""Encoders for workers that are to be killed, or that kill themselves."""

import os
import signal
import time
from pathlib import Path

from recommender.engines.colour_encoder import ColourEncoder


class SlowEncoder(ColourEncoder):
    """Takes its time with each picture, so that a kill finds it at work."""

    seconds = 0.1

    def encode(self, pictures):
        time.sleep(self.seconds * len(pictures))
        return super().encode(pictures)


class FreezingEncoder(ColourEncoder):
    """Freezes the broker's process, BROKER_PID, when its work is done: nobody can be told of it."""

    def encode(self, pictures):
        vectors = super().encode(pictures)
        os.kill(int(os.environ["BROKER_PID"]), signal.SIGSTOP)
        return vectors


class PoisonedEncoder(ColourEncoder):
    """Dies, with its whole process, of a picture that is green in the middle; notes each such death in DIARY first."""

    def encode(self, pictures):
        for picture in pictures:
            red, green, blue = picture.pixels[picture.pixels.shape[0] // 2, picture.pixels.shape[1] // 2]
            if green > max(red, blue) + 50:
                with Path(os.environ["DIARY"]).open("a", encoding="ascii") as diary:
                    diary.write(f"{os.getpid()}\n")
                os.kill(os.getpid(), signal.SIGKILL)
        return super().encode(pictures)
