//! The parameters of permessage-deflate: how far each compressor looks back, and for how long (RFC 7692 §7.1).
//!
//! Each parameter binds one end's *compressor*: `server_…` the server's, `client_…` the client's. The other end
//! may then inflate with less memory. Reading them judges nothing: what the RFC does not allow is a typed
//! [`Problem`], and the parameters that could be read are given beside it.

use super::extension::{Extension, Param};
use super::sender::Sender;

/// The extension's name, as it is registered.
pub const NAME: &str = "permessage-deflate";

/// The window of every DEFLATE stream unless less was agreed: 2^15 bytes.
pub const WINDOW_BITS: u8 = 15;

/// One of the four parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// The server's compressor begins each message with an empty window (§7.1.1.1).
    ServerNoContextTakeover,
    /// The client's compressor begins each message with an empty window (§7.1.1.2).
    ClientNoContextTakeover,
    /// The server's compressor looks back 2^value bytes at most (§7.1.2.1).
    ServerMaxWindowBits,
    /// The client's compressor looks back 2^value bytes at most (§7.1.2.2).
    ClientMaxWindowBits,
}

impl Parameter {
    /// All four.
    pub const ALL: [Self; 4] = [
        Self::ServerNoContextTakeover,
        Self::ClientNoContextTakeover,
        Self::ServerMaxWindowBits,
        Self::ClientMaxWindowBits,
    ];

    /// The parameter of that name; none for a name that the RFC does not know.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|parameter| parameter.name() == name)
    }

    /// Its name, as it stands in the header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServerNoContextTakeover => "server_no_context_takeover",
            Self::ClientNoContextTakeover => "client_no_context_takeover",
            Self::ServerMaxWindowBits => "server_max_window_bits",
            Self::ClientMaxWindowBits => "client_max_window_bits",
        }
    }

    /// Whose compressor it binds.
    #[must_use]
    pub const fn binds(self) -> Sender {
        match self {
            Self::ServerNoContextTakeover | Self::ServerMaxWindowBits => Sender::Server,
            Self::ClientNoContextTakeover | Self::ClientMaxWindowBits => Sender::Client,
        }
    }

    /// Whether a value belongs to it.
    const fn takes_bits(self) -> bool {
        matches!(self, Self::ServerMaxWindowBits | Self::ClientMaxWindowBits)
    }
}

/// Which of the two sides of the negotiation is read: they differ in what may stand without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The client's request.
    Offer,
    /// The server's response.
    Answer,
}

/// What an offer or an answer says. Of a repeated parameter the first counts.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Parameters {
    /// The server's compressor forgets after each message.
    pub server_no_context_takeover: bool,
    /// The client's compressor forgets after each message.
    pub client_no_context_takeover: bool,
    /// The server's window, 8 to 15, where a valid value was given.
    pub server_max_window_bits: Option<u8>,
    /// The client's window, 8 to 15, where a valid value was given.
    pub client_max_window_bits: Option<u8>,
    /// `client_max_window_bits` is there, with or without a value: the server may choose one.
    pub client_max_window_bits_offered: bool,
    /// What the RFC does not allow, in the order of the parameters.
    pub problems: Vec<Problem>,
}

/// Something that RFC 7692 §7.1 does not allow of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which of the extension's parameters, counted from 0; its spans say where it stands.
    pub param: usize,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// Not one of the four.
    Unknown,
    /// The same parameter stood there before.
    Repeated(Parameter),
    /// It has a value, and none belongs to it.
    ValueNotAllowed(Parameter),
    /// It has no value, and one belongs to it.
    ValueMissing(Parameter),
    /// The value is no decimal number.
    NotANumber(Parameter),
    /// The number begins with a zero, as in `08`; it is read without it.
    LeadingZero(Parameter),
    /// The number is not one of 8 to 15; one too long to count is [`u32::MAX`].
    OutOfRange(Parameter, u32),
}

impl Parameters {
    /// Reads the parameters of an extension named [`NAME`].
    #[must_use]
    pub fn read(extension: &Extension, side: Side) -> Self {
        let mut read = Self::default();
        let mut seen = [false; Parameter::ALL.len()];
        for (index, param) in extension.params.iter().enumerate() {
            let mut problem = |kind| read.problems.push(Problem { param: index, kind });
            let Some(parameter) = Parameter::named(&param.name) else {
                problem(ProblemKind::Unknown);
                continue;
            };
            if let Some(seen) = seen.get_mut(parameter as usize)
                && std::mem::replace(seen, true)
            {
                problem(ProblemKind::Repeated(parameter));
                continue;
            }
            let bits = bits(parameter, param, side, problem);
            read.take(parameter, bits);
        }
        read
    }

    /// How far back this sender's compressor may look, as agreed by an answer: 2^bits bytes.
    #[must_use]
    pub fn window_bits(&self, compressor: Sender) -> u8 {
        match compressor {
            Sender::Server => self.server_max_window_bits,
            Sender::Client => self.client_max_window_bits,
        }
        .unwrap_or(WINDOW_BITS)
    }

    /// Whether this sender's compressor forgets after each message, as agreed by an answer.
    #[must_use]
    pub const fn no_context_takeover(&self, compressor: Sender) -> bool {
        match compressor {
            Sender::Server => self.server_no_context_takeover,
            Sender::Client => self.client_no_context_takeover,
        }
    }

    const fn take(&mut self, parameter: Parameter, bits: Option<u8>) {
        match parameter {
            Parameter::ServerNoContextTakeover => self.server_no_context_takeover = true,
            Parameter::ClientNoContextTakeover => self.client_no_context_takeover = true,
            Parameter::ServerMaxWindowBits => self.server_max_window_bits = bits,
            Parameter::ClientMaxWindowBits => {
                self.client_max_window_bits = bits;
                self.client_max_window_bits_offered = true;
            }
        }
    }
}

/// The value of a parameter, where one belongs to it and is in range.
fn bits(parameter: Parameter, param: &Param, side: Side, mut problem: impl FnMut(ProblemKind)) -> Option<u8> {
    let Some(value) = &param.value else {
        // §7.1.2.2: only the client may leave the choice open, and only for its own window.
        let open = parameter == Parameter::ClientMaxWindowBits && side == Side::Offer;
        if parameter.takes_bits() && !open {
            problem(ProblemKind::ValueMissing(parameter));
        }
        return None;
    };
    if !parameter.takes_bits() {
        problem(ProblemKind::ValueNotAllowed(parameter));
        return None;
    }
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        problem(ProblemKind::NotANumber(parameter));
        return None;
    }
    if value.len() > 1 && value.starts_with('0') {
        problem(ProblemKind::LeadingZero(parameter));
    }
    match value.parse().unwrap_or(u32::MAX) {
        bits @ 8..=15 => Some(bits as u8),
        number => {
            problem(ProblemKind::OutOfRange(parameter, number));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::extension::ExtensionList;

    fn read(value: &str, side: Side) -> Parameters {
        let list = ExtensionList::parse([value.as_bytes()]);
        Parameters::read(&list.extensions[0], side)
    }

    fn problems(value: &str, side: Side) -> Vec<(usize, ProblemKind)> {
        read(value, side).problems.iter().map(|p| (p.param, p.kind)).collect()
    }

    #[test]
    fn a_parameter_binds_the_compressor_it_is_named_after() {
        let agreed =
            read("permessage-deflate; server_max_window_bits=10; client_no_context_takeover", Side::Answer);
        assert_eq!((agreed.window_bits(Sender::Server), agreed.window_bits(Sender::Client)), (10, 15));
        assert!(agreed.no_context_takeover(Sender::Client) && !agreed.no_context_takeover(Sender::Server));
        assert_eq!(agreed.problems, []);
    }

    #[test]
    fn only_an_offer_may_leave_the_clients_window_open() {
        use ProblemKind::*;
        let offer = read("permessage-deflate; client_max_window_bits", Side::Offer);
        assert!(offer.client_max_window_bits_offered && offer.client_max_window_bits.is_none());
        assert_eq!(offer.problems, []);
        let answer = problems("permessage-deflate; client_max_window_bits", Side::Answer);
        assert_eq!(answer, [(0, ValueMissing(Parameter::ClientMaxWindowBits))]);
        let server = problems("permessage-deflate; server_max_window_bits", Side::Offer);
        assert_eq!(server, [(0, ValueMissing(Parameter::ServerMaxWindowBits))]);
    }

    #[test]
    fn a_value_is_a_plain_number_from_8_to_15() {
        use ProblemKind::*;
        let bits = Parameter::ServerMaxWindowBits;
        let of = |value: &str| {
            let read = read(&format!("permessage-deflate; server_max_window_bits={value}"), Side::Offer);
            (read.server_max_window_bits, read.problems.iter().map(|p| p.kind).collect::<Vec<_>>())
        };
        assert_eq!(of("8"), (Some(8), vec![]));
        assert_eq!(of("\"15\""), (Some(15), vec![]));
        assert_eq!(of("08"), (Some(8), vec![LeadingZero(bits)]));
        assert_eq!(of("0"), (None, vec![OutOfRange(bits, 0)]));
        assert_eq!(of("7"), (None, vec![OutOfRange(bits, 7)]));
        assert_eq!(of("16"), (None, vec![OutOfRange(bits, 16)]));
        assert_eq!(of("99999999999"), (None, vec![OutOfRange(bits, u32::MAX)]));
        assert_eq!(of("+8"), (None, vec![NotANumber(bits)]));
        assert_eq!(of("ten"), (None, vec![NotANumber(bits)]));
    }

    #[test]
    fn unknown_and_repeated_parameters_and_needless_values_are_named() {
        use ProblemKind::*;
        let value = "permessage-deflate; client_no_context_takeover=1; foo; client_no_context_takeover; \
                     server_max_window_bits=9; server_max_window_bits=12";
        let read = read(value, Side::Offer);
        let kinds: Vec<_> = read.problems.iter().map(|p| (p.param, p.kind)).collect();
        let (flag, bits) = (Parameter::ClientNoContextTakeover, Parameter::ServerMaxWindowBits);
        assert_eq!(
            kinds,
            [(0, ValueNotAllowed(flag)), (1, Unknown), (2, Repeated(flag)), (4, Repeated(bits))]
        );
        assert!(read.client_no_context_takeover);
        assert_eq!(read.server_max_window_bits, Some(9));
    }
}
