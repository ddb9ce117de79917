//! Programs of others that read what was printed: `scripts/test.sh` installs them.

use std::path::Path;
use std::process::Command;

/// The text of a PDF, pages parted by form feeds.
pub fn text(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.pdf");
    std::fs::write(&file, pdf).unwrap();
    run(Command::new("pdftotext")
        .args(["-enc", "UTF-8"])
        .arg(&file)
        .arg("-"))
}

/// The text without any space or line end: where a line ends is for the typesetter to choose.
pub fn words(pdf: &[u8]) -> String {
    text(pdf)
        .chars()
        .filter(|character| !character.is_whitespace() && *character != '\u{200b}')
        .collect()
}

pub fn pages(pdf: &[u8]) -> usize {
    text(pdf).matches('\u{c}').count()
}

/// What `program` of poppler says about a PDF.
pub fn about(program: &str, pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.pdf");
    std::fs::write(&file, pdf).unwrap();
    run(Command::new(program).arg(&file))
}

/// What the QR codes on the first page of a PDF hold, read from a picture of the page as a telephone takes it.
pub fn qr_codes(pdf: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (file, picture) = (folder.path().join("paper.pdf"), folder.path().join("page"));
    std::fs::write(&file, pdf).unwrap();
    run(Command::new("pdftoppm")
        .args(["-r", "150", "-png", "-singlefile"])
        .arg(&file)
        .arg(&picture));
    let found = run(Command::new("zbarimg")
        .args(["--quiet", "--raw"])
        .arg(picture.with_extension("png")));
    found.lines().map(str::to_owned).collect()
}

/// Pixels of the page at 50 dots an inch, grey.
pub fn grey(pdf: &[u8]) -> image::GrayImage {
    let folder = tempfile::tempdir().unwrap();
    let (file, picture) = (folder.path().join("paper.pdf"), folder.path().join("page"));
    std::fs::write(&file, pdf).unwrap();
    run(Command::new("pdftoppm")
        .args(["-r", "50", "-png", "-singlefile"])
        .arg(&file)
        .arg(&picture));
    image::open(Path::new(&picture.with_extension("png")))
        .unwrap()
        .into_luma8()
}

fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; scripts/test.sh installs it"));
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
