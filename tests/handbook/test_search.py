"""A frightened person types as they speak."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbook.search import search


@pytest.mark.parametrize(
    ("query", "section"),
    [
        ("voz con inteligencia artificial", "ia"),
        ("ya deposité dinero", "ya-mandaste"),
        ("ya mande el dinero q ago", "ya-mandaste"),
        ("me dijieron q me fuera a un otel", "aislar"),
        ("palabra clave", "palabra"),
        ("puedo grabar las yamadas", "cuaderno"),
        ("tengo que esperar 72 horas", "hoy"),
        ("la policia me da miedo", "miedo"),
        ("bloqueo el celular de mi ermano", "telefono"),
        ("como saber si es mentira la llamada", "senales"),
        ("mis niños", "los-demas"),
        ("a quien le digo", "quien-sabe"),
        ("q ago si me ablan de q tienen a mi ijo", "ahora"),
        ("me estan yamando", "ahora"),
        ("apago el celular", "telefono"),
        ("me piden deposito en el oxxo", "senales"),
        ("quien debe ablar con eyos", "respira"),
        ("donde reporto", "reportar"),
        ("quiero denunciar anonimo", "dilo"),
        ("guardar el chat como prueba", "pruebas"),
        ("ba a venir a mi casa", "los-demas"),
        ("soy migrante sin papeles", "sin-papeles"),
        ("ya regreso mi ermano", "ahora"),
        ("me violaron", "violencia-sexual"),
        ("yegan los de la prensa", "medios"),
        ("no duermo desde q me soltaron", "reacciones"),
        ("pienso en morirme", "urgente"),
        ("registro de victimas", "registro"),
        ("quiero bolber a trabajar", "volver"),
        ("no aparece mi ija", "ahora"),
        ("poner mi numero en la ficha", "fichas"),
        ("amparo buscador", "busqueda"),
        ("declaracion de ausencia", "ausencia"),
        ("carpeta de emergencia", "carpeta"),
        ("cita por tinder", "citas"),
        ("cadenas de wasap falsas", "rumores"),
        ("prueba de vida", "prueba"),
        ("yevamos dos dias de silencio", "silencio"),
        ("que digo cuando yaman", "frases"),
        ("cambiaron de numero", "cambios"),
        ("gritan y amenasan", "amenazas"),
        ("debemos pagar el rescate", "honestidad"),
        ("cuanto dinero ofresco", "sin-formulas"),
        ("me piden que benda la casa", "deudas"),
        ("quien lleva el dinero", "quien-no"),
        ("denunciar sin dar mi nombre", "distancia"),
        ("no me tomaron la denuncia", "no-atienden"),
        ("que derechos tengo", "derechos"),
        ("un desconocido ofrese ayudarnos", "ofertas"),
        ("nos estamos peleando en la familia", "desacuerdos"),
        ("turnos para dormir", "turnos"),
        ("me van a deportar si denuncio", "deportacion"),
        ("piden dinero por mi ermano q va al norte", "familias-lejos"),
        ("como acompaño a una familia", "si-hacemos"),
        ("quien puede entrar a la red", "quien-entra"),
        ("que le digo a mi ijo", "edad"),
        ("falta una niña", "si-es-menor"),
        ("aviso en la escuela", "escuela"),
        ("mecanismo de proteccion", "mecanismo"),
        ("q quiere decir carpeta", "glosario"),
        ("telefonos de mi estado", "estados"),
        ("cuantos secuestros ay en mexico", "cifras"),
        ("soy periodista y me amenasan", "ahora"),
    ],
)
def test_the_section_that_answers_is_among_the_first_three(query: str, section: str) -> None:
    assert section in [hit.section for hit in search(query, "es", 3)]


def test_accents_do_not_matter() -> None:
    with_accents, without = search("policía", "es"), search("policia", "es")
    assert with_accents == without != ()


def test_english_readers_find_english() -> None:
    urls = [hit.url for hit in search("code word", "en", 3)]
    assert "/manual/llamada-virtual?lang=en#palabra" in urls
    assert all("?lang=en" in url for url in urls)


@given(st.text(max_size=400))
def test_junk_never_breaks_it(query: str) -> None:
    assert len(search(query, "es", 5)) <= 5


@pytest.mark.parametrize("junk", ["", " ", '"', "AND", "NEAR(", "a*b:c^d", "' OR 1=1 --", "\x00"])
def test_the_language_of_the_index_is_not_the_readers(junk: str) -> None:
    search(junk, "es", 5)
