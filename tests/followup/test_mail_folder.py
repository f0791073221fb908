"""The folder that takes letters where no mail server is set."""

import os

import pytest

from contentops.followup.mail import MailFolder
from contentops.followup.mail.letter import Letter


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such rights")
def test_letters_are_nobody_elses_to_read(tmp_path, clock) -> None:
    for umask, folder in ((0o022, tmp_path / "邮件"), (0o000, tmp_path / "out" / "mail")):
        before = os.umask(umask)
        try:
            for _twice in range(2):
                MailFolder(folder).send(Letter("zhang@example.cn", "主题", "正文", "", "zh-CN", "message x"), clock())
        finally:
            os.umask(before)
        (file,) = folder.iterdir()
        assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
