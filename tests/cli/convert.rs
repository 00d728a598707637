//! Files into one file of another form.

use std::fs;

use mrrc::internals::iso2709::encode::encode;

use crate::folder::{Folder, record};

#[test]
fn what_is_not_changed_is_written_byte_for_byte() {
    let folder = Folder::of_records();
    let sound = fs::read(folder.path("sound.mrc")).unwrap();
    folder.printed(&["convert", "sound.mrc", "copy.mrc"]);
    assert_eq!(fs::read(folder.path("copy.mrc")).unwrap(), sound);
    let output = folder.command(&["convert", "--to", "mrc", "sound.mrc", "-"]).output().unwrap();
    assert_eq!(output.stdout, sound);
}

#[test]
fn a_sound_record_in_utf8_is_the_bytes_that_it_was() {
    let folder = Folder::new();
    // Nobody would write the leader like this.
    let in_utf8 = |number: &str| {
        let mut record = record(number, "\u{c9}mu");
        record[23] = b'x';
        record
    };
    let mut marc8 = record("a2", "Emma");
    marc8[9] = b' ';
    folder.write("mixed.mrc", &[in_utf8("a1"), marc8.clone(), in_utf8("a3")].concat());
    folder.printed(&["convert", "mixed.mrc", "copy.mrc"]);
    let mut anew = marc8;
    anew[9] = b'a';
    assert_eq!(fs::read(folder.path("copy.mrc")).unwrap(), [in_utf8("a1"), anew, in_utf8("a3")].concat());
    // Whoever asks for some of the fields gets other records.
    folder.printed(&["convert", "--tags", "00.", "mixed.mrc", "some.mrc"]);
    let some = fs::read(folder.path("some.mrc")).unwrap();
    assert!(some.starts_with(b"00094nam a2200049 a 4500001"), "{}", some.escape_ascii());
    assert_eq!(folder.printed(&["count", "--where", "245", "some.mrc"]), "0\n");
}

#[test]
fn a_record_that_cannot_be_written_ends_the_work_or_is_left_out() {
    let folder = Folder::new();
    // Each of these letters of MARC-8 has two bytes in UTF-8.
    let mut long = record("a2", &"_".repeat(6_000));
    long[9] = b' ';
    let long = long.into_iter().map(|byte| if byte == b'_' { 0xA1 } else { byte });
    let [first, last] = ["a1", "a3"].map(|number| record(number, "Emma"));
    folder.write("long.mrc", &[first, long.collect(), last].concat());
    let answer = folder.run(&["convert", "long.mrc", "copy.mrc"]);
    assert_eq!(answer.code, 3);
    assert!(
        answer.said.starts_with("mrrc: record 1 (001 a2), field 245: the field has more than"),
        "{}",
        answer.said
    );
    assert_eq!(folder.names(), ["long.mrc"]);
    let answer = folder.run(&["convert", "--on-error", "skip", "long.mrc", "copy.mrc"]);
    assert!(
        answer.said.contains("1 record cannot be written and left out; the first: record 1 (001 a2)"),
        "{}",
        answer.said
    );
    assert_eq!(folder.printed(&["select", "001", "copy.mrc"]), "001\na1\na3\n");
}

#[test]
fn a_damaged_file_becomes_a_sound_one() {
    let folder = Folder::of_records();
    let answer = folder.run(&["convert", "--on-error", "recover", "damaged.mrc", "good.mrc"]);
    assert_eq!(answer.code, 0);
    assert_eq!(fs::read(folder.path("good.mrc")).unwrap(), fs::read(folder.path("sound.mrc")).unwrap());
}

#[test]
fn the_suffix_says_what_a_target_is() {
    let folder = Folder::of_records();
    folder.printed(&["convert", "sound.mrc", "all.parquet"]);
    let written = fs::read(folder.path("all.parquet")).unwrap();
    assert!(written.starts_with(b"PAR1") && written.ends_with(b"PAR1"));
    folder.printed(&["convert", "--columns", "001, 245$a", "sound.mrc", "all.TSV"]);
    let printed = folder.printed(&["convert", "--columns", "001, 245$a", "--to", "tsv", "sound.mrc", "-"]);
    assert_eq!(fs::read_to_string(folder.path("all.TSV")).unwrap(), printed);
    assert_eq!(printed, "001\t245$a\na1\tEmma\na2\tEmma\na3\tEmma\n");
}

#[test]
fn several_files_become_one_that_says_where_rows_are_from() {
    let folder = Folder::of_records();
    let printed =
        folder.printed(&["convert", "--columns", "001", "--to", "csv", "sound.mrc", "odd.mrc", "-"]);
    assert_eq!(printed.lines().next_back(), Some("a1,odd.mrc"));
    let sound = fs::read(folder.path("sound.mrc")).unwrap();
    folder.printed(&["convert", "sound.mrc", "sound.mrc", "twice.mrc"]);
    assert_eq!(fs::read(folder.path("twice.mrc")).unwrap(), sound.repeat(2));
}

#[test]
fn a_target_is_complete_or_as_it_was() {
    let folder = Folder::of_records();
    folder.write("target.mrc", b"before");
    let before = folder.names();
    assert_eq!(folder.run(&["convert", "sound.mrc", "target.mrc"]).code, 2);
    assert_eq!(folder.run(&["convert", "--force", "damaged.mrc", "target.mrc"]).code, 3);
    assert_eq!(fs::read(folder.path("target.mrc")).unwrap(), b"before");
    let answer = folder.run(&["convert", "sound.mrc", "nowhere/target.mrc"]);
    assert_eq!((answer.code, answer.said.contains("nowhere/target.mrc")), (4, true), "{}", answer.said);
    assert_eq!(folder.names(), before);
    folder.printed(&["convert", "--force", "sound.mrc", "target.mrc"]);
    assert_eq!(fs::read(folder.path("target.mrc")).unwrap(), fs::read(folder.path("sound.mrc")).unwrap());
}

#[test]
fn a_file_that_is_read_is_not_written_over() {
    let folder = Folder::of_records();
    let sound = fs::read(folder.path("sound.mrc")).unwrap();
    fs::hard_link(folder.path("sound.mrc"), folder.path("link.mrc")).unwrap();
    for target in ["sound.mrc", "./sound.mrc", "link.mrc"] {
        let answer = folder.run(&["convert", "*d.mrc", target]);
        assert_eq!(answer.code, 2, "{target}");
        assert!(answer.said.contains(target), "{}", answer.said);
        assert_eq!(fs::read(folder.path("sound.mrc")).unwrap(), sound);
    }
}

#[test]
fn records_become_text_in_the_forms_of_marc() {
    let folder = Folder::new();
    folder.write("two.mrc", &[record("a1", "Emma"), record("a2", "<Émile> & co")].concat());
    let text = |target: &str| {
        folder.printed(&["convert", "--tags", "245", "two.mrc", target]);
        fs::read_to_string(folder.path(target)).unwrap()
    };
    let lines = text("all.jsonl");
    assert!(
        lines.lines().all(|line| line.starts_with("{\"leader\":\"") && line.ends_with("]}}]}")),
        "{lines}"
    );
    assert!(lines.contains(r#"{"a":"<Émile> & co"}"#), "{lines}");
    assert_eq!(text("all.ndjson"), lines);
    let xml = text("all.xml");
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<collection xmlns="), "{xml}");
    assert!(xml.contains("<subfield code=\"a\">&lt;Émile&gt; &amp; co</subfield>"), "{xml}");
    assert!(xml.ends_with("</record>\n</collection>\n"), "{xml}");
    let mrk = text("all.mrk");
    let records: Vec<_> = mrk.split("\n\n").collect();
    assert!(
        records[0].starts_with("=LDR  00115nam\\a2200061\\a\\4500\n")
            && records[0].ends_with("=245  10$aEmma")
            && records[1].ends_with("=245  10$a<Émile> & co\n"),
        "{mrk}"
    );
}

#[test]
fn columns_become_objects_of_json() {
    let folder = Folder::of_records();
    let columns = "id = 001, titles = 245$a, note = first(500$a), year = year(008/07-10), field = 245";
    folder.printed(&["convert", "--columns", columns, "--where", "001 = 'a1'", "sound.mrc", "rows.jsonl"]);
    let row = concat!(
        r#"{"id":"a1","titles":["Emma"],"note":null,"year":1815,"field":[{"tag":"245","ind1":"1","ind2":"0","#,
        r#""value":null,"subfields":[{"code":"a","value":"Emma"}]}]}"#,
        "\n"
    );
    assert_eq!(fs::read_to_string(folder.path("rows.jsonl")).unwrap(), row);
    let printed = folder.printed(&["select", "--format", "json", "-n", "1", columns, "sound.mrc"]);
    assert_eq!(printed, row);
    folder.printed(&["convert", "--layout", "fields", "--tags", "001", "sound.mrc", "fields.jsonl"]);
    let fields = fs::read_to_string(folder.path("fields.jsonl")).unwrap();
    assert_eq!(fields.lines().count(), 6, "{fields}");
}

#[test]
fn what_a_form_cannot_express_is_told() {
    let folder = Folder::new();
    folder.write(
        "odd.mrc",
        &[record("a1", "Emma"), record("a2", "tab\u{b} \r end\u{2028}\n$"), record("a3", "Emma")].concat(),
    );
    for (target, found, replaced) in [
        ("t.xml", "U+000B", "tab\u{fffd} &#13; end\u{2028}&#10;$"),
        ("t.mrk", "U+2028", "tab{0B} {0D} end {0A}{dollar}"),
    ] {
        let told = format!(
            "record 1 (001 a2), field 245, $a: a character that this form cannot express (character-unwritable); \
             found {found}"
        );
        let refused = folder.run(&["convert", "odd.mrc", target]);
        let advice = "write another character for it with --on-error recover, or leave the record out with --on-error skip";
        assert_eq!((refused.code, refused.said), (3, format!("mrrc: {told}; {advice}\n")));
        assert!(!folder.path(target).exists());

        let skipped = folder.run(&["convert", "--on-error", "skip", "odd.mrc", target]);
        let news = format!("mrrc: 1 record cannot be written and left out; the first: {told}\n");
        assert_eq!((skipped.code, skipped.said), (0, news));
        assert!(!fs::read_to_string(folder.path(target)).unwrap().contains("tab"));

        let recovered = folder.run(&["convert", "--on-error", "recover", "--force", "odd.mrc", target]);
        let news = format!("mrrc: 1 record written with something odd; the first: {told}\n");
        assert_eq!((recovered.code, recovered.said), (0, news));
        assert!(fs::read_to_string(folder.path(target)).unwrap().contains(replaced));
    }
    folder.printed(&["convert", "odd.mrc", "t.jsonl"]);
    assert!(fs::read_to_string(folder.path("t.jsonl")).unwrap().contains(r"tab\u000b \r end"));
}

#[test]
fn what_a_form_has_no_place_for_is_told_and_written() {
    let folder = Folder::new();
    let title = |indicators: &str, title: &str| {
        let mut bytes = Vec::new();
        let fields = [("001", "a1".to_owned()), ("245", format!("{indicators}{title}"))];
        encode(b"00000nam a2200000 a 4500", fields, &mut bytes).unwrap();
        bytes
    };
    for (name, record, target, told, written) in [
        ("text", title("10", "loose\u{1f}aEmma"), "t.xml", "text outside subfields", ">loose</subfield>"),
        ("text", title("10", "loose\u{1f}aEmma"), "t.jsonl", "text outside subfields", r#"{"a":"loose"}"#),
        ("a code", title("10", "\u{1f}éEmma"), "t.jsonl", "subfield code", r#"{"é":"Emma"}"#),
        ("a code", title("10", "\u{1f}$Emma"), "t.mrk", "subfield code", "${dollar}Emma"),
        ("an indicator", title("$0", "\u{1f}aEmma"), "t.mrk", "indicator", r"=245  \0$aEmma"),
    ] {
        folder.write("odd.mrc", &record);
        let answer = folder.run(&["convert", "--force", "odd.mrc", target]);
        assert_eq!(answer.code, 0, "{name}: {}", answer.said);
        let news = "mrrc: 1 record written with something odd; the first: record 0 (001 a1), field 245";
        assert!(answer.said.starts_with(news) && answer.said.contains(told), "{name}: {}", answer.said);
        let text = fs::read_to_string(folder.path(target)).unwrap();
        assert!(text.contains(written), "{name}: {text}");
    }
    folder.write("odd.mrc", &title("10", "loose\u{1f}aEmma"));
    folder.printed(&["convert", "--force", "odd.mrc", "t.mrk"]);
    assert!(fs::read_to_string(folder.path("t.mrk")).unwrap().ends_with("=245  10loose$aEmma\n"));
}

#[test]
fn text_that_was_written_is_the_same_for_any_number_of_threads() {
    let folder = Folder::new();
    let records: Vec<_> = (0..9_000).map(|number| record(&format!("a{number}"), "Emma & co")).collect();
    folder.write("many.mrc", &records.concat());
    for target in ["t.xml", "t.jsonl", "t.mrk"] {
        let [one, four] = ["1", "4"].map(|threads| {
            folder.printed(&["convert", "--force", "--threads", threads, "many.mrc", target]);
            fs::read_to_string(folder.path(target)).unwrap()
        });
        assert_eq!(one, four);
    }
    assert_eq!(folder.printed(&["count", "t.xml"]), "9000\n");
    folder.printed(&["convert", "t.xml", "again.xml"]);
    assert_eq!(fs::read(folder.path("again.xml")).unwrap(), fs::read(folder.path("t.xml")).unwrap());
}
