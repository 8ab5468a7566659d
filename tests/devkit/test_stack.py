"""Which commands run, and where the broker listens."""

from pathlib import Path

from devkit.stack import LONGEST_SOCKET_PATH, Valkey, make_process, procfile_commands


def test_procfile_is_read_without_its_comments() -> None:
    commands = procfile_commands("# how\nweb: serve --port $PORT\n\nbeat: tick a:b\n")

    assert commands == {"web": "serve --port $PORT", "beat": "tick a:b"}


def test_variables_are_filled_in_without_a_shell(tmp_path: Path) -> None:
    process = make_process("web", "serve --at '$HOST; rm x' -n live@%h", {"HOST": "127.0.0.1"}, tmp_path)

    assert process.command == ["serve", "--at", "127.0.0.1; rm x", "-n", "live@%h"]


def test_broker_listens_beside_its_data(tmp_path: Path) -> None:
    assert Valkey({}, tmp_path).url == f"unix://{tmp_path}/valkey/valkey.sock"


def test_broker_in_a_deep_folder_listens_where_the_path_is_short(tmp_path: Path) -> None:
    deep = tmp_path / ("folder-" * 12)

    valkey = Valkey({}, deep)

    assert len(str(valkey.socket)) <= LONGEST_SOCKET_PATH
    assert str(deep / "valkey") in valkey.process.command
