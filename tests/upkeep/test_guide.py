"""What docs/guide/operate.md tells people to write is read by the programs it is for: nginx, systemd, the shell."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guide"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
FORM = {"name": "张三", "company": "示例公司", "consent_delivery": "yes"}


def blocks(kind: str, guide: str = "operate.md") -> list[str]:
    text = (GUIDES / guide).read_text(encoding="utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("kind", ["ini", "toml", "console"])
def test_both_languages_say_the_same(kind) -> None:
    """Comments differ, commands and settings do not."""

    def bare(block: str) -> list[str]:
        return [re.sub(r"\s+# .*", "", line) for line in block.splitlines() if not line.startswith("Description=")]

    english, chinese = ([bare(block) for block in blocks(kind, guide)] for guide in ("operate.md", "operate.zh.md"))
    assert english == chinese


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_units_are_understood(tmp_path) -> None:
    text = (GUIDES / "operate.md").read_text(encoding="utf-8")
    names = re.findall(r"`/etc/systemd/system/(.*?)`", text)
    assert len(names) == len(blocks("ini")) == 3
    for name, block in zip(names, blocks("ini"), strict=True):
        unit = block.replace("/opt/contentops/bin/contentops", sys.executable)
        (tmp_path / name).write_text(unit, encoding="utf-8")
    for name in names:
        words = ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        about_ours = [line for line in (done.stdout + done.stderr).splitlines() if "contentops" in line]
        assert about_ours == []


@pytest.fixture
def behind_nginx(gated_workspace, serve_process, tmp_path):
    """The guide's nginx, with other paths and ports, before the real server; returns its port and the server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    workspace = gated_workspace(extra='\n[capture]\ntrusted_proxies = ["127.0.0.1/32"]\nper_minute = 4\n')
    settings = workspace.folder / "contentops.toml"
    text = settings.read_text(encoding="utf-8").replace("http://127.0.0.1:8000", f"http://127.0.0.1:{port}")
    settings.write_text(text, encoding="utf-8")
    server = serve_process(workspace)
    block = blocks("nginx")[0].replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    site = tmp_path / "site"  # nginx takes no blanks in unquoted paths
    site.symlink_to(workspace.folder / "site")
    block = block.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}").replace("/srv/content/site", str(site))
    block = block.replace("/var/log/nginx", str(tmp_path))
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "".join(
        f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"daemon off; master_process on; {user} pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
        f"http {{ {temporary} access_log off;\n{block}\n}}\n",
        encoding="utf-8",
    )
    checked = subprocess.run([NGINX, "-t", "-c", config], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen([NGINX, "-c", config], stderr=subprocess.DEVNULL)
    for _try in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        time.sleep(0.05)
    yield port, server, tmp_path
    process.terminate()
    process.wait(10)


def ask(port: int, method: str, path: str, body=None, headers=None, source: str = "127.0.0.1"):
    connection = HTTPConnection("127.0.0.1", port, timeout=20, source_address=(source, 0))
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()


@pytest.mark.skipif(NGINX is None, reason="needs nginx")
@pytest.mark.row("C9")
def test_C9_nginx_of_the_guide_before_the_real_server(behind_nginx) -> None:
    port, server, folder = behind_nginx

    def post(email: str, source: str, **more: str) -> int:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{port}"}
        body = urlencode({**FORM, "email": email})
        return ask(port, "POST", "/zh/w/form", body, {**kind, **more}, source)[0]

    status, headers, body = ask(port, "GET", "/zh/w/")
    assert (status, "白皮书" in body.decode()) == (200, True)
    assert "default-src 'none'" in headers["content-security-policy"]
    assert b'name="form_token"' in body  # our server wrote into the page when it was shown
    assert "x-request-id" not in ask(port, "GET", "/static/icon.svg")[1]  # nginx served the file itself
    for path in ("/healthz", "/readyz", "/nichts/"):
        assert ask(port, "GET", path)[0] == 404
    # Each visitor has limits of their own (half, since these forms show no token), whatever they write into headers.
    assert [post(f"li{n}@example.cn", "127.0.0.2", X_Forwarded_For=f"203.0.113.{n}") for n in range(3)] == [
        303,
        303,
        429,
    ]
    forged = [post(f"li{n}@example.cn", "127.0.0.2", **{"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(3)]
    assert forged == [429, 429, 429]
    assert post("wang@example.cn", "127.0.0.3") == 303
    assert ask(port, "POST", "/zh/w/form", b"x" * 70_000)[0] == 413
    token = ask(port, "POST", "/zh/w/form", urlencode({**FORM, "email": "zhao@example.cn"}),
                {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{port}"},
                "127.0.0.4")[1]["location"].partition("g=")[2]  # fmt: skip
    assert ask(port, "GET", f"/d/{token}/w")[2].startswith(b"%PDF")
    assert server.stop() == 0
    assert ask(port, "GET", "/zh/w/")[0] == 200  # pages stay while the server restarts
    log = (folder / "contentops.log").read_text(encoding="utf-8")
    assert "POST 303" in log
    for hidden in ("127.0.0.", token[:20], "utm_"):
        assert hidden not in log
