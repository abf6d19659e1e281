"""Draws a scene: the setting, its light and weather, the objects with their shadows, and the look of the style."""

import random

import numpy as np
import skia
from PIL import Image

import backdrop
from paint import PAPER, Painter, draw_item, draw_shadow, noise_shader, place, rgba
from shapes import BOXES, FLYERS, OUTLINES, ell

OBJECT_LIGHT = {"day": (1, 1, 1), "sunset": (1, 0.91, 0.84), "night": (0.74, 0.78, 0.92), "": (1, 1, 1)}
DUOTONE = {  # what silhouettes stand against, from shade to light
    "day": [(52, 128, 150), (122, 192, 196), (250, 246, 220)],
    "sunset": [(150, 54, 96), (244, 124, 84), (255, 226, 150)],
    "night": [(40, 52, 112), (92, 116, 184), (216, 226, 250)],
    "": [(84, 50, 130), (176, 110, 190), (250, 220, 240)],
}
PIXELS = 40  # the cells of pixel images, each way


def draw(scene, size):
    """The image as an RGB image of size x size."""
    style = scene["style"]
    inner = PIXELS if style == "pixel" else size
    surface = skia.Surface(inner, inner)
    canvas = surface.getCanvas()
    canvas.scale(inner / 100, inner / 100)
    rng = random.Random(scene["seed"])
    draw_setting(canvas, scene, rng)
    if style == "silhouette":
        duotone(surface, scene)
    elif style == "photo":
        soften(surface, scene)
    draw_objects(canvas, scene)
    draw_weather(canvas, scene, rng)
    finish(canvas, scene)
    pixels = np.asarray(surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType))[..., :3]
    if style == "pixel":
        return Image.fromarray(posterise(pixels)).resize((size, size), Image.NEAREST)
    return Image.fromarray(np.ascontiguousarray(pixels))


def masks(scene, size):
    """For each group of objects where it can be seen: [size, size] of bool."""
    inner = PIXELS if scene["style"] == "pixel" else size
    surface = skia.Surface(inner, inner)
    canvas = surface.getCanvas()
    canvas.scale(inner / 100, inner / 100)
    for group, obj, item in in_depth(scene):
        canvas.save()
        place(canvas, obj["kind"], item)
        canvas.drawPath(OUTLINES[obj["kind"]], skia.Paint(AntiAlias=False, Color=skia.Color(80 * (group + 1), 0, 0)))
        canvas.restore()
    red = np.asarray(surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType))[..., 0]
    if inner != size:
        red = np.asarray(Image.fromarray(np.ascontiguousarray(red)).resize((size, size), Image.NEAREST))
    return [red == 80 * (group + 1) for group in range(len(scene["objects"]))]


def in_depth(scene):
    """All single objects, the far ones first."""
    items = [(group, obj, item) for group, obj in enumerate(scene["objects"]) for item in obj["items"]]
    return sorted(items, key=lambda v: v[2]["y"])


def wash_of(scene):
    """What fog and rain do to distant colours."""
    dim = {"night": 0.35, "sunset": 0.9}.get(scene["time"], 1)
    colour, amount = {"foggy": ((212, 216, 220), 0.3), "rainy": ((104, 114, 130), 0.3)}.get(scene["weather"], (None, 0))
    return (tuple(v * dim for v in colour), amount) if colour else None


def draw_setting(canvas, scene, rng):
    light = backdrop.GROUND_LIGHT[scene["time"]]
    if scene["setting"] in ("room", "kitchen"):
        light = {"day": (1, 1, 1), "sunset": (1, 0.84, 0.7), "night": (0.66, 0.56, 0.5)}[scene["time"]]
    p = Painter(canvas, scene["style"], light, wash_of(scene))
    if scene["setting"] in ("space", "underwater"):
        p.tint = (0.5, 0.6, 0.8) if scene["time"] == "night" else (1, 1, 1)
    backdrop.DRAW[scene["setting"]](p, rng, scene, scene["horizon"])
    if scene["weather"] == "foggy":
        h = scene["horizon"]
        grey = wash_of(scene)[0]
        band = skia.GradientShader.MakeLinear(
            [skia.Point(0, 0), skia.Point(0, 100)],
            [rgba(grey, 0.3), rgba(grey, 0.66), rgba(grey, 0.05)],
            [0, h / 100, 1],
        )
        canvas.drawRect(skia.Rect(0, 0, 100, 100), skia.Paint(Shader=band))


def draw_objects(canvas, scene):
    light = OBJECT_LIGHT[scene["time"]]
    if scene["setting"] == "underwater":
        light = (0.86, 0.96, 1) if scene["time"] == "day" else (0.62, 0.76, 0.95)
    wash = wash_of(scene)
    p = Painter(canvas, scene["style"], light, wash and (wash[0], wash[1] * 0.35))
    glass = (255, 222, 120) if scene["time"] in ("night", "sunset") else (178, 222, 244)
    if scene["style"] == "silhouette":
        glass, p.tint, p.wash = DUOTONE[scene["time"]][2], (1, 1, 1), None
    strength = {"sunny": 1, "foggy": 0.4, "rainy": 0.6}.get(scene["weather"], 0.8)
    for group, obj, item in in_depth(scene):
        b = BOXES[obj["kind"]]
        w = b.width() * item["size"] / max(b.width(), b.height())
        flies = obj["kind"] in FLYERS
        if scene["setting"] == "sea" and not flies and obj["kind"] != "boat":
            backdrop.raft(p, item["x"], item["y"], w)
        elif flies:
            if scene["setting"] != "space":
                draw_shadow(
                    p, obj["kind"], item, scene, min(97, max(item["y"] + 3, scene["horizon"] + 22)), strength * 0.6
                )
        else:
            draw_shadow(p, obj["kind"], item, scene, item["y"], strength)
        draw_item(p, obj, item, scene, glass)
        if scene["setting"] == "sea" and obj["kind"] == "boat":
            p.fill(ell(item["x"], item["y"] + 0.3, w * 0.44, 1.1), (230, 246, 255), 0.8, outline=False)
    if scene["setting"] in ("meadow", "garden", "forest", "beach") and scene["style"] != "silhouette":
        draw_grass(p, scene)


def draw_grass(p, scene):
    """Blades in front of the feet, so that things stand in the grass rather than on it."""
    rng = random.Random(scene["seed"] + 1)
    p.tint = backdrop.GROUND_LIGHT[scene["time"]]
    blades = skia.Path()
    for _, obj, item in in_depth(scene):
        if obj["kind"] in FLYERS:
            continue
        for _ in range(4):
            x = item["x"] + rng.uniform(-0.42, 0.42) * item["size"]
            blades.addPath(moved(backdrop.tufts(rng, 1, 0, 0, 7), x, item["y"] + 0.8))
    c = (196, 176, 104) if scene["setting"] == "beach" else backdrop.green(scene, (60, 130, 50))
    p.fill(blades, c, 0.95, outline=False)


def moved(shape, x, y):
    b = shape.getBounds()
    shape.offset(x - b.centerX(), y - b.bottom())
    return shape


def draw_weather(canvas, scene, rng):
    weather, p = scene["weather"], Painter(canvas, scene["style"])
    if weather == "rainy":
        lines = skia.Path()
        for _ in range(80):
            x, y, n = rng.uniform(0, 104), rng.uniform(-4, 100), rng.uniform(3, 7)
            lines.moveTo(x, y)
            lines.lineTo(x - n * 0.22, y + n)
        p.stroke(lines, (226, 236, 248), 0.38, 0.62)
        rings = backdrop.many(12, lambda i: ell(rng.uniform(0, 100), rng.uniform(scene["horizon"] + 12, 99), 2, 0.6))
        p.stroke(rings, (230, 240, 250), 0.25, 0.6)
    elif weather == "snowy":
        for r, n, alpha in ((0.45, 60, 0.9), (0.8, 26, 0.95), (1.3, 7, 0.75)):
            p.fill(
                backdrop.many(n, lambda i: ell(rng.uniform(0, 100), rng.uniform(0, 100), r, r)),
                (255, 255, 255),
                alpha,
                outline=False,
            )
    elif weather == "autumn":
        for c in ((220, 90, 40), (240, 160, 50), (190, 60, 44), (244, 200, 80)):
            p.fill(backdrop.many(9, lambda i: leaf(rng)), c, 0.95, outline=False)


def leaf(rng):
    x, y = rng.uniform(0, 100), rng.uniform(0, 100)
    result = backdrop.path(f"M {x - 1.5} {y} Q {x} {y - 1.4} {x + 1.5} {y} Q {x} {y + 1.4} {x - 1.5} {y} Z")
    result.transform(skia.Matrix().setRotate(rng.uniform(0, 180), x, y))
    return result


def finish(canvas, scene):
    """The look of the whole: light and grain of a photo, paper and its white edge of a drawing."""
    style = scene["style"]
    frame = skia.Rect(0, 0, 100, 100)
    if style == "photo":
        edge = skia.GradientShader.MakeRadial(
            skia.Point(50, 48),
            78,
            [rgba((20, 10, 40), 0), rgba((20, 10, 40), 0), rgba((20, 10, 40), 0.34)],
            [0, 0.58, 1],
        )
        canvas.drawRect(frame, skia.Paint(Shader=edge))
        if scene["time"] != "night" and scene["weather"] in ("sunny", "autumn"):
            x = 88 if scene["light"] > 0 else 12
            warm = skia.GradientShader.MakeRadial(
                skia.Point(x, 4), 90, [rgba((255, 240, 190), 0.3), rgba((255, 240, 190), 0)]
            )
            canvas.drawRect(frame, skia.Paint(Shader=warm, BlendMode=skia.BlendMode.kScreen))
    elif style == "drawing":
        paper = skia.Paint(Shader=noise_shader(5, 0.55, 0.55))
        paper.setAlphaf(0.32)
        canvas.drawRect(frame, paper)
        rng = random.Random(scene["seed"] + 2)
        edge = skia.Path()
        edge.addRect(skia.Rect(-10, -10, 110, 110))
        inner = [skia.Point(*corner) for corner in rough_frame(rng)]
        edge.addPoly(inner, True)
        edge.setFillType(skia.PathFillType.kEvenOdd)
        canvas.drawPath(
            edge,
            skia.Paint(
                AntiAlias=True, Color=rgba(PAPER), MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 0.35)
            ),
        )


def rough_frame(rng):
    """The edge of the wash: a square that a brush made."""
    for side in range(4):
        for i in range(12):
            t, d = 2 + i * 8, 2 + rng.uniform(-0.9, 0.9)
            yield [(t, d), (100 - d, t), (100 - t, 100 - d), (d, 100 - t)][side]


def soften(surface, scene):
    """Puts the distance slightly out of focus, as a lens does behind its subject; the near ground stays sharp."""
    image, canvas, size = surface.makeImageSnapshot(), surface.getCanvas(), surface.width()
    sigma, h = 0.4 * size / 100, scene["horizon"] / 100
    fade = skia.GradientShader.MakeLinear(
        [skia.Point(0, 0), skia.Point(0, size)],
        [skia.ColorBLACK, skia.ColorBLACK, skia.ColorTRANSPARENT],
        [0, h + 0.06, min(1, h + 0.3)],
    )
    canvas.save()
    canvas.resetMatrix()
    canvas.saveLayer()
    canvas.drawImage(
        image,
        0,
        0,
        skia.SamplingOptions(),
        skia.Paint(ImageFilter=skia.ImageFilters.Blur(sigma, sigma, skia.TileMode.kClamp)),
    )
    canvas.drawPaint(skia.Paint(Shader=fade, BlendMode=skia.BlendMode.kDstIn))
    canvas.restore()
    canvas.restore()


def duotone(surface, scene):
    """Turns what is drawn so far into three tones of the time of day."""
    image = surface.makeImageSnapshot()
    pixels = np.asarray(image.toarray(colorType=skia.kRGBA_8888_ColorType))
    grey = pixels[..., :3] @ np.array([0.3, 0.59, 0.11]) / 255
    grey = np.clip((grey - np.quantile(grey, 0.02)) / (np.ptp(grey) + 1e-6), 0, 1)
    table = np.stack(
        [np.interp(np.linspace(0, 1, 256), [0, 0.5, 1], [c[i] for c in DUOTONE[scene["time"]]]) for i in range(3)], 1
    )
    flat = np.full(pixels.shape, 255, np.uint8)
    flat[..., :3] = table[(grey * 255).astype(int)]
    canvas = surface.getCanvas()
    canvas.save()
    canvas.resetMatrix()
    canvas.drawImage(skia.Image.fromarray(flat, colorType=skia.kRGBA_8888_ColorType), 0, 0)
    canvas.restore()


def posterise(pixels):
    """Few tones of each hue, with a light ordered dither: [n, n, 3]."""
    n = pixels.shape[0]
    dither = np.tile(np.array([[0, 2], [3, 1]]) / 4 - 0.375, (n // 2 + 1, n // 2 + 1))[:n, :n]
    rgb = pixels.astype(float)
    grey = rgb @ np.array([0.3, 0.59, 0.11])
    tone = np.round(grey / 255 * 9 + dither * 0.32) / 9 * 255
    rgb = grey[..., None] + (rgb - grey[..., None]) * 1.15
    return np.clip(rgb + (tone - grey)[..., None], 0, 255).astype(np.uint8)
