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
    /// Blocks that are no packets, and that Wireshark numbers all the same.
    pub(super) numbered: u64,
    /// Blocks whose options are longer than the block, and where the first of them stands.
    pub(super) lying: u64,
    pub(super) first_lying: u64,
}

impl Outside {
    /// Nothing yet.
    pub(super) const NONE: Self = Self { secrets: 0, homeless: 0, numbered: 0, lying: 0, first_lying: 0 };

    /// A block that begins at this byte has options that are longer than it.
    pub(super) const fn lies(&mut self, at: u64) {
        if self.lying == 0 {
            self.first_lying = at;
        }
        self.lying += 1;
    }
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
    /// By what is around the IP packets that are not looked into.
    tunnels: BTreeMap<&'static str, u64>,
    broken: u64,
}

impl Counts {
    pub(super) fn unknown_link(&mut self, link: u16) {
        *self.links.entry(link).or_default() += 1;
    }

    pub(super) fn unread(&mut self, why: Unread) {
        match why {
            Unread::NotTcp => self.not_tcp += 1,
            Unread::Tunnel(name) => *self.tunnels.entry(name).or_default() += 1,
            Unread::Broken => self.broken += 1,
            // Counted where it waits for the others.
            Unread::Fragment => {}
        }
    }

    /// A sentence for each kind of packet that was not read.
    pub(super) fn say(&self, fragments: u64, notice: &mut dyn FnMut(&str)) {
        let Outside { secrets, homeless, lying, first_lying, .. } = self.outside;
        for (link, count) in &self.links {
            let packets = counted(*count, "packet");
            notice(&format!("{packets} of link type {link} skipped; wslens reads {}", link::READ));
        }
        for (name, count) in &self.tunnels {
            let packets = counted(*count, "packet");
            notice(&format!(
                "{packets} inside {name} skipped, and what they carry: capture behind the tunnel's end"
            ));
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
        if lying > 0 {
            notice(&format!(
                "{} with an option that claims to be longer than its block (the first at byte {}): options from there \
                 on are not used",
                counted(lying, "block"),
                grouped(first_lying)
            ));
        }
        if secrets > 0 {
            notice(&format!(
                "{} with keys of TLS in the file: not used, since TLS is not decrypted",
                counted(secrets, "block")
            ));
        }
    }
}
