"""The garden itself: everything that stands still, and the crown of the tree, which does not quite."""

import numpy as np

from wachtel.testing.scene.brush import Canvas, Colour, Floats, Spot, gradient, polygon, smooth_noise

WIDTH, HEIGHT = 1280, 720
HORIZON = 300
_EVERYTHING = (slice(None), slice(None))
_BORDER: tuple[Colour, ...] = (
    (168, 138, 190),
    (226, 150, 160),
    (244, 234, 214),
    (232, 190, 104),
    (190, 92, 96),
)
_CROWN_CENTRE, _CROWN_RADII = (205.0, 165.0), (190.0, 128.0)


def paint_garden() -> Floats:
    """The still picture (720, 1280, 3), red, green, blue, 0..255. Always the same."""
    randomness = np.random.default_rng(2014)
    canvas = Canvas(WIDTH, HEIGHT)
    _sky(canvas, randomness)
    _hills(canvas, randomness)
    _lawn(canvas, randomness)
    _hedge(canvas, randomness)
    _fence(canvas)
    _flowers(canvas, randomness)
    _path(canvas, randomness)
    _house(canvas, randomness)
    _tree_shadow(canvas, randomness)
    _trunk(canvas, randomness)
    _quail(canvas)
    _light(canvas)
    return np.clip(canvas.rgb, 0, 255)


def _layers(*layers: tuple[Spot, float], randomness: np.random.Generator, height: int = HEIGHT) -> Floats:
    """Noise of several cell sizes, each with its strength, added up."""
    total = np.zeros((height, WIDTH), np.float32)
    for cell, strength in layers:
        total += strength * smooth_noise(WIDTH, height, cell, randomness)
    return total


def _sky(canvas: Canvas, randomness: np.random.Generator) -> None:
    share = np.clip(canvas.y / HORIZON, 0, 1)
    colours = gradient(share, (122, 167, 204), (166, 197, 214), (226, 222, 205), (243, 226, 198))
    canvas.blend(_EVERYTHING, np.ones_like(canvas.x), colours)
    clouds = _layers(((260, 70), 1.0), ((110, 34), 0.5), ((37, 13), 0.2), randomness=randomness)
    wisps = np.clip(clouds * 0.9 - 0.12, 0, 1) * np.clip(1.15 - share, 0, 1)
    canvas.blend(_EVERYTHING, wisps.astype(np.float32) * 0.75, (250, 245, 236))


def _hills(canvas: Canvas, randomness: np.random.Generator) -> None:
    layers: list[tuple[float, float, Colour]] = [(262, 26, (168, 186, 184)), (280, 20, (140, 164, 150))]
    for level, height, colour in layers:
        ridge = _layers(((190, 1), 1.0), ((47, 1), 0.3), randomness=randomness, height=1)[0]
        coverage = np.clip(canvas.y - (level - height * ridge)[None, :] + 0.5, 0, 1)
        canvas.blend(_EVERYTHING, coverage.astype(np.float32), colour)


def _lawn(canvas: Canvas, randomness: np.random.Generator) -> None:
    share = np.clip((canvas.y - HORIZON) / (HEIGHT - HORIZON), 0, 1)
    colours = gradient(share, (158, 176, 108), (128, 158, 84), (104, 142, 70), (86, 124, 58))
    stripe = np.sin((canvas.x - 560) / np.maximum(canvas.y - 220, 20) * 9)
    blades = smooth_noise(WIDTH, HEIGHT, (5, 9), randomness) * share
    grass = blades + 0.6 * smooth_noise(WIDTH, HEIGHT, (60, 18), randomness)
    tone = 1 + 0.025 * np.tanh(stripe * 3) + 0.05 * grass
    below = np.clip(canvas.y - HORIZON + 0.5, 0, 1)
    canvas.blend(_EVERYTHING, below.astype(np.float32), (colours * tone[..., None]).astype(np.float32))


def _hedge(canvas: Canvas, randomness: np.random.Generator) -> None:
    for x in np.arange(-20, 900, 17):
        top = 272 + 10 * np.sin(x / 70) + randomness.uniform(-9, 9)
        radius = float(randomness.uniform(20, 34))
        tone = float(randomness.uniform(-8, 8))
        canvas.ellipse((float(x), float(top + 30)), (radius, radius), (92 + tone, 118 + tone, 80 + tone), 3)
        canvas.ellipse(
            (float(x) - 5, float(top + 22)), (radius * 0.6, radius * 0.5), (116 + tone, 140 + tone, 96), 9
        )
    canvas.polygon([(-5, 318), (900, 318), (900, 342), (-5, 342)], (88, 112, 72), 14)


def _fence(canvas: Canvas) -> None:
    for rail in (318, 346):
        canvas.rectangle(-5, rail, 862, rail + 7, (214, 208, 196))
        canvas.rectangle(-5, rail + 7, 862, rail + 9, (160, 158, 140))
    for left in range(-6, 856, 27):
        corners = [(left, 306.0), (left + 6.5, 296.0), (left + 13, 306.0), (left + 13, 372.0), (left, 372.0)]
        canvas.polygon(corners, (238, 233, 222))
        canvas.rectangle(left + 10, 306, left + 13, 372, (206, 200, 188))
        canvas.ellipse((left + 12, 373), (12, 3), (84, 110, 58), 3, 0.5)


def _flowers(canvas: Canvas, randomness: np.random.Generator) -> None:
    """A border along the fence: leaves first, then blossoms."""
    for _ in range(420):
        x, y = float(randomness.uniform(300, 850)), float(randomness.normal(383, 7))
        tone = float(randomness.uniform(-14, 14))
        canvas.ellipse((x, y), (7, 5), (92 + tone, 126 + tone, 70 + tone), 2)
    for _ in range(360):
        x, y = float(randomness.uniform(300, 850)), float(randomness.normal(378, 7))
        colour = _BORDER[int((x - 300) / 120 + randomness.uniform(-0.7, 0.7)) % len(_BORDER)]
        canvas.ellipse((x, y), (2.6, 2.3), colour)


def _path(canvas: Canvas, randomness: np.random.Generator) -> None:
    depth = np.clip((canvas.y - 455) / (HEIGHT - 455), 0, 1)
    centre = 1152 - 560 * depth**1.35
    half = 42 + 128 * depth
    edge = np.minimum(half - np.abs(canvas.x - centre), canvas.y - 455)
    across = (canvas.x - centre) / half
    row = np.sqrt(depth) * 13
    upright = _joint(across * 2 + np.floor(row) * 0.5, 0.035) * (np.abs(across) < 0.97)
    joints = np.maximum(_joint(row, 0.05), upright)
    tone = 1 + _layers(((36, 14), 0.05), ((4, 3), 0.03), randomness=randomness)
    stone = gradient(depth, (214, 200, 174), (198, 182, 154)) * (tone * (1 - 0.16 * joints))[..., None]
    canvas.shade(_EVERYTHING, np.clip(edge / 14 + 1, 0, 1).astype(np.float32), 0.9)
    canvas.blend(_EVERYTHING, np.clip(edge / 1.6 + 0.5, 0, 1).astype(np.float32), stone.astype(np.float32))


def _joint(position: Floats, half_width: float) -> Floats:
    """1 on the lines at whole numbers, 0 between them."""
    distance = np.abs(position - np.round(position))
    return np.clip(1.5 - distance / half_width, 0, 1).astype(np.float32)


def _house(canvas: Canvas, randomness: np.random.Generator) -> None:
    canvas.ellipse((1080, 474), (250, 16), (70, 96, 50), 12, 0.5)
    part = canvas.box(868, 120, WIDTH, 470)
    plaster = _layers(((7, 7), 2.2), ((120, 90), 5.0), randomness=randomness)
    fall = gradient(np.clip((canvas.y - 150) / 320, 0, 1), (226, 210, 182), (242, 230, 206), (238, 224, 198))
    wall = (fall + plaster[..., None])[part].astype(np.float32)
    corners = [(868.0, 120.0), (1300.0, 120.0), (1300.0, 470.0), (868.0, 470.0)]
    canvas.blend(part, polygon(canvas.x[part], canvas.y[part], corners), wall)
    canvas.rectangle(868, 440, 1300, 470, (170, 158, 142))
    canvas.rectangle(868, 438, 1300, 441, (196, 184, 164))
    _roof(canvas)
    _window(canvas, randomness)
    _door(canvas)


def _roof(canvas: Canvas) -> None:
    rows = np.floor(canvas.y / 15)
    tiles = 1 - 0.13 * _joint(canvas.y / 15, 0.09) - 0.09 * _joint(canvas.x / 22 + rows * 0.5, 0.06)
    colours = gradient(np.clip((canvas.y - 20) / 150, 0, 1), (196, 122, 92), (172, 98, 74)) * tiles[..., None]
    corners = [(836.0, 168.0), (930.0, 24.0), (1320.0, 24.0), (1320.0, 168.0)]
    part = canvas.box(836, 24, WIDTH, 168)
    canvas.blend(part, polygon(canvas.x[part], canvas.y[part], corners), colours[part].astype(np.float32))
    canvas.rectangle(836, 166, 1300, 175, (226, 214, 196))
    shadow = canvas.box(868, 175, WIDTH, 205)
    canvas.shade(shadow, np.clip(1 - (canvas.y[shadow] - 175) / 26, 0, 1), 0.74)


def _window(canvas: Canvas, randomness: np.random.Generator) -> None:
    for left in (896, 1034):
        canvas.rectangle(left, 236, left + 36, 350, (112, 140, 124))
        for slat in range(242, 346, 8):
            canvas.rectangle(left + 5, slat, left + 31, slat + 2, (92, 118, 104))
    canvas.rectangle(932, 232, 1034, 354, (246, 241, 230))
    for left in (939, 986):
        for top in (239, 296):
            part = canvas.box(left, top, left + 41, top + 51)
            shine = (canvas.x[part] - left + canvas.y[part] - top) / 92
            corners = [(left, top), (left + 41, top), (left + 41, top + 51), (left, top + 51)]
            glass = gradient(np.clip(shine, 0, 1), (178, 202, 212), (120, 148, 162), (92, 116, 130))
            canvas.blend(part, polygon(canvas.x[part], canvas.y[part], corners), glass)
    canvas.rectangle(924, 354, 1042, 362, (214, 204, 188))
    canvas.rectangle(930, 366, 1036, 386, (146, 104, 76))
    blossoms: list[Colour] = [(206, 84, 84), (230, 132, 128), (244, 226, 210), (86, 124, 66), (104, 140, 78)]
    for _ in range(110):
        x, y = float(randomness.uniform(930, 1036)), float(randomness.normal(364, 5))
        canvas.ellipse((x, y), (4.2, 3.6), blossoms[int(randomness.integers(5))], 1.5)


def _door(canvas: Canvas) -> None:
    canvas.rectangle(1098, 226, 1206, 460, (238, 231, 218))
    canvas.rectangle(1106, 234, 1198, 460, (62, 98, 104))
    for left in (1116, 1157):
        for top, bottom in ((322, 380), (390, 446)):
            canvas.rectangle(left, top, left + 32, bottom, (52, 84, 90))
            canvas.rectangle(left + 2, top + 2, left + 32, bottom, (70, 108, 114))
    canvas.rectangle(1120, 246, 1184, 308, (236, 214, 164))
    canvas.rectangle(1150.5, 246, 1153.5, 308, (62, 98, 104))
    canvas.ellipse((1188, 352), (4.5, 4.5), (214, 178, 104))
    canvas.polygon([(1086, 460), (1218, 460), (1226, 474), (1078, 474)], (196, 188, 174))
    canvas.rectangle(1078, 473, 1226, 480, (158, 150, 136))
    canvas.rectangle(1226, 262, 1238, 290, (66, 66, 64))
    canvas.ellipse((1232, 276), (42, 42), (255, 226, 160), 40, 0.35)
    canvas.rectangle(1228, 266, 1236, 286, (255, 236, 184))


def _tree_shadow(canvas: Canvas, randomness: np.random.Generator) -> None:
    """The light comes from the left, so the shade of the crown lies to the right."""
    part = canvas.box(60, 480, 780, 660)
    x, y = canvas.x[part], canvas.y[part]
    spot = np.clip(1.3 - np.hypot((x - 410) / 240, (y - 566) / 48), 0, 1)
    leaves = _layers(((34, 11), 0.5), ((13, 6), 0.3), randomness=randomness)[part]
    canvas.shade(part, np.clip(spot * (1.3 + leaves), 0, 1), 0.74)


def _trunk(canvas: Canvas, randomness: np.random.Generator) -> None:
    bark = smooth_noise(WIDTH, HEIGHT, (5, 40), randomness)
    part = canvas.box(130, 180, 290, 545)
    y = np.clip((canvas.y[part] - 200) / 340, 0, 1)
    bend = 206 - 8 * np.sin(y * 2.4)
    half = 15 + 11 * y + 16 * np.clip(y - 0.88, 0, 1) * 6
    side = (canvas.x[part] - bend) / half
    edge = np.minimum((1 - np.abs(side)) * half, 536 + 6 * np.cos(side * 5) - canvas.y[part])
    tone = 1.08 - 0.26 * side + 0.16 * bark[part]
    wood = np.asarray((128, 102, 80), np.float32) * tone[..., None]
    canvas.blend(part, np.clip(edge + 0.5, 0, 1).astype(np.float32), wood.astype(np.float32))
    canvas.capsule((204, 320), (120, 210), (11, 6), (112, 90, 70))
    canvas.capsule((210, 300), (300, 205), (10, 6), (104, 84, 66))


def paint_crown() -> Canvas:
    """The crown of the tree, on nothing: colours and opacity."""
    randomness = np.random.default_rng(1868)
    canvas = Canvas(WIDTH, HEIGHT)
    for layer in range(3):
        for _ in range(150):
            angle, reach = randomness.uniform(0, 2 * np.pi), np.sqrt(randomness.uniform(0, 1))
            x = _CROWN_CENTRE[0] + _CROWN_RADII[0] * reach * np.cos(angle) - 14 * layer
            y = _CROWN_CENTRE[1] + _CROWN_RADII[1] * reach * np.sin(angle) - 10 * layer
            light = (_CROWN_CENTRE[1] - y) / 4.2 + (_CROWN_CENTRE[0] - x) / 9 + 15 * layer
            light += randomness.uniform(-9, 9)
            colour = (84 + light, 116 + light * 0.95, 58 + light * 0.5)
            radius = float(randomness.uniform(15, 34) * (1 - 0.22 * layer))
            canvas.ellipse((float(x), float(y)), (radius, radius * 0.82), colour, 2.5, 0.96)
    return canvas


def _quail(canvas: Canvas) -> None:
    """Our bird, in the grass by the path."""
    x, y = 688.0, 560.0
    canvas.ellipse((x + 8, y + 19), (24, 4), (60, 84, 42), 4, 0.6)
    canvas.capsule((x - 3, y + 10), (x - 4, y + 20), (1.4, 1.2), (150, 112, 70))
    canvas.capsule((x + 5, y + 10), (x + 6, y + 20), (1.4, 1.2), (150, 112, 70))
    canvas.ellipse((x, y), (21, 14), (150, 122, 92))
    canvas.capsule((x + 10, y - 3), (x + 27, y + 6), (9, 2), (124, 98, 74))
    canvas.ellipse((x - 3, y + 5), (15, 8), (206, 184, 150), 3)
    canvas.capsule((x - 12, y - 4), (x - 19, y - 16), (9, 7.5), (132, 104, 80))
    canvas.ellipse((x - 20, y - 18), (8, 7.4), (120, 92, 70))
    canvas.capsule((x - 26, y - 17), (x - 31, y - 15.5), (2.4, 0.8), (70, 62, 56))
    canvas.capsule((x - 19, y - 25), (x - 26, y - 33), (1.4, 3.2), (66, 54, 48))
    canvas.ellipse((x - 22.5, y - 19.5), (1.5, 1.5), (24, 22, 22))


def _light(canvas: Canvas) -> None:
    """A warm glow from the upper left, and corners a little darker, as a lens makes them."""
    glow = np.clip(1 - np.hypot(canvas.x + 60, canvas.y + 80) / 1150, 0, 1) ** 2
    canvas.blend(_EVERYTHING, (0.30 * glow).astype(np.float32), (255, 236, 196))
    off_centre = np.hypot((canvas.x - WIDTH / 2) / WIDTH, (canvas.y - HEIGHT / 2) / HEIGHT)
    canvas.shade(_EVERYTHING, np.clip(off_centre * 1.5 - 0.45, 0, 1).astype(np.float32), 0.72)
