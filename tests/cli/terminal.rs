//! What a terminal is shown: tables, colours, progress, and nothing that controls it.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::folder::{Folder, record};

/// A terminal of 80 columns: its own end, and the one that a command writes to.
fn terminal() -> (fs::File, fs::File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&ours, size).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let theirs = fs::OpenOptions::new().read(true).write(true).open(name).unwrap();
    (ours.into(), theirs)
}

/// What was written to a terminal, when nobody has its other end any more.
fn shown(mut terminal: fs::File) -> String {
    let mut shown = Vec::new();
    // The end of a terminal is an error.
    let _ = terminal.read_to_end(&mut shown);
    String::from_utf8(shown).unwrap()
}

/// What the command writes to a terminal.
fn on_a_terminal(command: &mut Command) -> String {
    let (ours, theirs) = terminal();
    command.stdout(theirs.try_clone().unwrap()).stderr(theirs).env("TERM", "xterm");
    let mut child = command.spawn().unwrap();
    // Reading ends when the child does.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let shown = shown(ours);
    assert!(child.wait().unwrap().success());
    shown
}

#[test]
fn long_work_shows_its_progress_and_takes_it_away_again() {
    let folder = Folder::new();
    let sound = record("a1", "Emma");
    let commands: [&[&str]; 3] = [
        &["convert", "--to", "mrc", "-", "copy.mrc"],
        &["head", "-n", "9", "-"],
        &["show", "--where", "880", "-"],
    ];
    for args in commands {
        let (ours, theirs) = terminal();
        let mut command = folder.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(theirs).env("TERM", "xterm");
        let mut child = command.spawn().unwrap();
        command.stderr(Stdio::null());
        let mut input = child.stdin.take().unwrap();
        input.write_all(&sound).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        input.write_all(&sound).unwrap();
        drop(input);
        let shown = shown(ours);
        assert_eq!(child.wait().unwrap().code(), Some(i32::from(args[0] == "show")), "{args:?}");
        let news = if args[0] == "show" { "mrrc: nothing to show\r\n" } else { "" };
        assert!(
            shown.contains(" records") && shown.ends_with(&format!("\r\x1b[2K{news}")),
            "{args:?}: {shown:?}"
        );
    }
    assert_eq!(fs::read(folder.path("copy.mrc")).unwrap(), sound.repeat(2));
}

#[test]
fn a_terminal_gets_a_table_and_colours_unless_they_are_refused() {
    let folder = Folder::of_records();
    let table =
        on_a_terminal(&mut folder.command(&["select", "id = 001, title = first(245$a)", "sound.mrc"]));
    assert_eq!(table, "  id  title\r\n  a1  Emma\r\n  a2  Emma\r\n  a3  Emma\r\n");
    let described = on_a_terminal(&mut folder.command(&["describe", "sound.mrc"]));
    assert!(described.lines().all(|line| line.chars().count() <= 80), "{described}");

    for (format, begin) in
        [("mrk", "\x1b[1m=LDR\x1b[0m  00115nam"), ("card", "\x1b[1mrecord 0\x1b[0m\r\n\x1b[1mLDR")]
    {
        let head = ["head", "-n", "1", "--format", format, "sound.mrc"];
        let shown = on_a_terminal(&mut folder.command(&head));
        assert!(shown.starts_with(begin), "{shown:?}");
        let plain = on_a_terminal(folder.command(&head).env("NO_COLOR", "1"));
        assert_eq!(plain.replace("\r\n", "\n"), folder.printed(&head));
    }
    let card = on_a_terminal(&mut folder.command(&["show", "--number", "1", "sound.mrc"]));
    assert!(card.starts_with("\x1b[1mrecord 1"), "{card:?}");
}

#[test]
fn text_from_right_to_left_does_not_move_what_stands_around_it() {
    let folder = Folder::new();
    let title = "מסילות ברזל בארץ ישראל, מתקופת התורכים ועד היום הזה /\x1fcיוסף Cohen.";
    folder.write("hebrew.mrc", &record("a1", title));
    let show = |args: &[&str]| {
        let args = [&["show", "--number", "0"], args, &["hebrew.mrc"]].concat();
        (on_a_terminal(folder.command(&args).env("NO_COLOR", "1")), folder.printed(&args))
    };
    let (mrk, plain) = show(&["--format", "mrk"]);
    let subfields = "=245  10$a\u{2067}מסילות ברזל בארץ ישראל, מתקופת התורכים ועד היום הזה /\u{2069}$c\u{2067}יוסף Cohen.";
    assert!(mrk.contains(subfields), "{mrk:?}");
    let (card, _) = show(&[]);
    let content: Vec<_> = card.lines().skip_while(|line| !line.starts_with("245")).collect();
    assert!(content.len() > 1, "{content:?}");
    for line in content {
        assert_eq!(line.matches('\u{2067}').count(), line.matches('\u{2069}').count(), "{line:?}");
        assert!(line.contains("\u{2067}"), "{line:?}");
    }
    // A pipe gets text.
    assert!(!plain.contains(['\u{2067}', '\u{2069}']), "{plain}");
}

#[test]
fn records_are_not_copied_to_a_terminal() {
    let folder = Folder::of_records();
    let repair: &[&str] = &["repair", "sound.mrc", "-"];
    for args in [repair, &["concat", "sound.mrc", "-"], &["convert", "--to", "mrc", "sound.mrc", "-"]] {
        let (ours, theirs) = terminal();
        let output = folder.command(args).stdout(theirs).output().unwrap();
        assert_eq!((output.status.code(), &*shown(ours)), (Some(2), ""), "{args:?}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("name a file, or write into a pipe"));
    }
}

#[test]
fn records_cannot_control_the_terminal() {
    let folder = Folder::new();
    folder.write("evil.mrc", &record("a\x1b[2J", "\x1b]0;owned\x07\u{202e}Emma"));
    let mut damaged = record("\x1b[2J", "\x1b]0;owned\x07\u{202e}Emma");
    damaged[..5].copy_from_slice(b"00099");
    folder.write("damaged.mrc", &damaged);
    folder.write("list.txt", b"\x1b]0;owned\x07Emma");
    let commands: [&[&str]; 16] = [
        &["repair", "damaged.mrc", "good.mrc"],
        &["filter", "--ids", "list.txt", "damaged.mrc", "--on-error", "recover", "copy.mrc"],
        &["split", "--by", "245$a", "--into", "parts", "evil.mrc"],
        &["head", "evil.mrc"],
        &["head", "--format", "mrk", "evil.mrc"],
        &["show", "--number", "0", "--format", "json", "evil.mrc"],
        &["select", "--format", "json", "001, 245$a", "evil.mrc"],
        &["describe", "--format", "json", "evil.mrc"],
        &["convert", "--to", "mrk", "evil.mrc", "-"],
        &["convert", "--to", "xml", "--on-error", "recover", "evil.mrc", "-"],
        &["describe", "evil.mrc"],
        &["check", "evil.mrc"],
        &["check", "--format", "json", "evil.mrc"],
        &["select", "001, 245$a", "evil.mrc"],
        &["select", "--format", "csv", "001, 245$a", "evil.mrc"],
        &["frequency", "245$a", "evil.mrc"],
    ];
    for args in commands {
        let shown = on_a_terminal(folder.command(args).env("NO_COLOR", "1"));
        assert!(
            shown.contains("Emma") || ["check", "repair", "split"].contains(&args[0]),
            "{args:?}: {shown:?}"
        );
        let controls = shown.chars().filter(|it| it.is_control() && !['\r', '\n'].contains(it));
        assert_eq!(controls.count(), 0, "{args:?}: {shown:?}");
        assert!(!shown.contains('\u{202e}'), "{args:?}");
    }
}

#[test]
fn long_text_is_shown_whole() {
    let folder = Folder::new();
    let title = "é".repeat(4_000);
    folder.write("long.mrc", &record("a1", &title).repeat(40));
    for args in
        [["select", "--format", "csv", "245$a", "long.mrc"], ["convert", "--to", "mrk", "long.mrc", "-"]]
    {
        let shown = on_a_terminal(&mut folder.command(&args));
        assert_eq!((shown.matches(&title).count(), shown.contains('\u{fffd}')), (40, false), "{args:?}");
    }
}
