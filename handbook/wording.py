"""The sentences the handbook itself adds, in each language, so that no chapter forgets them."""

from dataclasses import dataclass

DEFAULT = "es"


@dataclass(frozen=True, slots=True)
class Wording:
    """What every chapter of one language says in the same words."""

    under_review: str
    limits: str
    untested: str
    answered: str
    silent: str
    wrong: str
    left_out: str
    about_lines: str
    worksheets: str
    sources: str
    about_sources: str
    only_paper: str
    words: str
    about_words: str
    pictures: str
    see_pictures: str
    in_pictures: str
    in_words: str
    on_paper: str
    leaflet: str
    surely: dict[str, str]


WORDING = {
    "es": Wording(
        under_review="Consejo en revisión por personas especialistas",
        limits="No somos policía ni negociadores. No tocamos dinero.",
        untested="sin probar",
        answered="contestó el {day}",
        silent="no contestó el {day}",
        wrong="el {day} no era ese servicio",
        left_out=(
            "Esta parte la está revisando una persona especialista. Mientras tanto, esta red no la "
            "muestra. Una persona de la red te puede orientar."
        ),
        about_lines=(
            "«Sin probar»: esta red no ha marcado ese número para comprobarlo, o lo hizo hace más "
            "de 90 días."
        ),
        worksheets="Hojas para llenar a mano",
        sources="Fuentes",
        about_sources=(
            "Leímos las leyes en textos de marzo de 2026. Falta que las revise una persona "
            "abogada. Las notas de prensa y páginas no se han vuelto a abrir para esta edición."
        ),
        only_paper="Sólo en papel. Guárdala donde no la vea cualquiera.",
        words="Palabras",
        about_words="La primera vez que un capítulo usa una de estas palabras, lleva aquí.",
        pictures="en dibujos",
        see_pictures="Verlo en dibujos",
        in_pictures="En dibujos",
        in_words="Leer el capítulo",
        on_paper="Para imprimir o guardar",
        leaflet="Este capítulo para imprimir",
        surely={
            "A": "leído en el texto oficial",
            "B": "según prensa u organizaciones",
            "C": "fuente débil o en conflicto",
            "U": "sin verificar",
        },
    ),
    "en": Wording(
        under_review="Advice under specialist review",
        limits="We are not police or negotiators. We never handle money.",
        untested="not tested",
        answered="answered on {day}",
        silent="did not answer on {day}",
        wrong="on {day} it was not that service",
        left_out=(
            "A specialist is reviewing this part. Until then this network does not show it. "
            "Somebody of the network can guide you."
        ),
        about_lines=(
            "“Not tested”: this network has not dialled that number to check it, or did so more "
            "than 90 days ago."
        ),
        worksheets="Sheets to fill in by hand",
        sources="Sources",
        about_sources=(
            "We read the laws in texts of March 2026; a lawyer still has to review them. "
            "Press pages were not opened again for this edition."
        ),
        only_paper="Only on paper. Keep it where not everybody can see it.",
        words="Words",
        about_words="The first time a chapter uses one of these words, it leads here.",
        pictures="in pictures",
        see_pictures="See it in pictures",
        in_pictures="In pictures",
        in_words="Read the chapter",
        on_paper="To print or keep",
        leaflet="This chapter to print",
        surely={
            "A": "read in the official text",
            "B": "according to press or organisations",
            "C": "weak or conflicting source",
            "U": "not verified",
        },
    ),
}
LANGUAGES = tuple(WORDING)
LOCALES = {"es": "es_MX", "en": "en_GB"}  # how each writes its dates
