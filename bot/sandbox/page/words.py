"""The words of the phone page, Spanish first."""

LANGUAGES = ("es", "en")

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Hilo · teléfonos de práctica", "Hilo · practice phones"),
    "intro": (
        (
            "Teléfonos para conocer Hilo sin Telegram. Rosa es la familia: empieza por ella. "
            "Nada de lo que escribes aquí sale de esta computadora."
        ),
        (
            "Phones to get to know Hilo without Telegram. Rosa is the family: begin with her. "
            "Nothing you write here leaves this computer."
        ),
    ),
    "web": ("Abrir la web", "Open the web"),
    "other_language": ("English", "Español"),
    "codes": ("Códigos de acceso", "Sign-in codes"),
    "codes_intro": (
        "Cuentas de práctica para entrar en la web. El código cambia cada 30 segundos.",
        "Practice accounts for signing in on the web. The code changes every 30 seconds.",
    ),
    "codes_missing": (
        "Todavía no hay cuentas de práctica. Aparecerán aquí cuando exista el archivo:",
        "There are no practice accounts yet. They will show here as soon as this file exists:",
    ),
    "handle": ("Usuario", "Handle"),
    "passphrase": ("Frase", "Passphrase"),
    "code": ("Código", "Code"),
    "copy": ("Copiar", "Copy"),
    "copied": ("Copiado", "Copied"),
    "faults": ("Fallas", "Faults"),
    "faults_intro": (
        "Para practicar un mal día: así se porta la red cuando algo falla.",
        "To practise a bad day: this is how the network behaves when something fails.",
    ),
    "fault_too_many": ("Telegram pide esperar 5 s (429)", "Telegram asks to wait 5 s (429)"),
    "fault_error": ("Telegram falla (500)", "Telegram fails (500)"),
    "fault_gateway": ("Telegram no responde bien (502)", "Bad gateway (502)"),
    "fault_slow": ("Cada respuesta tarda 3 s", "Each answer takes 3 s"),
    "fault_cut_before": (
        "Se corta la conexión antes de hacer nada",
        "The connection breaks before anything is done",
    ),
    "fault_cut_after": (
        "Se corta después: se hizo, pero el bot no lo sabe",
        "It breaks afterwards: done, but the bot cannot know",
    ),
    "fault_redelivery": ("Todo llega dos veces al bot", "Everything reaches the bot twice"),
    "latency": ("Demora de la red", "Network delay"),
    "clear_faults": ("Quitar todas las fallas", "Clear all faults"),
    "role_family": ("familia", "family"),
    "role_activist": ("persona acompañante", "activist"),
    "role_coordinator": ("coordinación", "coordinator"),
    "start": ("Iniciar", "Start"),
    "restart": ("Reiniciar el bot", "Restart bot"),
    "start_hint": (
        "Aquí empieza la conversación. Toca Iniciar.",
        "The conversation starts here. Press Start.",
    ),
    "linked_hint": (
        "Este teléfono ya está unido a su cuenta. Los avisos llegan aquí.",
        "This phone is already linked to its account. Notices arrive here.",
    ),
    "write": ("Escribe un mensaje", "Write a message"),
    "send": ("Enviar", "Send"),
    "attach": ("Adjuntar", "Attach"),
    "photo": ("Foto", "Photo"),
    "document": ("Documento", "Document"),
    "voice": ("Nota de voz de ejemplo", "Sample voice note"),
    "location": ("Ubicación de ejemplo", "Sample location"),
    "voice_note": ("Nota de voz", "Voice note"),
    "contact": ("Contacto", "Contact"),
    "place": ("Ubicación", "Location"),
    "menu": ("Opciones del teléfono", "Phone options"),
    "commands": ("Comandos", "Commands"),
    "block": ("Bloquear el bot", "Block the bot"),
    "unblock": ("Desbloquear el bot", "Unblock the bot"),
    "blocked": ("Bloqueaste el bot", "You blocked the bot"),
    "typing": ("escribiendo…", "typing…"),
    "bot": ("bot", "bot"),
    "edited": ("editado", "edited"),
    "silent": ("sin sonido", "silent"),
    "edited_mark": ("editado", "edited"),
    "silent_mark": ("sin sonido", "silent"),
    "protected_mark": ("protegido", "protected"),
    "protected": ("no se puede reenviar ni guardar", "cannot be forwarded or saved"),
    "deleted": ("Mensaje borrado", "Message deleted"),
    "ok": ("Entendido", "OK"),
    "add_phone": ("Otro teléfono", "Another phone"),
    "add_phone_name": ("¿Cómo se llama la persona?", "What is the person's name?"),
    "add": ("Agregar", "Add"),
    "cancel": ("Cancelar", "Cancel"),
    "lost": ("Sin conexión con el servidor de práctica.", "The practice server does not answer."),
    "failed": ("No se pudo. Intenta otra vez.", "That did not work. Try again."),
    "phones": ("Teléfonos", "Phones"),
    "photo_alt": ("Foto enviada", "Photo sent"),
    "seconds": ("s", "s"),
}


def words(language: str) -> dict[str, str]:
    """Every word of the page in one language."""
    index = LANGUAGES.index(language)
    return {key: pair[index] for key, pair in _WORDS.items()}
