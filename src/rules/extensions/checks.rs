//! What the rules about extensions look for.

use crate::rules::facts::{AnyHead, Request, Response};
use crate::rules::head::repeated;
use crate::rules::quote::{plain, quote};
use crate::rules::response::switches;
use crate::rules::rule::Broken;
use crate::wire::bits::Bits;
use crate::wire::extension::{self, Extension, ExtensionList};
use crate::wire::head::Head;
use crate::wire::permessage_deflate::{NAME, Parameter, Parameters, ProblemKind, Side};
use crate::wire::sender::Sender;

/// The name of the header.
const HEADER: &str = "Sec-WebSocket-Extensions";

/// The extensions that the lines of a head name.
pub(super) fn extensions(head: &Head) -> ExtensionList {
    let values: Vec<_> = head.all(HEADER).map(|line| head.value(line)).collect();
    ExtensionList::parse(values.iter().map(AsRef::as_ref))
}

/// Where in the head a place of one of those lines is. In a folded line only the whole value is known.
pub(super) fn place(head: &Head, span: extension::Span) -> Bits {
    let Some(line) = head.all(HEADER).nth(span.line) else { return Bits::new(0, 0) };
    match line.folds {
        0 => Bits::bytes((line.value.at + span.at) as u64, span.len as u64),
        _ => line.value.bits(),
    }
}

/// An extension as it was written.
pub(super) fn written(head: &Head, extension: &Extension) -> String {
    let span = extension.span;
    let line = head.all(HEADER).nth(span.line);
    let value = line.map(|line| head.value(line)).unwrap_or_default();
    plain(value.get(span.at..span.at + span.len).unwrap_or_default())
}

pub(super) fn grammar(f: &AnyHead<'_>) -> Option<Broken> {
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

pub(super) fn is_deflate(extension: &&Extension) -> bool {
    extension.name.eq_ignore_ascii_case(NAME)
}

pub(super) fn offer_params(f: &Request<'_>) -> Option<Broken> {
    wrong_params(f.head, Side::Offer)
}

pub(super) fn answer_params(f: &Response<'_>) -> Option<Broken> {
    if switches(f) { wrong_params(f.head, Side::Answer) } else { None }
}

/// The first parameter that RFC 7692 does not allow.
pub(super) fn wrong_params(head: &Head, side: Side) -> Option<Broken> {
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

pub(super) fn not_offered(f: &Response<'_>) -> Option<Broken> {
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

pub(super) fn header_repeated(f: &Response<'_>) -> Option<Broken> {
    let broken = repeated(f.head, HEADER).filter(|_| switches(f))?;
    let list = extensions(f.head);
    let all: Vec<_> = list.extensions.iter().take(4).map(|it| written(f.head, it)).collect();
    Some(broken.send(format!("{HEADER}: {}", all.join(", "))))
}

/// The extensions that are known to use RSV1.
const USERS_OF_RSV1: [&str; 2] = [NAME, "x-webkit-deflate-frame"];

pub(super) fn accepted_twice(f: &Response<'_>) -> Option<Broken> {
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

pub(super) fn answer_beyond_offer(f: &Response<'_>) -> Option<Broken> {
    let request = f.request.filter(|_| switches(f))?;
    let (offered, accepted) = (extensions(request), extensions(f.head));
    let answer = accepted.extensions.iter().find(is_deflate)?;
    let read = Parameters::read(answer, Side::Answer);
    let offers: Vec<_> =
        offered.extensions.iter().filter(is_deflate).map(|it| Parameters::read(it, Side::Offer)).collect();
    let (parameter, found, send) = beyond(&read, &offers)?;
    let param = answer.params.iter().find(|param| param.name == parameter.name());
    Some(Broken::at(place(f.head, param.map_or(answer.span, |param| param.span)), found).send(send))
}

/// The parameter of an answer that no offer allows, what is so, and what to send instead.
pub(super) fn beyond(answer: &Parameters, offers: &[Parameters]) -> Option<(Parameter, String, String)> {
    if offers.is_empty() {
        return None;
    }
    let client = Parameter::ClientMaxWindowBits;
    if answer.client_max_window_bits_offered && offers.iter().all(|it| !it.client_max_window_bits_offered) {
        let found = format!("The answer sets {}, which the client did not offer to keep.", client.name());
        return Some((client, found, format!("the answer without {}", client.name())));
    }
    window_beyond(answer, offers).or_else(|| promise_missing(answer, offers))
}

/// A window of the server that is larger than every offer allows (RFC 7692 §7.1.2.1).
fn window_beyond(answer: &Parameters, offers: &[Parameters]) -> Option<(Parameter, String, String)> {
    let server = Parameter::ServerMaxWindowBits;
    let most = offers
        .iter()
        .map(|offer| offer.server_max_window_bits)
        .try_fold(0, |most, it| Some(most.max(it?)))?;
    let found = match answer.server_max_window_bits {
        Some(is) if is > most => format!("{} is {is}; the client asked for {most} at most.", server.name()),
        // A value that cannot be read is another finding.
        None if answer.problems.is_empty() => {
            format!("The client asked for {}={most}, and the answer promises no such thing.", server.name())
        }
        _ => return None,
    };
    Some((server, found, format!("{}={most}", server.name())))
}

/// Every offer asks the server to forget after each message, and the answer does not say that it will (§7.1.1.1).
fn promise_missing(answer: &Parameters, offers: &[Parameters]) -> Option<(Parameter, String, String)> {
    let parameter = Parameter::ServerNoContextTakeover;
    let asked = offers.iter().all(|offer| offer.server_no_context_takeover);
    (asked && !answer.server_no_context_takeover).then(|| {
        let name = parameter.name();
        let found = format!("The client asked for {name}, and the answer does not promise it.");
        (parameter, found, format!("the answer with {name}, or without permessage-deflate"))
    })
}
