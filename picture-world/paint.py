"""The painter: how a shape is laid down in each style, and how an object wears its colour, pattern and light.

Everything is in hundredths of the image; the canvas is scaled once, so a scene looks the same at every size.
"""

import contextlib
import functools
import math

import numpy as np
import skia

from shapes import BOXES, FIXED, KIND_PARTS, OUTLINES

COLOUR_VALUES = {
    "red": (216, 44, 44),
    "orange": (245, 132, 32),
    "yellow": (250, 212, 48),
    "green": (52, 166, 72),
    "blue": (42, 98, 216),
    "purple": (132, 62, 192),
    "pink": (246, 136, 184),
    "white": (246, 246, 244),
    "black": (38, 38, 46),
    "brown": (134, 84, 46),
    "gray": (140, 144, 150),
}
PAPER = (250, 245, 232)


def mix(a, b, t):
    return tuple(x + (y - x) * t for x, y in zip(a, b))


def times(a, b):
    return tuple(x * y for x, y in zip(a, b))


def rgba(c, alpha=1.0):
    r, g, b = (min(255, max(0, int(v + 0.5))) for v in c)
    return skia.Color(r, g, b, int(255 * alpha + 0.5))


def luminance(c):
    return 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2]


def tile(name):
    """A 96 x 96 tile of a pattern: its opacity in 0...1, for a contrasting tone."""
    n = 96
    y, x = np.mgrid[0:n, 0:n] / n
    if name == "striped":
        a = (x % 0.5) < 0.25
    elif name == "dotted":
        a = sum(
            ((x - cx) ** 2 + (y - cy) ** 2) < 0.17**2
            for cx in (0, 0.5, 1)
            for cy in (0, 0.5, 1)
            if (cx == 0.5) == (cy == 0.5)
        )
    elif name == "checkered":
        a = (x < 0.5) ^ (y < 0.5)
    elif name == "wooden":
        wave = y + 0.05 * np.sin(2 * np.pi * x) + 0.03 * np.sin(4 * np.pi * x + 1)
        grain = 0.5 + 0.5 * np.sin(2 * np.pi * (5 * wave + 0.35 * np.sin(2 * np.pi * x)))
        knot = np.exp(-(((x - 0.35) / 0.13) ** 2 + ((y - 0.28) / 0.05) ** 2))
        seam = ((y % 0.5) < 0.035) | ((x - np.where(y < 0.5, 0.7, 0.2)) % 1 < 0.025) & (y > 0)
        return np.clip(0.8 * grain**2 + 0.8 * knot, 0, 0.85) * (1 - seam) + seam
    else:  # woolly: rows of knitted stitches
        v = (y * 4 - np.abs((x * 4) % 1 - 0.5) * 1.1) % 1
        gap = np.abs((x * 4) % 1) < 0.1
        return np.clip(0.75 * (v < 0.26) + 0.45 * gap, 0, 0.8)
    return a.astype(float)


def tiled(pixels, matrix):  # [rows, columns, 4]
    """A shader that repeats an image without end."""
    image = skia.Image.fromarray(pixels, colorType=skia.kRGBA_8888_ColorType)
    smooth = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    return image.makeShader(skia.TileMode.kRepeat, skia.TileMode.kRepeat, smooth, matrix)


@functools.lru_cache(None)
def pattern_shader(name, tone, period, angle):
    a = tile(name)
    pixels = np.empty(a.shape + (4,), np.uint8)
    pixels[..., :3] = tone
    pixels[..., 3] = a * 255
    return tiled(pixels, skia.Matrix().setRotate(angle).preScale(period / 96, period / 96))


@functools.lru_cache(None)
def noise_shader(seed, sx, sy):
    """Soft speckle: black or white of low opacity."""
    rng = np.random.default_rng(seed)
    v = rng.normal(0, 1, (128, 128))
    v = v + np.roll(v, 1, 1) + np.roll(v, 1, 0)
    pixels = np.zeros((128, 128, 4), np.uint8)
    pixels[..., :3] = np.where(v > 0, 255, 0)[..., None]
    pixels[..., 3] = np.clip(np.abs(v) * 18, 0, 90)
    return tiled(pixels, skia.Matrix().setScale(sx, sy))


@functools.lru_cache(None)
def volume_shader(kind, part, side, shiny):
    """Light from above and one side over one part of a kind: a highlight that falls off to shade."""
    b = KIND_PARTS[kind][part][1].getBounds()
    w, h = b.width(), b.height()
    if shiny:
        stops = [(255, 0.1), (255, 0.8), (255, 0), (0, 0.42), (255, 0.55), (0, 0.1), (0, 0.5)]
        colours = [rgba((v,) * 3, a) for v, a in stops]
        return skia.GradientShader.MakeLinear(
            [skia.Point(b.centerX() + side * w * 0.5, b.top()), skia.Point(b.centerX() - side * w * 0.3, b.bottom())],
            colours,
            [0, 0.16, 0.3, 0.5, 0.62, 0.75, 1],
        )
    centre = skia.Point(b.centerX() + side * w * 0.24, b.top() + h * 0.22)
    return skia.GradientShader.MakeRadial(
        centre,
        max(4, 0.95 * math.hypot(w, h) * 0.9),
        [rgba((255, 255, 250), 0.42), rgba((255, 255, 250), 0.08), rgba((10, 5, 40), 0.1), rgba((10, 5, 40), 0.5)],
        [0, 0.3, 0.5, 1],
    )


@functools.lru_cache(None)
def whole_shader(kind, side):
    b = BOXES[kind]
    return skia.GradientShader.MakeLinear(
        [
            skia.Point(b.left() if side < 0 else b.right(), b.top()),
            skia.Point(b.right() if side < 0 else b.left(), b.bottom()),
        ],
        [rgba((255, 250, 235), 0.2), rgba((255, 250, 235), 0), rgba((10, 8, 40), 0.28)],
        [0, 0.45, 1],
    )


WOBBLE = skia.DiscretePathEffect.Make(5, 0.9)
ROUGH = skia.DiscretePathEffect.Make(3, 2.4)


class Painter:
    """Lays shapes on a canvas in one style; `tint` is the colour of the light."""

    def __init__(self, canvas, style, tint=(1, 1, 1), wash=None):
        self.canvas, self.style, self.tint = canvas, style, tint
        self.wash = wash  # a colour and an amount that everything is mixed with: fog, rain
        self.paint = skia.Paint(AntiAlias=True)
        self.line = skia.Paint(
            AntiAlias=True,
            Style=skia.Paint.kStroke_Style,
            StrokeCap=skia.Paint.kRound_Cap,
            StrokeJoin=skia.Paint.kRound_Join,
        )
        if style == "drawing":
            self.line.setPathEffect(WOBBLE)

    @contextlib.contextmanager
    def unlit(self):
        """For skies and lamps, whose colours already know the time of day."""
        kept, self.tint = self.tint, (1, 1, 1)
        yield
        self.tint = kept

    def tone(self, c):
        c = times(c, self.tint)
        if self.wash:
            c = mix(c, *self.wash)
        return mix(c, PAPER, 0.26) if self.style == "drawing" else c

    def fill(self, shape, c, alpha=1.0, blur=0, outline=True):
        p = self.paint
        if blur:
            p = skia.Paint(AntiAlias=True, MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
        p.setColor(rgba(self.tone(c), alpha))
        self.canvas.drawPath(shape, p)
        if outline and self.style == "drawing" and not blur:
            self.stroke(shape, mix(c, (60, 50, 60), 0.55), 0.55, 0.75)

    def stroke(self, shape, c, width, alpha=1.0):
        p = self.line
        p.setStrokeWidth(width)
        p.setColor(rgba(self.tone(c), alpha))
        self.canvas.drawPath(shape, p)

    def shade(self, shape, shader, mode=skia.BlendMode.kSrcOver, alpha=1.0):
        p = skia.Paint(AntiAlias=True, Shader=shader, BlendMode=mode)
        p.setAlphaf(alpha)
        self.canvas.drawPath(shape, p)

    def gradient(self, top, bottom, stops, left=0, right=100):
        """A band of the image from top to bottom; stops are (position, colour)."""
        shader = skia.GradientShader.MakeLinear(
            [skia.Point(0, top), skia.Point(0, bottom)], [rgba(self.tone(c)) for _, c in stops], [t for t, _ in stops]
        )
        self.canvas.drawRect(
            skia.Rect(left - 1, top, right + 1, bottom + 0.5), skia.Paint(AntiAlias=True, Shader=shader)
        )

    def glow(self, x, y, r, c, alpha):
        shader = skia.GradientShader.MakeRadial(
            skia.Point(x, y), r, [rgba(c, alpha), rgba(c, alpha * 0.35), rgba(c, 0)], [0, 0.4, 1]
        )
        self.canvas.drawCircle(x, y, r, skia.Paint(Shader=shader, AntiAlias=True))

    def grain(self, top, bottom, alpha=0.5, sx=0.8, sy=0.4, seed=1):
        if self.style == "photo":
            p = skia.Paint(Shader=noise_shader(seed, sx, sy))
            p.setAlphaf(alpha)
            self.canvas.drawRect(skia.Rect(0, top, 100, bottom), p)


def place(canvas, kind, item):
    """Moves the canvas into the box of an object that stands at (x, y) and is `size` in its larger extent."""
    b = BOXES[kind]
    s = item["size"] / max(b.width(), b.height())
    canvas.translate(item["x"], item["y"])
    canvas.rotate(item["tilt"])
    canvas.scale(s * item["flip"], s)
    canvas.translate(-b.centerX(), -b.bottom())
    return s


def contrast(base):
    return (250, 246, 236) if luminance(base) < 175 else (58, 52, 70)


def draw_item(p, obj, item, scene, glass):
    """One object. `glass` is what windows show."""
    canvas, kind = p.canvas, obj["kind"]
    canvas.save()
    s = place(canvas, kind, item)
    base = mix(COLOUR_VALUES[obj["colour"]], (255, 255, 255) if item["shade"] > 0 else (0, 0, 0), abs(item["shade"]))
    dark, light = times(base, (0.66, 0.64, 0.7)), mix(base, (255, 255, 255), 0.5)
    if obj["colour"] == "white":
        dark = (206, 208, 216)
    if obj["colour"] == "black":
        dark, light = (62, 62, 74), (104, 104, 116)
    if p.style == "silhouette":
        draw_silhouette(p, kind, mix(base, (0, 0, 0), 0.35), glass)
    else:
        draw_parts(p, obj, item, {"body": base, "dark": dark, "light": light, "glass": glass, **FIXED}, s, scene)
    canvas.restore()


def draw_silhouette(p, kind, base, glass):
    for role, shape in KIND_PARTS[kind]:
        if not role.startswith("~"):
            p.fill(shape, glass if role == "glass" else base)


def draw_parts(p, obj, item, colours, s, scene):
    kind, pattern, style = obj["kind"], obj["pattern"], p.style
    side = scene["light"] * item["flip"]
    base = colours["body"]
    if style == "pixel":
        p.stroke(OUTLINES[kind], (28, 24, 40) if luminance(base) > 60 or scene["time"] == "day" else (130, 132, 160), 5)
    if pattern == "woolly" and style != "pixel":
        fuzz = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=5, PathEffect=ROUGH)
        for role, shape in KIND_PARTS[kind]:
            if role == "body":
                fuzz.setColor(rgba(p.tone(times(base, (0.9, 0.9, 0.9)))))
                p.canvas.drawPath(shape, fuzz)
    for i, (role, shape) in enumerate(KIND_PARTS[kind]):
        detail = role.startswith("~")
        name = role.lstrip("~")
        p.fill(shape, colours[name], outline=False)
        if name == "body" and pattern not in ("plain", "shiny"):
            tone = contrast(base)
            if pattern == "wooden":
                tone = mix(base, (58, 26, 4), 0.8) if luminance(base) > 60 else (168, 124, 86)
            elif pattern == "woolly":
                tone = mix(base, (20, 15, 40), 0.5) if luminance(base) > 70 else (120, 118, 134)
            scale = min(1.5, max(1, 0.33 / s))
            period = {"striped": 46, "dotted": 36, "checkered": 38, "wooden": 62, "woolly": 44}[pattern] * round(
                scale, 1
            )
            angle = obj["angle"] if pattern in ("striped", "checkered") else 0
            p.shade(shape, pattern_shader(pattern, tuple(int(v) for v in p.tone(tone)), period, angle))
        if style == "photo" and not detail:
            p.shade(shape, volume_shader(kind, i, side, pattern == "shiny" and name in ("body", "dark", "light")))
        elif style != "photo" and name == "body":
            p.shade(shape, volume_shader(kind, i, side, pattern == "shiny"), alpha=0.95 if pattern == "shiny" else 0.4)
        if style == "drawing":
            p.stroke(shape, mix(colours[name], (40, 32, 44), 0.72), 0.9 if detail else 1.9, 0.9)
    if style == "photo":
        p.shade(OUTLINES[kind], whole_shader(kind, side))
        faint = luminance(p.tone(base)) < 60
        p.stroke(OUTLINES[kind], (190, 196, 230) if faint else mix(base, (16, 8, 36), 0.8), 1.3, 0.45 if faint else 0.4)
    if pattern == "shiny":
        draw_glint(p, kind, side)


def draw_glint(p, kind, side):
    """A star of light on the lit shoulder of the largest body part."""
    b = max(
        (shape.getBounds() for role, shape in KIND_PARTS[kind] if role == "body"), key=lambda r: r.width() * r.height()
    )
    x, y = b.centerX() + side * b.width() * 0.2, b.top() + b.height() * 0.26
    rays = skia.Path()
    for dx, dy in ((12, 1.5), (1.5, 12)):
        rays.addPoly([skia.Point(x - dx, y), skia.Point(x, y - dy), skia.Point(x + dx, y), skia.Point(x, y + dy)], True)
    p.canvas.drawPath(rays, skia.Paint(AntiAlias=True, Color=rgba((255, 255, 255), 0.95)))


def draw_shadow(p, kind, item, scene, ground, strength):
    """The object's shadow: a soft dark pool where it stands, and its shape laid over the ground away from the light."""
    b, canvas = BOXES[kind], p.canvas
    s = item["size"] / max(b.width(), b.height())
    w = b.width() * s
    lift = max(0, ground - item["y"])
    pool = skia.Paint(
        AntiAlias=True,
        Color=rgba((12, 10, 40), strength * (0.55 if lift < 2 else 0.3)),
        MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 1.2 + lift * 0.05),
    )
    canvas.drawOval(
        skia.Rect(item["x"] - w * 0.5, ground - w * 0.07 - 0.6, item["x"] + w * 0.5, ground + w * 0.07 + 0.4), pool
    )
    if lift < 2 and p.style != "pixel":
        canvas.save()
        canvas.translate(item["x"], ground - 0.3)
        canvas.concat(
            skia.Matrix.MakeAll(1, 0.9 * scene["light"], 0, 0, -0.28 if scene["time"] != "sunset" else -0.4, 0, 0, 0, 1)
        )
        canvas.scale(s * item["flip"], s)
        canvas.translate(-b.centerX(), -b.bottom())
        canvas.drawPath(
            OUTLINES[kind],
            skia.Paint(
                AntiAlias=True,
                Color=rgba((12, 10, 40), strength * 0.34),
                MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 3.5),
            ),
        )
        canvas.restore()
