//! What the opening handshake agreed on, as far as it is known.

use crate::rules::facts::Rsv;
use crate::wire::extension::{Extension, ExtensionList};
use crate::wire::head::Head;
use crate::wire::permessage_deflate::{NAME, Parameters, Side};

/// The extensions in use on a connection. A rule that depends on them stays silent where they are unknown.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Agreed {
    /// The handshake was not seen.
    #[default]
    Unknown,
    /// These; none of them where the list is empty.
    Known(Vec<Extension>),
}

impl Agreed {
    /// What a response agrees to: what it says, whatever the request offered.
    #[must_use]
    pub fn by_response(head: &Head) -> Self {
        let values: Vec<_> = head.all("sec-websocket-extensions").map(|line| head.value(line)).collect();
        Self::Known(ExtensionList::parse(values.iter().map(AsRef::as_ref)).extensions)
    }

    /// The reserved bits that have a meaning. An extension that is not known here may use any of them.
    #[must_use]
    pub fn rsv(&self) -> Rsv {
        let Self::Known(extensions) = self else { return Rsv::Unknown };
        extensions
            .iter()
            .try_fold(0, |used, extension| Some(used | rsv_of(&extension.name)?))
            .map_or(Rsv::Unknown, Rsv::Used)
    }

    /// What permessage-deflate was agreed with, where it is among them. Of two that were accepted the first counts.
    #[must_use]
    pub fn deflate_parameters(&self) -> Option<Parameters> {
        let Self::Known(extensions) = self else { return None };
        let deflate = extensions.iter().find(|extension| is_deflate(&extension.name))?;
        Some(Parameters::read(deflate, Side::Answer))
    }

    /// Whether permessage-deflate is among them (RFC 7692 §7).
    #[must_use]
    pub fn deflate(&self) -> bool {
        matches!(self, Self::Known(extensions) if extensions.iter().any(|e| is_deflate(&e.name)))
    }
}

fn is_deflate(name: &str) -> bool {
    name.eq_ignore_ascii_case(NAME)
}

/// The reserved bits that an extension uses; none where it is not known here.
fn rsv_of(name: &str) -> Option<u8> {
    (is_deflate(name) || name.eq_ignore_ascii_case("x-webkit-deflate-frame")).then_some(4)
}
