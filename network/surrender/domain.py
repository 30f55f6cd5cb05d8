"""What each table says to whoever reads it, with and without the server secret.

The one list behind the page, the command, `SECURITY.md` and the seizure test. A column that is not
sealed and is not named here fails a test, and so does one that is named here and is not there.
"""

from dataclasses import dataclass
from typing import Final

from network.kernel.words import N_


@dataclass(frozen=True, slots=True)
class Clear:
    """What stands in one table in clear: the sentence people read, and the columns it is about."""

    says: str
    columns: tuple[str, ...]


def _clear(says: str, columns: str) -> Clear:
    return Clear(says, tuple(columns.split()))


IN_CLEAR: Final[dict[str, Clear]] = {
    "absences": _clear(N_("When our own machines were away."), "number engine began_at ended_at"),
    "answered_questions": _clear(
        N_("How many devices signed in within the last five minutes."), "mark expires_at"
    ),
    "anchors": _clear(N_("Up to which entry the log proves what was written."), "number upto"),
    "application_keys": _clear(
        N_("A public key for each request to help, which opens nothing."),
        "application_id epoch public_key",
    ),
    "application_lines": _clear(
        N_("How many lines were written about each request to help."),
        "number id application_id epoch",
    ),
    "application_seats": _clear(
        N_("Which two coordinators look at each request to help."), "application_id epoch member_id"
    ),
    "applications": _clear(
        N_("How many people ask to help, at which step, since which day."),
        "id step course opened_on changed_on erase_on epoch chat_index code_index invitation_id",
    ),
    "approvals": _clear(N_("Who said yes to whom, on which day."), "person_id by_id matter on"),
    "call_plans": _clear(N_("Which families agreed on whom to call."), "case_id epoch"),
    "cases": _clear(
        N_("How many cases there are, how far and how urgent each is, since when, and whose."),
        "id status urgency opened_at ladder epoch coordinator_id activist_id closed_on erase_on"
        " hold_ends_on",
    ),
    "ceremonies": _clear(
        N_("That several open something together: which case's id, who asked, who opens, when."),
        "id matter stage about key_id case_id by_id opener_id ready_at dies_at ends_at",
    ),
    "ceremony_voices": _clear(N_("Who said yes to opening together."), "ceremony_id member_id"),
    "channels": _clear(
        N_("How many other ways each member has, and when they are tested."),
        "id person_id state test_at asked_at",
    ),
    "contacts": _clear(
        N_("Which case a chat belongs to, by a number that says nothing without the secret."),
        "id case_id chat_index is_open",
    ),
    "dials": _clear(
        N_("Which public number was dialled on which day, by whom, and what was heard."),
        "number id line dialled outcome made_on by_id",
    ),
    "drills": _clear(N_("When drills were held."), "id begun_at next_look_at"),
    "endings": _clear(
        N_("On which days alarms about a member ended, for a year."), "id person_id ended_on"
    ),
    "entries": _clear(
        N_("How many entries each case has, in which order."),
        "number id case_id epoch commitment",
    ),
    "epochs": _clear(
        N_("How often the key of a case was changed, and on which days."),
        "case_id number public_key begun_on recovery_id",
    ),
    "exposures": _clear(
        N_("How much a member could open of a case until their keys of it were destroyed."),
        "case_id member_id since_on lost_on epochs entries files",
    ),
    "file_chunks": _clear(N_("How large each file is, roughly."), "file_id number"),
    "files": _clear(
        N_("How many files a case has, and when each was sent."), "id case_id begun_at whole"
    ),
    "grants": _clear(
        N_("Which member can open which case, from which day until which."),
        "case_id epoch member_id granted_on ends_on",
    ),
    "heartbeats": _clear(N_("When our machines were last well."), "engine beat_at"),
    "helped": _clear(
        N_("How often a section of the handbook helped, by month; of nobody."),
        "chapter section month useful times",
    ),
    "inbox": _clear(
        N_("When messages came, for a week, and which came from one and the same chat."),
        "update_id chat_index status arrived_at leased_until attempts message_id",
    ),
    "invitations": _clear(
        N_("Who invited whom, and until when a link is good."),
        "id token_index role vouched invited_by expires_at used_by",
    ),
    "leaves": _clear(N_("Blinded numbers that prove what was written."), "leaf anchor"),
    "link_codes": _clear(
        N_("Who is linking their Telegram in this quarter of an hour."),
        "code_index person_id expires_at",
    ),
    "member_plan_grants": _clear(
        N_("Who of coordination can read whom to call, while an alarm about a member rings."),
        "plan_id member_id",
    ),
    "member_plans": _clear(
        N_("Which members wrote down whom to call, and whether they lately changed it."),
        "id person_id public_key over",
    ),
    "offers": _clear(
        N_("Which member was asked about which case, and what became of it."),
        "id case_id member_id status epoch expires_at",
    ),
    "outbox": _clear(
        N_("When letters were promised and sent, for two days, and which go to the same chat."),
        "number id once chat_index priority is_signal status promised_at due_at leased_until"
        " settled_at attempts error message_id",
    ),
    "outcomes": _clear(
        N_("On which days an alarm of silence ended, for a year."),
        "id case_id person_id ended_on",
    ),
    "pace": _clear(
        N_("How fast letters may go, and how Telegram is."),
        "id free_at quiet_until failing_since failures",
    ),
    "passkeys": _clear(
        N_("How many devices of each member can sign in, since which day."),
        "id person_id credential_index added_on",
    ),
    "people": _clear(
        N_("How many members there are, as what, since which day, and who is on duty."),
        "id role standing on_duty handle_index chat_index public_key key_salt totp_step joined_on",
    ),
    "printed_heads": _clear(N_("The words of the log of each day."), "on number link"),
    "probes": _clear(
        N_("How long our own test letters took."), "number letter_id begun_at out_at alarmed_at"
    ),
    "prompts": _clear(
        N_("Who was asked whether they are well, when, and whether they are late."),
        "id rhythm_id case_id person_id letter_id status planned_at delivered_at asked_at asked"
        " next_look_at",
    ),
    "proposal_copies": _clear(
        N_("Which coordinators decide about something, and who said no."),
        "proposal_id member_id said_no",
    ),
    "proposals": _clear(
        N_("That two coordinators decide something, of which kind, and who asked."),
        "id matter status subject_index proposer_id second_id expires_at ended_on",
    ),
    "raised_limits": _clear(
        N_("Which account may hold more cases than usual, and until when."),
        "member_id most until_on",
    ),
    "reach": _clear(
        N_("How many cases each account could open on each day."),
        "member_id on cases entries families",
    ),
    "receipts": _clear(
        N_("Who opened or changed which case, and when. Never what it said."),
        "number at actor verb case_id subject link",
    ),
    "receipts_head": _clear(N_("How long the log is."), "id number link"),
    "recovery_keys": _clear(
        N_("That there is a key for opening together, and how many are needed."),
        "id public_key split needed is_current begun_on",
    ),
    "recovery_shares": _clear(N_("Who keeps a share of that key."), "key_id member_id"),
    "removals": _clear(
        N_("Who was put out, when, and how many cases they held."), "member_id cases begun_on"
    ),
    "returns": _clear(
        N_("Who is being let back in after losing what shows their codes."),
        "person_id token_index expires_at",
    ),
    "reviews": _clear(
        N_("Which public chapters a specialist reviewed."),
        "id chapter language specialty reviewed_on scope status said_by confirmed_by",
    ),
    "rhythms": _clear(
        N_("Who is asked regularly whether they are well, and when next."),
        "id case_id person_id status next_at",
    ),
    "sessions": _clear(
        N_("Which members are signed in, since when, and when they were last seen."),
        "id person_id opened_at seen_at",
    ),
    "statistics": _clear(
        N_("Of each erased case: a year, perhaps a state, how it ended."),
        "id year state outcome",
    ),
    "talks": _clear(N_("How many chats are in the middle of a talk."), "chat_index"),
    "trainings": _clear(
        N_("Who has answered which chapter's questions, on which day."),
        "person_id chapter digest done_on",
    ),
    "tries": _clear(
        N_("How often somebody tried to sign in under a name that is not said."),
        "key_index failures try_again_at",
    ),
    "trip_grants": _clear(N_("Who could search for whoever travels."), "trip_id member_id"),
    "trips": _clear(
        N_("Who is travelling, and until when it is kept; not where."),
        "id person_id rhythm_id public_key over erase_at",
    ),
    "watches": _clear(
        N_("That something is looked at again soon, of which case or member; not why."),
        "id case_id person_id next_look_at",
    ),
}

# What opens with the server secret, and with nothing else.
WITH_SECRET: Final[dict[str, str]] = {
    "applications.facts": N_(
        "Chat, language and zones of whoever asks to help, and who spoke for them."
    ),
    "cases.card": N_("Each case's reference, its two words, zone, need and situation."),
    "ceremonies.asked": N_("Why something is opened together, and its reference."),
    "ceremony_voices.share": N_("Nothing yet: beneath it lies the lock of whoever is to open."),
    "channels.sealed": N_("Addresses of members' other ways."),
    "contacts.sealed": N_("Each family's chat, language and danger word."),
    "dials.remark": N_("What was remarked about a public number."),
    "drills.state": N_("Who took a drill, and when."),
    "endings.words": N_("How alarms about members ended, in words."),
    "inbox.body": N_("Words that have arrived and are not handled yet, or were put aside."),
    "invitations.alias": N_("What somebody who is invited will be called."),
    "member_plans.until": N_("On which day a member last changed whom to call, for some days."),
    "outbox.payload": N_("Letters that are not delivered yet, or were refused."),
    "outcomes.facts": N_("How alarms of silence ended."),
    "passkeys.facts": N_("Which kind of device signs in, and its public key."),
    "people.profile": N_("Each member's sign-in name, alias, language, chat, level and zones."),
    "rhythms.plan": N_("When somebody is asked whether they are well."),
    "talks.state": N_("At which step each talk is."),
    "watches.state": N_("Which alarms ring, and since when."),
}

# The stated exception: content that passes through, gone as soon as it is handled.
PASSING: Final = frozenset({"inbox.body", "outbox.payload", "talks.state"})


@dataclass(frozen=True, slots=True)
class Told:
    """One table: how many rows it has today, and what they say in clear."""

    table: str
    rows: int
    says: str


@dataclass(frozen=True, slots=True)
class Opening:
    """One sealed column that the server secret opens: how many there are, and what they say."""

    column: str
    many: int
    says: str


@dataclass(frozen=True, slots=True)
class Surrendered:
    """What the database surrenders today, and what more it does with the server secret."""

    clear: tuple[Told, ...]
    shut: dict[str, int]  # envelopes by who alone can open them: case, pair, member, quorum
    opening: tuple[Opening, ...]
    unhandled: int
    set_aside: int
    undelivered: int
    refused: int


def as_table() -> str:
    """The list as it stands in SECURITY.md."""
    lines = ["| table | in clear | what it says |", "|---|---|---|"]
    lines += [
        f"| {name} | {' '.join(each.columns)} | {each.says} |"
        for name, each in sorted(IN_CLEAR.items())
    ]
    lines += ["", "| opens with the server secret | what it says |", "|---|---|"]
    lines += [f"| {name} | {says} |" for name, says in sorted(WITH_SECRET.items())]
    return "\n".join(lines)
