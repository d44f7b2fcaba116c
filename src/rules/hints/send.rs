//! The frame that should have been sent, drawn.

use crate::rules::quote::hex;
use crate::wire::frame::{Header, LengthForm};
use crate::wire::mask::MaskingKey;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// The key of a client's frame that is shown as an example; a real one is random.
const KEY: MaskingKey = MaskingKey([0x37, 0xfa, 0x21, 0x3d]);

/// As many bytes stand in one line.
const IN_A_LINE: usize = 22;

/// A whole message with this payload, as this sender should send it: its bytes, and what they are.
pub(super) fn message(sender: Sender, opcode: Opcode, payload: &[u8]) -> String {
    let key = (sender == Sender::Client).then_some(KEY);
    let len = payload.len() as u64;
    let header = Header::new(0x80 | opcode.0, len, LengthForm::shortest(len), key);
    let mut bytes = Vec::new();
    header.encode(&mut bytes);
    let start = bytes.len();
    bytes.extend_from_slice(payload);
    if let (Some(key), Some(payload)) = (key, bytes.get_mut(start..)) {
        key.apply(payload);
    }
    let command = command(sender, opcode, payload);
    let mut lines = vec![match command {
        Some(_) if bytes.len() > IN_A_LINE => {
            format!("{} …", hex(bytes.get(..IN_A_LINE - 1).unwrap_or_default()))
        }
        _ => hex(&bytes),
    }];
    lines.extend(legend(&header));
    lines.extend(command.map(|command| format!("{command} prints it.")));
    lines.join("\n")
}

/// Lines from below to the pieces of the frame, the last piece first.
fn legend(header: &Header) -> Vec<String> {
    let name = header.opcode().name().unwrap_or("data");
    let mut pieces = vec![
        (0, format!("FIN 1, opcode {}: a whole {name} message", header.opcode().0)),
        (1, format!("MASK {}, length {}", u8::from(header.mask()), length(header))),
    ];
    if header.mask() {
        let key = header.header_len() - 4;
        pieces.push((key, "a key: four random bytes, new for each frame".to_owned()));
        pieces.push((key + 4, "the payload, each byte XORed with one of the key".to_owned()));
    } else {
        let payload = if header.opcode() == Opcode::TEXT { "the text in UTF-8" } else { "the payload" };
        pieces.push((header.header_len(), payload.to_owned()));
    }
    let mut lines = Vec::new();
    while let Some((at, says)) = pieces.pop() {
        let mut line = String::new();
        for (bar, _) in &pieces {
            pad(&mut line, 3 * bar);
            line.push('│');
        }
        pad(&mut line, 3 * at);
        lines.push(format!("{line}╰ {says}"));
    }
    lines
}

fn length(header: &Header) -> String {
    match header.length_form() {
        LengthForm::Seven => format!("{} (hex {0:02x})", header.payload_len()),
        form => format!("{} in the next {} bytes", header.payload_len(), form.extended_bytes()),
    }
}

/// Appends spaces up to a column.
fn pad(line: &mut String, column: usize) {
    let used = line.chars().count();
    line.extend(std::iter::repeat_n(' ', column.saturating_sub(used)));
}

/// The command that prints the frame, where its text needs no escapes in a shell.
fn command(sender: Sender, opcode: Opcode, payload: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(payload).ok().filter(|_| opcode == Opcode::TEXT)?;
    let mask = if sender == Sender::Client {
        format!(" --mask={}", hex(&KEY.0).replace(' ', ""))
    } else {
        String::new()
    };
    let plain = text.chars().all(|ch| matches!(ch, ' '..='~') && ch != '\'');
    plain.then(|| format!("wslens encode{mask} --text '{text}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_frame_is_drawn() {
        assert_eq!(
            message(Sender::Server, Opcode::TEXT, b"Hi!"),
            "81 03 48 69 21\n\
             │  │  ╰ the text in UTF-8\n\
             │  ╰ MASK 0, length 3 (hex 03)\n\
             ╰ FIN 1, opcode 1: a whole text message\n\
             wslens encode --text 'Hi!' prints it."
        );
    }

    #[test]
    fn a_clients_frame_is_masked() {
        assert_eq!(
            message(Sender::Client, Opcode::BINARY, b"\xff\0"),
            "82 82 37 fa 21 3d c8 fa\n\
             │  │  │           ╰ the payload, each byte XORed with one of the key\n\
             │  │  ╰ a key: four random bytes, new for each frame\n\
             │  ╰ MASK 1, length 2 (hex 02)\n\
             ╰ FIN 1, opcode 2: a whole binary message"
        );
    }

    #[test]
    fn a_long_one_is_cut_where_a_command_prints_it() {
        let long = message(Sender::Server, Opcode::TEXT, &[b'a'; 126]);
        assert!(long.starts_with("81 7e 00 7e 61"), "{long}");
        assert!(long.lines().next().is_some_and(|line| line.ends_with(" …") && line.len() < 72), "{long}");
        assert!(long.contains("│  ╰ MASK 0, length 126 in the next 2 bytes"), "{long}");
        let quoted = message(Sender::Server, Opcode::TEXT, "it's for the shell to break".as_bytes());
        assert!(!quoted.contains('…') && !quoted.contains("encode"), "{quoted}");
    }
}
