"""The settings: sky, distance and ground behind the objects, with small things that no caption mentions."""

import contextlib
import math

import skia

from paint import mix, times
from shapes import ell, path, rect, star

SKY = {  # from the zenith to the horizon
    "day": [(92, 164, 236), (150, 202, 244), (222, 240, 252)],
    "sunset": [(70, 58, 132), (226, 104, 116), (255, 202, 118)],
    "night": [(10, 14, 46), (24, 34, 84), (58, 72, 134)],
}
OVERCAST = {
    "rainy": ((118, 130, 148), 0.75),
    "snowy": ((196, 208, 226), 0.6),
    "foggy": ((206, 212, 218), 0.8),
    "autumn": ((250, 220, 176), 0.18),
}
GROUND_LIGHT = {"day": (1, 1, 1), "sunset": (1, 0.78, 0.68), "night": (0.47, 0.52, 0.76), "": (1, 1, 1)}
SNOW = (238, 243, 252)


def sky_colours(scene):
    stops = SKY[scene["time"] or "day"]
    if scene["weather"] in OVERCAST:
        grey, amount = OVERCAST[scene["weather"]]
        dim = {"day": 1, "sunset": 0.85, "night": 0.3}[scene["time"]]
        amount *= 1 if scene["time"] == "day" else 0.6
        stops = [mix(c, times(grey, (dim, dim, dim)), amount) for c in stops]
    return stops


def many(n, shape_at):
    """One path of n small shapes; it is drawn in one go."""
    result = skia.Path()
    for i in range(n):
        result.addPath(shape_at(i))
    return result


def ridge(rng, base, height, step=8, rough=0.5):
    """A line of hills from edge to edge, closed at the bottom."""
    result = skia.Path()
    result.moveTo(-2, 101)
    phase = [rng.uniform(0, 6.3) for _ in range(3)]
    x = -2.0
    while x <= 104:
        y = base - height * (
            0.5
            + 0.34 * math.sin(x * 0.055 + phase[0])
            + 0.2 * rough * math.sin(x * 0.17 + phase[1])
            + 0.12 * rough * math.sin(x * 0.41 + phase[2])
        )
        result.lineTo(x, y)
        x += step * 0.4
    result.lineTo(104, 101)
    result.close()
    return result


def scatter(rng, n, top, bottom):
    """Places on the ground, more of them and smaller far away: x, y, and nearness in 0...1."""
    for _ in range(n):
        t = rng.random() ** 1.3
        yield rng.uniform(0, 100), top + (bottom - top) * t, 0.25 + 0.75 * t


def tufts(rng, n, top, bottom, size=3.2):
    result = skia.Path()
    for x, y, near in sorted(scatter(rng, n, top, bottom), key=lambda v: v[1]):
        h = size * near * rng.uniform(0.7, 1.3)
        for lean in (-0.7, -0.2, 0.3, 0.8):
            result.moveTo(x + lean * h * 0.35 - 0.22 * h * 0.5, y)
            result.quadTo(x + lean * h * 0.4, y - h * 0.5, x + lean * h * 0.8, y - h * (1.1 - abs(lean) * 0.4))
            result.quadTo(x + lean * h * 0.55, y - h * 0.4, x + lean * h * 0.35 + 0.22 * h * 0.5, y)
            result.close()
    return result


def cloud(rng, x, y, w):
    shapes = skia.Path()
    for i in range(6):
        t = i / 5 - 0.5
        r = w * (0.13 + 0.13 * (1 - abs(t) * 1.8)) * rng.uniform(0.8, 1.2)
        shapes.addOval(skia.Rect(x + t * w * 0.8 - r * 1.2, y - r, x + t * w * 0.8 + r * 1.2, y + r * 0.6))
    return shapes


def sky(p, rng, scene, bottom):
    with p.unlit():
        draw_sky(p, rng, scene, bottom)


def draw_sky(p, rng, scene, bottom):
    stops = sky_colours(scene)
    p.gradient(0, bottom, list(zip((0, 0.5, 1), stops)))
    time, weather = scene["time"], scene["weather"]
    sun_x = 50 + scene["light"] * rng.uniform(18, 38)
    if time == "night":
        if weather in ("", "autumn"):
            for big in (0.22, 0.4):
                p.fill(
                    many(26 if big < 0.3 else 9, lambda i: ell(rng.uniform(0, 100), rng.uniform(0, bottom), big, big)),
                    (255, 250, 225),
                    0.9,
                    outline=False,
                )
            y = rng.uniform(9, 18)
            p.glow(sun_x, y, 22, (200, 212, 255), 0.5)
            moon = (
                skia.Op(ell(sun_x, y, 6, 6), ell(sun_x + 3, y - 1.5, 5, 5), skia.PathOp.kDifference_PathOp)
                if rng.random() < 0.5
                else ell(sun_x, y, 5.5, 5.5)
            )
            p.fill(moon, (252, 246, 220))
    elif time == "sunset" and weather != "rainy":
        y = bottom - rng.uniform(2, 9)
        p.glow(sun_x, y, 46, (255, 214, 120), 0.85)
        p.fill(ell(sun_x, y, 7, 7), (255, 240, 190), outline=False)
    elif weather == "sunny":
        y = rng.uniform(9, 16)
        p.glow(sun_x, y, 30, (255, 246, 190), 0.95)
        p.fill(ell(sun_x, y, 5.6, 5.6), (255, 250, 205))
    count = {"rainy": 6, "sunny": 2, "foggy": 0, "snowy": 4}.get(weather, 3)
    lit = mix(stops[2], (255, 255, 255), {"day": 0.75, "sunset": 0.25, "night": 0.08}[time])
    if weather == "rainy":
        lit = mix(stops[0], (70, 78, 94), 0.35)
    for _ in range(count):
        x, y, w = rng.uniform(0, 100), rng.uniform(4, max(8, bottom * 0.62)), rng.uniform(16, 34)
        p.fill(cloud(rng, x, y + 1.2, w), mix(lit, stops[0], 0.35), 0.55, blur=1.1)
        p.fill(cloud(rng, x, y, w), lit, 0.8, blur=0.7)
    if weather not in ("rainy", "foggy") and time != "night" and rng.random() < 0.4:
        x, y = rng.uniform(15, 85), rng.uniform(8, max(10, bottom * 0.5))
        for i in range(3):
            p.stroke(
                path(
                    f"M {x + i * 4 - 1.4} {y + i % 2 * 2 - .6} Q {x + i * 4 - .5} {y + i % 2 * 2 - 1} {x + i * 4}"
                    f" {y + i % 2 * 2} Q {x + i * 4 + .5} {y + i % 2 * 2 - 1} {x + i * 4 + 1.4} {y + i % 2 * 2 - .6}"
                ),
                (60, 62, 84),
                0.35,
            )


def ground(p, scene, top, far, near):
    if scene["weather"] == "snowy":
        far, near = mix(far, SNOW, 0.8), mix(near, SNOW, 0.78)
    p.gradient(top, 100, [(0, far), (1, near)])
    p.grain(top, 100, 0.5)


def green(scene, c):
    """Leaves and grass as the season has them."""
    if scene["weather"] == "autumn":
        return mix(c, (206, 128, 40), 0.68)
    return mix(c, SNOW, 0.55) if scene["weather"] == "snowy" else c


def far_trees(p, rng, scene, base, c, n=16, size=6):
    def crown(i):
        s, x = size * rng.uniform(0.6, 1.2), rng.uniform(-3, 103)
        return ell(x, base - s * 0.5, s * 0.62, s * 0.75)

    p.fill(many(n, crown), green(scene, c))


def pine(x, y, h):
    result = skia.Path()
    for i in range(4):
        w, top, low = h * (0.12 + 0.075 * i), y - h * (1 - 0.2 * i), y - h * (0.58 - 0.17 * i)
        result.addPoly([skia.Point(x, top), skia.Point(x + w, low), skia.Point(x - w, low)], True)
    return result


def beach(p, rng, scene, h):
    sky(p, rng, scene, h)
    p.gradient(h, h + 13, [(0, (44, 120, 186)), (0.7, (64, 178, 204)), (1, (150, 222, 220))])
    sparkle(p, rng, h + 1, h + 11, 18)
    island = rng.uniform(10, 90)
    p.fill(
        path(
            f"M {island - 16} {h + .4} Q {island - 6} {h - 6} {island} {h - 3} Q {island + 7} {h - 7} {island + 17}"
            f" {h + .4} Z"
        ),
        (86, 132, 122),
    )
    shore = ridge(rng, h + 14, 5, rough=0.2)
    p.canvas.save()
    p.canvas.translate(0, -1.2)
    p.fill(shore, (250, 252, 250), 0.9, outline=False)
    p.canvas.restore()
    p.canvas.save()
    p.canvas.clipPath(shore, True)
    ground(p, scene, h + 8, (238, 214, 158), (226, 190, 122))
    p.canvas.restore()
    ripple = many(9, lambda i: path("M {0} {1} Q {2} {3} {4} {1}".format(*dune(rng, h + 22))))
    p.stroke(ripple, (206, 168, 108), 0.5, 0.6)
    shells(p, rng, h + 18)
    if rng.random() < 0.55:
        palm(p, rng, scene, rng.choice([rng.uniform(3, 10), rng.uniform(90, 97)]), h + 16, 42)


def dune(rng, top):
    x, y, w = rng.uniform(-5, 90), rng.uniform(top, 100), rng.uniform(8, 20)
    return x, y, x + w / 2, y - 2, x + w


def shells(p, rng, top):
    for x, y, near in scatter(rng, 7, top, 98):
        c = rng.choice([(250, 236, 220), (240, 180, 160), (214, 160, 130)])
        if rng.random() < 0.25:
            p.fill(star(x, y, 2.4 * near, 1.1 * near), (232, 120, 90))
        else:
            p.fill(ell(x, y, 1.5 * near, 1.0 * near), c)


def palm(p, rng, scene, x, y, height):
    lean = 6 if x < 50 else -6
    p.fill(
        path(
            f"M {x - 1.6} {y} Q {x} {y - height * .5} {x + lean - .8} {y - height} L {x + lean + .8} {y - height} Q"
            f" {x + 2.4} {y - height * .5} {x + 1.8} {y} Z"
        ),
        (128, 92, 60),
    )
    tx, ty = x + lean, y - height
    leaves = skia.Path()
    for a in (-170, -140, -100, -65, -30, 5):
        dx, dy = math.cos(math.radians(a)) * 15, math.sin(math.radians(a)) * 9
        leaves.addPath(
            path(
                f"M {tx} {ty} Q {tx + dx * .5} {ty + dy - 5} {tx + dx} {ty + dy + 6} Q {tx + dx * .5} {ty + dy + 1}"
                f" {tx} {ty} Z"
            )
        )
    p.fill(leaves, (62, 130, 70))


def sparkle(p, rng, top, bottom, n):
    def glint(i):
        t = rng.random()
        w = 1.2 + 5 * t
        x, y = rng.uniform(0, 100), top + (bottom - top) * t
        return path(f"M {x - w} {y} Q {x} {y - .9 * t - .3} {x + w} {y} Q {x} {y + .25} {x - w} {y} Z")

    p.fill(many(n, glint), (255, 255, 255), 0.5, outline=False)


def sea(p, rng, scene, h):
    sky(p, rng, scene, h)
    if rng.random() < 0.6:
        p.fill(ridge(rng, h + 1, 5), mix((92, 124, 160), sky_colours(scene)[2], 0.35), outline=False)
    p.gradient(h, 100, [(0, (70, 146, 200)), (0.35, (36, 108, 178)), (1, (14, 62, 124))])
    if scene["time"] == "sunset":
        p.glow(50 + scene["light"] * 28, h, 40, (255, 190, 110), 0.55)
    sparkle(p, rng, h + 2, 98, 46)
    dark = many(14, lambda i: path("M {0} {1} Q {2} {3} {4} {1} Q {2} {5} {0} {1} Z".format(*wave(rng, h + 4))))
    p.fill(dark, (10, 52, 110), 0.3, outline=False)


def wave(rng, top):
    x, y, w = rng.uniform(-8, 95), rng.uniform(top, 99), rng.uniform(6, 16)
    return x, y, x + w / 2, y - 2.4, x + w, y - 0.8


def meadow(p, rng, scene, h):
    sky(p, rng, scene, h + 3)
    haze = sky_colours(scene)[2]
    p.fill(ridge(rng, h + 2, 12), green(scene, mix((104, 150, 130), haze, 0.45)))
    p.fill(ridge(rng, h + 4, 8), green(scene, mix((104, 166, 84), haze, 0.2)))
    far_trees(p, rng, scene, h + 1.5, (62, 116, 66), 9, 5)
    ground(p, scene, h + 1, green(scene, (142, 196, 88)), green(scene, (74, 146, 58)))
    p.fill(ridge(rng, h + 26, 9), green(scene, (96, 170, 66)), 0.5, outline=False)
    p.fill(tufts(rng, 34, h + 5, 99), green(scene, (52, 120, 48)), 0.9, outline=False)
    blossoms(p, rng, scene, h + 8, 26)


def blossoms(p, rng, scene, top, n):
    if scene["weather"] == "snowy":
        return
    for c in ((255, 255, 250), (250, 214, 90), (238, 120, 150), (180, 130, 230)):
        spots = list(scatter(rng, n // 4, top, 98))
        p.fill(
            many(len(spots), lambda i: ell(spots[i][0], spots[i][1], 0.9 * spots[i][2], 0.8 * spots[i][2])),
            c,
            outline=False,
        )


def mountains(p, rng, scene, h):
    sky(p, rng, scene, h + 4)
    haze = sky_colours(scene)[2]
    x = rng.uniform(-14, -2)
    while x < 100:
        w, top = rng.uniform(26, 46), max(3, h - rng.uniform(16, 36))
        mountain(p, rng, x, w, top, h + 5, haze)
        x += w * 0.55
    p.fill(many(15, lambda i: pine(i * 7 + rng.uniform(-3, 3), h + 5, rng.uniform(6, 11))), (66, 104, 104))
    p.gradient(h + 3, 100, [(0, (214, 226, 244)), (0.4, (238, 244, 252)), (1, (250, 252, 255))])
    p.fill(ridge(rng, h + 24, 9), (206, 220, 242), 0.6, outline=False)
    p.fill(ridge(rng, h + 44, 9), (248, 251, 255), 0.7, outline=False)
    p.grain(h + 3, 100, 0.35)
    side = rng.choice([0, 1])
    for i in range(3):
        x, y = (rng.uniform(0, 14) if side else rng.uniform(86, 100)), h + 10 + 7 * i
        tree = pine(x, y, 17 + 4 * i)
        p.fill(tree, (44, 88, 84))
        p.fill(pine(x - 0.7, y - 1.6, 14 + 4 * i), (226, 238, 248), 0.35, outline=False)


def mountain(p, rng, x, w, top, base, haze):
    px, rock = x + w * rng.uniform(0.4, 0.6), mix((98, 112, 146), haze, 0.28)
    d = base - top
    p.fill(
        path(
            f"M {x} {base} L {px - w * .18} {top + d * .35} L {px} {top} L {px + w * .2} {top + d * .4} L {x + w}"
            f" {base} Z"
        ),
        rock,
    )
    p.fill(
        path(
            f"M {px} {top} L {px + w * .2} {top + d * .4} L {x + w} {base} L {px + w * .06} {base} L {px - w * .04}"
            f" {top + d * .5} Z"
        ),
        times(rock, (0.78, 0.78, 0.86)),
        0.8,
        outline=False,
    )
    p.fill(
        path(
            f"M {px} {top} L {px + w * .14} {top + d * .28} L {px + w * .06} {top + d * .24} L {px + w * .02}"
            f" {top + d * .34} L {px - w * .05} {top + d * .24} L {px - w * .13} {top + d * .27} Z"
        ),
        (248, 251, 255),
    )


def desert(p, rng, scene, h):
    sky(p, rng, scene, h + 3)
    haze = sky_colours(scene)[2]
    x = rng.uniform(5, 70)
    p.fill(
        path(f"M {x - 4} {h + 3} L {x} {h - 12} L {x + 14} {h - 13} L {x + 19} {h + 3} Z"),
        mix((186, 104, 74), haze, 0.3),
    )
    x = (x + 45) % 90
    p.fill(
        path(f"M {x - 3} {h + 3} L {x} {h - 7} L {x + 8} {h - 7} L {x + 12} {h + 3} Z"), mix((176, 96, 74), haze, 0.42)
    )
    ground(p, scene, h, (244, 206, 138), (224, 158, 84))
    for i in range(4):
        d = ridge(rng, h + 9 + i * 15, 8, rough=0.15)
        p.fill(d, mix((240, 196, 124), (214, 146, 76), i / 4), 0.9)
        p.stroke(d, (255, 228, 168), 0.35, 0.6)
    p.stroke(
        many(14, lambda i: path("M {0} {1} Q {2} {3} {4} {1}".format(*dune(rng, h + 14)))), (196, 132, 66), 0.4, 0.5
    )
    for _ in range(rng.choice([1, 2, 3])):
        cactus(p, rng.choice([rng.uniform(3, 16), rng.uniform(84, 97)]), h + rng.uniform(6, 20), rng.uniform(8, 15))


def cactus(p, x, y, s):
    p.stroke(
        path(
            f"M {x} {y} L {x} {y - s} M {x} {y - s * .35} L {x - s * .3} {y - s * .35} L {x - s * .3} {y - s * .7}"
            f" M {x} {y - s * .5} L {x + s * .3} {y - s * .5} L {x + s * .3} {y - s * .8}"
        ),
        (70, 122, 78),
        s * 0.16,
    )


def forest(p, rng, scene, h):
    with p.unlit():
        p.gradient(
            0, h + 6, list(zip((0, 0.5, 1), [mix(c, green(scene, (190, 226, 170)), 0.4) for c in sky_colours(scene)]))
        )
    for layer, (c, n, height) in enumerate([((142, 182, 146), 14, 34), ((96, 148, 104), 12, 46)]):
        p.fill(
            many(n, lambda i: pine((i + rng.random()) * 104 / n, h + 3 + layer * 2, height * rng.uniform(0.7, 1.1))),
            green(scene, c),
        )
    ground(p, scene, h + 3, green(scene, (112, 140, 72)), green(scene, (64, 92, 44)))
    for _ in range(7):
        x, w = rng.uniform(0, 100), rng.uniform(2.2, 4.6)
        if 30 < x < 70:
            w *= 0.6
        foot = h + 4 + w * 2
        p.fill(
            path(
                f"M {x - w * .8} {foot} Q {x - w * .4} {foot - 8} {x - w * .4} -2 L {x + w * .4} -2 Q {x + w * .4}"
                f" {foot - 8} {x + w * .9} {foot} Z"
            ),
            mix((98, 74, 56), (60, 44, 38), rng.random()),
        )
    crown = many(16, lambda i: ell(rng.uniform(-4, 104), rng.uniform(-5, 6), rng.uniform(8, 14), rng.uniform(4, 8)))
    p.fill(crown, green(scene, (54, 106, 54)))
    if scene["time"] != "night" and scene["weather"] in ("sunny", "autumn", ""):
        for i in range(3):
            x = 20 + i * 24 + rng.uniform(-6, 6)
            p.fill(
                path(f"M {x} 0 L {x + 7} 0 L {x + 22} {h + 20} L {x + 6} {h + 20} Z"), (255, 250, 200), 0.16, blur=1.5
            )
    p.fill(tufts(rng, 26, h + 8, 99), green(scene, (40, 84, 40)), 0.9, outline=False)
    litter = many(26, lambda i: ell(rng.uniform(0, 100), rng.uniform(h + 8, 99), 1.1, 0.6))
    p.fill(litter, (150, 104, 56), 0.7, outline=False)


def city(p, rng, scene, h):
    base = h + 4
    sky(p, rng, scene, base)
    haze = sky_colours(scene)[2]
    for layer in range(2):
        x = -4.0
        while x < 102:
            w, top = rng.uniform(9, 17), max(2, base - rng.uniform(16, 34) * (1.25 - layer * 0.35))
            c = rng.choice([(186, 120, 100), (156, 142, 150), (200, 172, 134), (110, 130, 156), (168, 104, 90)])
            building(p, rng, scene, x, w, top, base, mix(c, haze, 0.55 - layer * 0.35), layer)
            x += w + rng.uniform(-1, 1.5)
    snowy = scene["weather"] == "snowy"
    p.gradient(base, base + 8, [(0, SNOW if snowy else (178, 174, 170)), (1, SNOW if snowy else (198, 194, 188))])
    slabs = many(9, lambda i: path(f"M {i * 14 - 6} {base} L {i * 14 - 10} {base + 8}"))
    p.stroke(slabs, (140, 136, 134), 0.35, 0.7)
    ground(p, scene, base + 8, (96, 98, 108), (70, 72, 82))
    p.fill(rect(-1, base + 7, 101, base + 8.6), (150, 148, 148))
    mid = base + 8 + (92 - base) * 0.5
    p.fill(
        many(
            5,
            lambda i: path(
                f"M {i * 25 - 5} {mid} L {i * 25 + 8} {mid} L {i * 25 + 7} {mid + 2} L {i * 25 - 7} {mid + 2} Z"
            ),
        ),
        (240, 226, 170),
        0.9,
    )
    for x in (rng.uniform(4, 20), rng.uniform(80, 96)):
        street_lamp(p, scene, x, base + 6)


def building(p, rng, scene, x, w, top, base, c, layer):
    p.fill(rect(x, top, x + w, base), c)
    if rng.random() < 0.5:
        p.fill(rect(x + w * 0.2, top - 3, x + w * 0.5, top), times(c, (0.85, 0.85, 0.85)))
    lit, unlit, step = skia.Path(), skia.Path(), 4.2
    y = top + 2.2
    while y < base - 4:
        wx = x + 1.6
        while wx + 1.8 < x + w - 0.6:
            (lit if rng.random() < 0.5 else unlit).addRect(skia.Rect(wx, y, wx + 1.8, y + 2.4))
            wx += 3.2
        y += step
    night = scene["time"] in ("night", "sunset")
    with p.unlit() if night else contextlib.nullcontext():
        p.fill(lit, (255, 216, 120) if night else mix(c, (232, 244, 255), 0.6), 0.9, outline=False)
    p.fill(unlit, mix(c, (40, 54, 84), 0.5), 0.9, outline=False)


def street_lamp(p, scene, x, y):
    p.fill(rect(x - 0.5, y - 24, x + 0.5, y), (52, 56, 66))
    p.fill(ell(x, y - 25, 1.8, 2), (255, 240, 190))
    if scene["time"] in ("night", "sunset"):
        p.glow(x, y - 25, 13, (255, 222, 140), 0.8)


def window_view(p, rng, scene, x0, y0, x1, y1):
    """A window in a wall: the sky as it is outside."""
    p.fill(rect(x0 - 1.6, y0 - 1.6, x1 + 1.6, y1 + 1.6), (250, 246, 238))
    p.canvas.save()
    p.canvas.clipRect(skia.Rect(x0, y0, x1, y1), skia.ClipOp.kIntersect, True)
    with p.unlit():
        p.gradient(y0, y1, list(zip((0, 0.5, 1), SKY[scene["time"]])), x0, x1)
        if scene["time"] == "night":
            p.fill(
                many(8, lambda i: ell(rng.uniform(x0, x1), rng.uniform(y0, y1), 0.3, 0.3)),
                (255, 250, 225),
                outline=False,
            )
            p.fill(ell(x1 - 4, y0 + 5, 2.4, 2.4), (252, 246, 220))
        else:
            p.fill(cloud(rng, (x0 + x1) / 2, y0 + 6, 12), (255, 255, 255), 0.8, blur=0.4)
    p.fill(ridge(rng, y1, 6), (104, 150, 96))
    p.canvas.restore()
    p.fill(rect((x0 + x1) / 2 - 0.5, y0, (x0 + x1) / 2 + 0.5, y1), (250, 246, 238))
    p.fill(rect(x0, (y0 + y1) / 2 - 0.5, x1, (y0 + y1) / 2 + 0.5), (250, 246, 238))


def room(p, rng, scene, h):
    wall = rng.choice([(226, 206, 178), (188, 208, 200), (222, 190, 186), (196, 200, 222), (232, 220, 168)])
    p.gradient(0, h + 2, [(0, times(wall, (0.9, 0.9, 0.9))), (1, wall)])
    p.fill(many(13, lambda i: rect(i * 8, -1, i * 8 + 3.4, h)), times(wall, (0.95, 0.95, 0.96)), 0.7, outline=False)
    side = rng.choice([0, 1])
    x0 = 8 if side else 66
    window_view(p, rng, scene, x0, max(3, h - 40), x0 + 24, max(17, h - 15))
    curtain = rng.choice([(190, 90, 80), (90, 120, 150), (150, 160, 100)])
    for x, w in ((x0 - 4, 5), (x0 + 23, 5)):
        p.fill(
            path(
                f"M {x} {max(0, h - 44)} L {x + w} {max(0, h - 44)} Q {x + w - 1} {h - 26} {x + w + 1} {h - 6} L"
                f" {x - 1} {h - 6} Z"
            ),
            curtain,
        )
    fx = 74 if side else 14
    if h > 30:
        p.fill(rect(fx, h - 34, fx + 14, h - 18), (116, 82, 56))
        p.fill(rect(fx + 1.4, h - 32.6, fx + 12.6, h - 19.4), (206, 222, 214))
        p.fill(
            path(
                f"M {fx + 1.4} {h - 19.4} L {fx + 5} {h - 27} L {fx + 8} {h - 22} L {fx + 10} {h - 25} L {fx + 12.6}"
                f" {h - 19.4} Z"
            ),
            (112, 142, 132),
        )
    p.gradient(h, 100, [(0, (172, 122, 80)), (1, (148, 98, 60))])
    boards = many(15, lambda i: path(f"M {50 + (i - 7) * 9} {h} L {50 + (i - 7) * 22} 100"))
    p.stroke(boards, (104, 66, 40), 0.4, 0.7)
    p.grain(h, 100, 0.5, 2.2, 0.3)
    p.fill(rect(-1, h - 1.6, 101, h + 1), (246, 240, 230))
    rug = rng.choice([(176, 96, 88), (90, 116, 140), (196, 168, 116)])
    cy = (h + 100) / 2 + 6
    p.fill(ell(50, cy, 44, (100 - h) * 0.34), rug)
    p.stroke(ell(50, cy, 39, (100 - h) * 0.29), mix(rug, (255, 255, 255), 0.5), 0.8)
    plant(p, rng, 95 if side else 5, h + 7)
    if scene["time"] == "night":
        p.glow(50, 0, 75, (255, 214, 140), 0.5)
    else:
        p.fill(
            path(f"M {x0 + 4} {h + 2} L {x0 + 24} {h + 2} L {50 + (x0 - 30)} 100 L {20 + (x0 - 30)} 100 Z"),
            (255, 244, 200),
            0.22,
            blur=1,
        )


def plant(p, rng, x, y):
    leaves = skia.Path()
    for a in range(-160, -10, 25):
        dx, dy = math.cos(math.radians(a)) * 8, math.sin(math.radians(a)) * 13
        leaves.addPath(
            path(
                f"M {x} {y - 5} Q {x + dx * .2 - 1} {y - 7 + dy * .7} {x + dx} {y - 6 + dy} Q {x + dx * .8 + 1}"
                f" {y - 5 + dy * .3} {x} {y - 5} Z"
            )
        )
    p.fill(leaves, (76, 132, 80))
    p.fill(path(f"M {x - 4} {y - 6} L {x + 4} {y - 6} L {x + 3} {y + 2} L {x - 3} {y + 2} Z"), (196, 112, 76))


def kitchen(p, rng, scene, h):
    tone = rng.choice([(206, 228, 226), (236, 226, 208), (214, 222, 238)])
    p.gradient(0, h + 2, [(0, times(tone, (0.92, 0.92, 0.92))), (1, tone)])
    grid = skia.Path()
    for i in range(11):
        grid.addPath(path(f"M {i * 10 + 2} 0 L {i * 10 + 2} {h}"))
        grid.addPath(path(f"M 0 {h - i * 8} L 100 {h - i * 8}"))
    p.stroke(grid, (250, 252, 252), 0.8)
    p.stroke(grid, times(tone, (0.8, 0.8, 0.82)), 0.2)
    shelf = max(13, h - 24)
    p.fill(rect(-1, shelf, 101, shelf + 1.8), (150, 104, 68))
    x = rng.uniform(1, 6)
    while x < 96:
        w, tall = rng.uniform(4, 7), rng.uniform(6, 11)
        c = rng.choice([(208, 120, 90), (236, 210, 140), (120, 150, 130), (240, 240, 236), (110, 130, 170)])
        if rng.random() < 0.7:
            p.fill(rect(x, shelf - tall, x + w, shelf, 1.2), c)
            p.fill(rect(x + 0.5, shelf - tall - 1.6, x + w - 0.5, shelf - tall + 0.4, 0.6), (120, 84, 60))
        else:
            p.fill(ell(x + w / 2, shelf - 4.4, 4.4, 4.4), (248, 248, 244))
            p.stroke(ell(x + w / 2, shelf - 4.4, 3, 3), (140, 160, 190), 0.4)
        x += w + rng.uniform(2, 7)
    hooks(p, rng, shelf + 2)
    wood = rng.choice([(206, 158, 106), (186, 136, 92), (224, 190, 146)])
    p.gradient(h, 100, [(0, mix(wood, (255, 255, 255), 0.22)), (1, times(wood, (0.88, 0.86, 0.84)))])
    p.stroke(
        many(8, lambda i: path(f"M 0 {h + 4 + i * i * 1.1} Q 50 {h + 5.5 + i * i * 1.1} 100 {h + 4 + i * i * 1.1}")),
        times(wood, (0.74, 0.7, 0.66)),
        0.35,
        0.7,
    )
    p.grain(h, 100, 0.5, 3, 0.3)
    p.fill(rect(-1, h - 0.8, 101, h + 0.8), times(wood, (0.7, 0.68, 0.66)))
    for x, y, near in scatter(rng, 16, h + 6, 98):
        p.fill(ell(x, y, 0.6 * near, 0.4 * near), (246, 238, 222), 0.9, outline=False)
    if scene["time"] == "night":
        p.glow(50, 0, 80, (255, 214, 140), 0.5)
    elif scene["time"] == "sunset":
        p.glow(20, 10, 90, (255, 160, 80), 0.4)


def hooks(p, rng, y):
    for x in (rng.uniform(8, 20), rng.uniform(40, 60), rng.uniform(78, 90)):
        p.fill(rect(x - 0.4, y, x + 0.4, y + 8), (120, 124, 132))
        p.fill(ell(x, y + 9.5, 2.2, 3), (150, 154, 164))


def garden(p, rng, scene, h):
    sky(p, rng, scene, h)
    far_trees(p, rng, scene, h - 2, (76, 134, 76), 20, 12)
    p.fill(rect(-1, h - 8, 101, h + 2), green(scene, (66, 122, 62)), outline=False)
    snow = scene["weather"] == "snowy"
    ground(p, scene, h + 1, green(scene, (150, 204, 96)), green(scene, (92, 164, 70)))
    p.fill(rails(h), (236, 236, 230))
    pickets = many(
        17,
        lambda i: path(
            f"M {i * 6.2 - 1} {h + 4} L {i * 6.2 - 1} {h - 8} L {i * 6.2 + .8} {h - 10.5} L {i * 6.2 + 2.6} {h - 8} L"
            f" {i * 6.2 + 2.6} {h + 4} Z"
        ),
    )
    p.fill(pickets, (252, 252, 248))
    p.fill(
        path(f"M 44 {h + 4} L 56 {h + 4} Q 62 {h + 20} 74 101 L 26 101 Q 38 {h + 20} 44 {h + 4} Z"),
        SNOW if snow else (216, 196, 164),
    )
    stones = many(14, lambda i: stone(rng, h))
    p.fill(stones, (186, 166, 138), 0.6, outline=False)
    for x0, x1 in ((0, 34), (66, 100)):
        spots = [(rng.uniform(x0, x1), rng.uniform(h + 5, h + 12)) for _ in range(26)]
        p.fill(
            many(26, lambda i: ell(spots[i][0], spots[i][1] + 0.6, 2.2, 1.7)),
            green(scene, (56, 116, 52)),
            outline=False,
        )
        if not snow:
            for k, c in enumerate(((240, 90, 110), (250, 210, 80), (240, 240, 250), (170, 110, 220))):
                p.fill(
                    many(6, lambda i: ell(spots[i * 4 + k][0], spots[i * 4 + k][1] - 0.6, 1.05, 1)), c, outline=False
                )
    p.fill(tufts(rng, 18, h + 16, 99, 2.6), green(scene, (64, 132, 52)), 0.8, outline=False)


def rails(h):
    rows = rect(-1, h - 6, 101, h - 4.4)
    rows.addPath(rect(-1, h - 0.4, 101, h + 1.2))
    return rows


def stone(rng, h):
    t = rng.random()
    y, half = h + 5 + (95 - h) * t, 5 + 18 * t * t
    return ell(50 + rng.uniform(-half, half), y, 0.6 + 1.6 * t, 0.3 + 0.8 * t)


def space(p, rng, scene, h):
    hue = rng.choice([(86, 40, 128), (30, 70, 130), (120, 40, 90), (24, 90, 110)])
    p.gradient(0, 100, [(0, (8, 8, 28)), (0.6, mix((14, 14, 44), hue, 0.35)), (1, mix((14, 14, 44), hue, 0.6))])
    for _ in range(3):
        p.glow(
            rng.uniform(0, 100),
            rng.uniform(0, 70),
            rng.uniform(24, 44),
            mix(hue, rng.choice([(255, 140, 200), (120, 200, 255), (255, 200, 140)]), 0.45),
            0.4,
        )
    for r, n in ((0.2, 60), (0.34, 26), (0.6, 6)):
        p.fill(
            many(n, lambda i: ell(rng.uniform(0, 100), rng.uniform(0, 100), r, r)), (255, 252, 236), 0.95, outline=False
        )
    planet(p, rng, rng.choice([rng.uniform(6, 24), rng.uniform(76, 94)]), rng.uniform(8, 24), rng.uniform(7, 12), True)
    planet(p, rng, rng.uniform(30, 70), rng.uniform(4, 14), rng.uniform(2, 3.6), False)
    moon = path(f"M -2 {h + 8} Q 50 {h - 3} 102 {h + 8} L 102 101 L -2 101 Z")
    p.fill(moon, (150, 148, 164))
    if p.style == "photo":
        p.shade(
            moon,
            skia.GradientShader.MakeLinear(
                [skia.Point(0, h), skia.Point(0, 100)], [skia.Color(225, 224, 240, 150), skia.Color(60, 56, 90, 150)]
            ),
        )
    for x, y, near in scatter(rng, 9, h + 10, 98):
        rx = 6.5 * near * rng.uniform(0.5, 1)
        p.fill(ell(x, y, rx, rx * 0.36), (104, 102, 122))
        p.fill(ell(x, y + rx * 0.1, rx * 0.86, rx * 0.26), (128, 126, 146), outline=False)
    p.grain(h + 6, 100, 0.6)


def planet(p, rng, x, y, r, ring):
    c = rng.choice([(230, 150, 90), (120, 190, 210), (210, 120, 150), (160, 140, 220)])
    p.glow(x, y, r * 2, c, 0.4)
    ball = ell(x, y, r, r)
    p.fill(ball, c)
    p.canvas.save()
    p.canvas.clipPath(ball, True)
    for i in range(-2, 3):
        p.fill(ell(x, y + i * r * 0.42, r * 1.1, r * 0.1), mix(c, (255, 255, 255), 0.35), 0.5, outline=False)
    p.fill(crescent(x, y, r), (8, 6, 30), 0.45, outline=False)
    p.canvas.restore()
    if ring:
        p.canvas.save()
        p.canvas.rotate(-18, x, y)
        p.stroke(
            path(
                f"M {x - r * .95} {y - r * .1} Q {x - r * 1.9} {y + r * .1} {x - r * 1.5} {y + r * .26} Q {x}"
                f" {y + r * .62} {x + r * 1.5} {y + r * .26} Q {x + r * 1.9} {y + r * .1} {x + r * .95} {y - r * .1}"
            ),
            mix(c, (255, 240, 210), 0.6),
            r * 0.13,
            0.9,
        )
        p.canvas.restore()


def crescent(x, y, r):
    return skia.Op(
        ell(x, y, r * 1.05, r * 1.05),
        ell(x - r * 0.35, y - r * 0.35, r * 1.15, r * 1.15),
        skia.PathOp.kDifference_PathOp,
    )


def underwater(p, rng, scene, h):
    night = scene["time"] == "night"
    p.gradient(
        0, 100, [(0, (70, 196, 216) if not night else (40, 110, 150)), (0.5, (24, 128, 182)), (1, (10, 64, 122))]
    )
    if not night:
        for i in range(5):
            x = i * 24 + rng.uniform(-10, 10)
            p.fill(path(f"M {x} -2 L {x + 7} -2 L {x + 20} 80 L {x - 2} 80 Z"), (220, 255, 250), 0.15, blur=2)
    p.fill(ridge(rng, h + 8, 16), (16, 92, 140), 0.7)
    p.fill(ridge(rng, h + 14, 10), (238, 212, 146))
    p.grain(h + 10, 100, 0.5)
    if p.style == "photo":
        p.shade(
            rect(0, h, 100, 101),
            skia.GradientShader.MakeLinear(
                [skia.Point(0, h), skia.Point(0, 100)], [skia.Color(10, 90, 150, 60), skia.Color(10, 60, 120, 70)]
            ),
        )
    for _ in range(7):
        x = rng.choice([rng.uniform(0, 22), rng.uniform(78, 100)])
        weed(p, rng, x, rng.uniform(h + 14, 98), rng.uniform(14, 28))
    for x, y, near in scatter(rng, 7, h + 12, 97):
        coral(p, rng, x, y, 5.5 * near)
    bubbles = many(18, lambda i: bubble(rng))
    p.fill(bubbles, (220, 250, 255), 0.25, outline=False)
    p.stroke(bubbles, (235, 252, 255), 0.25, 0.8)


def bubble(rng):
    r = rng.uniform(0.4, 1.6)
    return ell(rng.uniform(0, 100), rng.uniform(0, 95), r, r)


def weed(p, rng, x, y, tall):
    sway = rng.choice([-3, 3])
    p.stroke(
        path(f"M {x} {y} C {x + sway} {y - tall * .3} {x - sway} {y - tall * .6} {x + sway * .6} {y - tall}"),
        rng.choice([(50, 140, 96), (90, 150, 70), (34, 112, 104)]),
        1.7,
    )


def coral(p, rng, x, y, s):
    c = rng.choice([(236, 110, 120), (246, 160, 90), (180, 110, 200), (240, 200, 120)])
    p.stroke(
        path(
            f"M {x} {y} L {x} {y - s} M {x} {y - s * .4} Q {x - s * .5} {y - s * .5} {x - s * .5} {y - s} M {x}"
            f" {y - s * .3} Q {x + s * .5} {y - s * .4} {x + s * .5} {y - s * .9}"
        ),
        c,
        s * 0.22,
    )


DRAW = {
    "beach": beach,
    "meadow": meadow,
    "mountains": mountains,
    "desert": desert,
    "forest": forest,
    "sea": sea,
    "city": city,
    "room": room,
    "kitchen": kitchen,
    "garden": garden,
    "space": space,
    "underwater": underwater,
}


def raft(p, x, y, w):
    """What things that cannot swim stand on at sea."""
    p.fill(ell(x, y + 1.6, w * 0.72, 2.2), (8, 40, 90), 0.45, blur=0.6)
    p.fill(rect(x - w * 0.62, y - 1.2, x + w * 0.62, y + 2.4, 1.2), (158, 112, 72))
    p.fill(
        many(
            4,
            lambda i: rect(
                x - w * 0.62 + w * 0.31 * i + w * 0.1, y - 1.2, x - w * 0.62 + w * 0.31 * i + w * 0.1 + 0.5, y + 2.4
            ),
        ),
        (104, 70, 44),
        outline=False,
    )
    p.fill(ell(x, y + 3, w * 0.7, 0.7), (235, 248, 255), 0.7, outline=False)
