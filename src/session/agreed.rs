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
        let foreign = |name: &str| !is_deflate(name) && !is_deflate_frame(name);
        match (self.deflate(), extensions.iter().any(|it| foreign(&it.name))) {
            (deflate, true) => Rsv::Foreign(u8::from(deflate) * 4),
            (true, false) => Rsv::Used(4),
            (false, false) if extensions.is_empty() => Rsv::Used(0),
            (false, false) => Rsv::PerFrame,
        }
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

/// What came before permessage-deflate: RSV1 is on each frame that is compressed, whatever its message.
fn is_deflate_frame(name: &str) -> bool {
    name.eq_ignore_ascii_case(DEFLATE_FRAME)
}

/// The extension that browsers offered before RFC 7692.
pub const DEFLATE_FRAME: &str = "x-webkit-deflate-frame";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_the_reserved_bits_are() {
        for (list, rsv) in [
            ("permessage-deflate", Rsv::Used(4)),
            ("x-webkit-deflate-frame; no_context_takeover", Rsv::PerFrame),
            ("X-WebKit-Deflate-Frame, permessage-deflate", Rsv::Used(4)),
            ("foo", Rsv::Foreign(0)),
            ("foo, Permessage-Deflate", Rsv::Foreign(4)),
            ("foo, x-webkit-deflate-frame", Rsv::Foreign(0)),
        ] {
            let extensions = ExtensionList::parse([list.as_bytes()]).extensions;
            assert_eq!(Agreed::Known(extensions).rsv(), rsv, "{list}");
        }
        assert_eq!((Agreed::Known(Vec::new()).rsv(), Agreed::Unknown.rsv()), (Rsv::Used(0), Rsv::Unknown));
    }
}
