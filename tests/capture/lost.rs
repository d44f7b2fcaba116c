//! Behind lost bytes: frames are found again, soon, and none that never was.

use std::collections::BTreeSet;

use super::generated::{Line, of_fact, of_found};
use super::support::found::{Found, find};
use super::support::generate::{Fact, Fate, Kind, Network, Plan, Sizes, What, capture};

/// What came of captures with losses.
#[derive(Debug, Default)]
struct Tally {
    /// Frames wholly behind a loss, and how many of them were found.
    behind: usize,
    found: usize,
    /// Boundaries that were lost with enough behind them, and those found again within 64 KiB or 16 frames.
    lost: usize,
    soon: usize,
    spurious: Vec<Line>,
}

impl Tally {
    fn add(&mut self, plan: &Plan) {
        let (file, facts) = capture(plan);
        let findings = find(&file);
        let frames = |what: What| move |found: &&Found| found.what == what;
        let truth: BTreeSet<Line> = facts.iter().map(of_fact).collect();
        let found: BTreeSet<Line> = findings.found.iter().filter(frames(What::Frame)).map(of_found).collect();
        self.spurious.extend(found.difference(&truth));
        let behind = facts.iter().filter(|fact| fact.what == What::Frame && fact.fate == Fate::Behind);
        for fact in behind {
            self.behind += 1;
            self.found += usize::from(found.contains(&of_fact(fact)));
        }
        // Before the first loss nothing is missing.
        for fact in facts.iter().filter(|fact| fact.what == What::Frame && fact.fate == Fate::Whole) {
            assert!(found.contains(&of_fact(fact)), "{plan:?}: {fact}");
        }
        for (at, told) in findings.again.iter().enumerate().filter(|(_, told)| !told.3) {
            let again =
                findings.again[at..].iter().find(|other| (other.0, other.1) == (told.0, told.1) && other.3);
            self.judge(*told, again.map(|found| found.2), &facts);
        }
    }

    /// Counts whether a boundary that was lost at some place was found soon enough.
    fn judge(
        &mut self,
        (connection, sender, lost, _): (usize, usize, u64, bool),
        again: Option<u64>,
        facts: &[Fact],
    ) {
        let of =
            |fact: &&Fact| (fact.what, fact.connection, fact.sender) == (What::Frame, connection, sender);
        let mut whole: Vec<_> =
            facts.iter().filter(of).filter(|fact| fact.at >= lost && fact.fate != Fate::Hurt).collect();
        whole.sort_by_key(|fact| fact.at);
        // Within 64 KiB or 16 frames, whichever is more; where that much does not come, nothing is asked.
        let Some(sixteenth) = whole.get(16) else { return };
        if sixteenth.at < lost {
            return;
        }
        self.lost += 1;
        self.soon += usize::from(again.is_some_and(|at| at <= sixteenth.at.max(lost + 65_536)));
    }
}

#[test]
fn frames_are_found_again_behind_a_loss_and_none_is_invented() {
    let (mut seed, mut all) = (100, Tally::default());
    for kind in [Kind::Text, Kind::Binary, Kind::Both] {
        for (sizes, bytes, lost) in [
            (Sizes::Small, 100_000, 20),
            (Sizes::Medium, 500_000, 20),
            (Sizes::Large, 8_000_000, 5),
            (Sizes::Mixed, 500_000, 20),
        ] {
            for compression in [false, true] {
                let mut tally = Tally::default();
                for busy in [Network::CLEAN, Network::BUSY] {
                    seed += 1;
                    let network = Network { lost, ..busy };
                    tally.add(&Plan { seed, sizes, bytes, kind, compression, network, ..Plan::default() });
                }
                let Tally { behind, found, lost, soon, .. } = tally;
                println!(
                    "{kind:?} {sizes:?} {compression}: {found} of {behind} frames, {soon} of {lost} boundaries"
                );
                assert_eq!(tally.spurious, [], "{kind:?} {sizes:?}");
                all.behind += behind;
                all.found += found;
                all.lost += lost;
                all.soon += soon;
            }
        }
    }
    assert!(all.found * 100 >= all.behind * 95 && all.soon * 100 >= all.lost * 95, "{all:?}");
    assert!(all.behind > 5000 && all.lost > 50, "{all:?}");
}
