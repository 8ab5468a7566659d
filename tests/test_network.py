"""The suite talks to this machine and to nobody else."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError

# A documentation address (RFC 5737): nobody is there, even if the block failed.
ELSEWHERE = ("192.0.2.1", 443)


@pytest.mark.filterwarnings("ignore:A test tried")
def test_other_machines_are_out_of_reach() -> None:
    with socket.socket() as client, pytest.raises(SocketConnectBlockedError):
        client.connect(ELSEWHERE)


def test_this_machine_is_within_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
