"""Mail that no machine's answer comes back to (E22)."""

import pytest

from contentops.followup.mail import Letter, Mailer
from contentops.settings import MailSettings

from . import servers
from .servers import SENDER, mail_toml, publish, queue


@pytest.fixture
def server():
    with servers.smtp_server() as running:
        yield running


@pytest.mark.parametrize(("setting", "expected"), [("false", SENDER), ("true", "<>")])
@pytest.mark.row("E22")
def test_E22_return_path_is_the_senders_or_empty(make_workspace, server, setting, expected) -> None:
    workspace = make_workspace(extra=mail_toml(server.port, empty_return_path=setting))
    paper = publish(workspace)
    for number in (1, 2):  # the second letter goes over the same connection
        queue(workspace, paper, f"zhang{number}@example.cn")
    assert workspace.outbox.run(once=True).done == 2
    assert server.return_paths == [expected] * 2
    assert [str(letter["From"]) for _to, letter in server.letters] == [SENDER] * 2
    assert all(server_id.endswith("@example.com>") for server_id in server.ids)
    for _to, letter in server.letters:
        assert (letter["Auto-Submitted"], letter["Precedence"]) == ("auto-generated", "bulk")


@pytest.mark.row("E22")
def test_E22_letters_to_colleagues_as_well(server, clock) -> None:
    values = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": SENDER}
    mailer = Mailer(MailSettings.model_validate({**values, "empty_return_path": True}))
    letter = Letter("wang@example.com", "本周事项", "请看", "", "zh-CN", "key")
    mailer.send(letter, clock())
    assert server.return_paths == ["<>"]
    assert str(server.letters[0][1]["From"]) == SENDER
