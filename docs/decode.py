"""Prints signed events as JSON, one a line. The format: docs/format.md.
Reads [cbor, sig] in hex, one a line, or as bytes, one after another.
Refuses what is not canonical, a plain body included, or not signed: exit 1."""
import hashlib, json, sys

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)
FIELDS = "v room author instance seq prev deps ts tz type key epoch body".split()
KINDS = [int, bytes, bytes, bytes, int, bytes, list, int, int, str, str, int, bytes]

def need(ok, what):
    if not ok:
        raise ValueError(what)

def item(b, at=0, depth=1):
    """Returns the item that starts at b[at], and where it ends."""
    need(depth <= 8 and at < len(b), "truncated, or nested deeper than 8")
    major, n, at = b[at] >> 5, b[at] & 31, at + 1
    if major == 7:
        need(n in (20, 21), "float or simple value")
        return n == 21, at
    need(major != 6 and n < 28, "tag, reserved form or indefinite length")
    if n > 23:
        size, least = 1 << n - 24, (24, 1 << 8, 1 << 16, 1 << 32)[n - 24]
        n, at = int.from_bytes(b[at:at + size], "big"), at + size
        need(at <= len(b) and n >= least, "truncated, or not the shortest form")
    if major < 2:
        need(n < 1 << 63, "integer out of range")
        return (-1 - n if major else n), at
    if major < 4:
        need(at + n <= len(b), "truncated")
        return (b[at:at + n] if major == 2 else b[at:at + n].decode()), at + n
    values, last = [], b""
    for _ in range(n):
        if major == 5:
            start, (name, at) = at, item(b, at, depth)
            need(type(name) is str and b[start:at] > last, "map keys are not sorted text")
            last = b[start:at]
        value, at = item(b, at, depth + 1)
        values.append((name, value) if major == 5 else value)
    return (dict(values) if major == 5 else values), at

def whole(b, kind):
    value, end = item(b)
    need(end == len(b) and type(value) is kind, "trailing bytes, or no " + kind.__name__)
    return value

def point(b):
    y = int.from_bytes(b, "little") & (1 << 255) - 1
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if x * x % P == x2 else x * ROOT % P
    need(x * x % P == x2, "no point of the curve")
    return (x if x & 1 == b[31] >> 7 else -x % P), y % P

def add(p, q):
    (a, b), (c, d) = p, q
    t = D * a * b * c * d
    return (a * d + b * c) * pow(1 + t, -1, P) % P, (b * d + a * c) * pow(1 - t, -1, P) % P

def times(n, p):
    half = times(n >> 1, p) if n else (0, 1)
    return add(add(half, half), p) if n & 1 else add(half, half)

def signed(key, message, sig):
    """RFC 8032 5.1.7 without cofactor: S*B - k*A must encode to R."""
    s, (ax, ay) = int.from_bytes(sig[32:], "little"), point(key)
    k = int.from_bytes(hashlib.sha512(sig[:32] + key + message).digest(), "little") % L
    x, y = add(times(s, point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))), times(k, (-ax % P, ay)))
    return s < L and (y | (x & 1) << 255).to_bytes(32, "little") == sig[:32]

def event(b):
    pair = whole(b, list)
    need(len(b) <= 65536 and [type(x) for x in pair] == [bytes, bytes], "not [cbor, sig], or over 64 KiB")
    values, (raw, sig) = whole(pair[0], list), pair
    need([type(x) for x in values] == KINDS and values[0] == 1, "not the 13 fields of version 1")
    _, room, author, instance, seq, prev, deps, ts, tz, name, key, epoch, body = values
    sizes = [len(x) for x in (room, author, instance, prev, sig)]
    need(sizes == [32, 32, 8, 32 if seq else 0, 64] and (seq == 0 or any(prev)), "size of a field")
    need(0 <= seq < 1 << 53 and 0 <= ts < 1 << 53 and -1080 <= tz <= 1080 and epoch >= 0, "range")
    need(1 <= len(name.encode()) <= 64 and len(key.encode()) <= 128, "size of type or key")
    heads = 1024 if name in ("room.close", "room.reopen", "room.checkpoint") else 16
    need(len(deps) <= heads and all(type(d) is bytes and len(d) == 32 for d in deps), "deps")
    need(deps == sorted(set(deps)), "deps are not sorted and unique")
    ident = hashlib.sha256(b"intercom/event/1\0" + raw).digest()
    need(signed(author, b"intercom/sig/event/1\0" + ident, sig), "signature")
    return {"id": ident, **dict(zip(FIELDS, values)), "body": body if epoch else whole(body, dict), "sig": sig}

data, status = sys.stdin.buffer.read(), 0
for part in [data] if data[:1] == b"\x82" else map(bytes.fromhex, data.decode().split()):
    at = 0
    while at < len(part):
        try:
            start, at = at, len(part)
            at = item(part, start)[1]
            print(json.dumps(event(part[start:at]), default=bytes.hex))
        except ValueError as err:
            print(json.dumps({"error": str(err)}))
            status = 1
sys.exit(status)
