"""Who sent it, how much, what it says: the guards before the form."""

import pytest
from starlette.requests import Request

from contentops.web.reading import (
    JSON,
    Refused,
    check_origin,
    check_size,
    client_network,
    content_type,
    normal_origin,
    parse_body,
)
from contentops.web.reading import (
    URLENCODED as FORM,
)

OWN = ["https://www.example.com"]


def request(client: str = "203.0.113.9", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw, "client": (client, 1)})


def status_of(function, *arguments) -> int:
    with pytest.raises(Refused) as caught:
        function(*arguments)
    return caught.value.status


class TestOrigin:
    @pytest.mark.parametrize("origin", ["https://www.example.com", "https://WWW.example.com"])
    def test_own_page_is_trusted(self, origin) -> None:
        assert check_origin(request(origin=origin), OWN) is True

    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "https://www.example.com.evil.example",
            "http://www.example.com",
            "https://www.example.com:8443",
            "null",
            "",
        ],
    )
    def test_other_pages_are_refused(self, origin) -> None:
        assert status_of(check_origin, request(origin=origin), OWN) == 403

    def test_fetch_metadata(self) -> None:
        assert status_of(check_origin, request(sec_fetch_site="cross-site"), OWN) == 403
        assert check_origin(request(sec_fetch_site="same-origin"), OWN) is True
        assert check_origin(request(), OWN) is False

    def test_normal_form(self) -> None:
        assert normal_origin("https://Example.com:443/x?y") == "https://example.com"
        assert normal_origin("http://127.0.0.1:8000") == "http://127.0.0.1:8000"
        assert normal_origin("http://[::1]:8000/") == "http://[::1]:8000"

    def test_writing_it_so_again_changes_nothing(self) -> None:
        for url in ("https://例子.example.cn:8443/x", "http://[2001:DB8::1]", "http://[::1]:80/"):
            assert normal_origin(normal_origin(url)) == normal_origin(url) != ""


class TestSender:
    @pytest.mark.row("C9")
    def test_header_counts_only_from_a_trusted_proxy(self) -> None:
        assert client_network(request(x_forwarded_for="6.6.6.6"), []) == "203.0.113.9"
        behind = request("10.0.0.2", x_forwarded_for="6.6.6.6, 198.51.100.7, 10.0.0.1")
        assert client_network(behind, ["10.0.0.0/8"]) == "198.51.100.7"

    @pytest.mark.row("C9")
    def test_ten_hops_are_looked_at(self) -> None:
        """Who writes a thousand trusted addresses into the header chooses none: at worst the tenth one counts."""
        chain = ", ".join(f"10.0.{n // 250}.{n % 250}" for n in range(1000))
        assert client_network(request("10.9.9.9", x_forwarded_for=f"6.6.6.6, {chain}"), ["10.0.0.0/8"]) == "10.0.3.240"
        nine = ", ".join(["6.6.6.6", *["10.0.0.1"] * 9])
        assert client_network(request("10.9.9.9", x_forwarded_for=nine), ["10.0.0.0/8"]) == "6.6.6.6"

    @pytest.mark.parametrize(
        ("hop", "sender"),
        [
            ("198.51.100.7:5678", "198.51.100.7"),
            ("[2001:db8::1]:443", "2001:db8::/64"),
            ("[2001:db8::1]", "2001:db8::/64"),
            ("2001:db8::1", "2001:db8::/64"),
            ("[::ffff:198.51.100.7]:80", "198.51.100.7"),
        ],
    )
    def test_a_proxy_may_write_the_port_too(self, hop, sender) -> None:
        assert client_network(request("10.0.0.2", x_forwarded_for=hop), ["10.0.0.0/8"]) == sender
        behind = request("10.0.0.2", x_forwarded_for=f"6.6.6.6, {hop}, 10.0.0.1:4711")
        assert client_network(behind, ["10.0.0.0/8"]) == sender

    @pytest.mark.parametrize(
        "header",
        [
            "198.51.100.7:",
            "198.51.100.7:x",
            "[2001:db8::1",
            "[]:443",
            "1:2",
            "unknown",
            "<script>",
            "6.6.6.6, unknown",
            "",
            "," * 50,
        ],
    )
    def test_junk_never_becomes_a_sender(self, header) -> None:
        assert client_network(request("10.0.0.2", x_forwarded_for=header), ["10.0.0.0/8"]) == "10.0.0.2"

    def test_ipv6_counts_by_its_64(self) -> None:
        assert client_network(request("2001:db8:1:2:3:4:5:6"), []) == client_network(request("2001:db8:1:2::9"), [])
        assert client_network(request("testclient"), []) == "unknown"


class TestType:
    @pytest.mark.parametrize("header", [FORM, FORM + "; charset=UTF-8", FORM.upper()])
    def test_form(self, header) -> None:
        assert content_type(request(content_type=header)) == FORM

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "text/plain",
            "multipart/mixed; boundary=x",
            "multipart/form-data; boundary=x; charset=gbk",
            FORM + "; charset=gbk",
            "application/xml",
            "\\" * 8000,
        ],
    )
    def test_others_are_refused(self, header) -> None:
        assert status_of(content_type, request(content_type=header)) == 415

    def test_compressed_is_refused(self) -> None:
        assert status_of(content_type, request(content_type=FORM, content_encoding="gzip")) == 415

    @pytest.mark.parametrize(
        ("length", "status"), [("65537", 413), ("9" * 400, 413), ("-1", 400), ("x", 400), ("１", 400)]
    )
    def test_size(self, length, status) -> None:
        bad = Request(
            {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-length", length.encode("utf-8"))]}
        )
        assert status_of(check_size, bad) == status


class TestBody:
    def test_form_and_json(self) -> None:
        assert parse_body(b"name=%E5%BC%A0&x=1&x=", FORM) == [("name", "张"), ("x", "1"), ("x", "")]
        assert parse_body('{"name": "张", "x": "1"}'.encode(), JSON) == [("name", "张"), ("x", "1")]

    @pytest.mark.parametrize(
        "body",
        [b"name=\xff", b"name=%FF", b"name=%ED%A0%80", b"name=%C0%AF", b"\xed\xa0\x80=1", "name=张".encode("gb18030")],
    )
    def test_what_is_not_utf8_is_refused_and_never_guessed(self, body) -> None:
        assert status_of(parse_body, body, FORM) == 400

    @pytest.mark.parametrize(
        "body",
        [b"", b"[]", b"1", b"null", b"{", b'{"a":NaN}', b'{"a":"x"}x',
         b'{"a":"\\ud800"}', b"[" * 60_000, b'{"a":' * 5000, "\ufeff{}".encode(), '{"a":"b"}'.encode("utf-16"), b'{"a":' + b"9" * 6000 + b"}"],
    )  # fmt: skip
    def test_json_that_is_no_flat_object_of_texts_is_refused(self, body) -> None:
        assert status_of(parse_body, body, JSON) == 400

    def test_too_many_fields(self) -> None:
        assert status_of(parse_body, b"&".join([b"a=1"] * 61), FORM) == 413
        assert status_of(parse_body, b"{" + b",".join([b'"a":"1"'] * 61) + b"}", JSON) == 413

    def test_duplicate_keys_are_kept_for_the_form_to_refuse(self) -> None:
        assert parse_body(b'{"name":"a","name":"b"}', JSON) == [("name", "a"), ("name", "b")]
