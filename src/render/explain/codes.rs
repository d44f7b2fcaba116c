//! Close codes: what each says, who may send it, and what it looks like on the wire.

use super::labelled;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::wire::bits::Cite;
use crate::wire::close::CloseCode;

/// What else is to be known of a code.
struct Row {
    code: u16,
    does: &'static str,
    wrong: &'static str,
}

const ROWS: &[Row] = &[
    Row {
        code: 1000,
        does: "All is done: the other side answers with a Close and may forget the connection.",
        wrong: "Sent for an error it hides it: clients then do not connect again.",
    },
    Row {
        code: 1001,
        does: "Connect again elsewhere or later. Browsers send it when the page is left.",
        wrong: "",
    },
    Row {
        code: 1002,
        does: "Says that the other side broke a rule. Look at what it sent last: wslens names the rule.",
        wrong: "",
    },
    Row {
        code: 1003,
        does: "Says that this kind of message is not taken: binary where only text is understood, say.",
        wrong: "Text that is not UTF-8 is 1007.",
    },
    Row { code: 1004, does: "Nothing: it was reserved and never got a meaning.", wrong: "Do not send it." },
    Row {
        code: 1005,
        does: "onclose gets it where a Close came without a code. Nobody decided on anything else: it is a clean end.",
        wrong: "It is never in a frame. To say \"no code\" send a Close without a payload: 88 00.",
    },
    Row {
        code: 1006,
        does: "onclose gets it where TCP ended without a Close: a crash, a proxy's timeout, a lost network; and where \
               the handshake failed. The page is told no more, on purpose; the browser's console says more.",
        wrong: "It is never in a frame, so no server sends it: look for what ended TCP.",
    },
    Row {
        code: 1007,
        does: "Says that a message was not what its opcode promised: mostly text that is not UTF-8.",
        wrong: "A text cut in the middle of a character when the message was put together.",
    },
    Row {
        code: 1008,
        does: "Says no where no other code fits: not logged in, a forbidden Origin, too many messages.",
        wrong: "",
    },
    Row {
        code: 1009,
        does: "Says that a message is longer than this side takes. Send smaller messages; pieces do not help.",
        wrong: "",
    },
    Row {
        code: 1010,
        does: "A client says that it needs an extension which the server did not accept; the reason names it.",
        wrong: "A server does not send it: it refuses the handshake instead.",
    },
    Row {
        code: 1011,
        does: "Says that something went wrong inside: an uncaught exception, say. Look in that side's log.",
        wrong: "",
    },
    Row {
        code: 1012,
        does: "The server restarts: connect again after a random pause of some seconds.",
        wrong: "",
    },
    Row { code: 1013, does: "The server is overloaded: connect again later, or to another one.", wrong: "" },
    Row {
        code: 1014,
        does: "A gateway or proxy says that the server behind it answered wrongly: the WebSocket's 502.",
        wrong: "",
    },
    Row {
        code: 1015,
        does: "It stands for a TLS handshake that failed: the certificate is not trusted, say. Browsers report 1006 \
               instead.",
        wrong: "It is never in a frame: without TLS there is no connection to send one on.",
    },
];

/// What is said of a whole range.
const fn of_range(code: u16) -> (&'static str, &'static str) {
    match code {
        0..=999 => (
            "Nothing: no code is below 1000.",
            "A status of HTTP was sent as a close code, or the two bytes were swapped.",
        ),
        1000..=2999 => ("Nothing: nobody gave it a meaning yet.", "Codes of your own are 4000 to 4999."),
        3000..=3999 => (
            "What the library or framework says that registered it with IANA.",
            "Codes of your own are 4000 to 4999.",
        ),
        4000..=4999 => {
            ("What the application says: browsers let a page send 1000 and these (and 3000 to 3999).", "")
        }
        5000.. => (
            "Nothing: no range is defined from 5000 on.",
            "Perhaps the two bytes stand low byte first: 1000 is 03 e8.",
        ),
    }
}

/// Appends what is to be said of a code.
pub fn lesson(page: &Page, code: CloseCode, out: &mut String) {
    let row = ROWS.iter().find(|row| row.code == code.0);
    let (does, wrong) = row.map_or_else(|| of_range(code.0), |row| (row.does, row.wrong));
    let section = if row.is_some() { "7.4.1" } else { "7.4.2" };
    let title = match code.name() {
        Some(name) => format!("{}: a close code, {name}", code.0),
        None => format!("{}: a close code", code.0),
    };
    page.spread(out, 0, &[(Role::Heading, &title)], (Role::Dim, &Cite::ws(section).to_string()));
    labelled(page, "What", Role::Plain, &sentence(code.meaning()), out);
    let place = "the first two bytes of a Close's payload, high byte first; a reason in UTF-8 may follow";
    let never = "in no frame: an end reports it to its own application only";
    labelled(page, "Where", Role::Plain, if code.is_never_sent() { never } else { place }, out);
    labelled(page, "It does", Role::Plain, does, out);
    labelled(page, "Goes wrong", Role::Plain, wrong, out);
    if !code.is_never_sent() {
        let [high, low] = code.0.to_be_bytes();
        labelled(
            page,
            "Example",
            Role::Payload,
            &format!("88 02 {high:02x} {low:02x}: a server's Close"),
            out,
        );
    }
}

/// With a capital letter and a full stop.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| format!("{}{}.", first.to_uppercase(), chars.as_str())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::close::CLOSE_CODES;

    #[test]
    fn every_registered_code_has_its_row() {
        let rows: Vec<_> = ROWS.iter().map(|row| CloseCode(row.code)).collect();
        assert_eq!(rows, CLOSE_CODES.iter().map(|row| row.0).collect::<Vec<_>>());
    }
}
