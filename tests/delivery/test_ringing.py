"""Channels ring in a process of their own that reaches nothing it should not."""

import subprocess
import sys
from ipaddress import ip_network

import pytest

from network.ringing import ROOT, SCHEMAS, Call, reachable, ring_apart
from tests.delivery.conftest import Mail, Ntfy, TarPit

HOME = (ip_network("127.0.0.0/8"),)
OTHERS = (ip_network("10.8.0.0/16"), ip_network("fc00::/7"))
SENTENCE = "río-maple needs somebody now."


def test_ntfy_and_mail_ring_with_the_sentence_and_a_neutral_title(ntfy: Ntfy, mail: Mail) -> None:
    by_mail = f"mailto://127.0.0.1:{mail.port}?from=hilo@example.org&to=ana@example.org"
    calls = [Call(ntfy.address, "Hilo", SENTENCE), Call(by_mail, "Hilo", SENTENCE)]

    assert ring_apart(calls, private=HOME) == [True, True]

    assert ntfy.heard == [SENTENCE]
    ((to, text),) = mail.letters
    assert to == "ana@example.org"
    assert "Subject: Hilo" in text


def test_nothing_near_is_reached_but_what_a_technician_names(ntfy: Ntfy, mail: Mail) -> None:
    calls = [
        Call(ntfy.address, "Hilo", SENTENCE),
        Call(ntfy.address.replace("127.0.0.1", "localhost"), "Hilo", SENTENCE),
        Call(ntfy.address.replace("127.0.0.1", "2130706433"), "Hilo", SENTENCE),
        Call(f"mailto://127.0.0.1:{mail.port}?from=h@example.org&to=a@example.org", "H", "x"),
    ]

    assert ring_apart(calls, private=OTHERS) == [False] * 4

    assert ntfy.heard == []
    assert mail.letters == []


def test_channels_that_drip_keep_no_other_from_ringing_nor_from_being_known_to_have_rung(
    ntfy: Ntfy, tar_pit: TarPit
) -> None:
    slow = [Call(tar_pit.address, "Hilo", SENTENCE)] * 9
    told: list[tuple[int, bool]] = []

    def tell(at: int, ok: bool) -> None:
        told.append((at, ok))
        tar_pit.over.set()  # only now do the others come to an end

    rang = ring_apart([*slow, Call(ntfy.address, "Hilo", SENTENCE)], private=HOME, tell=tell)

    assert ntfy.heard == [SENTENCE]
    assert told[0] == (9, True)
    assert rang[9]
    assert tar_pit.came == 9


def test_a_call_over_its_deadline_leaves_its_place_to_the_next_and_what_rang_has_rung(
    ntfy: Ntfy, tar_pit: TarPit
) -> None:
    said = "from ipaddress import ip_network\n"
    said += "import network.ringing as r\n"
    said += "r.DEADLINE, r.AT_ONCE = 0.5, 1\n"
    said += f"slow, well = ({tar_pit.address!r}, {ntfy.address!r})\n"
    said += "r.kind_of(slow)\n"
    said += "r._ring_all([r.Call(each, 'H', 'x') for each in (slow, slow, well)], print)\n"
    done = subprocess.run(
        [sys.executable, "-c", said], cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    assert ntfy.heard == ["x"], done.stderr
    assert (2, "True") in [
        (int(at), ok) for at, ok in map(str.split, done.stdout.decode().splitlines())
    ]


def test_a_redirect_is_not_followed(ntfy: Ntfy) -> None:
    ntfy.status, ntfy.location = 307, f"http://127.0.0.1:{ntfy.server_port}/elsewhere"
    assert ring_apart([Call(ntfy.address, "Hilo", SENTENCE)], private=HOME) == [False]
    assert len(ntfy.heard) == 1


def test_no_kind_but_those_on_the_list_rings(ntfy: Ntfy) -> None:
    port = ntfy.server_port
    refused = ("json", "xml", "form", "file", "syslog", "dbus", "windows", "macosx", "workflows")
    calls = [Call(f"{one}://127.0.0.1:{port}/x", "Hilo", SENTENCE) for one in refused]
    assert ring_apart(calls, private=HOME) == [False] * len(calls)
    assert ntfy.heard == []
    assert not SCHEMAS & {*refused, "http", "https", "exec", "apprise", "apprises", "gnome"}


def test_every_kind_on_the_list_is_one_that_apprise_has() -> None:
    said = "from network.ringing import SCHEMAS, kind_of\n"
    said += "print([one for one in SCHEMAS if not kind_of(one + '://x').enabled])"
    done = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, b"[]"), done.stderr


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.4.4", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.0", "224.0.0.1", "::1", "fe80::1%eth0", "fc00::5", "::ffff:127.0.0.1"),  # noqa: S104
        *("64:ff9b::7f00:1", "2002:7f00:1::", "not-an-address"),
    ],
)
def test_an_address_of_a_private_network_is_not_of_the_open_internet(host: str) -> None:
    assert not reachable(host)


def test_a_network_that_is_named_is_reached_and_its_neighbours_are_not() -> None:
    assert reachable("10.8.3.4", OTHERS)
    assert reachable("fc00::5", OTHERS)
    assert not reachable("10.9.0.1", OTHERS)
    assert not reachable("127.0.0.1", OTHERS)


@pytest.mark.parametrize("host", ["9.9.9.9", "2620:fe::fe", "64:ff9b::909:909"])
def test_an_address_of_the_open_internet_is(host: str) -> None:
    assert reachable(host)
