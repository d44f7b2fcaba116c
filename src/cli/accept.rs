//! `wslens accept`: the arithmetic of Sec-WebSocket-Accept, as a lesson or as a value.

use std::ffi::OsString;
use std::io::{BufRead, Read, Write, stdin};

use super::exit::{Exit, Failure};
use crate::render::accept::{Arithmetic, Expectation, json_line, lesson};
use crate::render::page::Page;
use crate::rules::accept_mistakes;
use crate::wire::accept::{NONCE_LEN, accept, nonce_for};

/// The longest line that is taken for a nonce from stdin: a whole HTTP head may not be longer.
const LONGEST_LINE: u64 = 64 * 1024;

/// The arguments of `wslens accept`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The value of Sec-WebSocket-Key; `-` reads it from stdin: one line, its line end removed. Without it a
    /// fresh random nonce is made.
    nonce: Option<OsString>,
    /// Print the accept alone; without NONCE the fresh nonce, a space, and its accept.
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Compare with this value, say what is likely wrong where it differs, and exit 1 then.
    #[arg(long, value_name = "VALUE", requires = "nonce", allow_hyphen_values = true)]
    expect: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  wslens accept dGhlIHNhbXBsZSBub25jZQ==
  wslens accept dGhlIHNhbXBsZSBub25jZQ== --expect s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
  read nonce accept < <(wslens accept --quiet)   # a test case for a server";

impl Args {
    /// Writes the accept, in the form that was asked for.
    ///
    /// # Errors
    /// Where there is no nonce on stdin, no randomness for a fresh one, or `out` takes no more.
    pub fn run(&self, page: &Page, out: &mut impl Write) -> Result<Exit, Failure> {
        let nonce = match &self.nonce {
            None => fresh()?,
            Some(dash) if dash == "-" => read_line(&mut stdin().lock())?,
            Some(nonce) => nonce.clone().into_encoded_bytes(),
        };
        let mistakes = self.expect.as_ref().map(|value| accept_mistakes::explain(&nonce, value));
        let mistakes = mistakes.unwrap_or_default();
        let expect = self.expect.as_ref().map(|value| Expectation { value, mistakes: &mistakes });
        let arithmetic = Arithmetic { nonce: &nonce, fresh: self.nonce.is_none(), expect };
        let mut text = String::new();
        if self.json {
            json_line(&arithmetic, &mut text);
        } else if self.quiet {
            text = quiet(&arithmetic);
        } else {
            lesson(page, &arithmetic, &mut text);
        }
        out.write_all(text.as_bytes())?;
        Ok(if mistakes.is_empty() { Exit::Done } else { Exit::Found })
    }
}

/// A nonce as a client makes one: 16 random bytes.
fn fresh() -> Result<Vec<u8>, Failure> {
    let mut bytes = [0; NONCE_LEN];
    getrandom::fill(&mut bytes).map_err(|error| {
        format!("there are no random bytes for a fresh nonce ({error}): give one as NONCE")
    })?;
    Ok(nonce_for(bytes).into_bytes())
}

/// The first line, without its line end. It may be empty, but it must be there.
fn read_line(input: &mut impl BufRead) -> Result<Vec<u8>, Failure> {
    let mut line = Vec::new();
    input
        .take(LONGEST_LINE + 2)
        .read_until(b'\n', &mut line)
        .map_err(|error| format!("stdin cannot be read: {error}"))?;
    if line.is_empty() {
        return Err("stdin is empty: give it one line, the value of Sec-WebSocket-Key".to_owned().into());
    }
    if line.pop_if(|last| *last == b'\n').is_some() {
        line.pop_if(|last| *last == b'\r');
    }
    if line.len() as u64 > LONGEST_LINE {
        return Err("the first line of stdin is longer than 64 KiB: a nonce has 24 characters"
            .to_owned()
            .into());
    }
    Ok(line)
}

fn quiet(it: &Arithmetic<'_>) -> String {
    let accept = accept(it.nonce);
    // Only a nonce made here is printed: it is base64, and safe to show.
    if it.fresh { format!("{} {accept}\n", String::from_utf8_lossy(it.nonce)) } else { accept + "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(input: &[u8]) -> Result<Vec<u8>, String> {
        read_line(&mut &*input).map_err(|failure| failure.to_string())
    }

    #[test]
    fn one_line_end_is_removed_and_nothing_else() {
        for (input, nonce) in [
            ("abc\n", "abc"),
            ("abc\r\n", "abc"),
            ("abc", "abc"),
            ("abc \n", "abc "),
            ("abc\r", "abc\r"),
            ("abc\r\r\n", "abc\r"),
            ("\n", ""),
            ("first\nsecond\n", "first"),
        ] {
            assert_eq!(line(input.as_bytes()), Ok(nonce.as_bytes().to_vec()), "{input:?}");
        }
    }

    #[test]
    fn no_line_and_an_endless_line_are_mistakes() {
        assert!(line(b"").is_err_and(|error| error.contains("empty")));
        assert!(line(&vec![b'a'; 64 * 1024]).is_ok());
        assert!(line(&vec![b'a'; 64 * 1024 + 1]).is_err_and(|error| error.contains("64 KiB")));
        let mut endless = std::io::BufReader::new(std::io::repeat(b'a'));
        assert!(read_line(&mut endless).is_err());
    }

    #[test]
    fn a_fresh_nonce_is_right_and_new_each_time() {
        let (one, two) = (fresh().expect("random"), fresh().expect("random"));
        assert_eq!(crate::rules::nonce::trouble(&one), None);
        assert_ne!(one, two);
    }
}
