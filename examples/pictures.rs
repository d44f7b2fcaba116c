//! Makes the pictures of the README, dark and light, from the program's real output.
//!
//! ```sh
//! cargo build --release && cargo run --release --example pictures
//! ```

use std::fs;
use std::io;
use std::process::Command;

use anstyle::{Color, RgbColor};
use anstyle_lossy::palette::{Palette, WIN10_CONSOLE};
use anstyle_svg::Term;

/// The pictures: a name, and the arguments of wslens.
const PICTURES: &[(&str, &[&str])] = &[
    ("frame", &["decode", "samples/frames-alone.txt"]),
    ("finding", &["decode", "samples/tutorial-2-text-from-server.txt", "--sender", "server"]),
];

/// Colours that read well on white.
const LIGHT: [(u8, u8, u8); 16] = [
    (0x1f, 0x23, 0x28),
    (0xb3, 0x1d, 0x28),
    (0x1a, 0x7f, 0x37),
    (0x9a, 0x67, 0x00),
    (0x09, 0x69, 0xda),
    (0x82, 0x50, 0xdf),
    (0x0b, 0x7a, 0x8a),
    (0x57, 0x60, 0x6a),
    (0x57, 0x60, 0x6a),
    (0xcf, 0x22, 0x2e),
    (0x1a, 0x7f, 0x37),
    (0x9a, 0x67, 0x00),
    (0x09, 0x69, 0xda),
    (0x82, 0x50, 0xdf),
    (0x0b, 0x7a, 0x8a),
    (0x1f, 0x23, 0x28),
];

fn main() -> io::Result<()> {
    let light = Palette::from(LIGHT.map(|(r, g, b)| RgbColor(r, g, b)));
    for (name, arguments) in PICTURES {
        let text = output(arguments)?;
        let dark = term(WIN10_CONSOLE, RgbColor(0xe6, 0xed, 0xf3), RgbColor(0x0d, 0x11, 0x17));
        let bright = term(light, RgbColor(0x1f, 0x23, 0x28), RgbColor(0xff, 0xff, 0xff));
        fs::write(format!("docs/{name}-dark.svg"), dark.render_svg(&text))?;
        fs::write(format!("docs/{name}-light.svg"), bright.render_svg(&text))?;
    }
    Ok(())
}

/// What wslens prints, with its colours.
fn output(arguments: &[&str]) -> io::Result<String> {
    let run = Command::new("target/release/wslens").args(["--color", "always"]).args(arguments).output()?;
    String::from_utf8(run.stdout).map_err(io::Error::other)
}

fn term(palette: Palette, text: RgbColor, background: RgbColor) -> Term {
    Term::new().palette(palette).fg_color(Color::Rgb(text)).bg_color(Color::Rgb(background))
}
