//! Many files, each into its own target.

use std::fs;

use crate::folder::{Folder, record};

#[test]
fn each_file_becomes_a_target_of_its_own() {
    let folder = Folder::of_records();
    for (form, jobs) in [("parquet", "1"), ("mrk", "3")] {
        let args = ["convert", "--into", "out", "--to", form, "--jobs", jobs, "sound.mrc", "odd.mrc"];
        folder.run(&args);
        for name in ["sound", "odd"] {
            let (alone, target) = (format!("{name}.{form}"), format!("out/{name}.{form}"));
            folder.run(&["convert", &format!("{name}.mrc"), &alone]);
            assert_eq!(fs::read(folder.path(&alone)).unwrap(), fs::read(folder.path(&target)).unwrap());
        }
    }
}

#[test]
fn a_damaged_file_does_not_stop_the_others_and_work_goes_on_where_it_was() {
    let folder = Folder::of_records();
    let args =
        ["convert", "--into", "out", "--to", "xml", "--jobs", "2", "damaged.mrc", "sound.mrc", "no.mrc"];
    let missing = folder.run(&args);
    assert_eq!((missing.code, missing.said.contains("no.mrc")), (4, true));
    let args = &args[..args.len() - 1];
    let first = folder.run(args);
    assert_eq!((first.code, &*first.printed), (3, ""));
    let told: Vec<_> = first.said.lines().collect();
    assert!(told[0].starts_with("mrrc: damaged.mrc: record 1 (a2), offset 115: "), "{told:?}");
    assert_eq!(told[1..], ["mrrc: not converted: 1 of 2 files"]);
    assert!(!folder.path("out/damaged.xml").exists());

    fs::write(folder.path("out/sound.xml"), "as it was").unwrap();
    let again = folder.run(&[args, &["--on-error", "recover"]].concat());
    assert_eq!(again.code, 0);
    assert!(
        again.said.contains("damaged.mrc: 3 records; 3 delivered (1 of them repaired)"),
        "{}",
        again.said
    );
    assert!(again.said.ends_with("the target is there: 1 of 2 files; --force does it\n"), "{}", again.said);
    assert_eq!(fs::read_to_string(folder.path("out/sound.xml")).unwrap(), "as it was");

    folder.run(&[args, &["--force"]].concat());
    assert!(fs::read_to_string(folder.path("out/sound.xml")).unwrap().ends_with("</collection>\n"));
}

#[test]
fn two_files_do_not_become_one_target() {
    let folder = Folder::of_records();
    let sound = fs::read(folder.path("sound.mrc")).unwrap();
    for name in ["one", "two"] {
        fs::create_dir(folder.path(name)).unwrap();
        folder.write(&format!("{name}/a.mrc"), &sound);
    }
    let before = folder.names();
    let refused = folder.run(&["convert", "--into", "out", "--to", "mrk", "one/a.mrc", "two/a.mrc"]);
    assert_eq!(refused.code, 2);
    assert!(refused.said.contains("one/a.mrc and two/a.mrc would both become out/a.mrk"), "{}", refused.said);
    assert_eq!(folder.names(), before);

    folder.printed(&["convert", "--into", "out", "--to", "mrk", "*/a.mrc"]);
    assert!(folder.path("out/one/a.mrk").exists() && folder.path("out/two/a.mrk").exists());

    let itself = folder.run(&["convert", "--into", ".", "--to", "mrc", "--force", "sound.mrc"]);
    assert_eq!(itself.code, 2);
    assert_eq!(fs::read(folder.path("sound.mrc")).unwrap(), sound);
}

#[test]
fn a_folder_that_cannot_be_written_to_ends_the_work() {
    let folder = Folder::of_records();
    // Nothing can be written below a file.
    let answer = folder.run(&["convert", "--into", "odd.mrc", "--to", "mrk", "sound.mrc", "damaged.mrc"]);
    assert_eq!((answer.code, answer.said.lines().count()), (4, 1), "{}", answer.said);
}

#[test]
#[cfg(unix)]
fn ctrl_c_keeps_what_is_finished_and_no_part_of_a_target() {
    use std::process::{Command, Stdio};
    let folder = Folder::of_records();
    let pipe = folder.path("pipe.mrc");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut command = folder.command(&["convert", "--into", "out", "--to", "mrk", "sound.mrc", "pipe.mrc"]);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let mut input = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    std::io::Write::write_all(&mut input, &record("a1", "Emma")).unwrap();
    while fs::read_dir(folder.path("out")).map_or(0, |entries| entries.count()) < 2 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let entries = fs::read_dir(folder.path("out")).unwrap();
    let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["sound.mrk"]);
}
