"""Makes Tests/Goldens/images: odd images, and what PIL and open_clip make of them.

    python scripts/goldens/images.py            # from the root of the repository

    originals/NAME        the images; every one is drawn here from a fixed seed
    crops/NAME@S.png     the S×S pixels that open_clip's transform hands to ToTensor (resize, centre crop, RGB)
    crops/NAME@S@squash.png  the same with both sides resized to S, open_clip's resize mode "squash"
    samples/NAME.bin     the decoded samples of small images, as PIL has them in the image's own mode; two-tone ones
                         as 0 and 255, of 16-bit grey the upper byte
    upright/NAME.png     PIL's ImageOps.exif_transpose
    normalised.bin       float32 [3, 32, 32]: the whole transform of portrait.jpg, with OpenAI's mean and deviation

Made with Pillow 13.0.0 (libjpeg-turbo 3.2.0, libwebp 1.6.0), torchvision 0.29.2, open_clip 3.3.0, numpy 2.4.6. The images are
committed too, so that another encoder cannot change them.
"""

import io
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

import oracle  # noqa: F401  before open_clip
from open_clip.transform import image_transform

ROOT = Path(__file__).resolve().parents[2] / "Tests" / "Goldens" / "images"
random = np.random.default_rng(20240917)


def waves(width, height, channels=3):
    """Smooth colours with a few hard edges: it packs well and shows every mistake of a resampler."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    planes = []
    for channel in range(channels):
        a, b, c = random.uniform(0.02, 0.25, 3)
        plane = 127 + 90 * np.sin(a * x + channel) * np.cos(b * y) + 60 * np.sign(np.sin(c * (x + y)))
        planes.append(plane)
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def write_png(path, rows_of_passes, width, height, depth, kind, interlaced=0, extra=()):
    """A PNG with what PIL does not write: 16 bits, few bits, interlacing. Every row has filter 0."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    raw = b"".join(b"\0" + row for rows in rows_of_passes for row in rows)
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)
    chunks = [chunk(b"IHDR", head), *(chunk(*pair) for pair in extra), chunk(b"IDAT", zlib.compress(raw, 9)),
              chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def write_webp(path, frame, width, height, place):
    """An animation of one frame that is smaller than its canvas."""
    def chunk(name, data):
        return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    def numbers(*values):
        return b"".join(struct.pack("<I", value)[:3] for value in values)

    file = io.BytesIO()
    frame.save(file, "WEBP", lossless=True)
    stream = file.getvalue()
    stream = stream[stream.index(b"VP8L"):]
    has_alpha = frame.mode == "RGBA"
    content = (chunk(b"VP8X", struct.pack("<I", 2 + 16 * has_alpha) + numbers(width - 1, height - 1))
               + chunk(b"ANIM", struct.pack("<IH", 0xFF0080FF, 0))
               + chunk(b"ANMF", numbers(place[0] // 2, place[1] // 2, frame.width - 1, frame.height - 1, 100) + b"\2"
                       + stream))
    path.write_bytes(b"RIFF" + struct.pack("<I", len(content) + 4) + b"WEBP" + content)


def packed(levels, depth):
    """Rows of grey levels below 2^depth, packed into bytes."""
    bits = np.unpackbits(levels[..., None].astype(np.uint8), axis=-1)[..., 8 - depth:]
    return [bytes(np.packbits(row.reshape(-1))) for row in bits]


def adam7(pixels):
    """The rows of the seven passes: every dx-th pixel from x of every dy-th row from y."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    for x, y, dx, dy in passes:
        part = pixels[y::dy, x::dx]
        if part.size:
            yield [row.tobytes() for row in part]


def draw(folder):
    modes = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}

    def image_of(array, mode=None):
        height, width, channels = array.shape
        return Image.frombytes(mode or modes[channels], (width, height), array.tobytes())

    def save(name, array, mode=None, **options):
        image_of(array, mode).save(folder / name, **options)

    save("one-pixel.png", np.full((1, 1, 3), (200, 30, 99), np.uint8))
    save("tall-grey.png", waves(7, 300, 1))
    save("wide.png", waves(301, 17))
    save("square-64.png", waves(64, 64))
    save("portrait.jpg", waves(333, 500), quality=60)
    # 13 and 15 columns to cut from two sides: 6.5 rounds down, 7.5 up.
    save("half-pixel-down.png", waves(45, 32))
    save("half-pixel-up.png", waves(47, 32))
    save("long-20000x10.png", np.tile(waves(400, 10), (1, 50, 1)))
    save("high-3x4001.png", np.tile(waves(3, 1), (4001, 1, 1)))
    save("grey-alpha.png", waves(50, 41, 2))
    save("alpha.png", waves(61, 40, 4))
    save("alpha-32.png", waves(32, 32, 4))
    image_of(waves(70, 51, 1)).convert("1").save(folder / "two-tone.png")
    colors = image_of(waves(75, 52)).quantize(19)
    colors.save(folder / "palette.png")
    colors.save(folder / "palette-transparent.png", transparency=bytes([0, 128, 255, 30]))
    save("grey-key.png", waves(40, 33, 1), transparency=127)
    save("color-key.png", np.full((9, 8, 3), (10, 20, 30), np.uint8), transparency=(10, 20, 30))
    for depth in (2, 4):
        levels = waves(37, 29, 1)[..., 0] >> (8 - depth)
        write_png(folder / f"grey-{depth}-bit.png", [packed(levels, depth)], 37, 29, depth, 0)
    # A palette of five colours, and indices up to 15.
    levels = waves(20, 16, 1)[..., 0] >> 4
    palette = waves(5, 1).tobytes()
    write_png(folder / "palette-too-short.png", [packed(levels, 4)], 20, 16, 4, 3, extra=[(b"PLTE", palette)])
    for name, kind, channels in [("grey", 0, 1), ("color", 2, 3), ("grey-alpha", 4, 2), ("color-alpha", 6, 4)]:
        wide = waves(44, 36, channels).astype(">u2") * 257 - random.integers(0, 200, (36, 44, channels))
        wide = np.clip(wide, 0, 65535).astype(">u2")
        write_png(folder / f"{name}-16-bit.png", [[row.tobytes() for row in wide]], 44, 36, 16, kind)
    pixels = waves(53, 35)
    write_png(folder / "interlaced.png", adam7(pixels), 53, 35, 8, 2, interlaced=1)
    save("grey.jpg", waves(61, 45, 1))
    save("cmyk.jpg", waves(52, 40, 4), "CMYK")
    save("progressive.jpg", waves(66, 47), progressive=True)
    for name, sampling in [("444", 0), ("422", 1), ("420", 2)]:
        save(f"sampling-{name}.jpg", waves(57, 43), subsampling=sampling, quality=90)
    save("restarts.jpg", waves(64, 48), restart_marker_rows=1)
    save("red-green-blue.jpg", waves(40, 40), keep_rgb=True)
    save("really-a-png.jpg", waves(35, 30), format="PNG")
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x112] = orientation
        save(f"turned-{orientation}.png", waves(5, 3), exif=exif)
    save("turned-6.jpg", waves(48, 32), exif=exif_of(6), quality=95)
    # Pillow 13 resizes columns before rows where the height shrinks by more than twice as many pixels as the width: at
    # 32 pixels the second and the third image, and with both sides squashed the fourth.
    save("columns-40x80.png", waves(40, 80))
    save("columns-40x81.png", waves(40, 81))
    save("columns-97x260.png", waves(97, 260, 1))
    save("columns-33x36.png", waves(33, 36, 4))
    save("lossy.webp", waves(57, 43), quality=80)
    save("lossy-odd.webp", waves(35, 21), quality=30)
    save("lossless.webp", waves(31, 29), lossless=True)
    save("alpha.webp", waves(41, 40, 4), quality=70)
    save("alpha-lossless.webp", waves(30, 22, 4), lossless=True, exact=True)
    frames = [image_of(waves(34, 26)) for _ in range(3)]
    frames[0].save(folder / "animated.webp", save_all=True, append_images=frames[1:], duration=50, quality=60)
    frames = [image_of(waves(24, 26, 4)) for _ in range(2)]
    frames[0].save(folder / "animated-alpha.webp", save_all=True, append_images=frames[1:], lossless=True)
    for name, channels in [("part-of-canvas", 3), ("part-of-canvas-alpha", 4)]:
        write_webp(folder / f"{name}.webp", image_of(waves(11, 9, channels)), 20, 16, (4, 6))
    save("turned-6.webp", waves(9, 4), exif=exif_of(6), lossless=True)


def exif_of(orientation):
    exif = Image.Exif()
    exif[0x0E] = "something before"
    exif[0x112] = orientation
    return exif


def as_model_sees(path):
    """The image as given to the transform: itself, but for 16-bit grey, which PIL would clip to white."""
    image = Image.open(path)
    image.load()
    if image.mode == "I;16":
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image


def crop(image, size, mode="shortest"):
    steps = image_transform(size, is_train=False, resize_mode=mode).transforms
    for step in steps[:[type(step).__name__ for step in steps].index("MaybeToTensor")]:
        image = step(image)
    return image


def main():
    shutil.rmtree(ROOT, ignore_errors=True)
    for folder in ("originals", "crops", "samples", "upright"):
        (ROOT / folder).mkdir(parents=True)
    draw(ROOT / "originals")
    for path in sorted((ROOT / "originals").iterdir()):
        image = as_model_sees(path)
        crop(image, 32).save(ROOT / "crops" / f"{path.name}@32.png", optimize=True)
        if path.name in ("portrait.jpg", "square-64.png", "palette.png", "alpha.png") or "columns" in path.name:
            crop(image, 32, "squash").save(ROOT / "crops" / f"{path.name}@32@squash.png", optimize=True)
            crop(image, 64).save(ROOT / "crops" / f"{path.name}@64.png", optimize=True)
        if path.name in ("wide.png", "one-pixel.png"):
            crop(image, 224).save(ROOT / "crops" / f"{path.name}@224.png", optimize=True)
        if image.width * image.height <= 3200 and not path.name.startswith("turned"):
            stored = image.convert("L") if image.mode == "1" else image
            # PIL reads 16-bit grey with alpha as RGBA.
            stored = stored.convert("LA") if path.name == "grey-alpha-16-bit.png" else stored
            (ROOT / "samples" / f"{path.name}.bin").write_bytes(stored.tobytes())
        if path.name.startswith("turned"):
            ImageOps.exif_transpose(image).save(ROOT / "upright" / f"{path.name}.png", exif=b"")
    tensor = image_transform(32, is_train=False)(Image.open(ROOT / "originals" / "portrait.jpg"))
    (ROOT / "normalised.bin").write_bytes(tensor.numpy().tobytes())
    shown = Image.open(ROOT / "originals" / "portrait.jpg").resize((67, 100), Image.Resampling.BICUBIC)
    shown.save(ROOT / "upright" / "portrait.jpg@100.png", optimize=True)


if __name__ == "__main__":
    main()
