//! In which packets of a capture a frame came: a line under its title.

use crate::render::glyphs::Mark;
use crate::render::number::{Digits, push_number};
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::session::packets::Packets;

/// Appends the line.
pub(super) fn packets(page: &Page, packets: &Packets, out: &mut String) {
    if packets.segments == 1 {
        // Most frames came so; each page has room for it.
        indent(out, 2);
        out.push_str(page.palette.start(Role::Dim));
        out.push_str("In packet ");
        push_number(out, packets.first.get());
        out.push('.');
        out.push_str(page.palette.end(Role::Dim));
        return out.push('\n');
    }
    page.paragraph(out, 2, Role::Dim, &says(page, packets));
}

/// `In 3 segments, packets 41–43; its header is cut between 41 and 42.`
fn says(page: &Page, packets: &Packets) -> String {
    let [first, header_end, last] = [packets.first, packets.header_end, packets.last];
    let [first, header_end, last] = [first, header_end, last].map(|number| Digits::of(number.get()));
    let (first, header_end, last) = (first.as_str(), header_end.as_str(), last.as_str());
    let segments = Digits::of(u64::from(packets.segments));
    let mut says = ["In ", segments.as_str(), " segments, packets ", first].concat();
    if packets.in_order {
        says.push_str(page.mark(Mark::Range));
        says.push_str(last);
    } else {
        says.push_str(&[" to ", last, ", captured out of order"].concat());
    }
    match packets.header_segments {
        0 | 1 => {}
        2 => says.push_str(&["; its header is cut between ", first, " and ", header_end].concat()),
        _ => says.push_str(&["; its header begins in ", first, " and ends in ", header_end].concat()),
    }
    says.push('.');
    says
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU64;

    #[test]
    fn a_frame_says_in_which_packets_it_came() {
        let number = |number| NonZeroU64::new(number).unwrap();
        let packets = |[first, header_end, last]: [u64; 3], [segments, header_segments]: [u32; 2]| Packets {
            first: number(first),
            header_end: number(header_end),
            last: number(last),
            segments,
            header_segments,
            in_order: first <= last,
        };
        for (packets, says_so) in [
            (packets([41, 41, 41], [1, 1]), "In packet 41."),
            (packets([41, 41, 43], [3, 1]), "In 3 segments, packets 41–43."),
            (
                packets([41, 42, 43], [3, 2]),
                "In 3 segments, packets 41–43; its header is cut between 41 and 42.",
            ),
            (
                packets([9, 12, 12], [4, 4]),
                "In 4 segments, packets 9–12; its header begins in 9 and ends in 12.",
            ),
            (packets([12, 12, 9], [2, 1]), "In 2 segments, packets 12 to 9, captured out of order."),
        ] {
            let mut out = String::new();
            super::packets(&Page::plain(), &packets, &mut out);
            assert_eq!(out, ["  ", says_so, "\n"].concat());
        }
    }
}
