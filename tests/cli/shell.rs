//! What shells and the manual are given.

use std::process::{Command, Stdio};

use crate::every_verb::VERBS;
use crate::folder::Folder;

#[test]
fn shells_get_scripts_with_all_verbs_and_options() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.printed(&["completions", shell]);
        assert!(VERBS.iter().all(|verb| script.contains(verb)), "{shell}");
        assert!(script.contains("on-error"), "{shell}");
    }
    folder.write("script", folder.printed(&["completions", "bash"]).as_bytes());
    let bash = Command::new("bash").arg("-n").arg(folder.path("script")).output().unwrap();
    assert!(bash.status.success() && bash.stderr.is_empty(), "{bash:?}");
    let refused = folder.run(&["completions", "cmd"]);
    assert_eq!((refused.code, refused.said.contains("powershell")), (2, true));
}

#[test]
fn each_verb_has_a_page_of_the_manual() {
    let folder = Folder::new();
    let page = folder.printed(&["man"]);
    assert!(VERBS.iter().all(|verb| page.contains(&format!("mrrc\\-{verb}(1)"))), "{page}");
    assert!(page.contains("Exit codes: 0 done"), "{page}");
    for verb in VERBS {
        let page = folder.printed(&["man", verb]);
        assert!(page.contains(&format!("\n.TH mrrc-{verb} 1 ")), "{page}");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"] {
            assert!(page.contains(&format!("\n.SH {section}\n")), "{section}: {page}");
        }
        // Where there is `man`, it shows the page.
        folder.write("page.1", page.as_bytes());
        let path = folder.path("page.1");
        let man = Command::new("man").arg("-l").arg(path).env("MANWIDTH", "80").stdin(Stdio::null()).output();
        if let Ok(shown) = man.map(|output| String::from_utf8(output.stdout).unwrap())
            && !shown.is_empty()
        {
            assert!(shown.contains(&format!("mrrc {verb} ")), "{shown}");
        }
    }
    assert_eq!(folder.run(&["man", "cuont"]).code, 2);
}
