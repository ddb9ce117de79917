//! Files of `docs/` that the code writes and reviewers read.

use std::path::Path;

/// The command that writes the files anew.
pub const UPDATE_DOCS: &str = "UPDATE_DOCS=1 cargo test -p qihang-app --test it documented";

/// Compares a file of `docs/` with what it should be, or writes it.
pub fn documented(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    if std::env::var("UPDATE_DOCS").is_ok_and(|value| value == "1") {
        std::fs::create_dir_all(file.parent().expect("docs")).expect("the folder is there");
        std::fs::write(&file, text).expect("the file is written");
        return;
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == text,
        "docs/{name} is not what the code says. If the change is meant, run\n    {UPDATE_DOCS}\nand read the diff.\n\
         In the file only:\n{}\nIn the code only:\n{}",
        lines_only_in(&found, text),
        lines_only_in(text, &found)
    );
}

fn lines_only_in(one: &str, other: &str) -> String {
    one.lines()
        .filter(|line| !other.lines().any(|there| there == *line))
        .fold(String::new(), |text, line| text + "    " + line + "\n")
}
