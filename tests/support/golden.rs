//! Golden files: expected output that a reviewer can read. `UPDATE_GOLDEN=1 cargo test` writes them anew.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::env::var_os;
use std::fs::{read_to_string, write};
use std::path::Path;

/// Compares with `tests/golden/<name>`, or writes it where `UPDATE_GOLDEN` is set.
pub fn assert_golden(name: &str, got: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if var_os("UPDATE_GOLDEN").is_some() {
        write(&path, got).expect("the golden file can be written");
        return;
    }
    let want = read_to_string(&path).unwrap_or_default();
    for (i, (want, got)) in lines(&want).zip(lines(got)).enumerate() {
        assert_eq!(want, got, "{name}, line {}; UPDATE_GOLDEN=1 cargo test accepts what is new", i + 1);
    }
}

/// The lines, and an end that differs from every line: so that two texts of different length differ.
fn lines(text: &str) -> impl Iterator<Item = Option<&str>> {
    text.split_inclusive('\n').map(Some).chain([None])
}
