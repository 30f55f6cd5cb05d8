"""Pictures drawn from a few shapes: lines on paper, no faces, no words, nothing from anywhere else.

A picture is a list of strokes such as `person 70 120 you ear`: a shape, where it stands on a sheet
of 300 by 180, and what it does there. Lines take the colour of the text around them and paper is a
class of its own, so the same picture serves light and dark screens and black ink.
"""

from collections.abc import Callable, Mapping

WIDTH, HEIGHT = 300, 180
LINE = 3.2
PAPER = ' class="paper" fill="#fff"'
TONE = ' class="tone" fill="#ccc"'
FILLS = {"paper": PAPER, "tone": TONE}
INK = ' fill="currentColor" stroke="none"'
POSES: Mapping[str, str] = {
    "ear": "M23 6C46 4 44-28 26-40",
    "ear-left": "M-23 6C-46 4-44-28-26-40",
    "point": "M22 4L62-12",
    "point-left": "M-22 4L-62-12",
    "write": "M22 6L40 34",
    "hold": "M23 8C44 22 50 10 54 0",
    "hold-left": "M-23 8C-44 22-50 10-54 0",
}
HANDSETS: Mapping[str, str] = {
    "ear": '<rect x="20" y="-60" width="11" height="27" rx="3" transform="rotate(14 25-46)"{ink}/>',
    "ear-left": (
        '<rect x="-31" y="-60" width="11" height="27" rx="3" transform="rotate(-14-25-46)"{ink}/>'
    ),
    "hold": '<rect x="48" y="-22" width="14" height="26" rx="3"{paper}/>',
    "hold-left": '<rect x="-62" y="-22" width="14" height="26" rx="3"{paper}/>',
}
Shape = Callable[[list[str]], str]


class CannotDraw(ValueError):
    """A stroke that is not one we know; says which."""


def draw(strokes: tuple[str, ...], *, alt: str) -> str:
    """The picture as one SVG element that says what it shows; CannotDraw names a bad stroke."""
    inner = "".join(map(_stroke, strokes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{_attribute(alt)}" fill="none" stroke="currentColor" stroke-width="{LINE}"'
        f' stroke-linecap="round" stroke-linejoin="round">{inner}</svg>'
    )


def _attribute(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _stroke(stroke: str) -> str:
    shape, *rest = stroke.split()
    numbers, manner = rest[:2], rest[2:]
    if shape not in SHAPES or len(numbers) != 2 or not all(map(_is_number, numbers)):  # noqa: PLR2004  # x and y
        raise CannotDraw(stroke)
    try:
        drawn = SHAPES[shape](manner)
    except (KeyError, ValueError, IndexError):
        raise CannotDraw(stroke) from None
    return f'<g transform="translate({numbers[0]} {numbers[1]})">{drawn}</g>'


def _is_number(word: str) -> bool:
    return word.removeprefix("-").isdigit()


def _person(manner: list[str]) -> str:
    """Head and shoulders; «you» is the one in a darker coat, «small» is a child."""
    coat = "tone" if "you" in manner else "paper"
    poses = [word for word in manner if word not in {"you", "small", "cane"}]
    sleeves = "".join(f'<path d="{POSES[pose]}" stroke-width="13"/>' for pose in poses)
    arms = "".join(_arm(POSES[pose], coat) for pose in poses)
    held = "".join(HANDSETS.get(pose, "").format(ink=INK, paper=PAPER) for pose in poses)
    body = (
        f'{sleeves}<path d="M-27 46V2a27 24 0 0 1 54 0V46Z"{FILLS[coat]}/>'
        f'<circle cy="-42" r="18"{PAPER}/>{arms}{held}'
    )
    if "cane" in manner:
        body += '<path d="M42 46V4a7 7 0 0 0-14 0"/>'
    return f'<g transform="translate(0 16)scale(.62)">{body}</g>' if "small" in manner else body


def _arm(path: str, coat: str) -> str:
    colour = {"tone": "#ccc", "paper": "#fff"}[coat]
    return f'<path d="{path}" class="{coat}-line" stroke="{colour}" stroke-width="6.6"/>'


def _phone(manner: list[str]) -> str:
    """A telephone lying or standing; it may ring, glow with a picture, or charge."""
    drawn = f'<rect x="-13" y="-24" width="26" height="48" rx="5"{PAPER}/><path d="M-4 17H4"/>'
    if "ring" in manner:
        drawn += (
            '<path d="M-22-14q-7 14 0 28M-31-20q-11 20 0 40M22-14q7 14 0 28M31-20q11 20 0 40"/>'
        )
    if "face" in manner:
        drawn += f'<circle cy="-9" r="5"{TONE}/><path d="M-8 8q0-9 8-9t8 9"/>'
    if "full" in manner:
        drawn += f'<rect x="-6" y="-14" width="12" height="22" rx="2"{INK}/><path d="M-3-18H3"/>'
    if "plug" in manner:
        drawn += '<path d="M0 24v8q0 10 12 10h24m0-8v16m0-12h10m-10 8h10"/>'
    return drawn


def _bubble(manner: list[str]) -> str:
    """What somebody says, empty but for a mark; its tail points to the left unless told."""
    drawn = (
        '<path d="M-40-26h80a9 9 0 0 1 9 9v34a9 9 0 0 1-9 9H-24l-20 15 4-15a9 9 0 0 1-9-9'
        f'v-34a9 9 0 0 1 9-9z"{PAPER}/>'
    )
    if "right" in manner:
        drawn = f'<g transform="scale(-1 1)">{drawn}</g>'
    marks = [word for word in manner if word != "right"]
    return drawn + "".join(MARKS[mark] for mark in marks)


MARKS: Mapping[str, str] = {
    "dots": f'<g{INK}><circle cx="-18" r="4.5"/><circle r="4.5"/><circle cx="18" r="4.5"/></g>',
    "dash": '<path d="M-12 0H12"/>',
    "loud": '<path d="M-28 8l9-16 9 16 9-16 9 16 9-16 9 16"/>',
    "ask": '<path d="M-8-8q0-9 8-9t8 8-8 9v5"/><circle cy="13" r="1.6"/>',
    "key": f'<circle cx="-14" r="9"{TONE}/><path d="M-5 0H22M14 0v8M21 0v9"/>',
    "check": '<path d="M-14 1l9 10L15-12" stroke-width="5"/>',
    "house": '<path d="M-15 0L0-14 15 0M-10-4v18h20V-4"/>',
    "heart": f'<path d="M0 14C-24-2-12-18 0-8 12-18 24-2 0 14z"{TONE}/>',
    "photo": '<path d="M-20-15h40v30h-40zM-20 9l13-14 9 9 6-6 12 11"/>',
}


def _mark(manner: list[str]) -> str:
    return "".join(MARKS[mark] for mark in manner)


def _no(manner: list[str]) -> str:
    """A ring with a bar through it: not this."""
    radius = int(manner[0]) if manner else 24
    near = round(radius * 0.707)
    return (
        f'<g stroke-width="5"><circle r="{radius}"/><path d="M-{near}-{near}L{near} {near}"/></g>'
    )


def _table(manner: list[str]) -> str:
    half = int(manner[0]) if manner else 110
    legs = f"M-{half - 14} 0v40M{half - 14} 0v40"
    return f'<path d="M-{half} 0H{half}" stroke-width="5"/><path d="{legs}"/>'


def _notebook(_manner: list[str]) -> str:
    return (
        f'<path d="M-24-18h48v36h-48z"{PAPER}/><path d="M-24-18v36M-13-9h28M-13 0h28M-13 9h16"/>'
        '<path d="M24 16L44-14" stroke-width="5"/>'
    )


def _clock(_manner: list[str]) -> str:
    return f'<circle r="19"{PAPER}/><path d="M0-11V0l8 6"/>'


def _house(manner: list[str]) -> str:
    """A home; `safe` shows a heart over its door."""
    drawn = f'<path d="M-46 46V-6L0-44 46-6v52z"{PAPER}/><path d="M-12 46V12h24v34"/>'
    heart = f'<g transform="translate(0-14)">{MARKS["heart"]}</g>'
    return drawn + heart * ("safe" in manner)


def _arrow(manner: list[str]) -> str:
    """A way to the right, so long, that may rise or fall as it goes."""
    length = int(manner[0])
    rise = int(manner[1]) if len(manner) > 1 else 0
    way = f"M0 0C{length // 2} 0 {length // 2} {rise} {length} {rise}"
    return f'<path d="{way}"/><path d="M{length - 10} {rise - 8}l10 8-10 8"/>'


def _shield(_manner: list[str]) -> str:
    return (
        f'<path d="M0-26L22-17V4C22 18 8 26 0 30-8 26-22 18-22 4V-17z"{TONE}/>'
        '<path d="M-9 2l7 8L11-8"/>'
    )


def _bed(_manner: list[str]) -> str:
    return (
        '<path d="M-38 22V-8M-38 12h76v10M-38 12V4h46q30 0 30 8"/>'
        f'<circle cx="-24" cy="-2" r="7"{PAPER}/>'
        '<path d="M14-32a13 13 0 1 0 12 18A11 11 0 0 1 14-32z"/>'
    )


def _tree(_manner: list[str]) -> str:
    """A question with two ways on."""
    return (
        f'<rect x="-22" y="-40" width="44" height="26" rx="6"{TONE}/>'
        f'<g transform="translate(0-26)scale(.62)">{MARKS["ask"]}</g>'
        '<path d="M0-14V0M-38 14V0H38V14"/>'
        f'<rect x="-56" y="14" width="36" height="24" rx="6"{PAPER}/>'
        f'<rect x="20" y="14" width="36" height="24" rx="6"{PAPER}/>'
    )


def _crowd(_manner: list[str]) -> str:
    """People close together, somewhere public."""
    one = f'<path d="M-13 26V6a13 12 0 0 1 26 0v20z"{PAPER}/><circle cy="-14" r="9"{PAPER}/>'
    places = ((-36, -6), (0, -12), (36, -6), (-18, 6), (20, 6))
    return "".join(f'<g transform="translate({x} {y})">{one}</g>' for x, y in places)


def _coins(_manner: list[str]) -> str:
    """Money: what nobody should speak of."""
    return (
        f'<circle cx="-10" r="11"{PAPER}/><circle cx="8" cy="4" r="11"{TONE}/><path d="M8-1v10"/>'
    )


SHAPES: Mapping[str, Shape] = {
    "person": _person,
    "phone": _phone,
    "bubble": _bubble,
    "mark": _mark,
    "no": _no,
    "table": _table,
    "notebook": _notebook,
    "clock": _clock,
    "house": _house,
    "arrow": _arrow,
    "shield": _shield,
    "bed": _bed,
    "tree": _tree,
    "crowd": _crowd,
    "coins": _coins,
}
