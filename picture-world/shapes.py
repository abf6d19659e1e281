"""The kinds of object as parts, a role and a path each, in a box of 100 units whose ground is y = 0 and whose up is -y.

Roles: `body` wears the object's colour and pattern; `dark` and `light` are tones of its colour; `glass` glows at night;
the rest are fixed colours (FIXED). A part whose role starts with `~` is a small detail that silhouettes leave out.
"""

import math
import re

import skia

FIXED = {
    "ink": (42, 38, 46),
    "wood": (140, 96, 62),
    "leaf": (74, 148, 72),
    "cream": (248, 236, 208),
    "metal": (176, 182, 192),
    "gold": (244, 194, 66),
    "eye": (252, 252, 250),
    "blush": (240, 150, 150),
    "flame": (250, 140, 40),
    "skin": (226, 190, 140),
    "coffee": (92, 58, 40),
}


def path(text):
    """A path from the M, L, Q, C and Z of SVG."""
    result = skia.Path()
    for verb, rest in re.findall(r"([MLQCZ])([^MLQCZ]*)", text):
        n = [float(v) for v in rest.split()]
        step = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}[verb]
        if verb == "Z":
            result.close()
        for i in range(0, len(n), step or 1):
            {"M": result.moveTo, "L": result.lineTo, "Q": result.quadTo, "C": result.cubicTo}[verb](*n[i : i + step])
    return result


def ell(x, y, rx, ry):
    return skia.Path.Oval(skia.Rect(x - rx, y - ry, x + rx, y + ry))


def rect(x0, y0, x1, y1, r=0):
    result = skia.Path()
    result.addRoundRect(skia.Rect(x0, y0, x1, y1), r, r)
    return result


def turned(shape, degrees, x, y):
    result = skia.Path(shape)
    result.transform(skia.Matrix().setRotate(degrees, x, y))
    return result


def union(*shapes):
    result = shapes[0]
    for shape in shapes[1:]:
        result = skia.Op(result, shape, skia.PathOp.kUnion_PathOp) or result
    return result


def stroke(text, width):
    """The outline of a stroke with round ends, so that lines are shapes like all others."""
    paint = skia.Paint(
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )
    result = skia.Path()
    paint.getFillPath(path(text), result)
    return union(skia.Path(), result)


def star(x, y, outer, inner, points=5):
    corners = []
    for i in range(points * 2):
        r, a = (outer, inner)[i % 2], i * math.pi / points
        corners.append(skia.Point(x + math.sin(a) * r, y - math.cos(a) * r))
    return skia.Path.Polygon(corners, True)


def soft(shape, radius):
    """The shape with its corners rounded."""
    result = skia.Path()
    skia.Paint(Style=skia.Paint.kFill_Style, PathEffect=skia.CornerPathEffect.Make(radius)).getFillPath(shape, result)
    return result


def eyes(x, y, gap, r):
    return [
        ("ink", union(ell(x - gap, y, r, r * 1.25), ell(x + gap, y, r, r * 1.25))),
        (
            "~eye",
            union(
                ell(x - gap + r * 0.3, y - r * 0.4, r * 0.35, r * 0.4),
                ell(x + gap + r * 0.3, y - r * 0.4, r * 0.35, r * 0.4),
            ),
        ),
    ]


def wheel(x, y, r):
    return [
        ("ink", ell(x, y, r, r)),
        ("~metal", ell(x, y, r * 0.52, r * 0.52)),
        ("~ink", ell(x, y, r * 0.18, r * 0.18)),
    ]


KIND_PARTS = {
    "house": [
        ("dark", rect(17, -94, 29, -62)),
        ("body", rect(-38, -58, 38, 0, 1)),
        ("dark", path("M -50 -53 L -2 -97 Q 0 -99 2 -97 L 50 -53 Q 50 -50 46 -50 L -46 -50 Q -50 -50 -50 -53 Z")),
        ("~cream", rect(-31, -42, -13, -22, 1)),
        ("glass", rect(-29, -40, -15, -24)),
        ("~cream", rect(13, -42, 31, -22, 1)),
        ("glass", rect(15, -40, 29, -24)),
        (
            "~cream",
            union(rect(-23, -40, -21, -24), rect(-29, -33, -15, -31), rect(21, -40, 23, -24), rect(15, -33, 29, -31)),
        ),
        ("wood", rect(-9, -32, 9, 0, 3)),
        ("~gold", ell(5, -15, 1.8, 1.8)),
        ("glass", ell(0, -68, 7, 7)),
    ],
    "castle": [
        (
            "body",
            path(
                "M -30 0 L -30 -52 L -22 -52 L -22 -46 L -12 -46 L -12 -52 L -4 -52 L -4 -46 L 4 -46 L 4 -52 L 12 -52"
                " L 12 -46 L 22 -46 L 22 -52 L 30 -52 L 30 0 Z"
            ),
        ),
        ("body", union(rect(-48, -64, -26, 0), rect(26, -64, 48, 0), rect(-11, -76, 11, -46))),
        (
            "dark",
            union(
                path("M -52 -62 L -37 -90 L -22 -62 Z"),
                path("M 52 -62 L 37 -90 L 22 -62 Z"),
                path("M -15 -74 L 0 -100 L 15 -74 Z"),
            ),
        ),
        ("glass", union(rect(-40, -50, -34, -36, 3), rect(34, -50, 40, -36, 3), rect(-3, -68, 3, -54, 3))),
        ("wood", path("M -11 0 L -11 -20 Q -10 -32 0 -32 Q 10 -32 11 -20 L 11 0 Z")),
        ("~ink", union(rect(-5, -29, -4, 0), rect(4, -29, 5, 0), rect(-11, -17, 11, -16))),
    ],
    "tree": [
        ("wood", path("M -11 0 Q -5 -14 -6 -50 L 6 -50 Q 5 -14 12 0 Z")),
        ("~ink", union(stroke("M -2 -10 Q -1 -20 -2 -32", 1), stroke("M 3 -6 Q 2 -16 3 -24", 1))),
        (
            "body",
            union(
                ell(0, -70, 29, 29),
                ell(-24, -54, 20, 19),
                ell(24, -54, 20, 19),
                ell(0, -46, 26, 17),
                ell(-15, -80, 18, 17),
                ell(15, -80, 18, 17),
            ),
        ),
        ("~light", union(stroke("M -26 -66 Q -20 -76 -10 -74", 2.4), stroke("M -4 -86 Q 6 -92 14 -84", 2.4))),
        (
            "~dark",
            union(
                stroke("M 4 -44 Q 16 -40 24 -48", 2.4),
                stroke("M -30 -46 Q -22 -40 -12 -44", 2.4),
                stroke("M 10 -66 Q 20 -62 26 -68", 2.4),
            ),
        ),
    ],
    "boat": [
        ("wood", rect(-2.5, -100, 2.5, -26)),
        ("body", path("M 5 -96 Q 38 -66 42 -36 L 5 -36 Z")),
        ("light", path("M -5 -88 Q -30 -60 -36 -36 L -5 -36 Z")),
        ("body", path("M -50 -28 L 50 -28 Q 44 -4 28 0 L -30 0 Q -44 -6 -50 -28 Z")),
        ("~cream", path("M -50 -28 L 50 -28 L 48.5 -22 L -48.5 -22 Z")),
        ("~glass", union(ell(-20, -13, 4, 4), ell(0, -13, 4, 4), ell(20, -13, 4, 4))),
        ("~flame", path("M 2 -100 L 14 -96 L 2 -92 Z")),
    ],
    "car": [
        (
            "body",
            path(
                "M -50 -14 Q -51 -34 -40 -36 L -28 -38 Q -18 -62 -8 -62 L 12 -62 Q 24 -62 34 -39 Q 50 -37 50 -24 L 50"
                " -13 Q 50 -9 46 -9 L -46 -9 Q -50 -9 -50 -14 Z"
            ),
        ),
        ("glass", path("M -22 -39 Q -15 -56 -8 -56 L 0 -56 L 0 -39 Z")),
        ("glass", path("M 5 -56 L 12 -56 Q 20 -56 27 -39 L 5 -39 Z")),
        (
            "~dark",
            union(
                stroke("M 2.5 -38 L 2.5 -13", 1.2), stroke("M -24 -36 L -24 -22", 1.2), stroke("M 29 -36 L 29 -24", 1.2)
            ),
        ),
        ("~metal", union(rect(-7, -32, 0, -29.5, 1), rect(-51, -15, -40, -10, 2), rect(40, -15, 51, -10, 2))),
        ("gold", ell(47, -27, 3.4, 4.5)),
        ("~flame", ell(-48, -27, 2.6, 4)),
        *wheel(-28, -11, 12),
        *wheel(28, -11, 12),
    ],
    "train": [
        ("ink", rect(-50, -16, 46, -10)),
        ("dark", rect(22, -72, 34, -46)),
        ("dark", rect(19, -80, 37, -70, 2)),
        ("dark", rect(-4, -56, 8, -46, 4)),
        ("body", rect(-20, -50, 42, -14, 8)),
        ("body", rect(-50, -76, -14, -12, 1)),
        ("dark", rect(-54, -82, -10, -74, 2)),
        ("glass", rect(-42, -66, -22, -46, 2)),
        ("~gold", union(rect(2, -50, 4, -14), rect(26, -50, 28, -14))),
        ("gold", ell(43, -38, 4, 5)),
        ("metal", path("M 40 -18 L 56 0 L 38 0 Z")),
        *wheel(-34, -14, 14),
        *wheel(-4, -10, 10),
        *wheel(24, -10, 10),
        ("~metal", rect(-34, -14, 24, -11, 1)),
    ],
    "rocket": [
        ("flame", path("M -11 -18 Q -16 -6 0 4 Q 16 -6 11 -18 Z")),
        ("gold", path("M -6 -18 Q -8 -8 0 -3 Q 8 -8 6 -18 Z")),
        ("dark", path("M -15 -48 Q -34 -34 -33 -10 L -13 -22 Z")),
        ("dark", path("M 15 -48 Q 34 -34 33 -10 L 13 -22 Z")),
        ("body", path("M 0 -100 Q 21 -80 20 -48 Q 19 -28 13 -17 L -13 -17 Q -19 -28 -20 -48 Q -21 -80 0 -100 Z")),
        ("dark", path("M 0 -100 Q 13 -88 17 -72 Q 0 -66 -17 -72 Q -13 -88 0 -100 Z")),
        ("metal", ell(0, -54, 10, 10)),
        ("glass", ell(0, -54, 7.5, 7.5)),
        ("dark", rect(-3, -36, 3, -12, 2)),
    ],
    "balloon": [
        (
            "~ink",
            union(stroke("M -16 -36 L -8 -14", 1.2), stroke("M 16 -36 L 8 -14", 1.2), stroke("M 0 -34 L 0 -14", 1)),
        ),
        (
            "body",
            path(
                "M 0 -100 C 26 -100 38 -82 38 -66 C 38 -50 22 -42 15 -31 L -15 -31 C -22 -42 -38 -50 -38 -66"
                " C -38 -82 -26 -100 0 -100 Z"
            ),
        ),
        ("~dark", union(stroke("M -6 -99 Q -34 -70 -9 -32", 1.6), stroke("M 6 -99 Q 34 -70 9 -32", 1.6))),
        ("dark", rect(-16, -35, 16, -30, 2)),
        ("wood", path("M -11 -15 L 11 -15 L 9 0 Q 0 2 -9 0 Z")),
        ("~cream", rect(-12, -17, 12, -13, 2)),
        ("~ink", union(rect(-10, -9, 10, -8), rect(-4, -13, -3, 0), rect(3, -13, 4, 0))),
    ],
    "star": [
        ("body", soft(star(0, -50, 54, 25), 12)),
        *eyes(0, -52, 9, 3.4),
        ("~blush", union(ell(-16, -45, 4, 2.6), ell(16, -45, 4, 2.6))),
        ("~ink", stroke("M -5 -43 Q 0 -38 5 -43", 1.8)),
    ],
    "heart": [
        (
            "body",
            path(
                "M 0 -4 C -22 -22 -48 -42 -48 -68 C -48 -88 -34 -96 -24 -96 C -12 -96 -3 -88 0 -78 C 3 -88 12 -96 24"
                " -96 C 34 -96 48 -88 48 -68 C 48 -42 22 -22 0 -4 Z"
            ),
        ),
        ("~eye", stroke("M -36 -66 Q -37 -80 -26 -84", 4)),
    ],
    "fish": [
        ("dark", path("M -8 -66 Q 6 -92 26 -76 L 20 -58 Z")),
        ("dark", path("M -4 -32 Q 4 -14 20 -16 L 16 -34 Z")),
        (
            "body",
            path(
                "M -50 -50 Q -36 -76 -6 -76 Q 22 -74 32 -54 L 50 -72 Q 46 -50 50 -28 L 32 -46 Q 22 -26 -6 -24 Q -36 -24"
                " -50 -50 Z"
            ),
        ),
        (
            "~dark",
            union(
                stroke("M -22 -66 Q -13 -50 -22 -34", 2),
                stroke("M 38 -56 L 46 -62", 1.5),
                stroke("M 38 -44 L 46 -38", 1.5),
            ),
        ),
        ("light", path("M -6 -48 Q 8 -50 14 -40 Q 2 -36 -6 -48 Z")),
        ("eye", ell(-33, -55, 6.5, 6.5)),
        ("ink", ell(-34, -55, 3.6, 3.8)),
        ("~ink", stroke("M -48 -47 Q -42 -43 -38 -45", 1.6)),
    ],
    "flower": [
        ("leaf", stroke("M 0 -58 Q 5 -30 0 0", 5)),
        ("leaf", path("M 2 -12 Q 14 -36 36 -32 Q 28 -10 2 -12 Z")),
        ("leaf", path("M 1 -22 Q -10 -44 -32 -40 Q -26 -18 1 -22 Z")),
        ("body", union(*[turned(ell(0, -88, 13.5, 17), 60 * i, 0, -68) for i in range(6)])),
        ("~dark", union(*[turned(stroke("M 0 -82 L 0 -90", 1.6), 60 * i, 0, -68) for i in range(6)])),
        ("gold", ell(0, -68, 11, 11)),
        ("~wood", union(*[turned(ell(0, -74, 1.3, 1.3), 72 * i, 0, -68) for i in range(5)])),
    ],
    "mushroom": [
        ("cream", path("M -15 -48 Q -10 -24 -17 -4 Q -14 1 0 1 Q 14 1 17 -4 Q 10 -24 15 -48 Z")),
        ("cream", ell(0, -46, 40, 7)),
        ("~skin", union(*[stroke(f"M {x} -41 L {x * .7} -47", 1.2) for x in range(-30, 31, 10)])),
        ("body", path("M -50 -48 Q -48 -92 0 -94 Q 48 -92 50 -48 Q 48 -42 36 -46 Q 0 -56 -36 -46 Q -48 -42 -50 -48 Z")),
        *eyes(0, -26, 6, 2.2),
        ("~ink", stroke("M -3 -18 Q 0 -15 3 -18", 1.3)),
        (
            "~leaf",
            union(
                path("M -26 1 L -22 -12 L -17 1 Z"),
                path("M -19 1 L -14 -8 L -10 1 Z"),
                path("M 14 1 L 21 -10 L 24 1 Z"),
            ),
        ),
    ],
    "apple": [
        ("wood", stroke("M 0 -72 Q 1 -88 8 -96", 5)),
        ("leaf", path("M 4 -82 Q 14 -102 38 -94 Q 30 -74 4 -82 Z")),
        (
            "body",
            path(
                "M 0 -74 C 14 -86 44 -80 44 -46 C 44 -20 26 0 14 0 C 8 0 4 -3 0 -3 C -4 -3 -8 0 -14 0 C -26 0 -44 -20"
                " -44 -46 C -44 -80 -14 -86 0 -74 Z"
            ),
        ),
        ("~dark", stroke("M -9 -72 Q 0 -64 9 -72", 2.2)),
        ("~eye", stroke("M -33 -46 Q -33 -62 -23 -68", 4)),
    ],
    "ball": [
        ("body", ell(0, -47, 47, 47)),
        (
            "~dark",
            union(
                stroke("M -30 -82 Q -2 -47 -30 -12", 2.4),
                stroke("M 30 -82 Q 2 -47 30 -12", 2.4),
                stroke("M -47 -47 L 47 -47", 2.4),
            ),
        ),
    ],
    "umbrella": [
        ("ink", stroke("M 0 -96 L 0 -12 Q 0 -2 8 -2 Q 16 -2 16 -11", 4.6)),
        ("ink", path("M -2.5 -92 L 0 -100 L 2.5 -92 Z")),
        (
            "body",
            path(
                "M -50 -46 C -50 -78 -26 -94 0 -94 C 26 -94 50 -78 50 -46 Q 42 -56 33 -47 Q 25 -56 16.5 -47 Q 8 -56 0"
                " -47 Q -8 -56 -16.5 -47 Q -25 -56 -33 -47 Q -42 -56 -50 -46 Z"
            ),
        ),
        ("~dark", union(stroke("M 0 -94 Q -20 -76 -16.5 -48", 1.6), stroke("M 0 -94 Q 20 -76 16.5 -48", 1.6))),
    ],
    "cup": [
        ("body", stroke("M 26 -62 Q 48 -64 46 -46 Q 44 -26 22 -24", 8)),
        ("body", path("M -36 -78 L 30 -78 L 27 -12 Q 26 -1 14 -1 L -20 -1 Q -32 -1 -33 -12 Z")),
        ("dark", ell(-3, -78, 33, 8)),
        ("coffee", ell(-3, -77, 28, 5.6)),
        ("~eye", union(stroke("M -12 -84 Q -18 -92 -11 -98", 2.6), stroke("M 5 -84 Q -1 -92 6 -99", 2.6))),
    ],
    "cake": [
        ("metal", ell(0, -4, 50, 5)),
        ("body", rect(-42, -36, 42, -4, 4)),
        ("body", rect(-28, -66, 28, -34, 4)),
        (
            "cream",
            path(
                "M -43 -30 L -43 -36 Q -42 -42 -34 -42 L 34 -42 Q 42 -42 43 -36 L 43 -30 Q 38 -22 33 -30 Q 28 -24 24"
                " -30 Q 18 -18 12 -30 Q 6 -24 0 -30 Q -6 -20 -12 -30 Q -18 -24 -24 -30 Q -28 -20 -34 -30 Q -39 -24 -43"
                " -30 Z"
            ),
        ),
        (
            "cream",
            path(
                "M -29 -60 L -29 -66 Q -28 -72 -20 -72 L 20 -72 Q 28 -72 29 -66 L 29 -60 Q 24 -52 20 -60 Q 14 -54 9 -60"
                " Q 4 -50 0 -60 Q -6 -54 -10 -60 Q -16 -50 -20 -60 Q -25 -54 -29 -60 Z"
            ),
        ),
        ("~blush", union(rect(-16, -86, -12, -71), rect(-2, -86, 2, -71), rect(12, -86, 16, -71))),
        ("gold", union(*[path(f"M {x} -99 Q {x + 5} -89 {x} -86 Q {x - 5} -89 {x} -99 Z") for x in (-14, 0, 14)])),
    ],
    "teapot": [
        ("body", stroke("M -30 -52 Q -54 -58 -50 -36 Q -47 -20 -26 -18", 7)),
        ("body", path("M 24 -28 Q 38 -34 40 -56 L 54 -60 Q 52 -20 22 -12 Z")),
        (
            "body",
            path(
                "M 0 -70 C 26 -70 36 -48 36 -34 C 36 -14 24 -2 14 -2 L -14 -2 C -24 -2 -36 -14 -36 -34 C -36 -48 -26"
                " -70 0 -70 Z"
            ),
        ),
        ("dark", path("M -22 -64 Q -18 -78 0 -78 Q 18 -78 22 -64 Q 0 -58 -22 -64 Z")),
        ("dark", ell(0, -82, 6, 6)),
        ("dark", rect(-18, -4, 18, 0, 2)),
        ("~eye", stroke("M -26 -34 Q -26 -46 -18 -52", 3.4)),
    ],
    "chair": [
        (
            "wood",
            union(
                rect(-32, -44, -24, 0, 2), rect(24, -44, 32, 0, 2), rect(-22, -38, -16, -8, 2), rect(16, -38, 22, -8, 2)
            ),
        ),
        ("dark", union(rect(-30, -96, -23, -44, 2), rect(23, -96, 30, -44, 2))),
        ("body", rect(-30, -100, 30, -60, 8)),
        ("body", path("M -28 -52 L 28 -52 L 37 -40 L 37 -34 L -37 -34 L -37 -40 Z")),
        ("~dark", path("M -37 -40 L 37 -40 L 37 -34 L -37 -34 Z")),
    ],
    "guitar": [
        ("wood", rect(-4.5, -88, 4.5, -40)),
        ("dark", path("M -8 -100 L 8 -100 L 6 -85 L -6 -85 Z")),
        (
            "body",
            path(
                "M 0 -58 C 12 -62 24 -58 23 -48 C 22 -40 18 -38 20 -32 C 24 -28 31 -22 30 -14 C 29 -2 14 1 0 1 C -14 1"
                " -29 -2 -30 -14 C -31 -22 -24 -28 -20 -32 C -18 -38 -22 -40 -23 -48 C -24 -58 -12 -62 0 -58 Z"
            ),
        ),
        ("~cream", ell(0, -36, 10.5, 10.5)),
        ("ink", ell(0, -36, 8.5, 8.5)),
        ("ink", rect(-10, -16, 10, -11, 1)),
        ("~cream", union(*[stroke(f"M {x} -92 L {x} -14", 0.9) for x in (-2.6, 0, 2.6)])),
        ("~metal", union(*[ell(x, y, 2, 2) for x in (-9, 9) for y in (-97, -90)])),
    ],
    "kite": [
        ("~gold", stroke("M 0 -32 Q 14 -24 4 -14 Q -8 -6 6 2", 1.8)),
        ("body", path("M 0 -100 L 36 -66 L 0 -28 L -36 -66 Z")),
        ("~wood", union(stroke("M 0 -99 L 0 -29", 1.8), stroke("M -35 -66 L 35 -66", 1.8))),
        ("flame", union(path("M 6 -20 L -4 -28 L -5 -18 Z"), path("M 8 -20 L 18 -24 L 16 -14 Z"))),
        ("flame", union(path("M 0 -6 L -10 -12 L -10 -1 Z"), path("M 2 -6 L 12 -11 L 11 0 Z"))),
    ],
    "bird": [
        ("dark", path("M -26 -42 L -52 -52 L -46 -42 L -54 -34 L -24 -32 Z")),
        ("body", path("M -32 -38 Q -16 -66 12 -62 Q 16 -80 32 -78 Q 44 -76 43 -62 Q 40 -28 4 -22 Q -22 -20 -32 -38 Z")),
        ("gold", path("M 41 -70 L 55 -63 L 41 -59 Z")),
        ("light", path("M 36 -54 Q 26 -30 4 -26 Q 18 -36 22 -52 Z")),
        ("dark", path("M 8 -48 Q -4 -82 -36 -94 Q -34 -58 -12 -40 Q 2 -36 8 -48 Z")),
        ("~light", union(stroke("M -28 -84 Q -14 -70 -6 -54", 1.5), stroke("M -30 -74 Q -18 -64 -10 -50", 1.5))),
        ("eye", ell(32, -67, 4.6, 4.6)),
        ("ink", ell(33, -67, 2.8, 3)),
        ("~flame", union(stroke("M 0 -22 L -8 -14", 2.2), stroke("M 8 -23 L 2 -13", 2.2))),
    ],
    "butterfly": [
        (
            "body",
            union(
                path("M 0 -56 C -10 -92 -48 -98 -50 -76 C -51 -60 -30 -48 0 -50 Z"),
                path("M 0 -52 C -26 -48 -44 -34 -36 -16 C -28 -4 -6 -18 0 -44 Z"),
                path("M 0 -56 C 10 -92 48 -98 50 -76 C 51 -60 30 -48 0 -50 Z"),
                path("M 0 -52 C 26 -48 44 -34 36 -16 C 28 -4 6 -18 0 -44 Z"),
            ),
        ),
        (
            "~dark",
            union(
                stroke("M -6 -56 Q -26 -66 -42 -78", 1.6),
                stroke("M 6 -56 Q 26 -66 42 -78", 1.6),
                stroke("M -4 -44 Q -20 -36 -30 -22", 1.6),
                stroke("M 4 -44 Q 20 -36 30 -22", 1.6),
            ),
        ),
        ("~light", union(ell(-36, -74, 6, 6), ell(36, -74, 6, 6), ell(-26, -26, 4.5, 4.5), ell(26, -26, 4.5, 4.5))),
        ("ink", ell(0, -50, 4, 24)),
        ("ink", ell(0, -76, 5, 5)),
        ("ink", union(stroke("M -2 -78 Q -6 -92 -14 -94", 1.6), stroke("M 2 -78 Q 6 -92 14 -94", 1.6))),
    ],
    "cat": [
        ("dark", stroke("M 24 -10 Q 48 -12 42 -34 Q 38 -46 46 -52", 8)),
        ("body", path("M -16 -52 Q -32 -26 -28 0 L 28 0 Q 32 -26 16 -52 Z")),
        (
            "body",
            union(ell(0, -66, 30, 25), path("M -29 -68 L -28 -100 L -6 -86 Z"), path("M 29 -68 L 28 -100 L 6 -86 Z")),
        ),
        ("~blush", union(path("M -24 -82 L -24 -92 L -14 -86 Z"), path("M 24 -82 L 24 -92 L 14 -86 Z"))),
        ("light", ell(0, -57, 11, 8)),
        ("light", ell(0, -20, 12, 16)),
        ("dark", union(ell(-13, -3, 9, 5), ell(13, -3, 9, 5))),
        ("eye", union(ell(-12, -70, 6, 6.5), ell(12, -70, 6, 6.5))),
        ("ink", union(ell(-12, -70, 3, 5.4), ell(12, -70, 3, 5.4))),
        ("blush", path("M -4 -62 L 4 -62 L 0 -57 Z")),
        (
            "~ink",
            union(
                stroke("M 0 -57 Q -4 -51 -7 -55", 1.2),
                stroke("M 0 -57 Q 4 -51 7 -55", 1.2),
                stroke("M -16 -58 L -38 -62", 0.8),
                stroke("M -16 -55 L -38 -53", 0.8),
                stroke("M 16 -58 L 38 -62", 0.8),
                stroke("M 16 -55 L 38 -53", 0.8),
            ),
        ),
    ],
    "dog": [
        ("dark", stroke("M -36 -48 Q -52 -58 -48 -76", 8)),
        ("dark", union(rect(-30, -30, -18, 0, 4), rect(8, -30, 20, 0, 4))),
        (
            "body",
            union(
                path(
                    "M -42 -50 Q -40 -60 -24 -60 L 14 -62 Q 28 -58 26 -34 Q 22 -20 10 -22 L -22 -20 Q -42 -22 -42 -50 Z"
                ),
                rect(-40, -36, -27, 0, 4),
                rect(13, -40, 26, 0, 4),
            ),
        ),
        ("body", union(ell(24, -76, 21, 20), path("M 26 -80 Q 46 -82 54 -72 Q 56 -58 40 -58 L 24 -60 Z"))),
        ("light", path("M 34 -62 Q 50 -60 54 -68 Q 54 -57 40 -57 Q 34 -58 34 -62 Z")),
        ("dark", path("M 16 -94 Q -6 -92 -2 -64 Q 4 -52 13 -62 Q 18 -76 22 -90 Z")),
        ("eye", ell(31, -79, 4.4, 4.6)),
        ("ink", ell(32, -79, 2.7, 3)),
        ("ink", ell(52, -74, 4.6, 4)),
        ("flame", path("M 8 -58 Q 20 -50 30 -56 L 28 -50 Q 18 -45 8 -52 Z")),
        ("~gold", ell(20, -47, 3, 3)),
    ],
    "rabbit": [
        ("body", union(turned(ell(-12, -82, 8, 22), -8, -12, -62), turned(ell(12, -82, 8, 22), 10, 12, -62))),
        ("~blush", union(turned(ell(-12, -82, 4, 16), -8, -12, -62), turned(ell(12, -82, 4, 16), 10, 12, -62))),
        ("light", ell(27, -12, 8, 8)),
        ("body", path("M 0 -46 C 22 -44 30 -22 27 0 L -27 0 C -30 -22 -22 -44 0 -46 Z")),
        ("body", ell(0, -51, 24, 20)),
        ("light", ell(0, -14, 13, 14)),
        ("light", union(ell(-5, -44, 6, 5), ell(5, -44, 6, 5))),
        ("dark", union(ell(-14, -3, 11, 5), ell(14, -3, 11, 5))),
        *eyes(0, -55, 10, 3.6),
        ("blush", ell(0, -48, 3.2, 2.4)),
        ("~eye", rect(-3, -42, 3, -37, 1)),
    ],
    "turtle": [
        ("leaf", union(ell(-28, -8, 11, 9), ell(22, -8, 11, 9), path("M -40 -16 L -54 -8 L -40 -8 Z"))),
        ("leaf", union(path("M 24 -24 Q 34 -30 34 -44 L 46 -40 Q 46 -18 28 -12 Z"), ell(43, -45, 13, 11))),
        ("light", path("M -46 -20 Q -4 -8 38 -20 Q 36 -10 -4 -9 Q -44 -10 -46 -20 Z")),
        ("body", path("M -46 -20 C -46 -52 -26 -66 -4 -66 C 20 -66 38 -50 38 -20 Q -4 -10 -46 -20 Z")),
        (
            "~dark",
            union(
                stroke("M -16 -58 L 8 -58 L 16 -40 L -4 -28 L -24 -40 Z", 2),
                stroke("M -24 -40 L -43 -36", 2),
                stroke("M 16 -40 L 35 -36", 2),
                stroke("M -4 -28 L -4 -16", 2),
                stroke("M -16 -58 L -20 -62", 2),
                stroke("M 8 -58 L 12 -62", 2),
            ),
        ),
        ("eye", ell(47, -48, 4, 4)),
        ("ink", ell(48, -48, 2.4, 2.6)),
        ("~ink", stroke("M 45 -40 Q 50 -38 54 -41", 1.3)),
    ],
    "snail": [
        (
            "skin",
            path(
                "M -52 -2 Q -30 -12 -10 -14 L 22 -16 Q 30 -20 32 -40 Q 34 -54 44 -52 Q 54 -50 51 -34 Q 48 -2 26 0 L -46"
                " 0 Q -52 0 -52 -2 Z"
            ),
        ),
        (
            "skin",
            union(
                stroke("M 40 -50 L 36 -70", 2.6),
                stroke("M 46 -50 L 52 -68", 2.6),
                ell(36, -71, 4, 4),
                ell(52, -69, 4, 4),
            ),
        ),
        ("~ink", union(ell(37, -71, 1.8, 1.8), ell(53, -69, 1.8, 1.8), stroke("M 44 -38 Q 48 -35 51 -39", 1.3))),
        ("body", ell(-8, -44, 34, 34)),
        (
            "~dark",
            stroke(
                "M -36 -28 C -34 -64 -4 -76 12 -58 C 24 -42 10 -22 -8 -24 C -24 -26 -26 -46 -14 -52 C -4 -56 4 -46"
                " -4 -40",
                3.2,
            ),
        ),
    ],
}
OUTLINES = {kind: union(*[p for role, p in parts]) for kind, parts in KIND_PARTS.items()}
BOXES = {kind: p.computeTightBounds() for kind, p in OUTLINES.items()}
FLYERS = {"bird", "kite", "balloon", "butterfly", "rocket", "star", "heart", "fish"}
