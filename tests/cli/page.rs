//! The examples of docs/command.md.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::every_verb::VERBS;
use crate::folder::Folder;

/// Each block of `text` in docs/command.md is what the block of `sh` before it prints.
#[test]
fn the_page_shows_what_the_command_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Folder::new();
    let sample = fs::read(root.join("target/fixture_1k.mrc")).expect("`make samples` generates it");
    folder.write("catalogue.mrc", &sample);
    // Ten bytes are lost.
    folder.write("vendor.mrc", &[&sample[..5_000], &sample[5_010..]].concat());
    let mut page = fs::read_to_string(root.join("docs/command.md")).unwrap();
    let mut shown = String::new();
    let mut examples = 0;
    while let Some((before, rest)) = page.split_once("```sh\n") {
        let (script, rest) = rest.split_once("```\n").unwrap();
        shown += &format!("{before}```sh\n{script}```\n");
        let bin = Path::new(env!("CARGO_BIN_EXE_mrrc")).parent().unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let is_run = script.starts_with("mrrc ");
        let mut rest = rest.to_owned();
        if is_run {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("exec 2>&1\n{script}")]).current_dir(folder.path(""));
            let output = shell.env("PATH", path).env("COLUMNS", "100").output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            if let Some(behind) = rest.strip_prefix("\n```text\n") {
                let (told, behind) = behind.split_once("```\n").unwrap();
                let printed = match told.strip_suffix("\n…\n") {
                    Some(told) => {
                        let lines = told.lines().count();
                        printed.lines().take(lines).map(|line| format!("{line}\n")).collect::<String>()
                            + "…\n"
                    }
                    None => printed,
                };
                shown += &format!("\n```text\n{printed}```\n");
                rest = behind.to_owned();
            } else {
                assert_eq!(printed, "", "{script}");
            }
            examples += 1;
        }
        page = rest;
    }
    shown += &page;
    let page = root.join("docs/command.md");
    if std::env::var_os("MRRC_WRITE_PAGES").is_some() {
        fs::write(&page, &shown).unwrap();
    }
    assert!(examples >= VERBS.len());
    assert_eq!(fs::read_to_string(&page).unwrap(), shown, "`make pages` writes it");
}
