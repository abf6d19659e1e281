#!/usr/bin/env python3
"""A planted answer, then what headatlas asks of every plugin."""
import pathlib, subprocess
import numpy
from <MODULE> import distances

coordinates = numpy.zeros((9, 3), numpy.float32)
coordinates[4] = [0, 9, 0]
assert distances(coordinates, numpy.eye(3, 5, dtype=numpy.float32)).argmax() == 4
subprocess.run(["headatlas", "plugin", "test", pathlib.Path(__file__).resolve().parent], check=True)
