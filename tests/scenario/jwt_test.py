"""Tokens in place of passwords: each algorithm, what a token says of the client, its end, and other keys."""

import base64
import hmac
import json
import subprocess
import time
import unittest

from access_test import BAD_CREDENTIALS, NOT_AUTHORIZED, AccessCase
from support.packets import V5, V31, V311
from support.wire import wait_until

SECRET = b"0123456789abcdef0123456789abcdef"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(sign, header, **claims):
    claims = {"sub": "tina", "exp": int(time.time()) + 600} | claims
    text = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    return text + "." + base64url(sign(text.encode()))


def by_secret(text, secret=SECRET):
    return hmac.digest(secret, text, "sha256")


def hs256(secret=SECRET, **claims):
    return token(lambda text: by_secret(text, secret), {"alg": "HS256", "typ": "JWT"}, **claims)


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


def two_numbers(der):
    """R and S of a signature in DER, 32 bytes each."""
    numbers, at = b"", 2
    for _ in range(2):
        size = der[at + 1]
        numbers += der[at + 2 : at + 2 + size].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + size
    return numbers


class TokenCase(AccessCase):
    def start_with(self, secret=SECRET, **access):
        (self.folder / "key").write_bytes(secret)
        return self.start(**({"jwt_key_file": "key"} | access))

    def pair(self, name, *kind):
        private, public = self.folder / f"{name}.pem", self.folder / f"{name}.pub"
        openssl("genpkey", "-algorithm", *kind, "-out", str(private))
        openssl("pkey", "-in", str(private), "-pubout", "-out", str(public))
        return private

    def rs256(self, private, kid=None, **claims):
        def sign(text):
            return openssl("dgst", "-sha256", "-sign", str(private), data=text)

        header = {"alg": "RS256"} | ({"kid": kid} if kid else {})
        return token(sign, header, **claims)

    def es256(self, private, kid=None, **claims):
        def sign(text):
            return two_numbers(openssl("dgst", "-sha256", "-sign", str(private), data=text))

        header = {"alg": "ES256"} | ({"kid": kid} if kid else {})
        return token(sign, header, **claims)

    def rsa_jwk(self, private, kid):
        shown = openssl("rsa", "-in", str(private), "-noout", "-modulus").decode().strip()
        modulus = bytes.fromhex(shown.partition("=")[2])
        return {"kty": "RSA", "kid": kid, "use": "sig", "n": base64url(modulus), "e": "AQAB"}

    def ec_jwk(self, private, kid):
        point = openssl("pkey", "-in", str(private), "-pubout", "-outform", "DER")[-64:]
        return {
            "kty": "EC", "crv": "P-256", "kid": kid,
            "x": base64url(point[:32]), "y": base64url(point[32:]),
        }


class Algorithms(TokenCase):
    def test_a_secret_lets_in_who_has_its_signature(self):
        self.start_with()
        for version in (V31, V311, V5):
            with self.subTest(version):
                self.join(version, f"c{version}", "tina", hs256()).disconnect()
                for wrong in (hs256() + "A", hs256(b"x" * 32), hs256()[:-44] + ".", "a.b.c",
                              hs256(sub="tom"), hs256(nbf=int(time.time()) + 300)):
                    self.refuse(BAD_CREDENTIALS, version, "c", "tina", wrong)
                self.refuse(NOT_AUTHORIZED, version, "c", "tina", hs256(exp=int(time.time()) - 61))
                self.join(version, f"c{version}", "alice", "wonderland").disconnect()
        self.join(V5, "c", None, hs256()).disconnect()
        self.refuse(BAD_CREDENTIALS, V5, "c", None, "wonderland")
        self.assertIn("its signature is wrong", self.log.read_text())
        self.stop()

    def test_public_keys_of_both_kinds_check_signatures(self):
        for name, kind, sign in (
            ("rsa", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], self.rs256),
            ("ec", ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], self.es256),
        ):
            with self.subTest(name):
                private = self.pair(name, *kind)
                public = (self.folder / f"{name}.pub").read_bytes()
                self.start_with(public)
                self.join(V5, "c", "tina", sign(private)).disconnect()
                self.join(V311, "c", "tina", sign(private)).disconnect()
                # The public key as the secret of an HMAC, and a token that nobody signed.
                self.refuse(BAD_CREDENTIALS, V5, "c", "tina", hs256(public))
                nobody = token(lambda text: b"", {"alg": "none"})
                self.refuse(BAD_CREDENTIALS, V5, "c", "tina", nobody)
                self.stop()

    def test_the_kid_chooses_a_key_of_a_set_and_a_reload_has_other_keys(self):
        rsa = self.pair("rsa", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        ec = self.pair("ec", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        keys = self.folder / "keys.json"
        keys.write_text(json.dumps({"keys": [self.rsa_jwk(rsa, "r"), self.ec_jwk(ec, "e")]}))
        self.start(jwt_keys_file="keys.json")
        self.join(V5, "c", "tina", self.rs256(rsa, "r")).disconnect()
        stays = self.join(V5, "stays", "tina", self.es256(ec, "e"))
        self.refuse(BAD_CREDENTIALS, V5, "c", "tina", self.rs256(rsa, "e"))
        self.refuse(BAD_CREDENTIALS, V5, "c", "tina", self.rs256(rsa))
        keys.write_text('{"keys": []}')
        self.reload("reload_refused")
        self.assertIn("keys.json: ", self.log.read_text())
        self.join(V5, "c", "tina", self.rs256(rsa, "r")).disconnect()
        keys.write_text(json.dumps({"keys": [self.rsa_jwk(rsa, "r")]}))
        self.reload(" reloaded")
        self.refuse(BAD_CREDENTIALS, V5, "c", "tina", self.es256(ec, "e"))
        self.join(V5, "c", "tina", self.rs256(rsa)).disconnect()
        stays.ping()
        self.stop()

    def test_a_broken_key_keeps_the_server_from_starting(self):
        (self.folder / "key").write_text("short")
        self.configure(jwt_key_file="key")
        done = self.command("serve", "--config", "holdfast.toml")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("key: this is a secret of less than 32 bytes", done.stderr)
        done = self.command("check-config", "holdfast.toml")
        self.assertIn("less than 32 bytes", done.stderr)


class Claims(TokenCase):
    def test_issuer_audience_and_client_are_those_of_the_token(self):
        self.start_with(jwt_issuer="https://us", jwt_audience="mqtt")
        good = {"iss": "https://us", "aud": ["http", "mqtt"], "client_id": "c"}
        self.join(V5, "c", "tina", hs256(**good)).disconnect()
        self.refuse(BAD_CREDENTIALS, V5, "d", "tina", hs256(**good))
        self.refuse(BAD_CREDENTIALS, V5, "c", "tina", hs256(**good | {"iss": "https://them"}))
        self.refuse(BAD_CREDENTIALS, V5, "c", "tina", hs256(**good | {"aud": "http"}))
        self.stop()

    def test_the_list_of_a_token_says_what_its_client_may_do(self):
        self.start_with(rules_file="rules.toml")
        acl = [
            {"deny": ["receive"], "topics": ["t/${client_id}/secret"]},
            {"allow": ["readwrite"], "topics": ["t/${client_id}/#"]},
        ]
        for version in self.each():
            refused = 0x87 if version == V5 else 0x80
            name = f"c{version}"
            client = self.join(version, name, "tina", hs256(acl=acl))
            self.assertEqual(client.subscribe([f"t/{name}/#", "t/#"], 1), [1, refused])
            client.publish(f"t/{name}/secret", b"1", 1)
            client.publish(f"t/{name}/open", b"2", 1)
            self.assertEqual(client.message().payload, b"2")
            # Of what the list does not speak, the rules do.
            self.assertLess(client.publish(f"home/tina/{name}", b"3", 1), 0x80)
            denied = 0x87 if version == V5 else 0
            self.assertEqual(client.publish("t/other/x", b"4", 1), denied)
            client.disconnect()
        broken = hs256(acl=[{"allow": ["everything"], "topics": ["#"]}])
        self.refuse(BAD_CREDENTIALS, V5, "c", "tina", broken)
        self.stop()

    def test_the_connection_ends_with_its_token(self):
        self.start_with()
        for version in self.each():
            expiry = int(time.time()) + 3
            client = self.join(version, f"c{version}", "tina", hs256(exp=expiry))
            other = self.join(version, f"o{version}", "tina", hs256())
            if version == V5:
                client.expect_disconnect(0x87)
            else:
                client.expect_closed()
            self.assertGreaterEqual(time.time(), expiry - 0.1)
            self.assertLess(time.time(), expiry + 2)
            other.ping()
        wait_until("the log to say why", lambda: "token_expired" in self.log.read_text())
        self.stop()


if __name__ == "__main__":
    unittest.main()
