#!/usr/bin/env python3
"""Turns the ranges of PyPI iporigin into plain lists: tor.txt, vpn.txt, relay.txt and hosting.txt.

Usage: iporigin.py RANGES_BIN OUTPUT_DIRECTORY. A line is a network in CIDR form, a space, and whose it is.
"""

import ipaddress
import os
import struct
import sys
from pathlib import Path

HEADER = struct.Struct("<8sHQHII")
V4 = struct.Struct("<IIH")
V6 = struct.Struct("<16s16sH")

# Relays forward real people of one device maker, and keep their country: they are no VPN.
RELAYS = {"Apple Private Relay"}
# A transit network: many of its ranges are companies' own lines.
NOT_HOSTING = {"Cogent"}


def read(blob):
    """Yields (first address, last address, provider, kind)."""
    magic, version, _, label_count, v4_count, v6_count = HEADER.unpack_from(blob, 0)
    if magic != b"IPORIGIN" or version != 1:
        sys.exit("iporigin: a layout that this script does not know")
    at = HEADER.size
    labels = []
    for _ in range(label_count):
        (length,) = struct.unpack_from("<H", blob, at)
        provider, _, kind = blob[at + 2 : at + 2 + length].decode().partition("\t")
        labels.append((provider, kind))
        at += 2 + length
    for _ in range(v4_count):
        first, last, label = V4.unpack_from(blob, at)
        yield ipaddress.IPv4Address(first), ipaddress.IPv4Address(last), *labels[label]
        at += V4.size
    for _ in range(v6_count):
        first, last, label = V6.unpack_from(blob, at)
        yield ipaddress.IPv6Address(first), ipaddress.IPv6Address(last), *labels[label]
        at += V6.size


def list_for(provider, kind):
    if provider in RELAYS:
        return "relay.txt"
    if kind in ("hosting", "cdn", "bot"):
        return None if provider in NOT_HOSTING else "hosting.txt"
    return {"tor": "tor.txt", "vpn": "vpn.txt", "proxy": "proxy.txt"}.get(kind)


def main(ranges, directory):
    lists = {}
    for first, last, provider, kind in read(Path(ranges).read_bytes()):
        name = list_for(provider, kind)
        if name:
            lines = lists.setdefault(name, [])
            lines += (f"{network} {provider}\n" for network in ipaddress.summarize_address_range(first, last))
    for name, lines in sorted(lists.items()):
        path = Path(directory, name)
        part = path.with_suffix(".part")
        part.write_text("# From PyPI iporigin; see data/README.md.\n" + "".join(lines), encoding="utf-8")
        os.replace(part, path)
        print(f"  {name}: {len(lines)} networks")


if __name__ == "__main__":
    main(*sys.argv[1:])
