"""Make codes.tsv, what the coded values of MARC 21 mean, from hand-written rows and public code lists.

    git clone https://github.com/lcnetdev/marc2bibframe2
    git clone https://github.com/lcnetdev/bibframe2marc
    git clone https://github.com/traject/traject
    python3 tools/coded_values.py marc2bibframe2 bibframe2marc traject > src/coded/codes.tsv

coded_values.tsv beside this file has the hand-written rows. From traject (MIT) come languages, geographic
areas and performers; from the Library of Congress (CC0) types of media and carriers. The other maps of the
Library of Congress have labels of its BIBFRAME vocabularies, not those of MARC 21 ("volume" for large print),
so that they only prove that no code is missing. In codes.tsv a code ends before its trailing blanks: a blank
is nothing.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HEADER = """\
# What the coded values of MARC 21 mean: table, code without trailing blanks, label, "obsolete" if it is that.
# Made by tools/coded_values.py; change tools/coded_values.tsv, not this file. Sources:
# tools/coded_values.tsv: written by hand from the documentation of the Library of Congress (April 2026; lists
#   of countries and relators, and changes of the other lists: 2024-05-12)
# geographic-area, language, performer: traject (MIT), lib/translation_maps (2015-01-27, 2023-03-08 and
#   2013-07-30)
# carrier-type, media-type: lcnetdev/marc2bibframe2 (CC0), xsl/conf/codeMaps.xml (2024-11-04)
"""

# Map of codeMaps.xml -> table with the same codes.
SAME_CODES = {
    "bioform": "biography",
    "captureStorage": "capture",
    "computerFileType": "computer-file-type",
    "contentTypes": "record-type",
    "crorigform": "original-form",
    "crscript": "title-script",
    "crtype": "continuing-resource-type",
    "descriptionConventions": "cataloging-form",
    "frequency": "frequency",
    "litform": "literary-form",
    "mapform": "map-format",
    "marcgt": "nature-of-contents",
    "maudience": "target-audience",
    "menclvl": "encoding-level",
    "millus": "illustrations",
    "mstatus": "record-status",
    "musicCompForm": "form-of-composition",
    "musicFormat": "format-of-music",
    "musicSuppContent": "accompanying-matter",
    "musicTextForm": "literary-text",
    "playbackSpeed": "recording-speed",
    "projection": "projection",
    "reductionRatioRange": "reduction-ratio-range",
    "relief": "relief",
    "tapeConfig": "tape-configuration",
    "technique": "technique",
    "visualtype": "visual-type",
}
MAPS_OF_LABELS = {"carriers": "carrier-type", "mediaTypes": "media-type"}
# Languages of ISO 639-2 that are none in MARC 21: private use, and Standard Moroccan Tamazight.
NOT_MARC = {"qaa-qtz", "zgh"}


def hand_written(path):
    """Rows of the hand-written file: (table, code) -> label, mark."""
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        table, code, label, *mark = line.split("\t")
        key = table, code.replace("#", " ").rstrip(" ")
        assert key not in rows and mark in ([], ["obsolete"]) and label == label.strip(), line
        rows[key] = label, *mark
    return rows


def translation_map(path, end=None):
    """Code and label of each line of a translation map of traject, before one that begins with `end`."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if end is not None and line.startswith(end):
            return
        if found := re.fullmatch(r"""(['"]?)([a-z-]+)\1: *(.+?) *""", line):
            label = found[3]
            if label[0] in "'\"":
                label = label[1:-1].replace("''", "'")
            yield found[2], label


def code_maps(path):
    """The maps of codeMaps.xml: name -> code -> label. Element names cannot begin with a digit."""
    return {
        found.tag: {re.sub(r"^[x_](?=\d)", "", item.tag): item.text for item in found}
        for found in ElementTree.parse(path).getroot()
    }


def named_map(path, name):
    """The entries of a map of 99-maps.xml."""
    root = ElementTree.parse(path).getroot()
    space = root.tag.partition("}")[0] + "}"
    return next(list(found) for found in root.iter(f"{space}map") if found.get("name") == name)


def main():
    """Write the rows of all tables, sorted, to standard output; fail where a known code is missing."""
    marc2bibframe2, bibframe2marc, traject = map(Path, sys.argv[1:])
    conf = marc2bibframe2 / "xsl" / "conf"
    maps = code_maps(conf / "codeMaps.xml")
    rules = bibframe2marc / "rules" / "99-maps.xml"
    translations = traject / "lib" / "translation_maps"

    rows = {}
    for code, label in translation_map(translations / "marc_geographic.yaml"):
        rows["geographic-area", code] = (label,)
    for code, label in translation_map(translations / "marc_languages.yaml", end="# ISO 639-3"):
        rows["language", code] = (label,)
    for code, label in translation_map(translations / "marc_instruments.yaml"):
        rows["performer", code] = (label,)
    for name, table in MAPS_OF_LABELS.items():
        for code, label in maps[name].items():
            rows[table, code] = (label[0].upper() + label[1:],)
    rows |= hand_written(Path(__file__).with_suffix(".tsv"))

    known = {(table, code) for name, table in SAME_CODES.items() for code in maps[name]}
    known |= {("performer", entry.findtext("code")) for entry in named_map(rules, "df048performers")}
    missing = sorted(known - set(rows))
    for language in ElementTree.parse(conf / "languageCrosswalk.xml").getroot().iter("language"):
        codes = {code.text for code in language.iter("iso6392")}  # for some, of ISO 639-2/B and 639-2/T
        if not any(("language", code) in rows for code in codes - NOT_MARC):
            missing += codes - NOT_MARC
    if missing:
        sys.exit(f"without a label: {missing}")

    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.write(HEADER)
    for (table, code), row in sorted(rows.items()):
        print(table, code, *row, sep="\t")


if __name__ == "__main__":
    main()
