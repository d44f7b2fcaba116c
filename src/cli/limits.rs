//! The options about how far compressed messages are inflated, the same for every command that reads connections.

use clap::Args;

use crate::session::Config;
use crate::session::agreed::Agreed;

/// How far compressed messages are inflated.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits of inflation")]
pub struct LimitArgs {
    /// The most plain bytes of one message: 64M, 500K, 4096. It is inflated up to there, and those after it as ever.
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = size)]
    message_limit: u64,
    /// How many times as large as its compressed bytes a message may grow. It is looked at every 64 KiB of these, so
    /// small messages may grow as they like.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..))]
    ratio_limit: u64,
    /// The most memory for all windows together, 48 KiB each. Beyond it the one that was idle longest is dropped;
    /// where it is 6M or more, of connections whose numbers leave the same rest when divided by up to 16.
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = size)]
    window_memory: u64,
}

impl LimitArgs {
    /// What a session is told; `agreed` are the extensions in use where the handshake is not seen.
    #[must_use]
    pub fn config(&self, agreed: Agreed) -> Config {
        let Self { message_limit, ratio_limit, window_memory } = *self;
        Config { agreed, message_limit, ratio_limit, window_memory, ..Config::default() }
    }
}

/// Reads a size: a number of bytes, or of KiB, MiB, GiB behind which K, M or G stands.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1u64),
        "k" | "kb" | "kib" => Some(1 << 10),
        "m" | "mb" | "mib" => Some(1 << 20),
        "g" | "gb" | "gib" => Some(1 << 30),
        _ => None,
    };
    let number = digits.parse::<u64>().ok().filter(|number| *number > 0);
    number
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(unit))
        .ok_or_else(|| "a size is a number of bytes from 1 on, such as 4096, 500K, 64M or 1G".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("1", 1), ("500K", 512_000), ("64M", 64 << 20), ("2GiB", 2 << 30), ("7b", 7)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "-1", "1T", "M", "1.5M", "99999999999G"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
