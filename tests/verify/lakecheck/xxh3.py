"""XXH3, 64 bits, seed 0, for inputs of up to 128 bytes: progress keeps finished files as such hashes of their names."""

_SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
)
_MASK = (1 << 64) - 1
_PRIME_1 = 0x9E3779B185EBCA87
_PRIME_2 = 0xC2B2AE3D27D4EB4F
_PRIME_3 = 0x165667B19E3779F9
_MIX = 0x9FB21C651E98DF25


def _u32(data, at):
    return int.from_bytes(data[at : at + 4], "little")


def _u64(data, at):
    return int.from_bytes(data[at : at + 8], "little")


def _fold(a, b):
    product = a * b
    return (product & _MASK) ^ (product >> 64)


def _avalanche(h):
    h ^= h >> 37
    h = h * 0x165667919E3779F9 & _MASK
    return h ^ (h >> 32)


def _avalanche_64(h):
    h ^= h >> 33
    h = h * _PRIME_2 & _MASK
    h ^= h >> 29
    h = h * _PRIME_3 & _MASK
    return h ^ (h >> 32)


def _rotate(h, bits):
    return ((h << bits) | (h >> (64 - bits))) & _MASK


def _short(data):
    size = len(data)
    if size > 8:
        low = _u64(data, 0) ^ _u64(_SECRET, 24) ^ _u64(_SECRET, 32)
        high = _u64(data, size - 8) ^ _u64(_SECRET, 40) ^ _u64(_SECRET, 48)
        swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
        return _avalanche((size + swapped + high + _fold(low, high)) & _MASK)
    if size >= 4:
        h = (_u32(data, size - 4) + (_u32(data, 0) << 32)) ^ _u64(_SECRET, 8) ^ _u64(_SECRET, 16)
        h ^= _rotate(h, 49) ^ _rotate(h, 24)
        h = h * _MIX & _MASK
        h ^= (h >> 35) + size
        h = h * _MIX & _MASK
        return h ^ (h >> 28)
    if size > 0:
        combined = data[0] << 16 | data[size >> 1] << 24 | data[size - 1] | size << 8
        return _avalanche_64(combined ^ _u32(_SECRET, 0) ^ _u32(_SECRET, 4))
    return _avalanche_64(_u64(_SECRET, 56) ^ _u64(_SECRET, 64))


def xxh3_64(data):
    """Hashes up to 128 bytes; raises ValueError above that."""
    size = len(data)
    if size <= 16:
        return _short(data)
    if size > 128:
        raise ValueError("xxh3_64 is written for at most 128 bytes")
    h = size * _PRIME_1
    for i in range((size - 1) // 32 + 1):
        for at, secret in ((16 * i, 32 * i), (size - 16 * (i + 1), 32 * i + 16)):
            h += _fold(_u64(data, at) ^ _u64(_SECRET, secret), _u64(data, at + 8) ^ _u64(_SECRET, secret + 8))
    return _avalanche(h & _MASK)
