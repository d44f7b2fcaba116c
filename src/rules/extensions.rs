//! Extensions: how they are offered and accepted (RFC 6455 §9.1), permessage-deflate among them (RFC 7692 §5, §7).

use super::facts::{AnyHead, Request, Response};
use super::head::repeated;
use super::quote::{plain, quote};
use super::response::switches;
use super::rule::{Broken, Check, Level, Rule};
use crate::wire::bits::{Bits, Cite};
use crate::wire::extension::{self, Extension, ExtensionList};
use crate::wire::head::Head;
use crate::wire::permessage_deflate::{NAME, Parameter, Parameters, ProblemKind, Side};
use crate::wire::sender::Sender;

/// The name of the header.
const HEADER: &str = "Sec-WebSocket-Extensions";

/// The rows of this chapter.
pub static RULES: &[Rule] = &[
    Rule {
        id: "extensions/grammar",
        cite: Cite::ws("9.1"),
        level: Level::Must,
        word: "MUST",
        says: "Sec-WebSocket-Extensions is a list of names, each with parameters behind semicolons.",
        why: "Both sides must read the same list: who cannot read it must fail the connection at once.",
        entails: &[],
        check: Check::Head(grammar),
    },
    Rule {
        id: "extensions/offer-params",
        cite: Cite::deflate("7"),
        level: Level::Must,
        word: "MUST",
        says: "An offer of permessage-deflate uses its own four parameters, each once and with an allowed value.",
        why: "The server must decline such an offer: the connection opens without compression, if at all.",
        entails: &[],
        check: Check::Request(offer_params),
    },
    Rule {
        id: "extensions/not-offered",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "The server accepts only what the client offered.",
        why: "The client cannot know what an extension it did not name does to the frames, and must fail the \
              connection.",
        entails: &[],
        check: Check::Response(not_offered),
    },
    Rule {
        id: "extensions/header-repeated",
        cite: Cite::ws("11.3.2"),
        level: Level::Must,
        word: "MUST NOT",
        says: "A response has one Sec-WebSocket-Extensions line, with all that is accepted.",
        why: "A request may spread its offers over several lines; the answer must be seen at one glance.",
        entails: &[],
        check: Check::Response(header_repeated),
    },
    Rule {
        id: "extensions/accepted-twice",
        cite: Cite::deflate("5"),
        level: Level::Must,
        word: "MUST NOT",
        says: "No two accepted extensions use the same reserved bit.",
        why: "RSV1 could then mean either of them; the client must fail the connection.",
        entails: &[],
        check: Check::Response(accepted_twice),
    },
    Rule {
        id: "extensions/answer-params",
        cite: Cite::deflate("7"),
        level: Level::Must,
        word: "MUST",
        says: "An answer of permessage-deflate uses its own four parameters, each once and with an allowed value.",
        why: "The client must fail the connection: it cannot know how the other side will compress.",
        entails: &[],
        check: Check::Response(answer_params),
    },
    Rule {
        id: "extensions/answer-beyond-offer",
        cite: Cite::deflate("7.1.2"),
        level: Level::Must,
        word: "MUST NOT",
        says: "An answer asks for no smaller window of the client, and takes no larger one itself, than was offered.",
        why: "The client named what it can do: a window that it cannot shrink, or has no memory for, breaks the \
              compression.",
        entails: &[],
        check: Check::Response(answer_beyond_offer),
    },
];

/// The extensions that the lines of a head name.
fn extensions(head: &Head) -> ExtensionList {
    let values: Vec<_> = head.all(HEADER).map(|line| head.value(line)).collect();
    ExtensionList::parse(values.iter().map(AsRef::as_ref))
}

/// Where in the head a place of one of those lines is. In a folded line only the whole value is known.
fn place(head: &Head, span: extension::Span) -> Bits {
    let Some(line) = head.all(HEADER).nth(span.line) else { return Bits::new(0, 0) };
    match line.folds {
        0 => Bits::bytes((line.value.at + span.at) as u64, span.len as u64),
        _ => line.value.bits(),
    }
}

/// An extension as it was written.
fn written(head: &Head, extension: &Extension) -> String {
    let span = extension.span;
    let line = head.all(HEADER).nth(span.line);
    let value = line.map(|line| head.value(line)).unwrap_or_default();
    plain(value.get(span.at..span.at + span.len).unwrap_or_default())
}

fn grammar(f: &AnyHead<'_>) -> Option<Broken> {
    let problem = extensions(f.head).problems.into_iter().next()?;
    let line = f.head.all(HEADER).nth(problem.span.line)?;
    let found =
        format!("In {}: {}, at character {}.", quote(&f.head.value(line)), problem.kind, problem.span.at + 1);
    let send = match f.sender {
        Sender::Client => "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        Sender::Server => "Sec-WebSocket-Extensions: permessage-deflate",
    };
    Some(Broken::at(place(f.head, problem.span), found).send(format!("{send}, or no such header")))
}

fn is_deflate(extension: &&Extension) -> bool {
    extension.name.eq_ignore_ascii_case(NAME)
}

fn offer_params(f: &Request<'_>) -> Option<Broken> {
    wrong_params(f.head, Side::Offer)
}

fn answer_params(f: &Response<'_>) -> Option<Broken> {
    if switches(f) { wrong_params(f.head, Side::Answer) } else { None }
}

/// The first parameter that RFC 7692 does not allow.
fn wrong_params(head: &Head, side: Side) -> Option<Broken> {
    let list = extensions(head);
    let (extension, problem) = list.extensions.iter().filter(is_deflate).find_map(|extension| {
        let problem = Parameters::read(extension, side).problems.into_iter().next()?;
        Some((extension, problem))
    })?;
    let param = extension.params.get(problem.param)?;
    let (name, value) =
        (plain(param.name.as_bytes()), quote(param.value.as_deref().unwrap_or_default().as_bytes()));
    let found = match problem.kind {
        ProblemKind::Unknown => {
            format!("permessage-deflate has no parameter {}.", quote(param.name.as_bytes()))
        }
        ProblemKind::Repeated(_) => format!("{name} stands there twice."),
        ProblemKind::ValueNotAllowed(_) => format!("{name} takes no value, and has {value}."),
        ProblemKind::ValueMissing(_) => format!("{name} has no value."),
        ProblemKind::NotANumber(_) => format!("{name} is {value}, which is no number."),
        ProblemKind::LeadingZero(_) => format!("{name} is {value}: no zero may lead it."),
        ProblemKind::OutOfRange(..) => format!("{name} is {value}; it may be 8 to 15."),
    };
    let send = match (problem.kind, side) {
        (ProblemKind::Unknown | ProblemKind::Repeated(_), _) => {
            format!("the same without {}", quote(name.as_bytes()))
        }
        (ProblemKind::ValueNotAllowed(_), _) => name,
        (ProblemKind::ValueMissing(Parameter::ClientMaxWindowBits), Side::Answer) => {
            "client_max_window_bits=15, or no such parameter".to_owned()
        }
        _ => format!("{name}=15, or any number from 8 on"),
    };
    Some(Broken::at(place(head, param.span), found).send(send))
}

fn not_offered(f: &Response<'_>) -> Option<Broken> {
    let request = f.request.filter(|_| switches(f))?;
    let (offered, accepted) = (extensions(request), extensions(f.head));
    let is_offered = |name: &str| offered.extensions.iter().any(|it| it.name.eq_ignore_ascii_case(name));
    let extra = accepted.extensions.iter().find(|it| !is_offered(&it.name))?;
    let names: Vec<_> = offered.extensions.iter().take(8).map(|it| quote(it.name.as_bytes())).collect();
    let name = quote(extra.name.as_bytes());
    let found = if names.is_empty() {
        format!("The server accepts {name}, but the client offered no extension.")
    } else {
        format!("The server accepts {name}; the client offered {}.", names.join(", "))
    };
    let send = if names.is_empty() { format!("no {HEADER}") } else { format!("{HEADER} without {name}") };
    Some(Broken::at(place(f.head, extra.name_span), found).send(send))
}

fn header_repeated(f: &Response<'_>) -> Option<Broken> {
    let broken = repeated(f.head, HEADER).filter(|_| switches(f))?;
    let list = extensions(f.head);
    let all: Vec<_> = list.extensions.iter().take(4).map(|it| written(f.head, it)).collect();
    Some(broken.send(format!("{HEADER}: {}", all.join(", "))))
}

/// The extensions that are known to use RSV1.
const USERS_OF_RSV1: [&str; 2] = [NAME, "x-webkit-deflate-frame"];

fn accepted_twice(f: &Response<'_>) -> Option<Broken> {
    let list = extensions(f.head);
    let uses = |it: &&Extension| USERS_OF_RSV1.iter().any(|name| it.name.eq_ignore_ascii_case(name));
    let mut users = list.extensions.iter().filter(uses);
    let (first, second) = (users.next()?, users.next().filter(|_| switches(f))?);
    let found = if first.name.eq_ignore_ascii_case(&second.name) {
        format!("{} is accepted twice.", first.name)
    } else {
        format!("{} and {} are both accepted, and both use RSV1.", first.name, second.name)
    };
    Some(Broken::at(place(f.head, second.span), found).send(format!("{HEADER}: {}", written(f.head, first))))
}

fn answer_beyond_offer(f: &Response<'_>) -> Option<Broken> {
    let request = f.request.filter(|_| switches(f))?;
    let (offered, accepted) = (extensions(request), extensions(f.head));
    let answer = accepted.extensions.iter().find(is_deflate)?;
    let read = Parameters::read(answer, Side::Answer);
    let offers: Vec<_> =
        offered.extensions.iter().filter(is_deflate).map(|it| Parameters::read(it, Side::Offer)).collect();
    let (parameter, found, send) = beyond(&read, &offers)?;
    let param = answer.params.iter().find(|param| param.name == parameter.name())?;
    Some(Broken::at(place(f.head, param.span), found).send(send))
}

/// The parameter of an answer that no offer allows, what is so, and what to send instead.
fn beyond(answer: &Parameters, offers: &[Parameters]) -> Option<(Parameter, String, String)> {
    if offers.is_empty() {
        return None;
    }
    let client = Parameter::ClientMaxWindowBits;
    if answer.client_max_window_bits_offered && offers.iter().all(|it| !it.client_max_window_bits_offered) {
        let found = format!("The answer sets {}, which the client did not offer to keep.", client.name());
        return Some((client, found, format!("the answer without {}", client.name())));
    }
    let server = Parameter::ServerMaxWindowBits;
    let most = offers
        .iter()
        .map(|offer| offer.server_max_window_bits)
        .try_fold(0, |most, it| Some(most.max(it?)))?;
    let is = answer.server_max_window_bits.filter(|is| *is > most)?;
    let found = format!("{} is {is}; the client asked for {most} at most.", server.name());
    Some((server, found, format!("{}={most}", server.name())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(offer: &str, answer: &str) -> Vec<(&'static str, String)> {
        let request = format!("GET / HTTP/1.1\r\n{offer}\r\n");
        let response = format!("HTTP/1.1 101 X\r\n{answer}\r\n");
        let (asked, head) = (Head::decode(request.clone().into()), Head::decode(response.clone().into()));
        let mut all = Vec::new();
        for rule in RULES {
            let found = match rule.check {
                Check::Head(check) => [
                    check(&AnyHead { head: &asked, sender: Sender::Client }).map(|it| (it, &request)),
                    check(&AnyHead { head: &head, sender: Sender::Server }).map(|it| (it, &response)),
                ],
                Check::Request(check) => {
                    [check(&Request { head: &asked, same_nonce_on: None }).map(|it| (it, &request)), None]
                }
                Check::Response(check) => {
                    [check(&Response { head: &head, request: Some(&asked) }).map(|it| (it, &response)), None]
                }
                _ => [None, None],
            };
            for (broken, text) in found.into_iter().flatten() {
                let bytes = broken.bits.first_byte() as usize..broken.bits.end_byte() as usize;
                all.push((rule.id, text[bytes].to_owned()));
            }
        }
        all
    }

    fn line(value: &str) -> String {
        if value.is_empty() { String::new() } else { format!("Sec-WebSocket-Extensions: {value}\r\n") }
    }

    #[test]
    fn what_was_offered_may_be_accepted() {
        let offer =
            line("foo") + &line("permessage-deflate; client_max_window_bits; server_max_window_bits=10");
        for answer in [
            "",
            "foo",
            "foo, Permessage-Deflate",
            "permessage-deflate; server_max_window_bits=9; client_max_window_bits=8; server_no_context_takeover",
        ] {
            assert_eq!(broken(&offer, &line(answer)), [], "{answer}");
        }
    }

    #[test]
    fn each_fault_is_found_at_its_place() {
        let deflate = "permessage-deflate";
        for (offer, answer, rule, at) in [
            ("foo; =1", "", "extensions/grammar", ""),
            ("foo", "foo; b=\"1 0\"", "extensions/grammar", "\"1 0\""),
            (
                "permessage-deflate; server_max_window_bits=16",
                "",
                "extensions/offer-params",
                "server_max_window_bits=16",
            ),
            ("permessage-deflate; bits", "", "extensions/offer-params", "bits"),
            ("", deflate, "extensions/not-offered", deflate),
            (deflate, "permessage-deflate, foo", "extensions/not-offered", "foo"),
            (deflate, "permessage-deflate, permessage-deflate", "extensions/accepted-twice", deflate),
            (
                deflate,
                "permessage-deflate; server_max_window_bits=08",
                "extensions/answer-params",
                "server_max_window_bits=08",
            ),
            (
                deflate,
                "permessage-deflate; client_max_window_bits=9",
                "extensions/answer-beyond-offer",
                "client_max_window_bits=9",
            ),
            (
                "permessage-deflate; server_max_window_bits=10",
                "permessage-deflate; server_max_window_bits=11",
                "extensions/answer-beyond-offer",
                "server_max_window_bits=11",
            ),
        ] {
            assert_eq!(broken(&line(offer), &line(answer)), [(rule, at.to_owned())], "{offer} -> {answer}");
        }
    }

    #[test]
    fn a_second_line_is_for_requests_only() {
        let twice = line("foo") + &line("bar");
        let found = broken(&twice, &twice);
        assert_eq!(found, [("extensions/header-repeated", "Sec-WebSocket-Extensions: bar".to_owned())]);
    }
}
