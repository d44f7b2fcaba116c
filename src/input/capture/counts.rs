//! What of a capture was not read, in sentences.

use std::collections::BTreeMap;

use super::link;
use super::packet::Unread;
use crate::input::counted::{counted, grouped};

/// What a file tells besides packets that can be looked into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outside {
    /// Blocks that hold keys of TLS.
    pub(super) secrets: u64,
    /// Packets of interfaces that no block describes.
    pub(super) homeless: u64,
}

/// Packets by why they were not read.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// All packets.
    pub(super) packets: u64,
    /// What the file tells besides.
    pub(super) outside: Outside,
    /// By link type, those of a link type that is not read.
    links: BTreeMap<u16, u64>,
    not_tcp: u64,
    broken: u64,
}

impl Counts {
    pub(super) fn unknown_link(&mut self, link: u16) {
        *self.links.entry(link).or_default() += 1;
    }

    pub(super) const fn unread(&mut self, why: Unread) {
        match why {
            Unread::NotTcp => self.not_tcp += 1,
            Unread::Broken => self.broken += 1,
            // Counted where it waits for the others.
            Unread::Fragment => {}
        }
    }

    /// A sentence for each kind of packet that was not read.
    pub(super) fn say(&self, fragments: u64, notice: &mut dyn FnMut(&str)) {
        let Outside { secrets, homeless } = self.outside;
        for (link, count) in &self.links {
            let packets = counted(*count, "packet");
            notice(&format!("{packets} of link type {link} skipped; wslens reads {}", link::READ));
        }
        let mut say = |count: u64, what: &str, why: &str| {
            if count > 0 {
                notice(&format!("{} skipped: {why}", counted(count, what)));
            }
        };
        let all = format!("not TCP, of {} in all", grouped(self.packets));
        say(self.not_tcp, "packet", &all);
        say(self.broken, "packet", "a header in it is cut off or makes no sense");
        say(fragments, "IP fragment", "the rest of the packet is not in the capture");
        say(homeless, "packet", "no interface description says what they are");
        if secrets > 0 {
            notice(&format!(
                "{} with keys of TLS in the file: not used, since TLS is not decrypted",
                counted(secrets, "block")
            ));
        }
    }
}
