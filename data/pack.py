#!/usr/bin/env python3
"""Turns unpacked registry packages into the tables that ship in this directory.

Usage: pack.py TABLE INPUT... OUTPUT; `refresh.sh` calls it for every table. README.md says what each table holds.
"""

import ast
import csv
import gzip
import json
import re
import sys
from pathlib import Path


def varint(number):
    out = bytearray()
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def write_gzip(path, data):
    # No name and no time in the header, so that the same input gives the same file.
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(data)


def write_lines(path, comment, lines):
    text = "".join(f"# {line}\n" for line in comment) + "".join(f"{line}\n" for line in lines)
    Path(path).write_text(text, encoding="utf-8")


def is_reserved(asn):
    """Whether the number is for private use, for documentation or a placeholder: no system that runs anything."""
    return asn in (0, 23456) or 64496 <= asn <= 131071 or asn >= 4200000000


def organization(asn, name):
    """The name without the number that stands before it, or for it; a table of numbers says nothing of who."""
    name = " ".join(name.split())
    return name.removeprefix(f"AS{asn}").removeprefix(" - ").strip()


def read_ranges(path):
    """Rows (start, end, asn, name) in order, overlaps cut, neighbors of one system joined."""
    joined = []
    with open(path, newline="", encoding="utf-8") as file:
        for start, end, asn, name in csv.reader(file):
            start, end, asn = int(start), int(end), int(asn)
            if is_reserved(asn):
                continue
            if joined and joined[-1][1] >= start:
                joined[-1][1] = start - 1
            if joined and joined[-1][1] + 1 == start and joined[-1][2] == asn:
                joined[-1][1] = end
            else:
                joined.append([start, end, asn, name])
    return joined


def pack_asn(v4_csv, v6_csv, output):
    """The layout is described in crates/intel/src/asn.rs, which reads it."""
    families = [read_ranges(v4_csv), read_ranges(v6_csv)]
    names = {asn: organization(asn, name) for family in families for _, _, asn, name in family}
    numbers = sorted(names)
    index_of = {asn: index for index, asn in enumerate(numbers)}

    out = bytearray(b"portcullis-asn-1\n")
    out += varint(len(numbers))
    for before, number in zip([0, *numbers], numbers):
        out += varint(number - before)
    text = "\n".join(names[number] for number in numbers).encode()
    out += varint(len(text)) + text
    for family in families:
        out += varint(len(family))
        next_free = 0
        for start, end, _, _ in family:
            out += varint(start - next_free)
            next_free = end + 1
        for start, end, _, _ in family:
            size = end - start + 1
            is_power = size & (size - 1) == 0
            out += varint((size.bit_length() - 1) * 2 if is_power else size * 2 + 1)
        for _, _, asn, _ in family:
            out += varint(index_of[asn])
    write_gzip(output, bytes(out))
    print(f"asn: {len(families[0])} v4 + {len(families[1])} v6 ranges, {len(numbers)} systems")


def pack_agents(regexes_yaml, output):
    """Browser and system patterns only: the device patterns triple the cost and nothing reads them."""
    import yaml

    with open(regexes_yaml, encoding="utf-8") as file:
        source = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    kept = {key: source[key] for key in ("user_agent_parsers", "os_parsers")}
    write_gzip(output, json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode())
    print("agents:", ", ".join(f"{len(value)} {key}" for key, value in kept.items()))


# In the crawler list, but seen in the browsers and apps of real people.
NOT_CRAWLERS = {"okhttp", "Viber", "Fluid", "Sonic", "Fever", "Jumio", "GoPay", "RED/", "Odin;", "Make/", "Jetty"}


def pack_crawlers(crawlers_json, output):
    """One text to look for per line; the few patterns that are no plain text are covered in user_agent.rs."""
    patterns = [entry["pattern"] for entry in json.loads(Path(crawlers_json).read_text(encoding="utf-8"))]
    plain = re.compile(r"(?:[^\\.^$*+?()\[\]{}|]|\\[^a-zA-Z0-9])*")
    texts = {re.sub(r"\\(.)", r"\1", pattern) for pattern in patterns if plain.fullmatch(pattern)}
    texts -= NOT_CRAWLERS
    write_lines(output, ["Texts that only crawlers and tools have in their user agent; npm crawler-user-agents, MIT."],
                sorted(texts))
    print(f"crawlers: {len(texts)} of {len(patterns)}")


def pack_disposable(module, output):
    tree = ast.parse(Path(module).read_text(encoding="utf-8"))
    sets = [node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Set)]
    domains = sorted(ast.literal_eval(sets[0]))
    write_lines(output, ["Domains of throw-away mailboxes; PyPI disposable-email-domains, CC0."], domains)
    print(f"disposable: {len(domains)}")


# Free providers that the list lacks.
MORE_FREE = """
proton.me pm.me protonmail.ch tuta.com tuta.io tutanota.com tutanota.de tutamail.com keemail.me mailfence.com
disroot.org riseup.net zohomail.com zohomail.eu zohomail.in daum.net hanmail.net kakao.com nate.com ya.ru
yandex.com yandex.by yandex.kz yandex.ua narod.ru internet.ru xmail.ru me.com mac.com outlook.de outlook.fr
outlook.es outlook.it outlook.jp outlook.sa outlook.in outlook.com.br hotmail.de gmx.at gmx.ch gmx.com mail.de
freenet.de email.cz seznam.cz post.cz interia.pl interia.eu op.pl vp.pl tlen.pl inbox.lv inbox.eu mail.ee
centrum.cz atlas.cz volny.cz azet.sk centrum.sk zoznam.sk citromail.hu freemail.hu i.ua meta.ua bigmir.net
foxmail.com sina.com sina.cn sohu.com yeah.net aliyun.com hotmail.co.th yahoo.co.th yahoo.com.eg
""".split()


def pack_free(free_txt, output):
    lines = Path(free_txt).read_text(encoding="utf-8").split()
    domains = sorted({line.strip().lower() for line in lines} | set(MORE_FREE))
    write_lines(output, ["Free mail providers; npm freemail, ISC, with additions from pack.py."], domains)
    print(f"free: {len(domains)}")


# Usual English names in place of the short ones of iso3166.tab, and codes it lacks.
NAMES = {
    "AE": "United Arab Emirates", "AG": "Antigua and Barbuda", "AS": "American Samoa", "AX": "Åland Islands",
    "BA": "Bosnia and Herzegovina", "BL": "Saint Barthélemy", "BQ": "Caribbean Netherlands", "CD": "DR Congo",
    "CF": "Central African Republic", "CG": "Republic of the Congo", "CI": "Côte d'Ivoire", "CW": "Curaçao", "CZ": "Czechia", "GB": "United Kingdom",
    "GS": "South Georgia and the South Sandwich Islands", "HM": "Heard Island and McDonald Islands",
    "KN": "Saint Kitts and Nevis", "KP": "North Korea", "KR": "South Korea", "LC": "Saint Lucia",
    "MF": "Saint Martin", "MM": "Myanmar", "PM": "Saint Pierre and Miquelon", "PN": "Pitcairn Islands",
    "RE": "Réunion", "SH": "Saint Helena", "ST": "São Tomé and Príncipe", "SX": "Sint Maarten",
    "SZ": "Eswatini", "TC": "Turks and Caicos Islands", "TF": "French Southern Territories", "TR": "Türkiye",
    "TT": "Trinidad and Tobago", "UM": "U.S. Outlying Islands", "VC": "Saint Vincent and the Grenadines",
    "VG": "British Virgin Islands", "VI": "U.S. Virgin Islands", "WF": "Wallis and Futuna", "WS": "Samoa",
    "XK": "Kosovo",
}


# The continents' codes by CLDR's numbers of regions. North America goes down to Panama and has the Caribbean.
CONTINENTS = {"002": "AF", "142": "AS", "150": "EU", "003": "NA", "009": "OC", "005": "SA"}


def continents(territory_containment):
    """The continent of each country."""
    regions = json.loads(Path(territory_containment).read_text(encoding="utf-8"))
    regions = regions["supplemental"]["territoryContainment"]

    def countries(region):
        parts = regions.get(region, {}).get("_contains", [])
        return {region} if not parts else set().union(*map(countries, parts))

    found = {country: code for region, code in CONTINENTS.items() for country in countries(region)}
    # CLDR counts it to the outlying parts of Oceania.
    return found | {"AQ": "AN"}


def pack_countries(iso3166_tab, zone_tab, territory_containment, output):
    def rows(path):
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        return [line.split("\t") for line in lines if line and not line.startswith("#")]

    zones = {}
    for code, _, zone, *_ in rows(zone_tab):
        zones.setdefault(code, []).append(zone)
    names = {code: name.replace("&", "and") for code, name in rows(iso3166_tab)} | NAMES
    continent_of = continents(territory_containment)
    lines = []
    for code, name in sorted(names.items()):
        of_country = zones.get(code, [])
        zone = of_country[0] if len(of_country) == 1 else ""
        lines.append(f"{code}\t{name}\t{zone}\t{continent_of.get(code, '')}")
    head = "ISO 3166-1 code, English name, the time zone where there is just one, continent; tz database, CLDR."
    write_lines(output, [head], lines)
    print(f"countries: {len(lines)}")


if __name__ == "__main__":
    table, *paths = sys.argv[1:]
    {
        "agents": pack_agents,
        "asn": pack_asn,
        "countries": pack_countries,
        "crawlers": pack_crawlers,
        "disposable": pack_disposable,
        "free": pack_free,
    }[table](*paths)
