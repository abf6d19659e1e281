#!/usr/bin/env python3
"""Planted answers for head twins; with the path of headatlas as an argument, also what is asked of every plugin."""
import pathlib
import subprocess
import sys

import numpy

from head_twins import alikeness, features

random = numpy.random.default_rng(1)
images = 400
one = random.standard_normal((images, 6)).astype(numpy.float32)
basis = random.standard_normal((6, 16)).astype(numpy.float32)

# The features stand for what was written.
written = one @ basis
written = (written - written.mean(0)).astype(numpy.float64)
assert numpy.allclose(features(one, basis) @ features(one, basis).T, written @ written.T, rtol=1e-4, atol=1e-3)

# A head of another model, of another width, that is the first one turned, scaled and moved.
turn, _ = numpy.linalg.qr(random.standard_normal((24, 24)))
twin = (3 * basis @ turn[:16]).astype(numpy.float32)
other = random.standard_normal((images, 6)).astype(numpy.float32)
silent = numpy.ones((images, 6), numpy.float32)
found = alikeness([features(one, basis), features(one + 1, twin), features(other, basis), features(silent, basis)])
assert numpy.allclose(found, found.T) and numpy.allclose(numpy.diag(found)[:3], 1)
assert abs(found[0, 1] - 1) < 1e-6, found[0, 1]
assert found[0, 2] < 0.1, found[0, 2]
assert (found[3] == 0).all()

# By the definition.
x = written
y = other.astype(numpy.float64) @ basis
y -= y.mean(0)
direct = numpy.linalg.norm(x.T @ y) ** 2 / (numpy.linalg.norm(x.T @ x) * numpy.linalg.norm(y.T @ y))
assert abs(found[0, 2] - direct) < 1e-6

if len(sys.argv) > 1:
    subprocess.run([sys.argv[1], "plugin", "test", pathlib.Path(__file__).resolve().parent], check=True)
print("head-twins: all as planted")
