"""The response network, and the walk of one message through it.

1. Telegram hands over an update. `bot.ingress` stores it, sealed with the server secret, in the
   inbox, once per `update_id`, and only then tells Telegram it has it.
2. A bot worker takes the oldest waiting update of a free chat, wraps the text in `Plaintext` on its
   first line, and asks one service through the door.
3. The door opens the one transaction, reads who this is now (so a revocation bites at once), runs
   the service, commits or rolls back, and logs verb, id and outcome.
4. `cases.services.intake`: a new case key pair, grants for the coordinators on duty, the text
   sealed to the case, letters promised in the outbox. One commit: message, notice, inbox mark.
5. The postman leases a letter, renders it in the reader's language (a reference, no details), sends
   it, marks it.
6. A coordinator opens the web room: `cases.web` → `cases.services` → policy → store. Triage, brief,
   offer.
7. An activist presses Accept in the bot or on the page: the same service. A guarded update lets one
   win; the grant is theirs. The country's ladder is copied into the case, because policies change
   and cases in flight must not.
8. The clock knocks; `checkins.services.watch` claims the rows whose `next_look_at` has passed, pure
   code in `checkins.domain` decides, and the rung with its letters is written in the same
   transaction.
9. Nobody answers: the next rung. A letter that can never be delivered is itself a reason to climb.
10. Every engine leaves a heartbeat; `/healthz`, a banner on every page, and somebody outside the
    machine notice silence.

This file imports nothing, so that the bot can use a service without loading Flask.
"""
