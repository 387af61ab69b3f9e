"""Signs requests with an access key as the application SDKs of the device platform do."""

import datetime
import hashlib
import hmac
import urllib.parse

UNRESERVED = "~"


def quoted(text):
    return urllib.parse.quote(text, safe=UNRESERVED)


def canonical_query(query):
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in sorted(pairs))


def canonical_request(method, target, headers, body):
    path, _, query = target.partition("?")
    path = "/".join(quoted(part) for part in urllib.parse.unquote(path).split("/"))
    names = sorted(name.lower() for name in headers if "_" not in name)
    values = {name.lower(): value for name, value in headers.items()}
    digest = values.get("x-sdk-content-sha256") or hashlib.sha256(body).hexdigest()
    lines = [method, path if path.endswith("/") else path + "/", canonical_query(query)]
    lines += [f"{name}:{values[name].strip()}" for name in names]
    return "\n".join([*lines, "", ";".join(names), digest]), ";".join(names)


def hex_hmac(key, text):
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def derived_key(ak, sk, info):
    extracted = hmac.new(ak.encode(), sk.encode(), hashlib.sha256).digest()
    return hmac.new(extracted, info.encode() + b"\x01", hashlib.sha256).hexdigest()


def sdk_date(offset=0):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset)
    return now.strftime("%Y%m%dT%H%M%SZ")


def sign(ak, sk, method, target, headers, body=b"", region=None):
    """The headers with X-Sdk-Date, unless it is there, and Authorization; with a region: derived."""
    headers = dict(headers)
    headers.setdefault("X-Sdk-Date", sdk_date())
    date = headers["X-Sdk-Date"]
    request, names = canonical_request(method, target, headers, body)
    digest = hashlib.sha256(request.encode()).hexdigest()
    if region is None:
        signature = hex_hmac(sk, f"SDK-HMAC-SHA256\n{date}\n{digest}")
        scheme = f"SDK-HMAC-SHA256 Access={ak}"
    else:
        info = f"{date[:8]}/{region}/iotdm"
        key = derived_key(ak, sk, info)
        signature = hex_hmac(key, f"V11-HMAC-SHA256\n{date}\n{info}\n{digest}")
        scheme = f"V11-HMAC-SHA256 Credential={ak}/{info}"
    headers["Authorization"] = f"{scheme}, SignedHeaders={names}, Signature={signature}"
    return headers
