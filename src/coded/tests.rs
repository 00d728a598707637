//! Facts from the documentation of MARC 21, the tables as a whole, the preset, and real records.

use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::prelude::*;

use super::tables::{Part, Row, Table, places};
use super::*;

const BOOK: &str = "01234nam a2200289 a 4500";
const SERIAL: &str = "01234nas a2200289 a 4500";
const COMPUTER: &str = "01234nmm a2200289 a 4500";
const MAP: &str = "01234nem a2200289 a 4500";
const SCORE: &str = "01234ncm a2200289 a 4500";
const FILM: &str = "01234ngm a2200289 a 4500";
const ARCHIVE: &str = "01234npc a2200289 a 4500";
const AUTHORITY: &str = "01234nz  a2200289n  4500";

const COUNTRY: Site = Site::Control(*b"008", 15, 17);
const LANGUAGE: Site = Site::Control(*b"008", 35, 37);
const ILLUSTRATIONS: Site = Site::Control(*b"008", 18, 21);

fn meaning(site: Site, leader: &str, field: &str, value: &str) -> Meaning {
    coded(site).unwrap_or_else(|| panic!("{site:?} is not coded")).meaning(leader, field, value)
}

fn label(meaning: Meaning) -> Label {
    match meaning {
        Meaning::Label(label) => label,
        other => panic!("{other:?}"),
    }
}

/// Positions of 008 in a record with this leader, a value there, and its label.
#[track_caller]
fn reads(leader: &str, cases: &[(usize, usize, &str, &str)]) {
    for &(first, last, value, text) in cases {
        let found = label(meaning(Site::Control(*b"008", first, last), leader, "", value));
        assert_eq!(found.text, text, "008/{first}-{last} {value:?}");
    }
}

/// Positions of a field 006 or 007, the field, and their label.
#[track_caller]
fn reads_in(tag: &[u8; 3], cases: &[(usize, usize, &str, &str)]) {
    for &(first, last, field, text) in cases {
        let found = label(meaning(Site::Control(*tag, first, last), BOOK, field, &field[first..=last]));
        assert_eq!(found.text, text, "{first}-{last} of {field:?}");
    }
}

fn tables() -> BTreeMap<&'static str, Table> {
    places().iter().map(|place| (place.table.0[0].table, place.table)).collect()
}

fn rows() -> impl Iterator<Item = &'static Row> {
    tables().into_values().flat_map(|table| table.0)
}

fn data_lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn every_line_is_read_and_every_table_has_its_place() {
    let lines = data_lines(include_str!("codes.tsv"));
    assert_eq!(rows().count(), lines.len());
    assert!(lines.is_sorted_by(|line, next| line.split('\t').lt(next.split('\t'))));
    assert!(rows().all(|row| !row.label.is_empty() && row.label.trim() == row.label));
    let in_series = places().iter().filter(|place| matches!(place.cut, Cut::Every(_)));
    assert!(in_series.flat_map(|place| place.table.0).all(|row| !row.label.contains("; ")));
    let written = places().iter().filter(|place| !matches!(place.when, When::Form(_))).count();
    assert_eq!(written, data_lines(include_str!("places.tsv")).len());
}

#[test]
fn every_code_is_found() {
    for row in rows() {
        let found = tables()[row.table].get(&format!("{}  ", row.code)).unwrap();
        assert_eq!((found.code, found.label), (row.code, row.label));
    }
    assert!(tables().values().all(|table| table.get("no code").is_none()));
}

#[test]
fn the_tables_are_whole() {
    let size = |name| tables()[name].0.len();
    assert!(size("language") >= 515 && size("country") >= 380);
    assert!(size("geographic-area") >= 585 && size("relator") >= 268);
    let (mut positions, mut codes) = (0, 0);
    for place in places().iter().filter(|place| matches!(place.part, Part::Positions { .. })) {
        positions += 1;
        codes += place.table.0.len();
    }
    assert!(positions >= 212, "{positions} positions");
    assert!(codes - size("language") - size("country") >= 2_300, "{codes} codes");
}

#[test]
fn discontinued_codes_keep_a_label_and_a_mark() {
    let is_obsolete = |site, value| label(meaning(site, BOOK, "", value)).is_obsolete;
    let area = Site::Subfield(*b"043", b'a');
    for (site, discontinued, valid) in [
        (COUNTRY, "ur ", "ru "),
        (LANGUAGE, "scr", "hrv"),
        (area, "e-ur-un", "e-un---"),
        (Site::Subfield(*b"700", b'4'), "clb", "ctb"),
        (Site::Leader(6, 6), "b", "p"),
        (Site::Control(*b"008", 24, 27), "bh  ", "bf  "),
    ] {
        assert!(is_obsolete(site, discontinued) && !is_obsolete(site, valid), "{discontinued}, {valid}");
    }
    let count = |table| rows().filter(|row| row.is_obsolete && row.table == table).count();
    assert_eq!(["language", "country", "geographic-area"].map(count), [31, 48, 51]);
}

#[test]
fn the_leader_is_read() {
    for (position, code, text) in [
        (5, "c", "Corrected or revised"),
        (6, "j", "Musical sound recording"),
        (7, "s", "Serial"),
        (8, " ", "No specific type"),
        (9, "a", "UCS/Unicode"),
        (17, " ", "Full level"),
        (17, "I", "Full level, input by an OCLC participant"),
        (18, "i", "ISBD punctuation included"),
        (19, "a", "Set"),
    ] {
        assert_eq!(label(meaning(Site::Leader(position, position), BOOK, "", code)).text, text);
    }
}

#[test]
fn languages_countries_areas_and_roles_are_read() {
    reads(
        BOOK,
        &[
            (35, 37, "ger", "German"),
            (35, 37, "zxx", "No linguistic content"),
            (35, 37, "   ", "No information provided"),
            (35, 37, "|||", "No attempt to code"),
            (15, 17, "enk", "England"),
            (15, 17, "gw ", "Germany"),
            (15, 17, "gw", "Germany"),
            (15, 17, "ai ", "Armenia (Republic)"),
            (15, 17, "xx ", "No place, unknown, or undetermined"),
        ],
    );
    for (tag, code, value, text) in [
        (b"044", b'a', "gw", "Germany"),
        (b"041", b'h', "grc", "Greek, Ancient (to 1453)"),
        (b"041", b'a', "engpro", "English; Provençal (to 1500)"),
        (b"043", b'a', "n-us-ny", "New York"),
        (b"043", b'a', "e-fr---", "France"),
        (b"700", b'4', "edt", "Editor"),
        (b"7..", b'4', "trl", "Translator"),
        (b"048", b'a', "ka01", "Piano"),
        (b"336", b'b', "txt", "Text"),
        (b"338", b'b', "nc", "Volume"),
    ] {
        assert_eq!(label(meaning(Site::Subfield(*tag, code), BOOK, "", value)).text, text, "{value}");
    }
}

#[test]
fn books_are_read() {
    reads(
        BOOK,
        &[
            (6, 6, "r", "Reprint/reissue date and original date"),
            (22, 22, "j", "Juvenile"),
            (23, 23, "o", "Online"),
            (24, 27, "bi6 ", "Bibliographies; Indexes; Comics/graphic novels"),
            (28, 28, "f", "Federal/national"),
            (29, 29, "1", "Conference publication"),
            (30, 30, "0", "Not a festschrift"),
            (33, 33, "p", "Poetry"),
            (34, 34, " ", "No biographical material"),
            (39, 39, "c", "Cooperative cataloging program"),
        ],
    );
    reads("01234ntm a2200289 a 4500", &[(33, 33, "i", "Letters")]);
}

#[test]
fn continuing_resources_are_read() {
    reads(
        SERIAL,
        &[
            (18, 18, "q", "Quarterly"),
            (19, 19, "r", "Regular"),
            (21, 21, "n", "Newspaper"),
            (24, 24, "h", "Biography"),
            (25, 27, "sy ", "Statistics; Yearbooks"),
            (33, 33, "b", "Extended roman"),
            (34, 34, "0", "Successive entry"),
        ],
    );
    reads("01234nai a2200289 a 4500", &[(21, 21, "w", "Updating Web site")]);
    reads("01234nab a2200289 a 4500", &[(18, 18, "m", "Monthly")]);
}

#[test]
fn computer_files_maps_and_mixed_materials_are_read() {
    reads(COMPUTER, &[(26, 26, "g", "Game"), (23, 23, "q", "Direct electronic")]);
    reads(
        MAP,
        &[
            (18, 21, "abg ", "Contours; Shading; Spot heights"),
            (22, 23, "bd", "Mercator"),
            (22, 23, "  ", "Projection not specified"),
            (22, 23, "||", "No attempt to code"),
            (25, 25, "e", "Atlas"),
            (33, 34, "lo", "Puzzle; Wall map"),
        ],
    );
    reads(ARCHIVE, &[(23, 23, "a", "Microfilm")]);
}

#[test]
fn music_and_visual_materials_are_read() {
    reads(
        SCORE,
        &[
            (18, 19, "sn", "Sonatas"),
            (20, 20, "a", "Full score"),
            (24, 29, "be    ", "Bibliography; Biography of composer or author"),
            (30, 31, "  ", "Item is a musical sound recording"),
            (33, 33, "b", "Arrangement"),
        ],
    );
    reads(
        FILM,
        &[
            (18, 20, "090", "Running time in minutes"),
            (18, 20, "000", "Running time exceeds three characters"),
            (18, 20, "nnn", "Not applicable"),
            (18, 20, "---", "Unknown"),
            (33, 33, "v", "Videorecording"),
            (34, 34, "l", "Live action"),
        ],
    );
}

#[test]
fn fields_006_and_007_say_what_they_are_about() {
    reads_in(
        b"006",
        &[
            (0, 0, "m     o  d f      ", "Computer file or electronic resource"),
            (9, 9, "m     o  d f      ", "Document"),
            (11, 11, "m     o  d f      ", "Federal/national"),
            (1, 4, "aab           000 0 ", "Illustrations; Maps"),
            (1, 1, "sqr p       0   a0", "Quarterly"),
            (17, 17, "g090        o   vl", "Live action"),
        ],
    );
    reads_in(
        b"007",
        &[
            (0, 0, "vd cvaizq", "Videorecording"),
            (1, 1, "vd cvaizq", "Videodisc"),
            (4, 4, "vd cvaizq", "DVD"),
            (1, 1, "cr |||||||||||", "Remote"),
            (3, 3, "cr |||||||||||", "No attempt to code"),
            (6, 8, "cr una008aaapa", "Exact bit depth"),
            (1, 1, "sd fsngnnmmned", "Sound disc"),
            (3, 3, "sd fsngnnmmned", "1.4 m. per sec."),
            (1, 1, "hd afb---buca", "Microfilm reel"),
            (3, 4, "fb ae bnnnu", "Literary braille; Music braille"),
            (9, 10, "ru cv2cabma", "Multispectral, multidata"),
        ],
    );
}

#[test]
fn a_series_of_codes_has_the_labels_of_all() {
    reads(
        BOOK,
        &[
            (18, 21, "abf ", "Illustrations; Maps; Plates"),
            (18, 21, "a  a", "Illustrations"),
            (18, 21, "a|||", "Illustrations"),
            (18, 21, "    ", "No illustrations"),
            (18, 21, "||||", "No attempt to code"),
            (18, 18, "a", "Illustrations"),
            (19, 20, "bc", "Maps; Portraits"),
        ],
    );
    assert_eq!(meaning(ILLUSTRATIONS, BOOK, "", "aby "), Meaning::Unknown, "y is none");
    let last = Site::Control(*b"008", 21, 21);
    assert_eq!(meaning(last, BOOK, "", " "), Meaning::None, "behind the last code");
}

#[test]
fn what_is_not_coded_is_no_unknown_code() {
    for (site, leader, value) in [
        (ILLUSTRATIONS, SERIAL, "qr p"),
        (ILLUSTRATIONS, ARCHIVE, "    "),
        (ILLUSTRATIONS, AUTHORITY, "a   "),
        (ILLUSTRATIONS, "01234n?  a2200289n  4500", "a   "),
        (ILLUSTRATIONS, "", "a   "),
        (LANGUAGE, AUTHORITY, "eng"),
        (Site::Leader(17, 17), AUTHORITY, "n"),
        (Site::Subfield(*b"041", b'a'), BOOK, ""),
    ] {
        assert_eq!(meaning(site, leader, "", value), Meaning::None, "{leader}");
    }
    assert_eq!(label(meaning(Site::Leader(6, 6), AUTHORITY, "", "z")).text, "Authority data");
    for site in [
        Site::Leader(0, 4),
        Site::Leader(6, 7),
        Site::Control(*b"008", 7, 10),
        Site::Control(*b"008", 35, 36),
        Site::Control(*b"008", 39, 40),
        Site::Control(*b"001", 0, 0),
        Site::Subfield(*b"245", b'a'),
    ] {
        assert!(coded(site).is_none(), "{site:?}");
    }
}

proptest! {
    #[test]
    fn a_series_means_what_its_codes_mean(leader in "[0-9]{6}[aegmp][ms]", value in "[a-d |6é]{1,6}") {
        for place in places().iter().filter(|place| place.cut == Cut::Every(1)) {
            let Part::Positions { tag: Some(tag), first, last } = place.part else { continue };
            let coded = coded(Site::Control(tag, first, last)).unwrap();
            let of = |code: &str| coded.meaning(&leader, "a", code);
            let codes = value.chars().filter(|code| !" |".contains(*code)).map(|code| of(&code.to_string()));
            let mut labels = Vec::new();
            for meaning in codes {
                match meaning {
                    Meaning::Label(label) => labels.push(label.text),
                    other => prop_assert_eq!(of(&value), other),
                }
            }
            if let Meaning::Label(found) = of(&value) && !labels.is_empty() {
                let mut seen = HashSet::new();
                labels.retain(|label| seen.insert(label.clone()));
                prop_assert_eq!(found.text, labels.join("; "));
            }
        }
    }
}

/// Whether conditions such as `{LDR/06=a|LDR/06=t}{LDR/07=m}` hold.
fn holds(conditions: &str, leader: &str) -> bool {
    conditions.split_terminator('}').all(|tests| {
        tests.trim_start_matches('{').split('|').any(|test| {
            let (position, code) = test.strip_prefix("LDR/").unwrap().split_once('=').unwrap();
            leader[position.parse().unwrap()..].starts_with(code)
        })
    })
}

#[test]
fn columns_of_a_material_have_values_where_the_material_has_labels() {
    for record_type in 'a'..='z' {
        for level in 'a'..='z' {
            let leader = format!("01234n{record_type}{level} a2200289 a 4500");
            for material in Material::ALL {
                let is_it = Material::of_leader(&leader) == Some(material);
                assert_eq!(holds(material.conditions(), &leader), is_it, "{material:?}: {leader}");
            }
        }
    }
}

#[test]
fn the_preset_has_every_position_that_is_defined() {
    let columns: HashMap<_, _> = preset_codes().into_iter().collect();
    assert_eq!(columns.len(), preset_codes().len(), "names are distinct");
    assert!(columns.keys().all(|name| name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))));
    for (name, expression) in [
        ("record_type", "LDR/06"),
        ("record_type_label", "label(LDR/06)"),
        ("date_entered", "date(008/00-05)"),
        ("year", "year(008/07-10)"),
        ("country", "trim(008/15-17)"),
        ("country_label", "label(008/15-17)"),
        ("serial_frequency", "008{LDR/06=a}{LDR/07=b|LDR/07=i|LDR/07=s}/18"),
        ("map_projection_label", "label(008{LDR/06=e|LDR/06=f}/22-23)"),
        ("visual_running_time", "int(008{LDR/06=g|LDR/06=k|LDR/06=o|LDR/06=r}/18-20)"),
    ] {
        assert_eq!(columns[name], expression);
    }
    for material in Material::ALL {
        let own = columns.keys().filter(|name| name.starts_with(&format!("{}_", material.name())));
        let defined = match material {
            Material::Book => 10,
            Material::Serial => 11,
            Material::Computer => 4,
            Material::Map => 7,
            Material::Music => 8,
            Material::Visual => 6,
            Material::Mixed => 1,
        };
        assert_eq!(own.count(), 2 * defined, "{material:?}");
    }
}

/// Of the real records in `$MRRC_CORPUS`, where that is set, hardly any has a code that we do not know.
#[cfg(feature = "xz")]
#[test]
fn real_records_have_hardly_any_unknown_code() {
    let Some(corpus) = std::env::var_os("MRRC_CORPUS") else { return };
    let sites = [
        ("language", LANGUAGE),
        ("country", COUNTRY),
        ("type of date", Site::Control(*b"008", 6, 6)),
        ("type of record", Site::Leader(6, 6)),
        ("level", Site::Leader(7, 7)),
        ("encoding level", Site::Leader(17, 17)),
        ("illustrations", ILLUSTRATIONS),
        ("audience", Site::Control(*b"008", 22, 22)),
    ];
    let mut found = sites.map(|(name, site)| (name, site, coded(site).unwrap(), 0, 0));
    let file = std::path::Path::new(&corpus).join("bench/real_bib.mrc.xz");
    for record in crate::Reader::open(file).unwrap() {
        let record = record.unwrap();
        let leader = String::from_utf8_lossy(&record.leader().0).into_owned();
        let data = record.field("008").and_then(|field| field.data()).unwrap_or_default();
        for (_, site, coded, known, unknown) in &mut found {
            let (text, first, last) = match *site {
                Site::Leader(first, last) => (leader.as_str(), first, last),
                Site::Control(_, first, last) => (data, first, last),
                Site::Subfield(..) => continue,
            };
            match text.get(first..=last).map(|value| coded.meaning(&leader, text, value)) {
                Some(Meaning::Label(_)) => *known += 1,
                Some(Meaning::Unknown) => *unknown += 1,
                Some(Meaning::None) | None => {}
            }
        }
    }
    for (name, .., known, unknown) in found {
        assert!(known > 50_000 && unknown * 200 < known, "{name}: {known} known, {unknown} unknown");
    }
}
